//! Claims: a living process that wishes for the end of a lease.
//!
//! A session's claim names the lease that it is about by its token, so that nobody who holds the session later is asked.
//! The holder finds it with its next transaction, at the latest with its next sign of life. While the claim stands the
//! session goes to nobody else: not to a second claim, and not to an opener that comes between the holder's release and
//! the claimant's next look. It is renewed with each look, and ends soon after its process has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Row, params};
use tokio::time::sleep;

use super::queue::{Job, Opening};
use super::{Backend, SqliteSession, lease};
use crate::{Holder, SessionStore, StoreError};

/// How long a claim stands without being renewed.
const LIFE_MS: i64 = 5000;
/// Between two looks whether the session is free.
const NAP: Duration = Duration::from_millis(100);

/// What an opener that claims is known by.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    nonce: [u8; 16],
    /// The lease that it found, once it has; never another.
    against: Option<i64>,
}

impl Claim {
    /// Whether the claim may ask the holder of this lease.
    pub(super) fn may_ask(&self, token: i64) -> bool {
        self.against.is_none_or(|against| against == token)
    }
}

/// A claim while its opener waits. It is withdrawn when this is dropped, before the backend goes.
pub(super) struct Wish {
    claim: Claim,
    backend: Arc<Backend>,
}

impl Wish {
    pub(super) fn new(backend: Arc<Backend>) -> Self {
        // Only a number that nobody else has is wanted.
        let Holder { nonce, .. } = Holder::fresh();
        Self { claim: Claim { nonce, against: None }, backend }
    }

    /// Opens the session as soon as it is free.
    pub(super) async fn fulfil(
        &mut self,
        name: &str,
        holder: &Holder,
        patience: Duration,
    ) -> Result<Arc<dyn SessionStore>, StoreError> {
        let begun = Instant::now();
        loop {
            match self.backend.open(name, holder.clone(), Some(self.claim.clone())).await? {
                Opening::Open(lease) => return Ok(Arc::new(SqliteSession::new(lease, self.backend.clone()))),
                Opening::Asked(_, held) if begun.elapsed() >= patience => return Err(held),
                Opening::Asked(token, _) => {
                    if self.claim.against.replace(token).is_none() {
                        tracing::debug!(session = name, "the holder was asked for the session");
                    }
                }
            }
            sleep(NAP).await;
        }
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        drop(self.backend.queue.push(Job::Withdraw(self.claim.clone())));
    }
}

/// The row of a session's claim.
pub(super) struct ClaimRow {
    nonce: Vec<u8>,
    token: i64,
    host: String,
    pid: u32,
    expires_ms: i64,
}

impl ClaimRow {
    /// Whether it stands, is about this lease, and is somebody else's.
    pub(super) fn excludes(&self, claim: Option<&Claim>, token: i64) -> bool {
        let now = lease::now_ms();
        // An expiry further away than anybody writes comes from a clock that has been set back since.
        let stands = self.token == token && (now..=now + 2 * LIFE_MS).contains(&self.expires_ms);
        stands && claim.is_none_or(|claim| self.nonce != claim.nonce)
    }

    /// Who is about to have the session.
    pub(super) fn held(&self, session: &str) -> StoreError {
        StoreError::Held { session: session.to_owned(), host: self.host.clone(), pid: self.pid }
    }
}

/// A claim's columns, from this one on.
pub(super) fn row(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<ClaimRow>> {
    let Some(nonce) = row.get(at)? else { return Ok(None) };
    let (token, host) = (row.get(at + 1)?, row.get(at + 2)?);
    Ok(Some(ClaimRow { nonce, token, host, pid: row.get(at + 3)?, expires_ms: row.get(at + 4)? }))
}

/// Writes a claim, or its sign of life.
pub(super) fn write(tx: &Connection, session: i64, token: i64, claim: &Claim, by: &Holder) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO claims (session, nonce, token, host, pid, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![session, claim.nonce, token, by.host, by.pid, lease::now_ms() + LIFE_MS])?;
    Ok(())
}

/// Removes what was claimed of a session: it has been given.
pub(super) fn clear(tx: &Connection, session: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM claims WHERE session = ?1")?.execute([session])?;
    Ok(())
}

/// Removes a claim.
pub(super) fn withdraw(tx: &Connection, claim: &Claim) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM claims WHERE nonce = ?1")?.execute([claim.nonce])?;
    Ok(())
}

/// Session and token of each lease whose end somebody wishes for. What the dead have left is removed.
pub(super) fn standing(tx: &Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    let now = lease::now_ms();
    tx.prepare_cached("DELETE FROM claims WHERE expires_ms NOT BETWEEN ?1 AND ?2")?
        .execute([now, now + 2 * LIFE_MS])?;
    tx.prepare_cached("SELECT session, token FROM claims")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
