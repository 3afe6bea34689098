//! The tables, and how they came about.
//!
//! The archive has a version of its own beside the store's: a file whose archive is newer still opens without it. Rows of
//! all sessions share the tables; `session` is the caller's number of one. Times are milliseconds since the epoch.

use rusqlite::{Connection, OptionalExtension};

/// What takes an archive from version N to N + 1. Append only.
const MIGRATIONS: &[&str] = &[FIRST];

/// The version of an archive that has seen every migration.
pub const VERSION: u32 = MIGRATIONS.len() as u32;

const FIRST: &str = "
-- `jid` is the form that is shown: the phone number's where it is known, else the LID.
CREATE TABLE archive_people (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    jid TEXT NOT NULL,
    lid TEXT,
    push_name TEXT,
    name TEXT,
    first_name TEXT,
    username TEXT
) STRICT;
CREATE UNIQUE INDEX archive_people_by_jid ON archive_people (session, jid);
CREATE UNIQUE INDEX archive_people_by_lid ON archive_people (session, lid) WHERE lid IS NOT NULL;

-- Read up to the message at (read_time, read_row); cleared up to (cleared_time, cleared_row), what is left of that is
-- swept. NULL: never heard of.
CREATE TABLE archive_chats (
    id INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    jid TEXT NOT NULL,
    name TEXT,
    last_time INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    unread INTEGER,
    marked_unread INTEGER,
    read_time INTEGER NOT NULL DEFAULT 0,
    read_row INTEGER NOT NULL DEFAULT 0,
    archived INTEGER,
    pinned INTEGER,
    muted INTEGER,
    locked INTEGER,
    hidden INTEGER NOT NULL DEFAULT 0,
    cleared_time INTEGER NOT NULL DEFAULT -1,
    cleared_row INTEGER NOT NULL DEFAULT -1,
    keeps_starred INTEGER NOT NULL DEFAULT 0,
    sweep INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX archive_chats_by_jid ON archive_chats (session, jid);
CREATE INDEX archive_chats_by_time ON archive_chats (session, last_time, id);
CREATE INDEX archive_chats_swept ON archive_chats (session) WHERE sweep = 1;

CREATE TABLE archive_groups (
    chat INTEGER PRIMARY KEY,
    subject TEXT,
    owner TEXT,
    created INTEGER,
    members INTEGER
) STRICT;

-- `state`: 0 there; 1 awaited, only what was told of it is known; 2 deleted, and stays so.
-- `body`: what of the public form has no column, as JSON.
-- Numbers grow and are never given twice: cursors and clearing go by them.
CREATE TABLE archive_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL,
    chat INTEGER NOT NULL,
    mid TEXT NOT NULL,
    sender INTEGER NOT NULL,
    from_me INTEGER NOT NULL,
    state INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    device INTEGER NOT NULL,
    sender_name TEXT,
    status INTEGER,
    counts INTEGER NOT NULL,
    starred INTEGER,
    edited INTEGER,
    revoked INTEGER,
    text TEXT,
    body TEXT,
    raw BLOB
) STRICT;
CREATE UNIQUE INDEX archive_messages_by_key ON archive_messages (chat, mid, sender);
CREATE INDEX archive_messages_by_time ON archive_messages (chat, timestamp, id);
CREATE INDEX archive_messages_by_sender ON archive_messages (sender);

