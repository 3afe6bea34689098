//! The app state of a virtual phone: it makes the keys, shares them, follows what companions change, and changes things
//! itself (04-app-state §2, §16.2).

use std::collections::HashMap;

use chasqui_appstate::{
    ActionData, Change, Collection, IndexMac, KeyData, KeyId, KeyRing, LocalMutation, Mutation, Operation, Patch,
    Replica, change,
    share::{self, KeyShare, SharedKey},
};
use chasqui_proto::{
    Message,
    message::{AppStateSyncKeyFingerprint, ProtocolMessage, protocol_message::Type},
};
use chasqui_wire::{curve::random_bytes, jid::Jid};
use serde_json::{Value, json};

use crate::{
    account::{Account, AccountId, DeviceRef},
    error::EmulatorError,
    greeting::protocol_message,
    world::World,
};

/// Most changes in one call.
const MAX_CHANGES: usize = 20_000;
/// Mutations of one patch of a phone.
const PER_PATCH: usize = 1000;

/// What a phone keeps.
pub(crate) struct PhoneState {
    keys: Vec<(KeyId, KeyData)>,
    ring: KeyRing,
    replicas: HashMap<Collection, Replica>,
    seeded: bool,
}

impl PhoneState {
    /// With its first key.
    pub fn new() -> Self {
        let [a, b] = random_bytes();
        let mut state = Self { keys: Vec::new(), ring: KeyRing::new(), replicas: HashMap::new(), seeded: false };
        state.add_key(u32::from(u16::from_be_bytes([a, b])) + 1);
        state
    }

    fn add_key(&mut self, epoch: u32) {
        let (id, data) = (KeyId::new(0, epoch), KeyData::generate());
        self.ring.insert(id, &data);
        self.keys.push((id, data));
    }

    /// Version and bytes of a snapshot; `None` of what is empty.
    pub fn snapshot(&self, collection: Collection) -> Result<Option<(u64, Vec<u8>)>, EmulatorError> {
        let Some(replica) = self.replicas.get(&collection).filter(|replica| replica.state().version > 0) else {
            return Ok(None);
        };
        let bytes = replica.snapshot(&self.ring).map_err(|error| EmulatorError::Failed(error.to_string()))?;
        Ok(Some((replica.state().version, bytes)))
    }

    fn replica(&mut self, collection: Collection) -> &mut Replica {
        self.replicas.entry(collection).or_insert_with(|| Replica::new(collection))
    }
}

/// The share of all keys, or of those that are asked for; what is not there is named as missing.
fn key_share(account: &Account, asked: Option<&[KeyId]>, now: u64) -> Vec<u8> {
    let fingerprint = AppStateSyncKeyFingerprint {
        raw_id: Some(account.raw_id),
        current_index: Some(0),
        device_indexes: std::iter::once(0).chain(account.devices.values().map(|device| device.key_index)).collect(),
    };
    let known = &account.phone.state.keys;
    let wanted = known.iter().filter(|(id, _)| asked.is_none_or(|asked| asked.contains(id)));
    let keys = wanted.map(|(id, data)| SharedKey {
        id: *id,
        data: data.clone(),
        fingerprint: fingerprint.clone(),
        timestamp_ms: i64::try_from(now).unwrap_or(0),
    });
    let unknown = asked.unwrap_or_default().iter().filter(|id| !known.iter().any(|(known, _)| known == *id));
    let share = KeyShare { keys: keys.collect(), orphans: unknown.copied().collect() };
    let content = ProtocolMessage { app_state_sync_key_share: Some(Box::new(share.to_proto())), ..Default::default() };
    protocol_message(Type::AppStateSyncKeyShare, content)
}

/// The keys that a Message asks the phone for, also when it is wrapped as a copy of an own message.
pub(crate) fn asked_keys(message: &Message) -> Option<Vec<KeyId>> {
    let wrapped = message.device_sent_message.as_ref().and_then(|sent| sent.message.as_deref());
    let protocol = wrapped.unwrap_or(message).protocol_message.as_deref()?;
    protocol.app_state_sync_key_request.as_deref().map(share::requested)
}

impl World {
    /// Shares keys with a companion: those that it asked for, or all.
    pub fn share_keys(&mut self, at: DeviceRef, asked: Option<&[KeyId]>) {
        let message = key_share(self.accounts.get(at.account), asked, self.clock.now().0);
        self.send_peer_message(at, &message);
    }

    /// What every phone has said before a companion asks: its name and its language.
    pub fn seed_app_state(&mut self, account: AccountId) {
        let phone = &mut self.accounts.get_mut(account).phone;
        if std::mem::replace(&mut phone.state.seeded, true) {
            return;
        }
        let now = self.now_ms();
        let name = self.accounts.get(account).push_name.clone();
        let seeds = [change::push_name(&name, now), change::locale("en_US", now)];
        if let Err(error) = self.phone_patch(account, Collection::CriticalBlock, &seeds) {
            tracing::warn!("a phone could not write its first settings: {error}");
        }
    }

