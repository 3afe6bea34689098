//! Retention: what goes by age and by number, always in steps that are soon done.

use rusqlite::{Connection, OptionalExtension, params};

use crate::apply::Writer;

/// Messages of one chat that go at once when it holds too many.
const TRIMMED: i64 = 64;

/// What is to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// What is older than this time goes: milliseconds since the epoch.
    pub since: Option<i64>,
    /// Messages that stay in a chat.
    pub per_chat: Option<u32>,
}

impl Retention {
    /// Whether something is to go.
    pub(crate) fn is_due(self, connection: &Connection, session: i64) -> rusqlite::Result<bool> {
        let any = |sql: &str, params: &[i64]| {
            let found = connection.prepare_cached(sql)?.query_row(rusqlite::params_from_iter(params), |_| Ok(()));
            found.optional().map(|found| found.is_some())
        };
        if any("SELECT 1 FROM archive_chats WHERE session = ?1 AND sweep = 1 LIMIT 1", &[session])? {
            return Ok(true);
        }
        if let Some(keep) = self.per_chat
            && any(
                "SELECT 1 FROM archive_chats WHERE session = ?1 AND messages > ?2 LIMIT 1",
                &[session, i64::from(keep)],
            )?
        {
            return Ok(true);
        }
        match self.since {
            Some(since) => any(
                "SELECT 1 FROM archive_chats AS chat CROSS JOIN archive_messages AS message
                     ON message.chat = chat.id AND message.timestamp < ?2
                 WHERE chat.session = ?1 LIMIT 1",
                &[session, since],
            ),
            None => Ok(false),
        }
    }
}

impl Writer<'_> {
    pub fn trim(&self, jid: &str, keep: u32) -> rusqlite::Result<()> {
        let Some(chat) = self.known_chat(jid)? else { return Ok(()) };
        let excess = chat.messages.saturating_sub(i64::from(keep));
        if excess > 0 {
            self.drop_oldest(chat.id, excess.min(TRIMMED))?;
        }
        Ok(())
    }

    fn drop_oldest(&self, chat: i64, count: i64) -> rusqlite::Result<usize> {
        self.run(
            "DELETE FROM archive_messages WHERE id IN (
                 SELECT id FROM archive_messages WHERE chat = ?1 AND state = 0 ORDER BY timestamp, id LIMIT ?2)",
            [chat, count],
        )
    }

    /// Removes what is left of what was cleared; gives how many messages that were.
    pub fn sweep(&self, chat: i64, limit: u32) -> rusqlite::Result<usize> {
        let gone = self.run(
            "DELETE FROM archive_messages WHERE id IN (
                 SELECT message.id FROM archive_chats AS chat CROSS JOIN archive_messages AS message
                     ON message.chat = chat.id AND message.timestamp <= chat.cleared_time
                 WHERE chat.id = ?1 AND message.id <= chat.cleared_row AND message.state = 0
                     AND NOT (chat.keeps_starred AND coalesce(message.starred, 0))
                 LIMIT ?2)",
            params![chat, limit],
        )?;
        if gone < limit as usize {
            self.run("UPDATE archive_chats SET sweep = 0 WHERE id = ?1", [chat])?;
        }
        Ok(gone)
    }

    pub fn retain(&self, retention: Retention, limit: u32) -> rusqlite::Result<()> {
        let mut left = limit;
        let less = |left: u32, gone: usize| left.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX));
        let chat = |sql: &str, params: &[i64]| {
            let mut find = self.tx.prepare_cached(sql)?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
            find.query_row(rusqlite::params_from_iter(params), row).optional()
        };
        while left > 0
            && let Some((id, _)) =
                chat("SELECT id, 0 FROM archive_chats WHERE session = ?1 AND sweep = 1 LIMIT 1", &[self.session])?
        {
            left = less(left, self.sweep(id, left)?);
        }
        if let Some(since) = retention.since
            && left > 0
        {
            let gone = self.run(
                "DELETE FROM archive_messages WHERE id IN (
                     SELECT message.id FROM archive_chats AS chat CROSS JOIN archive_messages AS message
                         ON message.chat = chat.id AND message.timestamp < ?2
                     WHERE chat.session = ?1 LIMIT ?3)",
                params![self.session, since, left],
            )?;
            left = less(left, gone);
        }
        if let Some(keep) = retention.per_chat {
            let excess = "SELECT id, messages - ?2 FROM archive_chats WHERE session = ?1 AND messages > ?2 LIMIT 1";
            while left > 0
                && let Some((id, excess)) = chat(excess, &[self.session, i64::from(keep)])?
            {
                left = less(left, self.drop_oldest(id, excess.min(i64::from(left)))?.max(1));
            }
        }
        Ok(())
    }

    pub fn purge(&self, limit: u32) -> rusqlite::Result<()> {
        let of_session = "SELECT message.id FROM archive_chats AS chat CROSS JOIN archive_messages AS message
                          ON message.chat = chat.id WHERE chat.session = ?1 LIMIT ?2";
        let gone = self
            .run(&format!("DELETE FROM archive_messages WHERE id IN ({of_session})"), params![self.session, limit])?;
        if gone < limit as usize {
            for rest in [
                "DELETE FROM archive_labelled WHERE chat IN (SELECT id FROM archive_chats WHERE session = ?1)",
                "DELETE FROM archive_groups WHERE chat IN (SELECT id FROM archive_chats WHERE session = ?1)",
                "DELETE FROM archive_labels WHERE session = ?1",
                "DELETE FROM archive_chats WHERE session = ?1",
                "DELETE FROM archive_people WHERE session = ?1",
            ] {
                self.run(rest, [self.session])?;
            }
        }
        Ok(())
    }
}
