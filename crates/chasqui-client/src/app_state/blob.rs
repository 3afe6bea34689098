//! Where blobs come from: snapshots, and the mutations of large patches. Source: 04-app-state §6.

use chasqui_error::PublicError;
use chasqui_media::{Expected, MediaKey, MediaKind};
use chasqui_proto::ExternalBlobReference;

use crate::{
    actor::Actor,
    media::{Fetcher, Remote},
};

/// The largest blob that is taken, in bytes: tens of thousands of records.
const MAX_BLOB: u64 = 24 << 20;

/// Why there is no blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BlobError {
    /// The reference is none.
    #[error("its reference cannot be read")]
    Reference,
    /// It is larger than is taken.
    #[error("it has {0} bytes, which is more than is taken")]
    TooLarge(u64),
    /// It was not downloaded, or is not what its reference says.
    #[error("{0}")]
    Failed(String),
}

/// Fetches and opens blobs.
#[derive(Clone)]
pub(super) enum Blobs {
    /// From the media hosts.
    Hosts(Fetcher),
    /// There is no way to them.
    None(PublicError),
    /// They are here.
    #[cfg(test)]
    Given(Given),
}

/// Decrypted blobs by direct path.
#[cfg(test)]
#[derive(Clone, Default)]
pub(super) struct Given(pub std::collections::HashMap<String, Vec<u8>>);

impl Blobs {
    /// The decrypted bytes.
    pub async fn fetch(&self, reference: &ExternalBlobReference) -> Result<Vec<u8>, BlobError> {
        let size = reference.file_size_bytes.unwrap_or(0);
        if size > MAX_BLOB {
            return Err(BlobError::TooLarge(size));
        }
        match self {
            Self::Hosts(fetcher) => {
                let remote = remote(reference).ok_or(BlobError::Reference)?;
                fetcher.fetch(remote).await.map_err(|error| BlobError::Failed(error.message))
            }
            Self::None(error) => Err(BlobError::Failed(error.message.clone())),
            #[cfg(test)]
            Self::Given(Given(blobs)) => {
                let found = reference.direct_path.as_ref().and_then(|path| blobs.get(path));
                found.cloned().ok_or_else(|| BlobError::Failed("there is no such file".to_owned()))
            }
        }
    }
}

/// Where a blob is; nothing without its key and both hashes (04-app-state §6).
fn remote(reference: &ExternalBlobReference) -> Option<Remote> {
    let hash = |bytes: &Option<Vec<u8>>| bytes.as_deref().and_then(|bytes| bytes.try_into().ok());
    Some(Remote {
        kind: MediaKind::AppState,
        key: Some(MediaKey::from_slice(reference.media_key.as_deref()?).ok()?),
        direct_path: Some(reference.direct_path.clone().filter(|path| path.starts_with('/'))?),
        url: None,
        expected: Expected {
            file_sha256: Some(hash(&reference.file_sha256)?),
            file_enc_sha256: Some(hash(&reference.file_enc_sha256)?),
            // The hashes say more than a length would.
            file_length: None,
            max_length: MAX_BLOB,
        },
    })
}

impl Actor {
    /// The way to blobs.
    pub(super) fn blobs(&mut self) -> Blobs {
        match self.fetcher() {
            Ok(fetcher) => Blobs::Hosts(fetcher),
            Err(error) => Blobs::None(error),
        }
    }
}
