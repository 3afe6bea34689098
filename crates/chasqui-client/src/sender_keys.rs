//! Sender keys: those of other devices in groups and broadcasts, our own, and who has our own.
//!
//! A record of somebody else is named by its chat and the sender's Signal address. Our own is kept beside the list of
//! the devices that have it; a device that is on the list and no longer in the chat makes us start with a new key.
//! Source: 03-messages §1.5, §7 and §10.3.

use std::collections::HashSet;

use chasqui_proto::ProtoMessage;
use chasqui_signal::{
    SenderKeyDistributionMessage, SenderKeyRecord, SignalAddress, SignalError, padding,
    sender_key::{create_distribution, decrypt, encrypt, process_distribution},
};
use chasqui_store::{Key, Namespace};
use chasqui_wire::Jid;
use compact_str::{CompactString, format_compact};

use crate::{
    actor::{Actor, Fault},
    cache::Cache,
    content,
    raw::{self, push_field},
    receive::Envelope,
};

/// Field numbers of `Message` and of its `SenderKeyDistributionMessage`.
const DISTRIBUTION: u64 = 2;
const GROUP_ID: u64 = 1;
const KEY: u64 = 2;
/// Records held in memory.
const KEYS_CAP: usize = 256;
/// Chats whose receivers of our key are held in memory.
const SHARED_CAP: usize = 32;

/// Which devices have our key of a chat, as the chat addresses them.
#[derive(Default)]
pub(crate) struct Shared {
    pub key_id: u32,
    pub devices: HashSet<Jid>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Row {
    #[prost(uint32, tag = "1")]
    key_id: u32,
    #[prost(string, repeated, tag = "2")]
    devices: Vec<String>,
}

impl Shared {
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let row = Row::decode(bytes).ok()?;
        let devices = row.devices.iter().filter_map(|jid| jid.parse().ok()).collect();
        Some(Self { key_id: row.key_id, devices })
    }

    fn to_bytes(&self) -> Vec<u8> {
        let devices = self.devices.iter().map(Jid::to_string).collect();
        Row { key_id: self.key_id, devices }.encode_to_vec()
    }
}

/// The stored form of who has our key of a chat.
pub(crate) fn shared_row(key_id: u32, devices: impl Iterator<Item = Jid>) -> Vec<u8> {
    Shared { key_id, devices: devices.collect() }.to_bytes()
}

/// A bounded cache over the stored keys.
pub(crate) struct SenderKeys {
    records: Cache<CompactString, SenderKeyRecord>,
    /// Changed since the last commit. They are written once per commit, however many messages came.
    changed: HashSet<CompactString>,
    shared: Cache<Jid, Shared>,
}

impl Default for SenderKeys {
    fn default() -> Self {
        Self { records: Cache::new(KEYS_CAP), changed: HashSet::new(), shared: Cache::new(SHARED_CAP) }
    }
}

impl SenderKeys {
    /// Records in memory.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Most records in memory.
    pub fn cap(&self) -> usize {
        self.records.cap()
    }

    /// Keeps the memory within its bounds, after a commit was submitted.
    pub fn trim(&mut self) {
        self.records.trim();
        self.shared.trim();
    }
}

/// What a message says about its sender's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distribution {
    /// Nothing.
    None,
    /// The key was taken.
    Taken,
    /// What it carries is no key.
    Malformed,
}

pub(crate) fn name(chat: &Jid, address: &SignalAddress) -> CompactString {
    format_compact!("{chat} {address}")
}

/// The `Message` that hands a key out.
fn distribution_message(chat: &Jid, distribution: &SenderKeyDistributionMessage) -> Vec<u8> {
    let mut inner = Vec::with_capacity(160);
    push_field(&mut inner, GROUP_ID, chat.to_string().as_bytes());
    push_field(&mut inner, KEY, &distribution.encode());
    let mut message = Vec::with_capacity(inner.len() + 4);
    push_field(&mut message, DISTRIBUTION, &inner);
    message
}

impl Actor {
    /// Writes the records that changed into the turn's batch.
    pub(crate) fn store_sender_keys(&mut self) {
        for name in std::mem::take(&mut self.sender_keys.changed) {
            if let Some(record) = self.sender_keys.records.get(&name) {
                self.turn.batch.put(Namespace::SenderKey, &name, record.to_bytes());
            }
        }
    }

    pub(crate) async fn read_sender_key(&mut self, name: &CompactString) -> Result<Option<SenderKeyRecord>, Fault> {
        if let Some(record) = self.sender_keys.records.remove(name) {
            return Ok(Some(record));
        }
        let Some(bytes) = self.read(Key::new(Namespace::SenderKey, name)).await? else { return Ok(None) };
        match SenderKeyRecord::from_bytes(&bytes) {
            Ok(record) => Ok(Some(record)),
            Err(_) => {
                // Its sender is asked to distribute it again; nothing else is touched.
                tracing::error!(session = %self.name, "a stored sender key is damaged and was dropped");
                self.turn.batch.delete(Namespace::SenderKey, name);
                Ok(None)
            }
        }
    }