    /// A companion's patch reaches the phone.
    pub fn phone_follows(&mut self, account: AccountId, collection: Collection, patch: &[u8]) {
        let PhoneState { ring, replicas, .. } = &mut self.accounts.get_mut(account).phone.state;
        let replica = replicas.entry(collection).or_insert_with(|| Replica::new(collection));
        let followed = Patch::parse(patch).and_then(|patch| replica.apply_patch(&patch, ring));
        if let Err(error) = followed {
            tracing::warn!("a phone cannot follow {collection}: {error}");
        }
    }

    /// The phone of an account changes its settings; its companions are told. Gives the new version of each collection.
    pub fn phone_changes(&mut self, account: &str, changes: Vec<Change>) -> Result<Value, EmulatorError> {
        let id = self.account_named(account)?;
        if changes.len() > MAX_CHANGES {
            return Err(EmulatorError::option("changes", "are too many"));
        }
        self.seed_app_state(id);
        let now = self.now_ms();
        let mut by_collection: HashMap<Collection, Vec<LocalMutation>> = HashMap::new();
        for mut change in changes {
            let by_lid = !matches!(change, Change::Contact { .. });
            for address in change.addresses() {
                if address.parse::<Jid>().is_err()
                    && let Some(named) = self.accounts.resolve(address)
                {
                    *address = self.accounts.get(named).jid(by_lid).to_string();
                }
            }
            let mutation = change.of_phone(now).map_err(|error| EmulatorError::option("changes", error.to_string()))?;
            by_collection.entry(mutation.collection).or_default().push(mutation);
        }
        let mut versions = serde_json::Map::new();
        for collection in Collection::ALL {
            for mutations in by_collection.remove(&collection).unwrap_or_default().chunks(PER_PATCH) {
                self.phone_patch(id, collection, mutations)?;
                self.tell_of_patch(id, None, collection);
            }
            let version = self.accounts.get_mut(id).patches(collection).head();
            versions.insert(collection.name().to_owned(), version.into());
        }
        Ok(versions.into())
    }

    fn phone_patch(
        &mut self,
        account: AccountId,
        collection: Collection,
        mutations: &[LocalMutation],
    ) -> Result<(), EmulatorError> {
        let account = self.accounts.get_mut(account);
        let head = account.patches(collection).head();
        let PhoneState { ring, replicas, .. } = &mut account.phone.state;
        let replica = replicas.entry(collection).or_insert_with(|| Replica::new(collection));
        if replica.state().version != head {
            let have = replica.state().version;
            return Err(EmulatorError::Failed(format!(
                "the phone is at version {have} of {collection}, not at {head}"
            )));
        }
        let built =
            replica.build(ring, mutations).map_err(|error| EmulatorError::option("changes", error.to_string()))?;
        replica.accept(&built);
        match account.patches(collection).push(&built.bytes) {
            Some(_) => Ok(()),
            None => Err(EmulatorError::Failed(format!("{collection} takes no more patches"))),
        }
    }

    /// The phone makes another key, and shares it with its companions, or waits until it is asked.
    pub fn phone_renews_key(&mut self, account: &str, share: bool) -> Result<(), EmulatorError> {
        let id = self.account_named(account)?;
        let account = self.accounts.get_mut(id);
        let newest = account.phone.state.keys.iter().map(|(id, _)| id.epoch()).max().unwrap_or(0);
        account.phone.state.add_key(newest.saturating_add(1));
        let companions: Vec<u16> = account.devices.keys().copied().filter(|_| share).collect();
        for device in companions {
            self.share_keys(DeviceRef { account: id, device }, None);
        }
        Ok(())
    }

    /// The state of an account as its phone has it, by collection.
    pub fn app_state(&mut self, account: &str) -> Result<Value, EmulatorError> {
        let id = self.account_named(account)?;
        self.seed_app_state(id);
        let account = self.accounts.get_mut(id);
        let mut all = serde_json::Map::new();
        for collection in Collection::ALL {
            let head = account.patches(collection).head();
            let replica = account.phone.state.replica(collection);
            let told = |data: &ActionData| {
                let mutation = Mutation { operation: Operation::Set, index_mac: IndexMac([0; 32]), data: data.clone() };
                json!({ "change": Change::of(&mutation), "timestamp": data.timestamp_ms() })
            };
            let state = json!({
                "version": head,
                "followed": replica.state().version,
                "mismatch": replica.state().mismatch,
                "records": replica.data().map(told).collect::<Vec<_>>(),
            });
            all.insert(collection.name().to_owned(), state);
        }
        Ok(all.into())
    }

    pub fn account_named(&self, account: &str) -> Result<AccountId, EmulatorError> {
        self.accounts.resolve(account).ok_or_else(|| EmulatorError::NotFound(format!("account {account}")))
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.clock.now().0).unwrap_or(0)
    }
}
