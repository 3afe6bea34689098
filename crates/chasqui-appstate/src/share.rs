//! The peer messages that carry keys and ask for them. Source: 04-app-state §2.3.
//!
//! How a peer message is sent, and whether its sender is a device of the own account, is the caller's.

use chasqui_proto::message::{
    AppStateSyncKey, AppStateSyncKeyData, AppStateSyncKeyFingerprint, AppStateSyncKeyId, AppStateSyncKeyRequest,
    AppStateSyncKeyShare,
};

use crate::{KeyData, KeyId};

/// A key as it is shared and stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedKey {
    /// Its name.
    pub id: KeyId,
    /// The secret.
    pub data: KeyData,
    /// The devices that were there when it was made. Some clients ignore a key without it.
    pub fingerprint: AppStateSyncKeyFingerprint,
    /// When it was made, in milliseconds since the epoch.
    pub timestamp_ms: i64,
}

/// What a key share says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyShare {
    /// Keys to store.
    pub keys: Vec<SharedKey>,
    /// Keys that the sender does not have either. There is nothing to store.
    pub orphans: Vec<KeyId>,
}

impl KeyShare {
    /// Reads a share. Entries whose id or key is of a wrong length are no keys and left out.
    pub fn read(share: &AppStateSyncKeyShare) -> Self {
        let mut read = Self::default();
        for entry in &share.keys {
            let Some(id) = entry.key_id.as_deref().and_then(key_id) else { continue };
            match entry.key_data.as_deref() {
                None => read.orphans.push(id),
                Some(data) => read.keys.extend(SharedKey::read(id, data)),
            }
        }
        read
    }

    /// The message. Orphans come first: some clients make the last entry their active key, whatever is in it.
    pub fn to_proto(&self) -> AppStateSyncKeyShare {
        let orphans = self.orphans.iter().map(|id| AppStateSyncKey { key_id: Some(id_proto(*id)), key_data: None });
        let keys = self
            .keys
            .iter()
            .map(|key| AppStateSyncKey { key_id: Some(id_proto(key.id)), key_data: Some(Box::new(key.to_proto())) });
        AppStateSyncKeyShare { keys: orphans.chain(keys).collect() }
    }
}

impl SharedKey {
    /// Reads a key as shared or stored; `None` when it does not have 32 bytes.
    pub fn read(id: KeyId, data: &AppStateSyncKeyData) -> Option<Self> {
        Some(Self {
            id,
            data: KeyData::from_bytes(data.key_data.as_deref()?)?,
            fingerprint: data.fingerprint.as_deref().cloned().unwrap_or_default(),
            timestamp_ms: data.timestamp.unwrap_or(0),
        })
    }

    /// The form that is shared, and that Baileys stores.
    pub fn to_proto(&self) -> AppStateSyncKeyData {
        AppStateSyncKeyData {
            key_data: Some(self.data.as_bytes().to_vec()),
            fingerprint: Some(Box::new(self.fingerprint.clone())),
            timestamp: Some(self.timestamp_ms),
        }
    }
}

/// A request for keys.
pub fn request(ids: &[KeyId]) -> AppStateSyncKeyRequest {
    AppStateSyncKeyRequest { key_ids: ids.iter().map(|id| *id_proto(*id)).collect() }
}

/// The keys that a request asks for.
pub fn requested(request: &AppStateSyncKeyRequest) -> Vec<KeyId> {
    request.key_ids.iter().filter_map(key_id).collect()
}

fn key_id(id: &AppStateSyncKeyId) -> Option<KeyId> {
    KeyId::from_bytes(id.key_id.as_deref()?)
}

fn id_proto(id: KeyId) -> Box<AppStateSyncKeyId> {
    Box::new(AppStateSyncKeyId { key_id: Some(id.as_bytes().to_vec()) })
}

#[cfg(test)]
mod tests {
    use chasqui_proto::{Message, ProtoMessage, message::ProtocolMessage};

    use super::*;
    use crate::vectors::{KEY_ID, hex, key_data};

    fn shared() -> SharedKey {
        let fingerprint =
            AppStateSyncKeyFingerprint { raw_id: Some(1), current_index: Some(0), device_indexes: vec![0, 1] };
        SharedKey { id: KEY_ID, data: key_data(), fingerprint, timestamp_ms: 1_700_000_000_000 }
    }

    #[test]
    fn a_share_is_the_message_of_the_vector() {
        let share = KeyShare { keys: vec![shared()], orphans: Vec::new() };
        let protocol = ProtocolMessage {
            r#type: Some(6),
            app_state_sync_key_share: Some(Box::new(share.to_proto())),
            ..Default::default()
        };
        let message = Message { protocol_message: Some(Box::new(protocol)), ..Default::default() };
        assert_eq!(
            message.encode_to_vec(),
            hex(
                "624510063a410a3f0a080a0600000000000112330a20000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f1208080110001a0200011880d095ffbc31"
            )
        );
        assert_eq!(KeyShare::read(&share.to_proto()), share);
    }

    #[test]
    fn an_orphan_is_never_last_and_never_a_key() {
        let share = KeyShare { keys: vec![shared()], orphans: vec![KeyId::new(0, 9)] };
        let message = share.to_proto();
        assert!(message.keys.last().is_some_and(|entry| entry.key_data.is_some()));
        assert_eq!(KeyShare::read(&message), share);
    }

    #[test]
    fn an_entry_of_a_wrong_length_is_left_out() {
        let mut message = KeyShare { keys: vec![shared(), shared()], orphans: Vec::new() }.to_proto();
        message.keys[0].key_id = Some(Box::new(AppStateSyncKeyId { key_id: Some(vec![0; 5]) }));
        message.keys[1].key_data.as_mut().expect("key data").key_data = Some(vec![0; 31]);
        assert_eq!(KeyShare::read(&message), KeyShare::default());
    }

    #[test]
    fn a_request_names_its_keys() {
        let ids = [KeyId::new(0, 1), KeyId::new(2, 3)];
        assert_eq!(requested(&request(&ids)), ids);
    }
}
