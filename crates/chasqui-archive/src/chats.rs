//! Chats and groups: what is known of them, what of them is read, and what was cleared.

use rusqlite::{OptionalExtension, Row, params};

use crate::{
    apply::Writer,
    op::{Chat, Group, is_lid},
};

/// Messages of a cleared chat that go at once; the rest is swept.
const CLEARED_AT_ONCE: u32 = 512;

/// What of a chat's row writing needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChatRow {
    pub id: i64,
    pub read: (i64, i64),
    pub cleared_time: i64,
    pub messages: i64,
}

fn chat_row(row: &Row<'_>) -> rusqlite::Result<ChatRow> {
    Ok(ChatRow { id: row.get(0)?, read: (row.get(1)?, row.get(2)?), cleared_time: row.get(3)?, messages: row.get(4)? })
}

impl Writer<'_> {
    /// The row of a chat, if there is one.
    pub fn known_chat(&self, jid: &str) -> rusqlite::Result<Option<ChatRow>> {
        let select = "SELECT id, read_time, read_row, cleared_time, messages FROM archive_chats
                      WHERE session = ?1 AND jid = ?2";
        let found = self.tx.prepare_cached(select)?.query_row(params![self.session, jid], chat_row).optional()?;
        if found.is_some() || !is_lid(jid) {
            return Ok(found);
        }
        // Somebody whose number is known by now.
        let number = "SELECT jid FROM archive_people WHERE session = ?1 AND lid = ?2 AND jid <> lid";
        let number: Option<String> =
            self.tx.prepare_cached(number)?.query_row(params![self.session, jid], |row| row.get(0)).optional()?;
        match number {
            Some(jid) => self.tx.prepare_cached(select)?.query_row(params![self.session, jid], chat_row).optional(),
            None => Ok(None),
        }
    }

    /// The row of a chat.
    pub fn chat(&self, jid: &str) -> rusqlite::Result<ChatRow> {
        if let Some(chat) = self.known_chat(jid)? {
            return Ok(chat);
        }
        self.run("INSERT INTO archive_chats (session, jid) VALUES (?1, ?2)", params![self.session, jid])?;
        Ok(ChatRow { id: self.tx.last_insert_rowid(), read: (0, 0), cleared_time: -1, messages: 0 })
    }

    /// The chat of one name is that of another.
    pub fn unite_chats(&self, from: &str, to: &str) -> rusqlite::Result<()> {
        if from == to {
            return Ok(());
        }
        let find = |jid: &str| {
            self.tx
                .prepare_cached("SELECT id FROM archive_chats WHERE session = ?1 AND jid = ?2")?
                .query_row(params![self.session, jid], |row| row.get::<_, i64>(0))
                .optional()
        };
        let Some(from) = find(from)? else { return Ok(()) };
        let Some(other) = find(to)? else {
            self.run("UPDATE archive_chats SET jid = ?2 WHERE id = ?1", params![from, to])?;
            return Ok(());
        };
        self.run("UPDATE OR IGNORE archive_labelled SET chat = ?2 WHERE chat = ?1", [from, other])?;
        self.run("DELETE FROM archive_labelled WHERE chat = ?1", [from])?;
        self.run("UPDATE OR IGNORE archive_messages SET chat = ?2 WHERE chat = ?1", [from, other])?;
        self.run("DELETE FROM archive_messages WHERE chat = ?1", [from])?;
        self.run(
            "UPDATE archive_chats SET name = coalesce(archive_chats.name, old.name),
                 last_time = max(archive_chats.last_time, old.last_time),
                 unread = coalesce(archive_chats.unread + old.unread, archive_chats.unread, old.unread),
                 marked_unread = coalesce(archive_chats.marked_unread, old.marked_unread),
                 archived = coalesce(archive_chats.archived, old.archived),
                 pinned = coalesce(archive_chats.pinned, old.pinned), muted = coalesce(archive_chats.muted, old.muted),
                 locked = coalesce(archive_chats.locked, old.locked), hidden = min(archive_chats.hidden, old.hidden),
                 cleared_time = max(archive_chats.cleared_time, old.cleared_time),
                 cleared_row = max(archive_chats.cleared_row, old.cleared_row),
                 sweep = max(archive_chats.sweep, old.sweep)
             FROM archive_chats AS old WHERE old.id = ?1 AND archive_chats.id = ?2",
            [from, other],
        )?;
        self.run("DELETE FROM archive_chats WHERE id = ?1", [from])?;
        Ok(())
    }

    pub fn chat_facts(&self, jid: &str, facts: &Chat, history: bool) -> rusqlite::Result<()> {
        let id = self.chat(jid)?.id;
        let sql = match history {
            false => {
                "UPDATE archive_chats SET name = coalesce(?2, name), archived = coalesce(?3, archived),
                 pinned = coalesce(?4, pinned), muted = coalesce(?5, muted), locked = coalesce(?6, locked),
                 unread = coalesce(?7, unread), marked_unread = coalesce(?8, marked_unread),
                 last_time = max(last_time, ?9) WHERE id = ?1"
            }
            true => {
                "UPDATE archive_chats SET name = coalesce(name, ?2), archived = coalesce(archived, ?3),
                 pinned = coalesce(pinned, ?4), muted = coalesce(muted, ?5), locked = coalesce(locked, ?6),
                 unread = coalesce(unread, ?7), marked_unread = coalesce(marked_unread, ?8),
                 last_time = max(last_time, ?9) WHERE id = ?1"
            }
        };
        self.run(
            sql,
            params![
                id,
                facts.name,
                facts.archived,
                facts.pinned,
                facts.muted,
                facts.locked,
                facts.unread,
                facts.marked_unread,
                facts.last_time.unwrap_or(0),
            ],
        )?;
        Ok(())
    }

    pub fn group(&self, jid: &str, facts: &Group) -> rusqlite::Result<()> {
        let id = self.chat(jid)?.id;
        self.run(
            "INSERT INTO archive_groups (chat, subject, owner, created, members) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET subject = coalesce(excluded.subject, subject),
                 owner = coalesce(excluded.owner, owner), created = coalesce(excluded.created, created),
                 members = coalesce(excluded.members, members)",
            params![id, facts.subject, facts.owner, facts.created, facts.members],
        )?;
        Ok(())
    }

    pub fn read(&self, jid: &str, ids: &[String], until: Option<i64>) -> rusqlite::Result<()> {
        let Some(chat) = self.known_chat(jid)? else { return Ok(()) };
        let mut place: Option<(i64, i64)> = None;
        for id in ids {
            let mut find = self.tx.prepare_cached(
                "SELECT timestamp, id FROM archive_messages WHERE chat = ?1 AND mid = ?2 AND state = 0 LIMIT 1",
            )?;
            let found = find.query_row(params![chat.id, id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            place = place.max(found);
        }
        if place.is_none() {
            place = match until {
                // What comes later with the same time is not meant.
                Some(time) => Some((time, self.last_row()?)),
                None if ids.is_empty() => self
                    .tx
                    .prepare_cached(
                        "SELECT timestamp, id FROM archive_messages WHERE chat = ?1
                         ORDER BY timestamp DESC, id DESC LIMIT 1",
                    )?
                    .query_row([chat.id], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?,
                None => return Ok(()),
            };
        }
        let (time, row) = place.unwrap_or_default().max(chat.read);
        self.run(
            "UPDATE archive_chats SET read_time = ?2, read_row = ?3, marked_unread = 0, unread = (
                 SELECT count(*) FROM archive_messages
                 WHERE chat = ?1 AND (timestamp, id) > (?2, ?3) AND counts = 1 AND state = 0
             ) WHERE id = ?1",
            [chat.id, time, row],
        )?;
        Ok(())
    }

    /// Number of the last message's row.
    fn last_row(&self) -> rusqlite::Result<i64> {
        let last = "SELECT seq FROM sqlite_sequence WHERE name = 'archive_messages'";
        Ok(self.tx.prepare_cached(last)?.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// What was said up to then is gone for every query; the rows themselves go in steps.
    pub fn clear(&self, jid: &str, until: i64, keep_starred: bool, hide: bool) -> rusqlite::Result<()> {
        let chat = self.chat(jid)?;
        self.run(
            "UPDATE archive_chats SET cleared_time = max(cleared_time, ?2), keeps_starred = ?3, sweep = 1,
                 cleared_row = ?5, hidden = max(hidden, ?4)
             WHERE id = ?1",
            params![chat.id, until, keep_starred, hide, self.last_row()?],
        )?;
        self.read(jid, &[], Some(until))?;
        self.sweep(chat.id, CLEARED_AT_ONCE).map(drop)
    }
}
