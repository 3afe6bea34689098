//! Files that were uploaded lately: the same bytes of the same kind are not uploaded again, also not after a restart.
//!
//! Of a long one the key is known while it is on its way: after a restart the same bytes are made of it, and the host goes on
//! where it was cut off.
//!
//! A fixed number of numbered records; a new one takes the place of the oldest. What a file is stands in the record's value,
//! which is sealed where the store is, and not in its key. Hosts keep files for some weeks (05-media §5); what is older than
//! [`MAX_AGE`] is uploaded anew, so that recipients who come late find it.

use std::collections::HashMap;

use chasqui_media::MediaKey;
use chasqui_store::{Key, Namespace};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::file::{Bytes, File};
use crate::{
    actor::{Actor, Fault},
    connection::unix_now,
};

/// Files that are known.
const RECORDS: u16 = 256;
/// Seconds for which an upload is used again.
const MAX_AGE: u64 = 3 * 24 * 3600;
const PREFIX: &[u8] = b"upload-";

/// Which file: its kind, and the SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct What {
    pub kind: String,
    pub sha256: [u8; 32],
}

/// What is known of a file.
pub(crate) enum Known {
    /// It was uploaded.
    There(Box<File>),
    /// Its upload was begun with this key.
    Begun(MediaKey),
}

pub(crate) type Answer = oneshot::Sender<Option<Known>>;

#[derive(Serialize, Deserialize)]
struct Row {
    /// Seconds since the epoch.
    at: u64,
    what: What,
    file: Option<Box<File>>,
    key: Option<Bytes>,
}

impl Row {
    fn known(self) -> Option<Known> {
        let begun = || Some(Known::Begun(MediaKey::from_slice(&self.key?.0).ok()?));
        self.file.map(Known::There).or_else(begun)
    }
}

/// Where the records are; `None` before the first look.
#[derive(Default)]
pub(crate) struct Uploaded(Option<HashMap<What, (u16, u64)>>);

fn name_of(record: u16) -> Vec<u8> {
    [PREFIX, &record.to_be_bytes()].concat()
}

/// The record to write into: that of the same file, a free one, else the oldest.
fn place(known: &HashMap<What, (u16, u64)>, what: &What) -> u16 {
    if let Some((record, _)) = known.get(what) {
        return *record;
    }
    let taken: HashMap<u16, u64> = known.values().copied().collect();
    (0..RECORDS).min_by_key(|record| taken.get(record).copied()).unwrap_or(0)
}

impl Actor {
    async fn uploaded(&mut self) -> Result<&mut HashMap<What, (u16, u64)>, Fault> {
        if self.media.uploaded.0.is_none() {
            let rows = self.store()?.scan(Namespace::Media, Some(PREFIX), RECORDS.into()).await?;
            let mut known = HashMap::new();
            for (name, value) in rows {
                let record = name.strip_prefix(PREFIX).and_then(|record| <[u8; 2]>::try_from(record).ok());
                let row = serde_json::from_slice::<Row>(&value).ok();
                if let (Some(record), Some(row)) = (record.map(u16::from_be_bytes), row) {
                    known.insert(row.what, (record, row.at));
                }
            }
            self.media.uploaded.0 = Some(known);
        }
        Ok(self.media.uploaded.0.get_or_insert_default())
    }

    /// A transfer wants to know whether a file is at the hosts already.
    pub(crate) async fn on_upload_known(&mut self, what: &What, answer: Answer) -> Result<(), Fault> {
        let now = unix_now();
        let young = |at: u64| now.checked_sub(at).is_some_and(|age| age < MAX_AGE);
        let found = self.uploaded().await?.get(what).copied().filter(|(_, at)| young(*at));
        let row = match found {
            Some((record, _)) => self.read(Key::new(Namespace::Media, name_of(record))).await?,
            None => None,
        };
        let row = row.and_then(|row| serde_json::from_slice::<Row>(&row).ok()).filter(|row| row.what == *what);
        // The transfer may have been given up meanwhile.
        let _ = answer.send(row.and_then(Row::known));
        Ok(())
    }

    /// An upload is begun, or through.
    pub(crate) async fn keep_upload(&mut self, what: What, now: Known) -> Result<(), Fault> {
        let at = unix_now();
        let known = self.uploaded().await?;
        let record = place(known, &what);
        known.retain(|_, (other, _)| *other != record);
        known.insert(what.clone(), (record, at));
        let (file, key) = match now {
            Known::There(file) => (Some(file), None),
            Known::Begun(key) => (None, Some(Bytes(key.as_bytes().to_vec()))),
        };
        let row = Row { at, what, file, key };
        if let Ok(row) = serde_json::to_vec(&row) {
            self.turn.batch.put(Namespace::Media, name_of(record), row);
        }
        Ok(())
    }

    /// A failed commit throws away what is known in memory.
    pub(crate) fn forget_uploads(&mut self) {
        self.media.uploaded = Uploaded::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(number: u16) -> What {
        let mut sha256 = [0; 32];
        sha256[..2].copy_from_slice(&number.to_be_bytes());
        What { kind: "image".into(), sha256 }
    }

    #[test]
    fn free_records_are_filled_before_the_oldest_is_replaced() {
        let mut known = HashMap::new();
        for number in 0..RECORDS {
            let record = place(&known, &what(number));
            assert!(known.values().all(|(other, _)| *other != record), "{number}");
            known.insert(what(number), (record, 1000 - u64::from(number)));
        }
        let (oldest, _) = known[&what(RECORDS - 1)];
        assert_eq!(place(&known, &what(RECORDS)), oldest);
        assert_eq!(place(&known, &what(3)), known[&what(3)].0, "the same file keeps its record");
    }
}
