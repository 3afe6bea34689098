//! From operations to the modules that carry them out.

use rusqlite::{Connection, Params, params};

use crate::op::Op;

/// One session's rows inside a transaction.
pub(crate) struct Writer<'t> {
    pub tx: &'t Connection,
    pub session: i64,
}

impl Writer<'_> {
    /// Runs one statement; gives how many rows it changed.
    pub fn run(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.tx.prepare_cached(sql)?.execute(params)
    }
}

/// Carries out operations of a session, in their order, inside a transaction of the caller's.
pub fn apply(transaction: &Connection, session: i64, ops: &[Op]) -> rusqlite::Result<()> {
    let writer = Writer { tx: transaction, session };
    ops.iter().try_for_each(|op| one(&writer, op))
}

fn one(writer: &Writer<'_>, op: &Op) -> rusqlite::Result<()> {
    match op {
        Op::Message(message) => writer.message(message),
        Op::Status { chat, ids, person, status, timestamp } => {
            writer.status(chat, ids, person.as_ref(), *status, *timestamp)
        }
        Op::Reaction { target, by, emoji, timestamp } => writer.reaction(target, by, emoji, *timestamp),
        Op::Edit { target, text, timestamp } => writer.edit(target, text.as_deref(), *timestamp),
        Op::Revoke { target, timestamp } => writer.revoke(target, *timestamp),
        Op::Star { target, starred } => writer.star(target, *starred),
        Op::DeleteForMe { target, timestamp } => writer.delete_for_me(target, *timestamp),
        Op::Clear { chat, until, keep_starred } => writer.clear(chat, *until, *keep_starred, false),
        Op::DeleteChat { chat, until } => writer.clear(chat, *until, false, true),
        Op::Read { chat, ids, until } => writer.read(chat, ids, *until),
        Op::Chat { chat, facts, history } => writer.chat_facts(chat, facts, *history),
        Op::Person { person, push_name } => writer.push_name(person, push_name.as_deref()),
        Op::Contact { person, contact, history } => writer.contact(person, contact, *history),
        Op::Group { chat, facts } => writer.group(chat, facts),
        Op::Label { id, label: Some(label) } => writer
            .run(
                "INSERT INTO archive_labels (session, label, name, color) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET name = excluded.name, color = excluded.color",
                params![writer.session, id, label.name, label.color],
            )
            .map(drop),
        Op::Label { id, label: None } => {
            writer.run("DELETE FROM archive_labels WHERE session = ?1 AND label = ?2", params![writer.session, id])?;
            writer
                .run(
                    "DELETE FROM archive_labelled WHERE label = ?2
                     AND chat IN (SELECT id FROM archive_chats WHERE session = ?1)",
                    params![writer.session, id],
                )
                .map(drop)
        }
        Op::Labelled { label, chat, message, labelled } => {
            let chat = writer.chat(chat)?.id;
            let sql = match labelled {
                true => "INSERT OR IGNORE INTO archive_labelled (chat, mid, label) VALUES (?1, ?2, ?3)",
                false => "DELETE FROM archive_labelled WHERE chat = ?1 AND mid = ?2 AND label = ?3",
            };
            writer.run(sql, params![chat, message.as_deref().unwrap_or_default(), label]).map(drop)
        }
        Op::Trim { chat, keep } => writer.trim(chat, *keep),
        Op::Retain { retention, limit } => writer.retain(*retention, *limit),
        Op::Purge { limit } => writer.purge(*limit),
    }
}
