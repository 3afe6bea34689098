//! Sealed at rest: any store, with every value encrypted before it reaches the store below.
//!
//! ```text
//! value    magic 07 53 01 | key id (8) | nonce (12) | AES-256-GCM(value) | tag (16)
//! AAD      namespace (1) | key
//! key      HKDF-SHA256(the caller's 32 bytes, the session's name): one of its own for each session
//! ```
//!
//! Names of sessions and keys of records stay readable; a value that was altered, or moved to another key, namespace or
//! session, does not open. The first byte of the magic begins no protobuf, so that a reader without the key fails at
//! once instead of seeing something.
//!
//! A session's **mark** is a sealed record of its own. It tells which key the session is sealed with and how far the
//! sealing is. A session that was plain, or whose key was replaced, is sealed anew when it is opened, in batches; cut
//! off, that goes on at the next opening. Once all is sealed, a plain value is refused.

mod keys;
mod session;

use std::sync::Arc;
use std::time::Duration;

pub use keys::{Keyring, is_sealed};

use crate::{BoxFuture, Holder, Key, SessionStore, Store, StoreError, Values};
use keys::SessionKeys;
use session::SealedSession;

/// The same store with every value sealed. The mark and the keys of records are the only things added.
pub fn seal(store: Arc<dyn Store>, keys: Keyring) -> Arc<dyn Store> {
    Arc::new(SealedStore { inner: store, keys })
}

struct SealedStore {
    inner: Arc<dyn Store>,
    keys: Keyring,
}

impl Store for SealedStore {
    fn open(&self, session: &str, holder: Holder) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let opening = self.inner.open(session, holder);
        let keys = self.keys.for_session(session);
        Box::pin(async move { unlock(opening.await?, keys).await })
    }

    fn take_over(
        &self,
        session: &str,
        holder: Holder,
        patience: Option<Duration>,
    ) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let opening = self.inner.take_over(session, holder, patience);
        let keys = self.keys.for_session(session);
        Box::pin(async move { unlock(opening.await?, keys).await })
    }

    fn sessions(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.inner.sessions()
    }

    fn glance(&self, session: &str, keys: &[Key]) -> BoxFuture<'_, Result<Option<Values>, StoreError>> {
        let sealed = self.inner.glance(session, keys);
        let (opens, places) = (self.keys.for_session(session), keys.to_vec());
        Box::pin(async move {
            let Some(values) = sealed.await? else { return Ok(None) };
            let open =
                |(place, value): (&Key, Option<Vec<u8>>)| value.map(|value| opens.open(place, value)).transpose();
            places.iter().zip(values).map(open).collect::<Result<_, _>>().map(Some)
        })
    }

    fn describe(&self) -> String {
        format!("{} (sealed)", self.inner.describe())
    }
}

async fn unlock(inner: Arc<dyn SessionStore>, keys: SessionKeys) -> Result<Arc<dyn SessionStore>, StoreError> {
    let session = SealedSession::new(inner.clone(), keys);
    if let Err(error) = session.unlock().await {
        // What could not be released ends with its lease.
        let _ = inner.close().await;
        return Err(error);
    }
    Ok(Arc::new(session))
}

#[cfg(test)]
mod tests;
