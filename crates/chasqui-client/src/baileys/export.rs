//! The way back: records of a store become the values of an auth state of Baileys 7.
//!
//! 6.x names a device by whichever address stands in a stanza, so that one session would be in two places, and go on in both.

use std::collections::BTreeMap;

use chasqui_appstate::{Collection, State};
use chasqui_baileys::{
    creds::{self as stored_creds},
    names::{CREDS, Kind},
    sender_key::{self, Form},
    session,
    values::{self, AppStateKey, Fingerprint, Token},
};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_signal::{PreKey, SenderKeyRecord, SessionRecord};
use chasqui_store::{Key, Namespace, Record, SessionStore};
use chasqui_wire::{Jid, PublicKey};

use crate::{app_state, creds, device_list::DeviceList, error, sender_keys, tokens};

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    /// The account's phone number, as a JID with the device.
    pub pn: String,
    /// Its LID.
    pub lid: String,
    /// How many files there are of each type, as Baileys calls it.
    pub counts: BTreeMap<&'static str, usize>,
}

/// Records that are read at once.
const PAGE: usize = 4096;

/// All records of a namespace.
async fn all(store: &dyn SessionStore, namespace: Namespace) -> Result<Vec<Record>, PublicError> {
    let mut found: Vec<Record> = Vec::new();
    loop {
        let after = found.last().map(|(key, _)| key.to_vec());
        let page = store.scan(namespace, after.as_deref(), PAGE).await.map_err(error::store)?;
        let is_last = page.len() < PAGE;
        found.extend(page);
        if is_last {
            return Ok(found);
        }
    }
}

fn text(key: &[u8]) -> Option<&str> {
    std::str::from_utf8(key).ok()
}

/// The files of a session by name, and what they are.
///
/// # Errors
/// `INVALID_ARGUMENT` for a session that is not paired, `STORE_FAILED`.
pub(super) async fn export(
    store: &dyn SessionStore,
    now: i64,
) -> Result<(Exported, Vec<(String, String)>), PublicError> {
    let unpaired =
        || PublicError::new(ErrorCode::InvalidArgument, "The session is not paired: there is nothing to go on with.");
    let row = store.get_many(std::slice::from_ref(&creds::key())).await.map_err(error::store)?.pop().flatten();
    let creds = row.as_deref().and_then(creds::Creds::from_bytes).ok_or_else(unpaired)?;
    let paired = creds.paired.clone().ok_or_else(unpaired)?;
    let mut export = Export {
        found: Exported { pn: paired.pn.to_string(), lid: paired.lid.to_string(), ..Exported::default() },
        files: Vec::new(),
        now,
    };
    export.mappings(all(store, Namespace::LidMapping).await?);
    let newest_key = export.app_state_keys(all(store, Namespace::AppStateKey).await?);
    export.small(store).await?;
    export.signal(store, &paired.pn).await?;
    export.collections(store).await?;
    let creds = stored_creds::Creds {
        noise: creds.noise,
        identity: creds.identity,
        signed_prekey: creds.signed_prekey,
        registration_id: creds.registration_id,
        adv_secret: *creds.adv_secret,
        next_prekey_id: creds.next_prekey_id,
        // All of them were uploaded.
        first_unuploaded_prekey_id: creds.next_prekey_id,
        paired: Some(stored_creds::Paired {
            pn: paired.pn,
            lid: Some(paired.lid),
            account: paired.account,
            platform: paired.platform,
        }),
        push_name: creds.push_name,
        routing_info: creds.routing_info,
        app_state_key_id: newest_key,
    };
    export.files.push((CREDS.to_owned(), stored_creds::write(&creds, None)));
    Ok((export.found, export.files))
}

struct Export {
    found: Exported,
    files: Vec<(String, String)>,
    now: i64,
}

impl Export {
    fn put(&mut self, kind: Kind, id: &str, json: String) {
        *self.found.counts.entry(kind.as_str()).or_default() += 1;
        self.files.push((kind.file(id), json));
    }

    fn mappings(&mut self, rows: Vec<Record>) {
        for (key, value) in rows {
            let (Some(user), Some(other)) = (key.get(1..).and_then(text), text(&value)) else { continue };
            let id = if key.first() == Some(&b'l') { format!("{user}_reverse") } else { user.to_owned() };
            self.put(Kind::LidMapping, &id, values::write_user(other));
        }
    }

