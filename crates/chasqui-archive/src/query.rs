//! What can be asked. Pages are bounded in number and in bytes, and go on by a cursor that says after which row: rows that
//! come in meanwhile are neither left out nor given twice.

use std::{fmt, str::FromStr};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value, json};

use crate::{
    op::{Status, is_lid},
    retain::Retention,
    search,
};

/// Rows of a page at most, and without being told otherwise.
const MAX_LIMIT: u32 = 500;
const DEFAULT_LIMIT: u32 = 50;
/// A page ends with the message with which its protobufs are more than this.
const MAX_PAGE_BYTES: usize = 8 << 20;
/// Receipts and reactions that are told of one message.
const MAX_TOLD: u32 = 2048;

/// How many rows a page has at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer) {
            Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(Self(limit)),
            _ => Err(D::Error::custom(format!("limit must be a whole number from 1 to {MAX_LIMIT}"))),
        }
    }
}

/// Behind which row a page begins, and in which direction it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    ascending: bool,
    time: i64,
    row: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}.{}", if self.ascending { 'a' } else { 'd' }, self.time, self.row)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (ascending, rest) = match text.split_at_checked(1) {
            Some(("a", rest)) => (true, rest),
            Some(("d", rest)) => (false, rest),
            _ => return Err(()),
        };
        let (time, row) = rest.split_once('.').ok_or(())?;
        Ok(Self { ascending, time: time.parse().map_err(drop)?, row: row.parse().map_err(drop)? })
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| D::Error::custom("cursor must be one that an earlier page gave"))
    }
}

/// A point in a chat: a time, or a message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Point {
    /// Milliseconds since the epoch.
    Time(f64),
    /// A message; of one that is not there the time counts.
    Message {
        /// Its id.
        id: String,
        /// Milliseconds since the epoch.
        timestamp: f64,
    },
}

/// A question.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Query {
    /// Chats, in which something was said last first.
    Chats {
        /// Chats of a page.
        #[serde(default)]
        limit: Limit,
        /// Where to go on.
        #[serde(default)]
        cursor: Option<Cursor>,
        /// Only those that are, or are not, archived.
        #[serde(default)]
        archived: Option<bool>,
        /// Only those with something to be read.
        #[serde(default)]
        unread: Option<bool>,
        /// Only those with this label.
        #[serde(default)]
        label: Option<String>,
    },
    /// One chat.
    Chat {
        /// Its JID.
        chat: String,
    },
    /// Messages of a chat: the newest first, with nothing but `after` the oldest.
    Messages {
        /// The chat's JID.
        chat: String,
        /// Those before this point.
        #[serde(default)]
        before: Option<Point>,
        /// Those after this point.
        #[serde(default)]
        after: Option<Point>,
        /// Messages of a page.
        #[serde(default)]
        limit: Limit,
        /// Where to go on.
        #[serde(default)]
        cursor: Option<Cursor>,
    },
    /// One message, with its receipts.
    Message {
        /// Its chat's JID.
        chat: String,
        /// Its id.
        id: String,
        /// Its author's JID, where others may have used the id, too.
        #[serde(default)]
        sender: Option<String>,
    },
    /// Messages with these words, the one that was stored last first.
    Search {
        /// The words.
        text: String,
        /// Only in this chat.
        #[serde(default)]
        chat: Option<String>,
        /// Messages of a page.
        #[serde(default)]
        limit: Limit,
        /// Where to go on.
        #[serde(default)]
        cursor: Option<Cursor>,
    },
    /// People, in the order in which they became known.
    Contacts {
        /// People of a page.
        #[serde(default)]
        limit: Limit,
        /// Where to go on.
        #[serde(default)]
        cursor: Option<Cursor>,
    },
    /// One person.
    Contact {
        /// Phone number's JID or LID.
        jid: String,
    },
    /// How much there is to be read, but for status posts.
    Unread,
    /// All labels.
    Labels,
    /// Whether something is to go that is not to stay. Not for programs.
    #[serde(skip)]
    Due(Retention),
    /// Whether the session has anything. Not for programs.
    #[serde(skip)]
    Holds,
}

