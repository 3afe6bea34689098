//! The file's tables and how they came about.
//!
//! The version is SQLite's `user_version`: the number of [`MIGRATIONS`] that were run. The mark that a file is ours is
//! `application_id`; it is written with the tables in one transaction, before the file is switched to WAL, so that the
//! header of a file of ours always carries it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::Place;
use crate::StoreError;

/// "Chsq" in ASCII.
pub(super) const APPLICATION_ID: u32 = 0x4368_7371;

/// What takes a file from version N to N + 1. Append only.
pub(super) const MIGRATIONS: &[&str] = &[
    // A holder is a living process; a session is free when its holder is NULL; its token grows with every lease.
    "CREATE TABLE holders (
         id INTEGER PRIMARY KEY,
         nonce BLOB NOT NULL UNIQUE,
         host TEXT NOT NULL,
         boot_id TEXT NOT NULL,
         pid INTEGER NOT NULL,
         expires_ms INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE sessions (
         id INTEGER PRIMARY KEY,
         name TEXT NOT NULL UNIQUE,
         token INTEGER NOT NULL,
         holder INTEGER
     ) STRICT;
     CREATE INDEX sessions_by_holder ON sessions (holder) WHERE holder IS NOT NULL;
     CREATE TABLE kv (
         session INTEGER NOT NULL,
         ns INTEGER NOT NULL,
         key BLOB NOT NULL,
         value BLOB NOT NULL,
         PRIMARY KEY (session, ns, key)
     ) STRICT, WITHOUT ROWID;",
    // A claim is the wish of a living process for the end of the lease with that token.
    "CREATE TABLE claims (
         session INTEGER PRIMARY KEY,
         nonce BLOB NOT NULL,
         token INTEGER NOT NULL,
         host TEXT NOT NULL,
         pid INTEGER NOT NULL,
         expires_ms INTEGER NOT NULL
     ) STRICT;",
];

/// The version of a file that has seen every migration.
pub(super) const SCHEMA_VERSION: u32 = MIGRATIONS.len() as u32;

/// How long a transaction waits for other processes' before it fails.
pub(super) const BUSY_LIMIT: Duration = Duration::from_secs(60);

/// Opens the file with our way of waiting: short naps, so that a gap between two transactions of a neighbour is found.
pub(super) fn open(place: &Place, mode: OpenFlags) -> Result<Connection, StoreError> {
    fn nap(tried: i32) -> bool {
        sleep(Duration::from_millis(if tried < 2_000 { 1 } else { 5 }));
        tried < 10_000
    }
    let error = |error| place.error(error);
    let mut connection =
        Connection::open_with_flags(&place.path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(error)?;
    connection.busy_handler(Some(nap)).map_err(error)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;").map_err(error)?;
    connection.set_prepared_statement_cache_capacity(96);
    Ok(connection)
}

/// The writer's connection: tables made or migrated, WAL on.
pub(super) fn open_for_writing(place: &Place) -> Result<Connection, StoreError> {
    let mut connection = open(place, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    let error = |error| place.error(error);
    // Until the options are set, the strictest mode. On macOS fsync alone does not reach the disk.
    connection
        .execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;")
        .map_err(error)?;
    patiently(|| migrate(place, &mut connection, MIGRATIONS)).map_err(error)??;
    patiently(|| use_wal(&connection)).map_err(error)?;
    if !place.options.full_sync {
        connection
            .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA fullfsync = OFF; PRAGMA checkpoint_fullfsync = OFF;")
            .map_err(error)?;
    }
    if let Some(pages) = place.options.max_pages {
        connection.pragma_update(None, "max_page_count", pages).map_err(error)?;
    }
    // secure_delete FAST: what is deleted is overwritten where its page is written anyway.
    connection
        .execute_batch(
            "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;
             PRAGMA cell_size_check = ON; PRAGMA secure_delete = FAST;",
        )
        .map_err(error)?;
    Ok(connection)
}

/// Whether further commits wait until they are on the disk. A later one that does takes those before it along.
pub(super) fn wait_for_disk(connection: &Connection, wait: bool) -> rusqlite::Result<()> {
    connection.execute_batch(if wait { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" })
}

/// Runs what is missing of the migrations, all in one transaction. The outer error may be "busy".
pub(super) fn migrate(
    place: &Place,
    connection: &mut Connection,
    migrations: &[&str],
) -> rusqlite::Result<Result<(), StoreError>> {
    let newest = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let version = |connection: &Connection| {
        let version = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0))?;
        Ok::<_, rusqlite::Error>(version.cast_unsigned())
    };
    let ours = |connection: &Connection| {
        let id = connection.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0))?;
        Ok::<_, rusqlite::Error>(id.cast_unsigned() == APPLICATION_ID)
    };
    if ours(connection)? && version(connection)? == newest {
        return Ok(Ok(()));
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if !ours(&transaction)? {
        let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 || found > 0 {
            return Ok(Err(place.corrupt("an SQLite database of another program")));
        }
    }
    if found > newest {
        return Ok(Err(newer(place, found)));
    }
    for migration in migrations.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", newest)?;
    transaction.commit()?;
    Ok(Ok(()))
}

pub(super) fn newer(place: &Place, found: u32) -> StoreError {
    StoreError::NewerSchema { path: place.path.clone(), found, supported: SCHEMA_VERSION }
}

fn use_wal(connection: &Connection) -> rusqlite::Result<()> {
    let mode = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    if connection.pragma_query_value(None, "journal_mode", mode)? == "wal" {
        return Ok(());
    }
    connection.pragma_update_and_check(None, "journal_mode", "WAL", mode).map(drop)
}

/// Whether another connection is in the way, and will not be for long.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

/// Tries again while others are in the way: SQLite does not call its busy handler in every such case.
pub(super) fn patiently<T>(mut attempt: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(error) if is_busy(&error) && begun.elapsed() < BUSY_LIMIT => sleep(Duration::from_millis(2)),
            result => return result,
        }
    }
}
