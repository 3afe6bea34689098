//! Who holds which session, and how a dead holder is told from a living one.
//!
//! A session's row names its holder and carries a token that grows with every lease. A batch is applied only if the
//! token is still the handle's own, checked in the batch's transaction: a holder that lost its lease cannot write,
//! whatever it believes.
//!
//! A session may be taken from its holder when
//! - the holder's sign of life ([`LEASE`]) has expired, or
//! - the holder is of this host and this boot and its lock file is not locked: the operating system unlocks it in the
//!   instant of the process's death, or
//! - the holder is of this host and an earlier boot.
//!
//! The lock file `<store>-holder-<nonce>.lock` lies beside the store, one per holder. It is created, locked and swept
//! only inside a write transaction, so nobody finds it between creation and lock.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::claim::{self, ClaimRow};
use crate::Holder;

/// How long a sign of life counts.
pub(super) const LEASE: Duration = Duration::from_secs(15);

/// A holder of this process: its lock lasts as long as this value.
pub(super) struct Held {
    pub(super) holder: Holder,
    lock: File,
    path: PathBuf,
}

impl Held {
    /// Creates and locks the holder's file. A file system without locks leaves us with expiry alone.
    pub(super) fn new(store: &Path, holder: Holder) -> std::io::Result<Self> {
        let path = lock_path(store, &holder.nonce);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        let _ = lock.try_lock();
        Ok(Self { holder, lock, path })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next opener.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.lock.unlock();
    }
}

/// A session's row.
pub(super) struct SessionRow {
    pub(super) id: i64,
    pub(super) token: i64,
    pub(super) holder: Option<HolderRow>,
    pub(super) claim: Option<ClaimRow>,
}

/// The row of the holder of a session.
pub(super) struct HolderRow {
    pub(super) id: i64,
    pub(super) holder: Holder,
    pub(super) expires_ms: i64,
}

/// Milliseconds since the epoch.
pub(super) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

fn as_ms(lease: Duration) -> i64 {
    i64::try_from(lease.as_millis()).unwrap_or(i64::MAX)
}

/// The session's row, made if there is none.
pub(super) fn session_row(tx: &Connection, name: &str) -> rusqlite::Result<SessionRow> {
    tx.prepare_cached("INSERT INTO sessions (name, token) VALUES (?1, 0) ON CONFLICT (name) DO NOTHING")?
        .execute([name])?;
    tx.prepare_cached(
        "SELECT s.id, s.token, h.id, h.host, h.boot_id, h.pid, h.nonce, h.expires_ms,
                c.nonce, c.token, c.host, c.pid, c.expires_ms
         FROM sessions s LEFT JOIN holders h ON h.id = s.holder LEFT JOIN claims c ON c.session = s.id
         WHERE s.name = ?1",
    )?
    .query_row([name], |row| {
        let (holder, claim) = (holder_row(row)?, claim::row(row, 8)?);
        Ok(SessionRow { id: row.get(0)?, token: row.get(1)?, holder, claim })
    })
}

fn holder_row(row: &Row<'_>) -> rusqlite::Result<Option<HolderRow>> {
    let Some(id) = row.get(2)? else { return Ok(None) };
    let holder = Holder { host: row.get(3)?, boot_id: row.get(4)?, pid: row.get(5)?, nonce: row.get(6)? };
    Ok(Some(HolderRow { id, holder, expires_ms: row.get(7)? }))
}

/// What is known of a holder other than ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Alive,
    /// Gave no sign in time: its sessions may be taken, it may still be there and keep the others.
    Silent,
    /// Gone for certain.
    Dead,
}

pub(super) fn life(store: &Path, of: &HolderRow, us: &Holder, lease: Duration) -> Life {
    let same_host = of.holder.host == us.host;
    let same_boot = of.holder.boot_id == us.boot_id;
    // Containers of one kernel share the boot id and its locks, under different host names.
    let same_kernel = same_boot && (same_host || !us.boot_id.is_empty());
    if same_host && !same_boot || same_kernel && is_unlocked(&lock_path(store, &of.holder.nonce)) {
        return Life::Dead;
    }
    let now = now_ms();
    // An expiry further away than anybody grants comes from a clock that has been set back since.
    if of.expires_ms <= now || of.expires_ms > now + 2 * as_ms(lease.max(LEASE)) { Life::Silent } else { Life::Alive }
}

