//! What is known of the files: a record for each, written before the file is, so that ours are known again after the death of
//! a process.

use std::sync::Arc;

use chasqui_proto::ProtoMessage;
use chasqui_store::{Batch, Commit, Key, Namespace, Record, SessionStore, StoreError};
use sha2::{Digest, Sha256};

use super::disk::Look;
use crate::baileys::layout::Layout;

/// What is known of a file.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Mark {
    /// Of its content; empty for a file that is to be deleted.
    #[prost(bytes = "vec", tag = "1")]
    pub hash: Vec<u8>,
    /// Of what it replaces; empty for nothing.
    #[prost(bytes = "vec", tag = "2")]
    pub former: Vec<u8>,
    #[prost(uint64, tag = "3")]
    pub size: u64,
    /// 0 until it is written.
    #[prost(int64, tag = "4")]
    pub modified: i64,
}

impl Mark {
    /// Of a file as it is.
    pub fn of(content: &[u8], look: Look) -> Self {
        Self { hash: hash(content), former: Vec::new(), size: look.size, modified: look.modified }
    }

    pub fn is_as_seen(&self, look: Look) -> bool {
        self.modified != 0 && self.modified == look.modified && self.size == look.size
    }
}

pub(super) fn hash(content: &[u8]) -> Vec<u8> {
    Sha256::digest(content).iter().take(16).copied().collect()
}

const BEHIND: &[u8] = b"behind";

pub(super) struct Manifest(Arc<dyn SessionStore>);

impl Manifest {
    pub fn new(store: Arc<dyn SessionStore>) -> Self {
        Self(store)
    }

    /// Marks of files, in their order.
    pub async fn marks(&self, names: &[String]) -> Result<Vec<Option<Mark>>, StoreError> {
        let keys: Vec<Key> = names.iter().map(|name| Key::new(Namespace::File, name)).collect();
        let rows = self.0.get_many(&keys).await?;
        Ok(rows.into_iter().map(|row| Mark::decode(row?.as_slice()).ok()).collect())
    }

    /// The next marks behind a name; none behind the last.
    pub async fn page(&self, after: Option<&str>) -> Result<Vec<(String, Mark)>, StoreError> {
        let rows = self.0.scan(Namespace::File, after.map(str::as_bytes), 1024).await?;
        let read = |(name, row): Record| Some((String::from_utf8(name).ok()?, Mark::decode(row.as_slice()).ok()?));
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Writes marks; `None` forgets one.
    pub fn set<'a>(&self, marks: impl IntoIterator<Item = (&'a str, Option<Mark>)>) -> Commit {
        let mut batch = Batch::new();
        for (name, mark) in marks {
            match mark {
                Some(mark) => batch.put(Namespace::File, name, mark.encode_to_vec()),
                None => batch.delete(Namespace::File, name),
            };
        }
        self.0.apply(batch)
    }

    pub fn forget_all(&self) -> Commit {
        let mut batch = Batch::new();
        batch.delete_all();
        self.0.apply(batch)
    }

    pub async fn layout(&self) -> Result<Layout, StoreError> {
        let row = self.0.get_many(&[Layout::key()]).await?.pop().flatten();
        Ok(Layout::from_bytes(row.as_deref()))
    }

    pub fn set_layout(&self, layout: Layout) -> Commit {
        let mut batch = Batch::new();
        batch.put(Namespace::Meta, Layout::key().bytes, layout.to_bytes());
        self.0.apply(batch)
    }

    /// Whether the files may be behind.
    pub async fn is_behind(&self) -> Result<bool, StoreError> {
        Ok(self.0.get_many(&[Key::new(Namespace::Meta, BEHIND)]).await?.iter().any(Option::is_some))
    }

    pub fn set_behind(&self, behind: bool) -> Commit {
        let mut batch = Batch::new();
        if behind {
            batch.put(Namespace::Meta, BEHIND, []);
        } else {
            batch.delete(Namespace::Meta, BEHIND);
        }
        self.0.apply(batch)
    }

    pub async fn close(&self) {
        // What could not be released ends with its lease.
        let _ = self.0.close().await;
    }
}