    fn keep_sender_key(&mut self, name: CompactString, record: SenderKeyRecord) {
        self.sender_keys.changed.insert(name.clone());
        self.sender_keys.records.put(name, record);
    }

    pub(crate) fn return_sender_key(&mut self, name: CompactString, record: SenderKeyRecord) {
        self.sender_keys.records.put(name, record);
    }

    /// The names under which a sender's record may be: by LID where known, and by PN if it came before the mapping.
    pub(crate) async fn sender_key_names(&mut self, chat: &Jid, sender: &Jid) -> Result<Vec<CompactString>, Fault> {
        let mut names = vec![name(chat, &self.address(sender).await?)];
        if let Some(pn) = self.person(sender).await?.pn {
            let by_pn = name(chat, &SignalAddress::from_jid(&pn.with_device(sender.device)));
            if !names.contains(&by_pn) {
                names.push(by_pn);
            }
        }
        Ok(names)
    }

    /// Decrypts the `skmsg` of a stanza.
    pub(crate) async fn open_group_message(
        &mut self,
        bytes: &[u8],
        envelope: &Envelope,
    ) -> Result<Result<Vec<u8>, SignalError>, Fault> {
        if envelope.participant.is_none() {
            return Ok(Err(SignalError::InvalidMessage));
        }
        let mut outcome = Err(SignalError::NoSenderKey);
        for name in self.sender_key_names(&envelope.chat, &envelope.sender).await? {
            let Some(mut record) = self.read_sender_key(&name).await? else { continue };
            outcome = decrypt(&mut record, bytes);
            match &outcome {
                Ok(_) => self.keep_sender_key(name, record),
                Err(_) => self.return_sender_key(name, record),
            }
            if outcome != Err(SignalError::NoSenderKey) {
                break;
            }
        }
        Ok(outcome)
    }