    fn app_state_keys(&mut self, rows: Vec<Record>) -> Option<Vec<u8>> {
        let keys = app_state::stored_keys(rows);
        for key in &keys {
            let fingerprint = &key.fingerprint;
            let value = AppStateKey {
                data: key.data.as_bytes().to_vec(),
                fingerprint: Some(Fingerprint {
                    raw_id: fingerprint.raw_id.unwrap_or(0),
                    current_index: fingerprint.current_index.unwrap_or(0),
                    device_indexes: fingerprint.device_indexes.clone(),
                }),
                timestamp: u64::try_from(key.timestamp_ms).unwrap_or(0),
            };
            let id = values::encoded(key.id.as_bytes());
            self.put(Kind::AppStateSyncKey, &id, values::write_app_state_key(&value));
        }
        let newest = keys.iter().max_by_key(|key| (key.timestamp_ms, key.id));
        newest.map(|key| key.id.as_bytes().to_vec())
    }

    async fn small(&mut self, store: &dyn SessionStore) -> Result<(), PublicError> {
        for (_, row) in all(store, Namespace::PreKey).await? {
            if let Ok(prekey) = PreKey::from_bytes(&row) {
                self.put(Kind::PreKey, &prekey.id.to_string(), values::write_prekey(&prekey));
            }
        }
        for (key, row) in all(store, Namespace::DeviceList).await? {
            let Some(jid) = text(&key).and_then(|jid| jid.parse::<Jid>().ok()) else { continue };
            if let Some(list) = DeviceList::read(&row) {
                self.put(Kind::DeviceList, &jid.user, values::write_devices(&list.devices()));
            }
        }
        for (key, row) in all(store, Namespace::Identity).await? {
            if let (Some(address), Ok(identity)) = (text(&key), PublicKey::from_raw(&row)) {
                self.put(Kind::IdentityKey, address, values::write_identity(&identity));
            }
        }
        let mut holders = Vec::new();
        for (key, row) in all(store, Namespace::PrivacyToken).await? {
            let (Some(jid), Some((token, timestamp, sent))) = (text(&key), tokens::Token::parts(&row)) else {
                continue;
            };
            let timestamp = Some(timestamp).filter(|time| *time > 0);
            let value = Token { token, timestamp, sender_timestamp: sent };
            self.put(Kind::TcToken, jid, values::write_token(&value));
            holders.push(jid.to_owned());
        }
        if !holders.is_empty() {
            self.put(Kind::TcToken, "__index", values::write_token_index(&holders));
        }
        Ok(())
    }

    async fn signal(&mut self, store: &dyn SessionStore, own: &Jid) -> Result<(), PublicError> {
        for (key, row) in all(store, Namespace::Session).await? {
            if let (Some(address), Ok(record)) = (text(&key), SessionRecord::from_bytes(&row)) {
                self.put(Kind::Session, address, session::write(&record, None, self.now));
            }
        }
        for (key, row) in all(store, Namespace::SenderKey).await? {
            let Some((chat, address)) = text(&key).and_then(|key| key.split_once(' ')) else { continue };
            let Ok(record) = SenderKeyRecord::from_bytes(&row) else { continue };
            let mut addresses = vec![address.to_owned()];
            // The own one is looked for by the address that the group uses.
            let by_number = format!("{}.{}", own.user, own.device);
            if record.can_send() && !addresses.contains(&by_number) {
                addresses.push(by_number);
            }
            for address in addresses {
                let Some((name, device)) = address.rsplit_once('.') else { continue };
                let id = format!("{chat}::{name}::{device}");
                self.put(Kind::SenderKey, &id, sender_key::write(&record, Form::Buffer));
            }
        }
        for (key, row) in all(store, Namespace::SenderKeyShared).await? {
            let (Some(chat), Some(shared)) = (text(&key), sender_keys::Shared::from_bytes(&row)) else { continue };
            let devices: Vec<String> = shared.devices.iter().map(Jid::to_string).collect();
            self.put(Kind::SenderKeyMemory, chat, values::write_shared(&devices));
        }
        Ok(())
    }

    async fn collections(&mut self, store: &dyn SessionStore) -> Result<(), PublicError> {
        let rows = all(store, Namespace::AppStateMac).await?;
        for collection in Collection::ALL {
            let row =
                store.get_many(&[Key::new(Namespace::AppState, collection.name())]).await.map_err(error::store)?;
            let Some(state) = row.first().and_then(Option::as_deref).and_then(State::from_bytes) else { continue };
            let macs = rows.iter().filter_map(|(key, record)| {
                let (index, value) = app_state::stored_mac(collection, key, record)?;
                Some((index.0.to_vec(), value.0.to_vec()))
            });
            let value =
                values::Collection { version: state.version, hash: state.hash.to_bytes(), macs: macs.collect() };
            self.put(Kind::AppStateSyncVersion, collection.name(), values::write_collection(&value));
        }
        Ok(())
    }
}