/// Whether the lock file is gone or nobody locks it. A file system without locks proves nobody's death.
fn is_unlocked(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => file.try_lock().is_ok(),
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// Writes the holder's sign of life, good for `lease`; gives the id of its row.
pub(super) fn beat(tx: &Connection, holder: &Holder, lease: Duration) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "INSERT INTO holders (nonce, host, boot_id, pid, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (nonce) DO UPDATE SET expires_ms = excluded.expires_ms RETURNING id",
    )?
    .query_row(params![holder.nonce, holder.host, holder.boot_id, holder.pid, now_ms() + as_ms(lease)], |row| {
        row.get(0)
    })
}

/// Gives the session to a holder; the result is the new token.
pub(super) fn take(tx: &Connection, session: i64, holder: i64) -> rusqlite::Result<i64> {
    tx.prepare_cached("UPDATE sessions SET holder = ?2, token = token + 1 WHERE id = ?1 RETURNING token")?
        .query_row([session, holder], |row| row.get(0))
}

/// Whether a handle's token is still the session's.
pub(super) fn is_ours(tx: &Connection, session: i64, token: i64) -> rusqlite::Result<bool> {
    let found = tx
        .prepare_cached("SELECT token FROM sessions WHERE id = ?1")?
        .query_row([session], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(found == Some(token))
}

/// Frees a session, unless it is somebody else's by now.
pub(super) fn release(tx: &Connection, session: i64, token: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE sessions SET holder = NULL WHERE id = ?1 AND token = ?2")?.execute([session, token])?;
    Ok(())
}

/// The sessions that a holder's row still has.
pub(super) fn held_by(tx: &Connection, holder: &Holder) -> rusqlite::Result<Vec<(i64, i64)>> {
    tx.prepare_cached("SELECT s.id, s.token FROM sessions s JOIN holders h ON h.id = s.holder WHERE h.nonce = ?1")?
        .query_map([holder.nonce], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Whether more holders than our own are alive in this file, and whether anybody has a claim.
pub(super) fn neighbours(tx: &Connection, own: usize) -> rusqlite::Result<(bool, bool)> {
    let (alive, claims) = tx
        .prepare_cached("SELECT count(*), EXISTS (SELECT 1 FROM claims) FROM holders WHERE expires_ms > ?1")?
        .query_row([now_ms()], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    Ok((usize::try_from(alive).is_ok_and(|alive| alive > own), claims))
}

/// Removes a holder that is gone, with every lease that it had.
pub(super) fn bury(tx: &Connection, holder: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE sessions SET holder = NULL WHERE holder = ?1")?.execute([holder])?;
    tx.prepare_cached("DELETE FROM holders WHERE id = ?1")?.execute([holder])?;
    Ok(())
}

/// Removes a holder that has no session left.
pub(super) fn bury_if_idle(tx: &Connection, holder: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM holders WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM sessions WHERE holder = ?1)")?
        .execute([holder])?;
    Ok(())
}

/// Removes a holder of ours that ends.
pub(super) fn forget(tx: &Connection, holder: &Holder) -> rusqlite::Result<()> {
    let id = tx
        .prepare_cached("SELECT id FROM holders WHERE nonce = ?1")?
        .query_row([holder.nonce], |row| row.get(0))
        .optional()?;
    id.map_or(Ok(()), |id| bury(tx, id))
}

/// Removes the lock files of the dead. To be called inside a write transaction.
pub(super) fn sweep(store: &Path) {
    let Some((folder, name)) = store.parent().zip(store.file_name().and_then(|name| name.to_str())) else { return };
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let prefix = format!("{name}-holder-");
    for entry in entries.flatten() {
        let is_lock = entry.file_name().to_str().is_some_and(|n| n.starts_with(&prefix) && n.ends_with(".lock"));
        if is_lock && is_unlocked(&entry.path()) {
            // Left for the next opener if it cannot be removed now.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn lock_path(store: &Path, nonce: &[u8; 16]) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(format!("-holder-{:032x}.lock", u128::from_be_bytes(*nonce)));
    path.into()
}
