//! Messages, and what becomes of them.

use rusqlite::{OptionalExtension, params};

use crate::{
    apply::Writer,
    op::{Message, Person, Status, Target},
};

/// Something else was there before what it stands for: only that comes in its place.
const PLACEHOLDERS: [&str; 2] = ["undecryptable", "unavailable"];

/// `state` of a row.
pub(crate) const AWAITED: i64 = 1;
pub(crate) const DELETED: i64 = 2;

impl Writer<'_> {
    pub fn message(&self, message: &Message) -> rusqlite::Result<()> {
        let Target { chat, id, sender, from_me } = &message.key;
        let sender = self.person(sender)?;
        if !from_me {
            self.named(sender, message.sender_name.as_deref())?;
        }
        let chat = self.chat(chat)?;
        let is_cleared = match message.history {
            true => message.timestamp <= chat.cleared_time,
            false => message.timestamp < chat.cleared_time,
        };
        if is_cleared {
            return Ok(());
        }
        let found: Option<(i64, i64, String)> = self
            .tx
            .prepare_cached(
                "SELECT id, state, kind FROM archive_messages WHERE chat = ?1 AND mid = ?2 AND sender = ?3",
            )?
            .query_row(params![chat.id, id, sender], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let is_placeholder = |kind: &str| PLACEHOLDERS.contains(&kind);
        // Triggers count it with its chat, once.
        match found {
            None => self.insert(chat.id, sender, message, 0).map(drop),
            Some((row, AWAITED, _)) => self.fill(row, message),
            Some((row, 0, kind)) if is_placeholder(&kind) && !is_placeholder(&message.kind) => self.fill(row, message),
            Some(_) => Ok(()),
        }
    }

    fn insert(&self, chat: i64, sender: i64, message: &Message, state: i64) -> rusqlite::Result<i64> {
        let raw = (!message.raw.is_empty()).then_some(&message.raw);
        self.run(
            "INSERT INTO archive_messages (session, chat, mid, sender, from_me, state, timestamp, kind, source, device,
                 sender_name, status, counts, starred, text, body, raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            params![
                self.session,
                chat,
                message.key.id,
                sender,
                message.key.from_me,
                state,
                message.timestamp,
                message.kind,
                message.source,
                message.device,
                message.sender_name,
                message.status.map(|status| status as u8),
                message.counts,
                message.starred.then_some(1),
                message.text,
                message.body,
                raw,
            ],
        )?;
        Ok(self.tx.last_insert_rowid())
    }

    /// A message comes into the row that waited for it. What was told of it before is newer.
    fn fill(&self, row: i64, message: &Message) -> rusqlite::Result<()> {
        let raw = (!message.raw.is_empty()).then_some(&message.raw);
        self.run(
            "UPDATE archive_messages SET state = 0, timestamp = ?2, source = ?3, device = ?4, sender_name = ?5,
                 status = coalesce(max(status, ?6), status, ?6), counts = ?7, starred = coalesce(starred, ?8),
                 kind = iif(revoked IS NULL, ?9, kind), body = iif(revoked IS NULL, ?11, NULL),
                 text = CASE WHEN revoked IS NOT NULL THEN NULL WHEN edited IS NOT NULL THEN text ELSE ?10 END,
                 raw = iif(revoked IS NULL, ?12, NULL)
             WHERE id = ?1",
            params![
                row,
                message.timestamp,
                message.source,
                message.device,
                message.sender_name,
                message.status.map(|status| status as u8),
                message.counts,
                message.starred.then_some(1),
                message.kind,
                message.text,
                message.body,
                raw,
            ],
        )?;
        Ok(())
    }

    /// The row of a message; one that waits for it when it is not there. `None` when it is deleted.
    fn row_of(&self, target: &Target, timestamp: i64) -> rusqlite::Result<Option<i64>> {
        let chat = self.chat(&target.chat)?;
        let sender = self.person(&target.sender)?;
        let found: Option<(i64, i64)> = self
            .tx
            .prepare_cached("SELECT id, state FROM archive_messages WHERE chat = ?1 AND mid = ?2 AND sender = ?3")?
            .query_row(params![chat.id, target.id, sender], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match found {
            Some((_, DELETED)) => Ok(None),
            Some((row, _)) => Ok(Some(row)),
            None => {
                let awaited = Message { key: target.clone(), timestamp, ..Message::default() };
                self.insert(chat.id, sender, &awaited, AWAITED).map(Some)
            }
        }
    }

    pub fn reaction(&self, target: &Target, by: &Person, emoji: &str, timestamp: i64) -> rusqlite::Result<()> {
        let Some(row) = self.row_of(target, timestamp)? else { return Ok(()) };
        let by = self.person(by)?;
        self.run(
            "INSERT INTO archive_reactions (message, person, emoji, timestamp) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET emoji = excluded.emoji, timestamp = excluded.timestamp
             WHERE excluded.timestamp >= timestamp",
            params![row, by, emoji, timestamp],
        )?;
        Ok(())
    }

    pub fn edit(&self, target: &Target, text: Option<&str>, timestamp: i64) -> rusqlite::Result<()> {
        let Some(row) = self.row_of(target, timestamp)? else { return Ok(()) };
        self.run(
            "UPDATE archive_messages SET text = ?2, edited = ?3
             WHERE id = ?1 AND revoked IS NULL AND (edited IS NULL OR edited <= ?3)",
            params![row, text, timestamp],
        )?;
        Ok(())
    }

    pub fn revoke(&self, target: &Target, timestamp: i64) -> rusqlite::Result<()> {
        let Some(row) = self.row_of(target, timestamp)? else { return Ok(()) };
        self.run(
            "UPDATE archive_messages SET kind = 'revoke', revoked = ?2, text = NULL, body = NULL, raw = NULL
             WHERE id = ?1 AND revoked IS NULL",
            [row, timestamp],
        )?;
        self.run("DELETE FROM archive_reactions WHERE message = ?1", [row])?;
        Ok(())
    }

    pub fn star(&self, target: &Target, starred: bool) -> rusqlite::Result<()> {
        let Some(row) = self.row_of(target, 0)? else { return Ok(()) };
        self.run("UPDATE archive_messages SET starred = ?2 WHERE id = ?1", params![row, starred])?;
        Ok(())
    }

    /// Nothing is left of it but that it is not to come back.
    pub fn delete_for_me(&self, target: &Target, timestamp: i64) -> rusqlite::Result<()> {
        let chat = self.chat(&target.chat)?;
        let sender = self.person(&target.sender)?;
        let deleted = self
            .tx
            .prepare_cached("SELECT timestamp FROM archive_messages WHERE chat = ?1 AND mid = ?2 AND sender = ?3")?
            .query_row(params![chat.id, target.id, sender], |row| row.get(0))
            .optional()?;
        self.run(
            "DELETE FROM archive_messages WHERE chat = ?1 AND mid = ?2 AND sender = ?3",
            params![chat.id, target.id, sender],
        )?;
        let timestamp = deleted.unwrap_or(timestamp);
        let mark = Message { key: target.clone(), timestamp, ..Message::default() };
        self.insert(chat.id, sender, &mark, DELETED).map(drop)
    }

    pub fn status(
        &self,
        chat: &str,
        ids: &[String],
        person: Option<&Person>,
        status: Status,
        timestamp: i64,
    ) -> rusqlite::Result<()> {
        let Some(chat) = self.known_chat(chat)? else { return Ok(()) };
        let person = person.map(|person| self.person(person)).transpose()?;
        for id in ids {
            let row: Option<i64> = self
                .tx
                .prepare_cached(
                    "SELECT id FROM archive_messages WHERE chat = ?1 AND mid = ?2 AND from_me = 1 AND state = 0 LIMIT 1",
                )?
                .query_row(params![chat.id, id], |row| row.get(0))
                .optional()?;
            let Some(row) = row else { continue };
            // With the server's acknowledgement its time is known, too.
            self.run(
                "UPDATE archive_messages SET status = ?2,
                     timestamp = CASE WHEN ?2 = ?4 AND status = 0 THEN ?3 ELSE timestamp END
                 WHERE id = ?1 AND (status IS NULL OR status < ?2)",
                params![row, status as u8, timestamp, Status::Sent as u8],
            )?;
            let Some(person) = person else { continue };
            let column = match status {
                Status::Delivered => "delivered",
                Status::Read => "read",
                Status::Played => "played",
                Status::Pending | Status::Failed | Status::Sent => continue,
            };
            self.run(
                &format!(
                    "INSERT INTO archive_receipts (message, person, {column}) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET {column} = coalesce({column}, excluded.{column})"
                ),
                [row, person, timestamp],
            )?;
        }
        Ok(())
    }
}
