//! People: one row for each, whichever of their two addresses names them.

use rusqlite::{OptionalExtension, params};

use crate::{
    apply::Writer,
    op::{Contact, Person, is_lid},
};

impl Writer<'_> {
    /// The row of somebody. Rows that turn out to be one person become one.
    pub fn person(&self, who: &Person) -> rusqlite::Result<i64> {
        let by_jid: Option<(i64, Option<String>)> = self
            .tx
            .prepare_cached("SELECT id, lid FROM archive_people WHERE session = ?1 AND jid = ?2")?
            .query_row(params![self.session, who.jid], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some(lid) = who.lid() else {
            return match by_jid {
                Some((id, _)) => Ok(id),
                None => self.new_person(&who.jid, None),
            };
        };
        if let Some((id, Some(known))) = &by_jid
            && known == lid
        {
            return Ok(*id);
        }
        let by_lid: Option<(i64, String)> = self
            .tx
            .prepare_cached("SELECT id, jid FROM archive_people WHERE session = ?1 AND lid = ?2")?
            .query_row(params![self.session, lid], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match (by_jid, by_lid) {
            (None, None) => {
                let id = self.new_person(&who.jid, Some(lid))?;
                // There may be a chat of somebody who never wrote.
                if !is_lid(&who.jid) {
                    self.unite_chats(lid, &who.jid)?;
                }
                Ok(id)
            }
            (Some((id, _)), None) => {
                self.run("UPDATE archive_people SET lid = ?2 WHERE id = ?1", params![id, lid])?;
                self.unite_chats(lid, &who.jid)?;
                Ok(id)
            }
            // It is known better.
            (None, Some((id, _))) if is_lid(&who.jid) => Ok(id),
            (None, Some((id, before))) => {
                self.run("UPDATE archive_people SET jid = ?2 WHERE id = ?1", params![id, who.jid])?;
                self.unite_chats(&before, &who.jid)?;
                Ok(id)
            }
            (Some((id, _)), Some((other, before))) => {
                self.unite_people(other, id)?;
                self.run("UPDATE archive_people SET lid = ?2 WHERE id = ?1", params![id, lid])?;
                self.unite_chats(&before, &who.jid)?;
                Ok(id)
            }
        }
    }

    fn new_person(&self, jid: &str, lid: Option<&str>) -> rusqlite::Result<i64> {
        self.run(
            "INSERT INTO archive_people (session, jid, lid) VALUES (?1, ?2, ?3)",
            params![self.session, jid, lid],
        )?;
        Ok(self.tx.last_insert_rowid())
    }

    fn unite_people(&self, from: i64, to: i64) -> rusqlite::Result<()> {
        for move_and_drop in [
            [
                "UPDATE OR IGNORE archive_messages SET sender = ?2 WHERE sender = ?1",
                "DELETE FROM archive_messages WHERE sender = ?1",
            ],
            [
                "UPDATE OR IGNORE archive_receipts SET person = ?2 WHERE person = ?1",
                "DELETE FROM archive_receipts WHERE person = ?1",
            ],
            [
                "UPDATE OR IGNORE archive_reactions SET person = ?2 WHERE person = ?1",
                "DELETE FROM archive_reactions WHERE person = ?1",
            ],
        ] {
            let [moved, dropped] = move_and_drop;
            self.run(moved, [from, to])?;
            self.run(dropped, [from])?;
        }
        self.run(
            "UPDATE archive_people SET push_name = coalesce(archive_people.push_name, other.push_name),
                 name = coalesce(archive_people.name, other.name),
                 first_name = coalesce(archive_people.first_name, other.first_name),
                 username = coalesce(archive_people.username, other.username)
             FROM archive_people AS other WHERE other.id = ?1 AND archive_people.id = ?2",
            [from, to],
        )?;
        self.run("DELETE FROM archive_people WHERE id = ?1", [from])?;
        Ok(())
    }

    pub fn push_name(&self, who: &Person, name: Option<&str>) -> rusqlite::Result<()> {
        let id = self.person(who)?;
        self.named(id, name)
    }

    /// Keeps the name that somebody gives to himself.
    pub fn named(&self, person: i64, name: Option<&str>) -> rusqlite::Result<()> {
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.run(
                "UPDATE archive_people SET push_name = ?2 WHERE id = ?1 AND push_name IS NOT ?2",
                params![person, name],
            )?;
        }
        Ok(())
    }

    pub fn contact(&self, who: &Person, contact: &Contact, history: bool) -> rusqlite::Result<()> {
        let id = self.person(who)?;
        let sql = match history {
            false => "UPDATE archive_people SET name = ?2, first_name = ?3, username = ?4 WHERE id = ?1",
            true => {
                "UPDATE archive_people SET name = coalesce(name, ?2), first_name = coalesce(first_name, ?3),
                 username = coalesce(username, ?4) WHERE id = ?1"
            }
        };
        self.run(sql, params![id, contact.name, contact.first_name, contact.username])?;
        Ok(())
    }
}
