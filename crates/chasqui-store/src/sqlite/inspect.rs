//! A look at a file before anything may change it.
//!
//! A file that is not ours, damaged or newer than us is refused and left as it is, byte for byte, with nothing created
//! beside it: its header is read as plain bytes, and SQLite sees it only read-only and `immutable` (no locks, no log).
//! Only when a log lies beside a file that says it is ours do we let SQLite read both, still read-only.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::schema::{APPLICATION_ID, SCHEMA_VERSION};
use super::{Place, schema};
use crate::StoreError;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Larger files are not read through at opening: it would take seconds.
const CHECKED_UP_TO: u64 = 512 << 20;

/// The fields of SQLite's file header (first 100 bytes, big-endian) that we look at.
struct Header {
    page_size: u64,
    pages: u64,
    /// Whether `pages` was written by a version that keeps it.
    pages_valid: bool,
    user_version: u32,
    application_id: u32,
}

impl Header {
    fn parse(bytes: &[u8; 100]) -> Option<Self> {
        let word = |at: usize| {
            bytes.get(at..at + 4).and_then(|field| field.try_into().ok()).map(u32::from_be_bytes).unwrap_or_default()
        };
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65536,
            size if size >= 512 && size.is_power_of_two() => u64::from(size),
            _ => return None,
        };
        bytes.starts_with(MAGIC).then(|| Self {
            page_size,
            pages: u64::from(word(28)),
            pages_valid: word(24) == word(92),
            user_version: word(60),
            application_id: word(68),
        })
    }
}

/// Passes if the file is absent, empty, or a store of ours that is whole.
pub(super) fn inspect(place: &Place) -> Result<(), StoreError> {
    let failed = |error| StoreError::failed(format_args!("{}: {error}", place.path.display()));
    let mut file = match File::open(&place.path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(StoreError::failed(format_args!("{} is not a file", place.path.display())));
    }
    let length = metadata.len();
    if length == 0 {
        return match beside(place, "-wal") {
            true => Err(place.corrupt("the file is empty but its write-ahead log is not")),
            false => Ok(()),
        };
    }
    let mut bytes = [0; 100];
    file.read_exact(&mut bytes).map_err(|_| place.corrupt("too short for a database"))?;
    drop(file);
    let header = Header::parse(&bytes).ok_or_else(|| place.corrupt("not an SQLite database"))?;
    if header.application_id != APPLICATION_ID {
        return blank(place, &header);
    }
    if header.user_version > SCHEMA_VERSION {
        return Err(schema::newer(place, header.user_version));
    }
    if !beside(place, "-wal") && !beside(place, "-journal") {
        let whole = whole_without_log(place, &header, length);
        // Another process may have begun to write meanwhile: then what we saw proves nothing.
        if whole.is_ok() || !(beside(place, "-wal") || beside(place, "-journal")) {
            return whole;
        }
    }
    let connection = schema::open(place, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(|error| place.error(error))?;
    check(place, &connection, length)
}

/// A database that carries no application's mark is taken over only if there is nothing in it.
fn blank(place: &Place, header: &Header) -> Result<(), StoreError> {
    let foreign = || place.corrupt("an SQLite database of another program");
    if header.application_id != 0 || header.user_version != 0 || beside(place, "-wal") || beside(place, "-journal") {
        return Err(foreign());
    }
    let count = immutable(place)?
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
        .map_err(|error| place.corrupt(error))?;
    if count == 0 { Ok(()) } else { Err(foreign()) }
}

fn whole_without_log(place: &Place, header: &Header, length: u64) -> Result<(), StoreError> {
    if header.pages_valid && header.pages.saturating_mul(header.page_size) > length {
        return Err(place.corrupt("the file is shorter than its header says"));
    }
    check(place, &immutable(place)?, length)
}

fn check(place: &Place, connection: &Connection, length: u64) -> Result<(), StoreError> {
    let question = match length {
        0..=CHECKED_UP_TO => "PRAGMA quick_check(1)",
        _ => "SELECT CASE count(*) WHEN 0 THEN 'no tables' ELSE 'ok' END FROM sqlite_schema",
    };
    let answer = connection.query_row(question, [], |row| row.get::<_, String>(0)).map_err(|e| place.error(e))?;
    if answer == "ok" { Ok(()) } else { Err(place.corrupt(answer)) }
}

/// Whether a non-empty file of that suffix lies beside ours.
fn beside(place: &Place, suffix: &str) -> bool {
    let mut path = place.path.clone().into_os_string();
    path.push(suffix);
    PathBuf::from(path).metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// A connection that reads the file alone and creates nothing.
fn immutable(place: &Place) -> Result<Connection, StoreError> {
    let path = place.path.to_str().ok_or_else(|| StoreError::failed("the store's path is not UTF-8"))?;
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23").replace('\\', "/");
    let root = if path.starts_with('/') { "" } else { "/" };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(format!("file:{root}{path}?immutable=1"), flags).map_err(|error| place.error(error))
}