CREATE TABLE archive_receipts (
    message INTEGER NOT NULL,
    person INTEGER NOT NULL,
    delivered INTEGER,
    read INTEGER,
    played INTEGER,
    PRIMARY KEY (message, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_receipts_by_person ON archive_receipts (person);

-- An empty emoji: taken back.
CREATE TABLE archive_reactions (
    message INTEGER NOT NULL,
    person INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    PRIMARY KEY (message, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX archive_reactions_by_person ON archive_reactions (person);

CREATE TABLE archive_labels (
    session INTEGER NOT NULL,
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    color INTEGER NOT NULL,
    PRIMARY KEY (session, label)
) STRICT, WITHOUT ROWID;

-- `mid` is empty for the label of a chat.
CREATE TABLE archive_labelled (
    chat INTEGER NOT NULL,
    mid TEXT NOT NULL,
    label TEXT NOT NULL,
    PRIMARY KEY (chat, mid, label)
) STRICT, WITHOUT ROWID;

-- `place` holds `s` with the session and `c` with the chat, so that the index itself looks no further.
CREATE VIRTUAL TABLE archive_text USING fts5(
    text, place, content='', tokenize=\"unicode61 remove_diacritics 2\"
);
INSERT INTO archive_text(archive_text, rank) VALUES('secure-delete', 1);

CREATE TRIGGER archive_message_added AFTER INSERT ON archive_messages WHEN new.state = 0 BEGIN
    UPDATE archive_chats SET messages = messages + 1, last_time = max(last_time, new.timestamp), hidden = 0,
        unread = CASE WHEN new.counts AND (new.timestamp, new.id) > (read_time, read_row)
            THEN coalesce(unread, 0) + 1 ELSE unread END
        WHERE id = new.chat;
    INSERT INTO archive_text (rowid, text, place)
        SELECT new.id, new.text, 's' || new.session || ' c' || new.chat WHERE new.text IS NOT NULL;
END;
-- What was awaited has come.
CREATE TRIGGER archive_message_filled AFTER UPDATE OF state ON archive_messages WHEN old.state = 1 AND new.state = 0 BEGIN
    UPDATE archive_chats SET messages = messages + 1, last_time = max(last_time, new.timestamp), hidden = 0,
        unread = CASE WHEN new.counts AND (new.timestamp, new.id) > (read_time, read_row)
            THEN coalesce(unread, 0) + 1 ELSE unread END
        WHERE id = new.chat;
END;
-- Two chats become one; the rest is added up where that is done.
CREATE TRIGGER archive_message_moved AFTER UPDATE OF chat ON archive_messages WHEN new.state = 0 BEGIN
    UPDATE archive_chats SET messages = messages - 1 WHERE id = old.chat;
    UPDATE archive_chats SET messages = messages + 1 WHERE id = new.chat;
END;
CREATE TRIGGER archive_message_changed AFTER UPDATE OF state, chat, text ON archive_messages BEGIN
    INSERT INTO archive_text (archive_text, rowid, text, place)
        SELECT 'delete', old.id, old.text, 's' || old.session || ' c' || old.chat
        WHERE old.text IS NOT NULL AND old.state = 0;
    INSERT INTO archive_text (rowid, text, place)
        SELECT new.id, new.text, 's' || new.session || ' c' || new.chat WHERE new.text IS NOT NULL AND new.state = 0;
END;
CREATE TRIGGER archive_message_removed AFTER DELETE ON archive_messages BEGIN
    UPDATE archive_chats SET
        messages = messages - (old.state = 0),
        unread = unread - (old.counts AND unread > 0 AND (old.timestamp, old.id) > (read_time, read_row))
        WHERE id = old.chat;
    INSERT INTO archive_text (archive_text, rowid, text, place)
        SELECT 'delete', old.id, old.text, 's' || old.session || ' c' || old.chat
        WHERE old.text IS NOT NULL AND old.state = 0;
    DELETE FROM archive_receipts WHERE message = old.id;
    DELETE FROM archive_reactions WHERE message = old.id;
    DELETE FROM archive_labelled WHERE chat = old.chat AND mid = old.mid;
END;
";

/// Why there is no archive to use.
#[derive(Debug)]
pub enum Refused {
    /// It was written by a newer version. It has not been touched.
    Newer {
        /// Its version.
        found: u32,
    },
    /// SQLite's own reason.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error)
    }
}

/// Makes the tables, or brings those of an older version up to this one. Inside a transaction of the caller's.
pub fn prepare(transaction: &Connection) -> Result<(), Refused> {
    let found = version(transaction)?.unwrap_or(0);
    if found > VERSION {
        return Err(Refused::Newer { found });
    }
    if found == VERSION {
        return Ok(());
    }
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS archive_version (version INTEGER NOT NULL) STRICT")?;
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.execute("DELETE FROM archive_version", [])?;
    transaction.execute("INSERT INTO archive_version (version) VALUES (?1)", [VERSION])?;
    Ok(())
}

/// Whether there are tables, of whichever version.
pub fn is_there(connection: &Connection) -> rusqlite::Result<bool> {
    let table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'archive_version'";
    Ok(connection.prepare_cached(table)?.query_row([], |_| Ok(())).optional()?.is_some())
}

fn version(connection: &Connection) -> rusqlite::Result<Option<u32>> {
    if !is_there(connection)? {
        return Ok(None);
    }
    connection.query_row("SELECT version FROM archive_version", [], |row| row.get(0)).optional()
}