/// A message as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundMessage {
    /// The public form, without the protobuf.
    pub fields: Map<String, Value>,
    /// The protobuf.
    pub raw: Vec<u8>,
    place: (i64, i64),
}

impl FoundMessage {
    /// The public form, the protobuf behind those of others and its place there as `rawAt`.
    fn into_json(mut self, bytes: &mut Vec<u8>) -> Value {
        let start = bytes.len();
        bytes.extend_from_slice(&self.raw);
        self.fields.insert("rawAt".to_owned(), json!([start, bytes.len()]));
        Value::Object(self.fields)
    }
}

/// A chat as it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundChat {
    /// The public form, without the last message.
    pub fields: Map<String, Value>,
    /// What was said last.
    pub last: Option<FoundMessage>,
    place: (i64, i64),
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A page of chats.
    Chats(Vec<FoundChat>, Option<Cursor>),
    /// A chat.
    Chat(Option<Box<FoundChat>>),
    /// A page of messages.
    Messages(Vec<FoundMessage>, Option<Cursor>),
    /// A message.
    Message(Option<Box<FoundMessage>>),
    /// A page of people, in the public form.
    Contacts(Vec<Value>, Option<Cursor>),
    /// One thing in the public form; null when there is none.
    Value(Value),
    /// Yes or no.
    Flag(bool),
}

/// An answer in the public form.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// It.
    pub value: Value,
    /// The protobufs of its messages, each at the place that its `rawAt` says.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The public form.
    pub fn into_found(self) -> Found {
        let mut bytes = Vec::new();
        let value = match self {
            Self::Chats(chats, cursor) => {
                let chats: Vec<Value> = chats.into_iter().map(|chat| chat_json(chat, &mut bytes)).collect();
                paged("chats", chats, cursor)
            }
            Self::Chat(chat) => chat.map_or(Value::Null, |chat| chat_json(*chat, &mut bytes)),
            Self::Messages(messages, cursor) => {
                let messages: Vec<Value> = messages.into_iter().map(|found| found.into_json(&mut bytes)).collect();
                paged("messages", messages, cursor)
            }
            Self::Message(message) => message.map_or(Value::Null, |message| message.into_json(&mut bytes)),
            Self::Contacts(contacts, cursor) => paged("contacts", contacts, cursor),
            Self::Value(value) => value,
            Self::Flag(flag) => flag.into(),
        };
        Found { value, bytes }
    }
}

fn chat_json(chat: FoundChat, bytes: &mut Vec<u8>) -> Value {
    let mut fields = chat.fields;
    if let Some(last) = chat.last {
        fields.insert("lastMessage".to_owned(), last.into_json(bytes));
    }
    Value::Object(fields)
}

fn paged(name: &str, rows: Vec<Value>, cursor: Option<Cursor>) -> Value {
    let mut page = json!({ name: rows });
    if let Some(cursor) = cursor {
        page["cursor"] = cursor.to_string().into();
    }
    page
}

/// Of a chat that was cleared what is not swept yet is not there any more.
const VISIBLE: &str = "m.state = 0 AND (m.id > c.cleared_row OR m.timestamp > c.cleared_time
    OR (c.keeps_starred AND coalesce(m.starred, 0)))";

const MESSAGE: &str = "m.id, m.timestamp, m.mid, c.jid, p.jid, p.lid, m.device, m.sender_name, m.from_me, m.source,
    m.kind, m.text, m.body, m.raw, m.status, m.starred, m.edited, m.revoked, m.chat";