    /// Takes the key that a message carries: for the chat of the stanza, whatever chat is named beside the key.
    pub(crate) async fn take_distribution(
        &mut self,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<Distribution, Fault> {
        let inner = || content::unwrap_device_sent(message).and_then(|(_, inner)| raw::field(inner, DISTRIBUTION));
        let Some(carried) = raw::field(message, DISTRIBUTION).or_else(inner) else { return Ok(Distribution::None) };
        if envelope.participant.is_none() {
            return Ok(Distribution::None);
        }
        let key = raw::field(carried, KEY).unwrap_or_default();
        let Ok(distribution) = SenderKeyDistributionMessage::parse(key) else {
            tracing::warn!(session = %self.name, id = envelope.id, "a malformed sender key was left out");
            return Ok(Distribution::Malformed);
        };
        let name = name(&envelope.chat, &self.address(&envelope.sender).await?);
        let mut record = self.read_sender_key(&name).await?.unwrap_or_default();
        process_distribution(&mut record, &distribution);
        self.keep_sender_key(name, record);
        Ok(Distribution::Taken)
    }

    /// Which of the devices lack our key of a chat. When somebody has it who is not among them any more, or there is
    /// none, we start with a new key, which all of them lack.
    pub(crate) async fn devices_lacking_key(
        &mut self,
        chat: &Jid,
        own: &Jid,
        devices: &[Jid],
    ) -> Result<Vec<Jid>, Fault> {
        let name = name(chat, &self.address(own).await?);
        let record = self.read_sender_key(&name).await?;
        let shared = self.take_shared(chat).await?;
        let present: HashSet<&Jid> = devices.iter().collect();
        let good = |record: &SenderKeyRecord, shared: &Shared| {
            record.can_send()
                && record.key_id() == Some(shared.key_id)
                && shared.devices.iter().all(|device| present.contains(device))
        };
        if let (Some(record), Some(shared)) = (record, shared)
            && good(&record, &shared)
        {
            let lacking = devices.iter().filter(|device| !shared.devices.contains(*device)).cloned().collect();
            self.return_sender_key(name, record);
            self.return_shared(chat, shared);
            return Ok(lacking);
        }
        let mut record = SenderKeyRecord::new();
        let key_id = create_distribution(&mut record).key_id;
        self.keep_sender_key(name, record);
        self.keep_shared(chat, Shared { key_id, devices: HashSet::new() });
        Ok(devices.to_vec())
    }

    /// The `Message` that hands our key of a chat to a device, and the key's id; makes a key if there is none.
    pub(crate) async fn own_distribution(&mut self, chat: &Jid, own: &Jid) -> Result<(Vec<u8>, u32), Fault> {
        let name = name(chat, &self.address(own).await?);
        let mut record = self.read_sender_key(&name).await?.unwrap_or_default();
        let distribution = create_distribution(&mut record);
        self.keep_sender_key(name, record);
        Ok((distribution_message(chat, &distribution), distribution.key_id))
    }

    /// Encrypts with our key of a chat: the content of `<enc type="skmsg">`. `None` when the key is used up.
    pub(crate) async fn seal_for_chat(
        &mut self,
        chat: &Jid,
        own: &Jid,
        message: &[u8],
    ) -> Result<Option<Vec<u8>>, Fault> {
        let name = name(chat, &self.address(own).await?);
        let mut record = self.read_sender_key(&name).await?.unwrap_or_default();
        let mut padded = message.to_vec();
        padding::pad(&mut padded);
        let sealed = encrypt(&mut record, &padded).ok();
        self.keep_sender_key(name, record);
        Ok(sealed)
    }

    async fn take_shared(&mut self, chat: &Jid) -> Result<Option<Shared>, Fault> {
        if let Some(shared) = self.sender_keys.shared.remove(chat) {
            return Ok(Some(shared));
        }
        let stored = self.read(Key::new(Namespace::SenderKeyShared, chat.to_string())).await?;
        Ok(stored.and_then(|bytes| Shared::from_bytes(&bytes)))
    }

    fn keep_shared(&mut self, chat: &Jid, shared: Shared) {
        self.turn.batch.put(Namespace::SenderKeyShared, chat.to_string(), shared.to_bytes());
        self.sender_keys.shared.put(chat.clone(), shared);
    }

    /// Gives back what was taken and has not changed.
    fn return_shared(&mut self, chat: &Jid, shared: Shared) {
        self.sender_keys.shared.put(chat.clone(), shared);
    }

    /// These devices were given our key.
    pub(crate) async fn mark_shared(
        &mut self,
        chat: &Jid,
        key_id: u32,
        devices: impl IntoIterator<Item = Jid>,
    ) -> Result<(), Fault> {
        if let Some(mut shared) = self.take_shared(chat).await? {
            let before = shared.devices.len();
            if shared.key_id == key_id {
                shared.devices.extend(devices);
            }
            if shared.devices.len() > before {
                self.keep_shared(chat, shared);
            } else {
                self.return_shared(chat, shared);
            }
        }
        Ok(())
    }

    /// A device lacks our key: the next message brings it.
    pub(crate) async fn unmark_shared(&mut self, chat: &Jid, device: &Jid) -> Result<(), Fault> {
        let Some(mut shared) = self.take_shared(chat).await? else { return Ok(()) };
        let other = self.counterpart(device).await?.map(|other| other.with_device(device.device));
        let had = shared.devices.remove(device) | other.is_some_and(|other| shared.devices.remove(&other));
        if had {
            self.keep_shared(chat, shared);
        } else {
            self.return_shared(chat, shared);
        }
        Ok(())
    }

    /// The next message to a chat is encrypted under a new key.
    pub(crate) fn forget_own_key(&mut self, chat: &Jid) {
        // Written and not deleted: what is read before the next commit must be this.
        self.keep_shared(chat, Shared::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_key_comes_out_of_the_store_as_it_went_in() {
        let devices = ["100000000000001:5@lid", "100000000000002@lid"].map(|jid| jid.parse().expect("a JID"));
        let shared = Shared { key_id: 7, devices: devices.into_iter().collect() };
        let read = Shared::from_bytes(&shared.to_bytes()).expect("a row");
        assert_eq!((read.key_id, read.devices), (shared.key_id, shared.devices));
        assert!(Shared::from_bytes(b"\x0a\xff").is_none());
    }

    #[test]
    fn a_distribution_has_the_published_bytes() {
        // 03-messages §21.4: the wire form inside Message field 2.
        let key = [&[0x33, 0x08, 0x84, 0x86, 0x88, 0x08, 0x10, 0x00, 0x1a, 0x20][..], &[0x32; 32]].concat();
        let signing = [
            0x22, 0x21, 0x05, 0x04, 0xf5, 0xf2, 0x91, 0x62, 0xc3, 0x1a, 0x8d, 0xef, 0xa1, 0x8e, 0x6e, 0x74, 0x22, 0x24,
            0xee, 0x80, 0x6f, 0xc1, 0x71, 0x8a, 0x27, 0x8b, 0xe8, 0x59, 0xba, 0x56, 0x20, 0x40, 0x2b, 0x8f, 0x3a,
        ];
        let wire = [&key[..], &signing].concat();
        let distribution = SenderKeyDistributionMessage::parse(&wire).expect("a distribution");
        let chat: Jid = "120363000000000001@g.us".parse().expect("a group");
        let message = distribution_message(&chat, &distribution);
        let head = [&[0x12, 0x68, 0x0a, 0x17][..], b"120363000000000001@g.us", &[0x12, 0x4d]].concat();
        assert_eq!(message, [head, wire].concat());
    }
}
