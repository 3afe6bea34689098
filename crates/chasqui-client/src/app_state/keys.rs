//! The keys of app state: shared by the own phone, stored before that message is acknowledged, asked for when one is
//! missing. Source: 04-app-state §2.

use std::{sync::Arc, time::Duration};

use chasqui_appstate::{
    Collection, KeyId,
    share::{self, KeyShare, SharedKey},
};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::{
    Message as MessageProto, ProtoMessage,
    message::{
        AppStateSyncKey, AppStateSyncKeyId, AppStateSyncKeyShare, ProtocolMessage,
        protocol_message::Type as ProtocolType,
    },
};
use chasqui_store::{Key, Namespace, Record};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    event::Event,
};

/// Keys of one session. The phone makes a new one when a companion is removed.
pub(super) const MAX_KEYS: usize = 1024;
/// Missing keys that are asked for at a time.
const MAX_ASKED: usize = 64;
/// Pauses between the requests for one key; the last one for good.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(20),
    Duration::from_secs(40),
    Duration::from_secs(60),
    Duration::from_secs(3600),
];

/// A key that the phone was asked for.
pub(super) struct Asked {
    times: usize,
    pub next: Instant,
}

/// Keys as they are stored: `AppStateSyncKey`s.
pub(super) fn read_stored(records: Vec<Record>) -> Vec<SharedKey> {
    let keys = records.iter().filter_map(|(_, stored)| AppStateSyncKey::decode(&**stored).ok()).collect();
    KeyShare::read(&AppStateSyncKeyShare { keys }).keys
}

impl Actor {
    /// The phone shares keys. What waits for them goes on.
    pub(crate) async fn on_key_share(&mut self, share: &AppStateSyncKeyShare) -> Result<(), Fault> {
        self.load_app_state().await?;
        let KeyShare { keys, orphans } = KeyShare::read(share);
        let first = self.app_state.key_count == 0;
        for key in keys {
            if self.app_state.keys.contains(key.id) {
                continue;
            }
            if self.app_state.key_count >= MAX_KEYS {
                tracing::warn!(session = %self.name, "the phone shares more app-state keys than are kept");
                break;
            }
            let id = AppStateSyncKeyId { key_id: Some(key.id.as_bytes().to_vec()) };
            let stored = AppStateSyncKey { key_id: Some(Box::new(id)), key_data: Some(Box::new(key.to_proto())) };
            self.turn.batch.put(Namespace::AppStateKey, key.id.as_bytes(), stored.encode_to_vec());
            if let Some(told) = &mut self.told {
                (told.newest_key, told.changed) = (Some(key.id.as_bytes().to_vec()), true);
            }
            Arc::make_mut(&mut self.app_state.keys).insert(key.id, &key.data);
            self.app_state.key_count += 1;
        }
        let app_state = &mut self.app_state;
        app_state.asked.retain(|id, _| !app_state.keys.contains(*id));
        for slot in app_state.slots.values_mut() {
            if first && app_state.key_count > 0 {
                slot.due = None;
            }
            if !slot.missing.is_empty() {
                slot.missing.retain(|id| !app_state.keys.contains(*id));
                slot.wanted |= slot.missing.is_empty();
            }
        }
        for orphan in orphans {
            self.on_orphan(orphan);
        }
        self.advance_sync().await
    }

    /// The phone does not have a key either. A snapshot may be under another one.
    fn on_orphan(&mut self, orphan: KeyId) {
        if self.app_state.asked.remove(&orphan).is_none() {
            return;
        }
        for collection in Collection::ALL {
            let slot = self.app_state.slot(collection);
            if !slot.missing.contains(&orphan) {
                continue;
            }
            slot.missing.clear();
            if slot.resyncs < super::MAX_RESYNCS {
                slot.resyncs = super::MAX_RESYNCS;
                slot.start_over();
            } else {
                self.give_up_collection(collection, format!("the phone does not have key {orphan}"));
            }
        }
    }

    /// A collection waits for keys, which the phone is asked for.
    pub(super) async fn await_keys(&mut self, collection: Collection, missing: Vec<KeyId>) -> Result<(), Fault> {
        // They may have come in the meantime.
        let mut missing: Vec<KeyId> = missing.into_iter().filter(|id| !self.app_state.keys.contains(*id)).collect();
        self.look_up_keys(&mut missing).await?;
        let slot = self.app_state.slot(collection);
        if missing.is_empty() {
            slot.wanted = true;
            return Ok(());
        }
        slot.missing = missing.clone();
        let unasked = missing.into_iter().filter(|id| !self.app_state.asked.contains_key(id));
        let room = MAX_ASKED.saturating_sub(self.app_state.asked.len());
        let unasked: Vec<KeyId> = unasked.take(room).collect();
        self.ask_for_keys(unasked, Instant::now()).await
    }

    /// Whoever keeps the keys beside the store gives those that are asked for by name.
    async fn look_up_keys(&mut self, missing: &mut Vec<KeyId>) -> Result<(), Fault> {
        missing.truncate(MAX_KEYS);
        let keys: Vec<Key> = missing.iter().map(|id| Key::new(Namespace::AppStateKey, id.as_bytes())).collect();
        let stored = self.read_many(&keys).await?;
        let rows = keys.into_iter().zip(stored).filter_map(|(key, row)| Some((key.bytes.to_vec(), row?))).collect();
        let mut found = None;
        for key in read_stored(rows) {
            if self.app_state.key_count >= MAX_KEYS {
                break;
            }
            Arc::make_mut(&mut self.app_state.keys).insert(key.id, &key.data);
            self.app_state.key_count += 1;
            found = found.max(Some(key.id));
        }
        // It was shared while the program had no time to save that.
        if let (Some(told), Some(id)) = (self.told.as_mut().filter(|told| told.newest_key.is_none()), found) {
            (told.newest_key, told.changed) = (Some(id.as_bytes().to_vec()), true);
        }
        missing.retain(|id| !self.app_state.keys.contains(*id));
        Ok(())
    }

    async fn ask_for_keys(&mut self, ids: Vec<KeyId>, now: Instant) -> Result<(), Fault> {
        if ids.is_empty() {
            return Ok(());
        }
        for id in &ids {
            let asked = self.app_state.asked.entry(*id).or_insert(Asked { times: 0, next: now });
            asked.next = now + PAUSES[asked.times.min(PAUSES.len() - 1)];
            asked.times += 1;
            if asked.times == PAUSES.len() {
                let error = PublicError::new(
                    ErrorCode::AppStateKeyMissing,
                    "The phone does not share a key that some of the account's settings are encrypted with.",
                );
                self.emit(Event::Error(error.with("key", id.to_string())));
            }
        }
        tracing::info!(session = %self.name, "{} app-state keys are missing: the phone is asked", ids.len());
        let protocol = ProtocolMessage {
            r#type: Some(ProtocolType::AppStateSyncKeyRequest.into()),
            app_state_sync_key_request: Some(Box::new(share::request(&ids))),
            ..Default::default()
        };
        self.write_to_phone(&MessageProto { protocol_message: Some(Box::new(protocol)), ..Default::default() }, "high");
        Box::pin(self.advance_jobs()).await
    }

    /// Asks once more for what has not come.
    pub(super) async fn ask_keys_in_time(&mut self, now: Instant) -> Result<(), Fault> {
        let due = self.app_state.asked.iter().filter(|(_, asked)| asked.next <= now).map(|(id, _)| *id).collect();
        self.ask_for_keys(due, now).await
    }
}