const CHAT: &str = "c.id, c.last_time, c.jid, p.lid, coalesce(g.subject, p.name, c.name, p.push_name), c.messages,
    coalesce(c.unread, 0), coalesce(c.marked_unread, 0), coalesce(c.archived, 0), coalesce(c.pinned, 0),
    coalesce(c.muted, 0), coalesce(c.locked, 0), g.chat, g.owner, g.created, g.members
    FROM archive_chats AS c LEFT JOIN archive_people AS p ON p.session = c.session AND p.jid = c.jid
    LEFT JOIN archive_groups AS g ON g.chat = c.id";

impl Query {
    /// Answers it from the rows of a session.
    pub fn read(&self, connection: &Connection, session: i64) -> rusqlite::Result<Answer> {
        let reader = Reader { connection, session };
        match self {
            Self::Chats { limit, cursor, archived, unread, label } => {
                reader.chats(*limit, *cursor, *archived, unread.unwrap_or(false), label.as_deref())
            }
            Self::Chat { chat } => reader.chat(chat),
            Self::Messages { chat, before, after, limit, cursor } => {
                reader.messages(chat, before.as_ref(), after.as_ref(), *limit, *cursor)
            }
            Self::Message { chat, id, sender } => reader.message(chat, id, sender.as_deref()),
            Self::Search { text, chat, limit, cursor } => reader.search(text, chat.as_deref(), *limit, *cursor),
            Self::Contacts { limit, cursor } => reader.contacts(*limit, *cursor),
            Self::Contact { jid } => reader.contact(jid),
            Self::Unread => reader.unread(),
            Self::Labels => reader.labels(),
            Self::Due(retention) => retention.is_due(connection, session).map(Answer::Flag),
            Self::Holds => {
                let any = "SELECT EXISTS (SELECT 1 FROM archive_chats WHERE session = ?1)
                           OR EXISTS (SELECT 1 FROM archive_people WHERE session = ?1)";
                connection.prepare_cached(any)?.query_row([session], |row| row.get(0)).map(Answer::Flag)
            }
        }
    }
}

struct Reader<'c> {
    connection: &'c Connection,
    session: i64,
}

impl Reader<'_> {
    fn chats(
        &self,
        limit: Limit,
        cursor: Option<Cursor>,
        archived: Option<bool>,
        unread: bool,
        label: Option<&str>,
    ) -> rusqlite::Result<Answer> {
        let (time, row) = cursor.map_or((i64::MAX, i64::MAX), |cursor| (cursor.time, cursor.row));
        let select = format!(
            "SELECT {CHAT} WHERE c.session = ?1 AND c.hidden = 0 AND (c.last_time, c.id) < (?2, ?3)
                 AND (?4 IS NULL OR coalesce(c.archived, 0) = ?4)
                 AND (NOT ?5 OR c.unread > 0 OR c.marked_unread = 1)
                 AND (?6 IS NULL OR EXISTS (SELECT 1 FROM archive_labelled WHERE chat = c.id AND mid = '' AND label = ?6))
             ORDER BY c.last_time DESC, c.id DESC LIMIT ?7"
        );
        let chats: Vec<FoundChat> = self
            .connection
            .prepare_cached(&select)?
            .query_map(params![self.session, time, row, archived, unread, label, limit.0], |row| self.found_chat(row))?
            .collect::<rusqlite::Result<_>>()?;
        let more = chats.len() == limit.0 as usize;
        let cursor = chats.last().filter(|_| more).map(|last| cursor_at(false, last.place));
        Ok(Answer::Chats(chats, cursor))
    }

    fn chat(&self, jid: &str) -> rusqlite::Result<Answer> {
        let Some(id) = self.chat_id(jid)? else { return Ok(Answer::Chat(None)) };
        let select = format!("SELECT {CHAT} WHERE c.id = ?1 AND c.hidden = 0");
        let found = self.connection.prepare_cached(&select)?.query_row([id], |row| self.found_chat(row)).optional()?;
        Ok(Answer::Chat(found.map(Box::new)))
    }

    /// A chat by either form of its JID.
    fn chat_id(&self, jid: &str) -> rusqlite::Result<Option<i64>> {
        let select = "SELECT id FROM archive_chats WHERE session = ?1 AND jid IN (
                          SELECT ?2 UNION SELECT jid FROM archive_people WHERE session = ?1 AND lid = ?2)
                      ORDER BY jid = ?2 LIMIT 1";
        self.connection.prepare_cached(select)?.query_row(params![self.session, jid], |row| row.get(0)).optional()
    }

    fn found_chat(&self, row: &Row<'_>) -> rusqlite::Result<FoundChat> {
        let id: i64 = row.get(0)?;
        let place = (row.get(1)?, id);
        let mut fields = Map::new();
        fields.insert("jid".into(), row.get::<_, String>(2)?.into());
        put(&mut fields, "lid", row.get::<_, Option<String>>(3)?);
        put(&mut fields, "name", row.get::<_, Option<String>>(4)?);
        put(&mut fields, "lastTime", Some(place.0).filter(|time| *time > 0));
        fields.insert("messages".into(), row.get::<_, i64>(5)?.into());
        fields.insert("unread".into(), row.get::<_, i64>(6)?.into());
        for (name, at) in [("markedUnread", 7), ("archived", 8)] {
            fields.insert(name.into(), row.get::<_, bool>(at)?.into());
        }
        let (pinned, muted): (i64, i64) = (row.get(9)?, row.get(10)?);
        fields.insert("pinned".into(), (pinned > 0).into());
        fields.insert("muted".into(), (muted != 0).into());
        put(&mut fields, "mutedUntil", Some(muted).filter(|until| *until > 0));
        fields.insert("locked".into(), row.get::<_, bool>(11)?.into());
        if row.get::<_, Option<i64>>(12)?.is_some() {
            let mut group = Map::new();
            put(&mut group, "owner", row.get::<_, Option<String>>(13)?);
            put(&mut group, "created", row.get::<_, Option<i64>>(14)?);
            put(&mut group, "members", row.get::<_, Option<i64>>(15)?);
            fields.insert("group".into(), group.into());
        }
        let labels = self.labels_on(id, "")?;
        if !labels.is_empty() {
            fields.insert("labels".into(), labels.into());
        }
        let select = format!(
            "SELECT {MESSAGE} FROM archive_messages AS m JOIN archive_chats AS c ON c.id = m.chat
             JOIN archive_people AS p ON p.id = m.sender WHERE m.chat = ?1 AND {VISIBLE}
             ORDER BY m.timestamp DESC, m.id DESC LIMIT 1"
        );
        let last = self.connection.prepare_cached(&select)?.query_row([id], |row| self.found(row)).optional()?;
        Ok(FoundChat { fields, last, place })
    }

    fn messages(
        &self,
        chat: &str,
        before: Option<&Point>,
        after: Option<&Point>,
        limit: Limit,
        cursor: Option<Cursor>,
    ) -> rusqlite::Result<Answer> {
        let Some(chat) = self.chat_id(chat)? else { return Ok(Answer::Messages(Vec::new(), None)) };
        let ascending = cursor.map_or(after.is_some() && before.is_none(), |cursor| cursor.ascending);
        let mut low = match after {
            Some(point) => self.place(chat, point, i64::MAX)?,
            None => (i64::MIN, i64::MIN),
        };
        let mut high = match before {
            Some(point) => self.place(chat, point, i64::MIN)?,
            None => (i64::MAX, i64::MAX),
        };
        match cursor {
            Some(Cursor { ascending: true, time, row }) => low = low.max((time, row)),
            Some(Cursor { ascending: false, time, row }) => high = high.min((time, row)),
            None => {}
        }
        let order = if ascending { "m.timestamp, m.id" } else { "m.timestamp DESC, m.id DESC" };
        let select = format!(
            "SELECT {MESSAGE} FROM archive_messages AS m JOIN archive_chats AS c ON c.id = m.chat
             JOIN archive_people AS p ON p.id = m.sender
             WHERE m.chat = ?1 AND (m.timestamp, m.id) > (?2, ?3) AND (m.timestamp, m.id) < (?4, ?5) AND {VISIBLE}
             ORDER BY {order} LIMIT ?6"
        );
        let mut statement = self.connection.prepare_cached(&select)?;
        let rows = statement.query(params![chat, low.0, low.1, high.0, high.1, limit.0])?;
        let (messages, more) = self.page(rows, limit)?;
        let cursor = messages.last().filter(|_| more).map(|last| cursor_at(ascending, last.place));
        Ok(Answer::Messages(messages, cursor))
    }

    /// Where a point is; a time is before or behind everything of that very time.
    fn place(&self, chat: i64, point: &Point, row: i64) -> rusqlite::Result<(i64, i64)> {
        let (id, time) = match point {
            Point::Time(time) => return Ok((*time as i64, row)),
            Point::Message { id, timestamp } => (id, *timestamp as i64),
        };
        let select = "SELECT timestamp, id FROM archive_messages WHERE chat = ?1 AND mid = ?2
                      ORDER BY timestamp = ?3 DESC LIMIT 1";
        let found = self
            .connection
            .prepare_cached(select)?
            .query_row(params![chat, id, time], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.unwrap_or((time, row)))
    }

    /// The rows of a page, and whether there may be more.
    fn page(&self, mut rows: rusqlite::Rows<'_>, limit: Limit) -> rusqlite::Result<(Vec<FoundMessage>, bool)> {
        let (mut messages, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let message = self.found(row)?;
            bytes += message.raw.len();
            messages.push(message);
            if bytes > MAX_PAGE_BYTES {
                return Ok((messages, true));
            }
        }
        let more = messages.len() == limit.0 as usize;
        Ok((messages, more))
    }

    fn message(&self, chat: &str, id: &str, sender: Option<&str>) -> rusqlite::Result<Answer> {
        let Some(chat) = self.chat_id(chat)? else { return Ok(Answer::Message(None)) };
        let select = format!(
            "SELECT {MESSAGE} FROM archive_messages AS m JOIN archive_chats AS c ON c.id = m.chat
             JOIN archive_people AS p ON p.id = m.sender
             WHERE m.chat = ?1 AND m.mid = ?2 AND (?3 IS NULL OR p.jid = ?3 OR p.lid = ?3) AND {VISIBLE}
             ORDER BY m.id LIMIT 1"
        );
        let found = self
            .connection
            .prepare_cached(&select)?
            .query_row(params![chat, id, sender], |row| self.found(row))
            .optional()?;
        let Some(mut message) = found else { return Ok(Answer::Message(None)) };
        let receipts = self.receipts(message.place.1)?;
        if !receipts.is_empty() {
            message.fields.insert("receipts".into(), receipts.into());
        }
        Ok(Answer::Message(Some(Box::new(message))))
    }

    fn search(&self, text: &str, chat: Option<&str>, limit: Limit, cursor: Option<Cursor>) -> rusqlite::Result<Answer> {
        let nothing = || Ok(Answer::Messages(Vec::new(), None));
        let chat = match chat {
            Some(chat) => match self.chat_id(chat)? {
                Some(chat) => Some(chat),
                None => return nothing(),
            },
            None => None,
        };
        let Some(expression) = search::expression(text, self.session, chat) else { return nothing() };
        // The text's own order is that of its rows: nothing has to be sorted, however much is found.
        let select = format!(
            "SELECT {MESSAGE} FROM archive_text AS t JOIN archive_messages AS m ON m.id = t.rowid
             JOIN archive_chats AS c ON c.id = m.chat JOIN archive_people AS p ON p.id = m.sender
             WHERE archive_text MATCH ?1 AND t.rowid < ?2 AND m.session = ?3 AND {VISIBLE}
             ORDER BY t.rowid DESC LIMIT ?4"
        );
        let mut statement = self.connection.prepare_cached(&select)?;
        let before = cursor.map_or(i64::MAX, |cursor| cursor.row);
        let rows = statement.query(params![expression, before, self.session, limit.0])?;
        let (messages, more) = self.page(rows, limit)?;
        let cursor = messages.last().filter(|_| more).map(|last| cursor_at(false, last.place));
        Ok(Answer::Messages(messages, cursor))
    }

    fn found(&self, row: &Row<'_>) -> rusqlite::Result<FoundMessage> {
        let place: (i64, i64) = (row.get(1)?, row.get(0)?);
        let (id, chat): (String, String) = (row.get(2)?, row.get(3)?);
        let body: Option<String> = row.get(12)?;
        let mut fields: Map<String, Value> = body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
        let mut sender = person(&row.get::<_, String>(4)?, row.get(5)?);
        sender.insert("device".into(), row.get::<_, i64>(6)?.into());
        put(&mut sender, "name", row.get::<_, Option<String>>(7)?);
        if let Some(Value::Object(target)) = fields.get_mut("target") {
            target.insert("chat".into(), chat.clone().into());
        }
        let labels = self.labels_on(row.get(18)?, &id)?;
        fields.insert("id".into(), id.into());
        fields.insert("chat".into(), chat.into());
        fields.insert("sender".into(), sender.into());
        fields.insert("fromMe".into(), row.get::<_, bool>(8)?.into());
        fields.insert("source".into(), row.get::<_, String>(9)?.into());
        fields.insert("timestamp".into(), place.0.into());
        fields.insert("type".into(), row.get::<_, String>(10)?.into());
        put(&mut fields, "text", row.get::<_, Option<String>>(11)?);
        fields.entry("mentions").or_insert_with(|| Value::Array(Vec::new()));
        fields.insert("redelivered".into(), false.into());
        put(&mut fields, "status", row.get::<_, Option<i64>>(14)?.and_then(Status::name));
        if row.get::<_, Option<bool>>(15)? == Some(true) {
            fields.insert("starred".into(), true.into());
        }
        put(&mut fields, "editedAt", row.get::<_, Option<i64>>(16)?);
        put(&mut fields, "revokedAt", row.get::<_, Option<i64>>(17)?);
        if !labels.is_empty() {
            fields.insert("labels".into(), labels.into());
        }
        let reactions = self.reactions(place.1)?;
        if !reactions.is_empty() {
            fields.insert("reactions".into(), reactions.into());
        }
        Ok(FoundMessage { fields, raw: row.get::<_, Option<Vec<u8>>>(13)?.unwrap_or_default(), place })
    }

    fn labels_on(&self, chat: i64, message: &str) -> rusqlite::Result<Vec<Value>> {
        let select = "SELECT label FROM archive_labelled WHERE chat = ?1 AND mid = ?2 ORDER BY label LIMIT ?3";
        let mut statement = self.connection.prepare_cached(select)?;
        let rows = statement.query_map(params![chat, message, MAX_TOLD], |row| row.get::<_, String>(0))?;
        rows.map(|label| label.map(Value::from)).collect()
    }

    fn reactions(&self, message: i64) -> rusqlite::Result<Vec<Value>> {
        let select = "SELECT p.jid, p.lid, r.emoji, r.timestamp FROM archive_reactions AS r
                      JOIN archive_people AS p ON p.id = r.person
                      WHERE r.message = ?1 AND r.emoji <> '' ORDER BY r.timestamp, p.id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(select)?;
        let rows = statement.query_map([message, i64::from(MAX_TOLD)], |row| {
            let sender = person(&row.get::<_, String>(0)?, row.get(1)?);
            Ok(json!({ "sender": sender, "emoji": row.get::<_, String>(2)?, "timestamp": row.get::<_, i64>(3)? }))
        })?;
        rows.collect()
    }

    fn receipts(&self, message: i64) -> rusqlite::Result<Vec<Value>> {
        let select = "SELECT p.jid, p.lid, r.delivered, r.read, r.played FROM archive_receipts AS r
                      JOIN archive_people AS p ON p.id = r.person WHERE r.message = ?1 ORDER BY p.id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(select)?;
        let rows = statement.query_map([message, i64::from(MAX_TOLD)], |row| {
            let mut receipt = Map::new();
            receipt.insert("recipient".into(), person(&row.get::<_, String>(0)?, row.get(1)?).into());
            for (name, at) in [("delivered", 2), ("read", 3), ("played", 4)] {
                put(&mut receipt, name, row.get::<_, Option<i64>>(at)?);
            }
            Ok(receipt.into())
        })?;
        rows.collect()
    }

    fn contacts(&self, limit: Limit, cursor: Option<Cursor>) -> rusqlite::Result<Answer> {
        let after = cursor.map_or(i64::MIN, |cursor| cursor.row);
        let select = "SELECT jid, lid, name, first_name, push_name, username, id FROM archive_people
                      WHERE session = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
        let mut statement = self.connection.prepare_cached(select)?;
        let rows = statement.query_map(params![self.session, after, limit.0], contact)?;
        let found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let more = found.len() == limit.0 as usize;
        let cursor = found.last().filter(|_| more).map(|(row, _)| cursor_at(true, (0, *row)));
        Ok(Answer::Contacts(found.into_iter().map(|(_, contact)| contact).collect(), cursor))
    }

    fn contact(&self, jid: &str) -> rusqlite::Result<Answer> {
        let select = "SELECT jid, lid, name, first_name, push_name, username, id FROM archive_people
                      WHERE session = ?1 AND (jid = ?2 OR lid = ?2)";
        let found =
            self.connection.prepare_cached(select)?.query_row(params![self.session, jid], contact).optional()?;
        Ok(Answer::Value(found.map_or(Value::Null, |(_, contact)| contact)))
    }

    fn unread(&self) -> rusqlite::Result<Answer> {
        let select = "SELECT count(*), coalesce(sum(unread), 0) FROM archive_chats
                      WHERE session = ?1 AND hidden = 0 AND (unread > 0 OR marked_unread = 1)";
        let mut statement = self.connection.prepare_cached(select)?;
        let row = |row: &Row<'_>| Ok(json!({ "chats": row.get::<_, i64>(0)?, "messages": row.get::<_, i64>(1)? }));
        statement.query_row([self.session], row).map(Answer::Value)
    }

    fn labels(&self) -> rusqlite::Result<Answer> {
        let select = "SELECT label, name, color FROM archive_labels WHERE session = ?1 ORDER BY label LIMIT ?2";
        let mut statement = self.connection.prepare_cached(select)?;
        let rows = statement.query_map([self.session, i64::from(MAX_TOLD)], |row| {
            let (id, name, color): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(json!({ "id": id, "name": name, "color": color }))
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>().map(|labels| Answer::Value(labels.into()))
    }
}

fn cursor_at(ascending: bool, (time, row): (i64, i64)) -> Cursor {
    Cursor { ascending, time, row }
}

fn contact(row: &Row<'_>) -> rusqlite::Result<(i64, Value)> {
    let mut contact = person(&row.get::<_, String>(0)?, row.get(1)?);
    for (name, at) in [("name", 2), ("firstName", 3), ("pushName", 4), ("username", 5)] {
        put(&mut contact, name, row.get::<_, Option<String>>(at)?);
    }
    Ok((row.get(6)?, contact.into()))
}

/// Both addresses of somebody, as far as known.
fn person(jid: &str, lid: Option<String>) -> Map<String, Value> {
    let mut person = Map::new();
    person.insert("jid".into(), jid.into());
    if jid.ends_with("@s.whatsapp.net") {
        person.insert("pn".into(), jid.into());
    }
    put(&mut person, "lid", lid.or_else(|| is_lid(jid).then(|| jid.to_owned())));
    person
}

fn put(fields: &mut Map<String, Value>, name: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        fields.insert(name.to_owned(), value);
    }
}
