//! The auth state of a program whose session is in a store of ours: credentials and keys in Baileys' form, made of the records
//! and put into them. What of the credentials is not the engine's is a record of its own.

use std::{
    collections::{BTreeSet, HashMap},
    iter::Peekable,
};

use chasqui_appstate::Collection;
use chasqui_baileys::{
    bytes::Bytes,
    creds as stored_creds,
    names::{CREDS, Kind},
};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::{Batch, Key, Namespace, SessionStore, Store, Values};
use chasqui_wire::Jid;
use serde_json::{Map, Value};

use super::{
    import,
    layout::Layout,
    records::{self, Source},
};
use crate::{connection::unix_now_ms, creds, creds::Creds, error, told_creds::Told};

/// Fields of the credentials that the engine keeps.
const OURS: [&str; 12] = [
    "noiseKey",
    "signedIdentityKey",
    "signedPreKey",
    "registrationId",
    "advSecretKey",
    "nextPreKeyId",
    "firstUnuploadedPreKeyId",
    "routingInfo",
    "myAppStateKeyId",
    "account",
    "platform",
    "signalIdentities",
];
/// More is no field of a program.
const MAX_EXTRAS: usize = 1 << 20;

/// Where the other fields lie.
pub(super) fn extras_key() -> Key {
    Key::new(Namespace::Meta, b"auth-state")
}

fn object(json: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(json) {
        Ok(Value::Object(fields)) => Some(fields),
        _ => None,
    }
}

/// The other fields of credentials, as they are stored.
pub(super) fn extras_of(json: &str) -> Option<Vec<u8>> {
    let mut fields = object(json.as_bytes())?;
    fields.retain(|name, _| !OURS.contains(&name.as_str()));
    Some(Value::from(fields).to_string().into_bytes())
}

/// Credentials with the other fields.
pub(super) fn with_extras(json: String, extras: Option<&[u8]>) -> String {
    let (Some(mut fields), Some(extras)) = (object(json.as_bytes()), extras.and_then(object)) else { return json };
    for (name, value) in extras {
        match (name.as_str(), fields.get_mut(&name), value) {
            // Whoever is paired is named by the engine.
            ("me", Some(Value::Object(me)), Value::Object(others)) => {
                for (name, value) in others {
                    me.entry(name).or_insert(value);
                }
            }
            ("me", Some(_), _) => {}
            (_, _, value) => drop(fields.insert(name, value)),
        }
    }
    Value::from(fields).to_string()
}

/// The own addresses, of a device that is paired.
async fn own_of(store: &dyn SessionStore) -> Result<Option<[Jid; 2]>, PublicError> {
    let row = store.get_many(&[creds::key()]).await.map_err(error::store)?.pop().flatten();
    let paired = row.as_deref().and_then(Creds::from_bytes).and_then(|creds| creds.paired);
    Ok(paired.map(|paired| [paired.pn.to_bare(), paired.lid.to_bare()]))
}

/// Values by the names of their files. What there is not is left out.
pub(super) async fn read(
    session: &str,
    store: &dyn SessionStore,
    files: Vec<String>,
) -> Result<HashMap<String, String>, PublicError> {
    let mut found = HashMap::new();
    let (creds, files): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file == CREDS);
    if !creds.is_empty()
        && let Some(json) = read_creds(session, store).await?
    {
        found.insert(CREDS.to_owned(), json);
    }
    let Some(own) = own_of(store).await? else { return Ok(found) };
    let pairs = import::known_pairs(files.iter(), store).await?;
    let behind = import::records_behind(own, pairs);
    let now = i64::try_from(unix_now_ms()).unwrap_or(i64::MAX);
    let wanted: Vec<_> = files.into_iter().map(|file| (sources_of(&file, &behind), file)).collect();
    let mut wanted = wanted.into_iter().peekable();
    while wanted.peek().is_some() {
        let together = next_files(&mut wanted);
        let sources: Vec<Source> = together.iter().flat_map(|(sources, _)| sources.clone()).collect();
        let gathered = records::gather(store, &sources, Layout::default()).await.map_err(error::store)?;
        let sizes: Vec<usize> = together.iter().map(|(sources, _)| sources.len()).collect();
        for (part, (_, file)) in gathered.parts(sizes).zip(together) {
            let mut values = part.values(&|_| None, now);
            // One record may stand behind several names; the value is the same.
            values.sort_by_key(|(name, _)| name.file() != file);
            if let Some(json) = values.into_iter().find_map(|(_, json)| json) {
                found.insert(file, json);
            }
        }
    }
    Ok(found)
}

/// Files that are read at once: no two stand for one record.
fn next_files(rest: &mut Peekable<impl Iterator<Item = (Vec<Source>, String)>>) -> Vec<(Vec<Source>, String)> {
    let (mut files, mut seen): (Vec<(Vec<Source>, String)>, BTreeSet<Source>) = Default::default();
    while let Some(next) = rest.next_if(|(sources, _)| {
        files.is_empty()
            || seen.len() + sources.len() <= records::PAGE && sources.iter().all(|source| !seen.contains(source))
    }) {
        seen.extend(next.0.iter().cloned());
        files.push(next);
    }
    files
}

fn sources_of(file: &str, behind: &impl Fn(&str) -> Vec<Key>) -> Vec<Source> {
    match Kind::of_file(file) {
        Some((Kind::AppStateSyncVersion, id)) => {
            Collection::from_name(&id).map(|collection| Source::Collection(collection.name())).into_iter().collect()
        }
        Some((Kind::TcToken, id)) if id == "__index" => vec![Source::Tokens],
        Some((Kind::AppStateSyncKey, id)) => {
            let id = Bytes::from_value(&Value::from(id));
            id.map(|id| Source::Row(Key::new(Namespace::AppStateKey, id.0))).into_iter().collect()
        }
        Some(_) => behind(file).into_iter().map(Source::Row).collect(),
        None => Vec::new(),
    }
}

async fn read_creds(session: &str, store: &dyn SessionStore) -> Result<Option<String>, PublicError> {
    let rows = store.get_many(&creds_keys()).await.map_err(error::store)?;
    let settings = records::settings_of(store).await.map_err(error::store)?;
    creds_of(session, rows, settings)
}

/// What the credentials are made of.
fn creds_keys() -> [Key; 2] {
    [creds::key(), extras_key()]
}

fn creds_of(
    session: &str,
    rows: Values,
    (newest, synced): (Option<Vec<u8>>, bool),
) -> Result<Option<String>, PublicError> {
    let mut rows = rows.into_iter();
    let (Some(row), extras) = (rows.next().flatten(), rows.next().flatten()) else { return Ok(None) };
    let creds = Creds::from_bytes(&row).ok_or_else(|| error::unreadable(session, &row))?;
    let value = records::creds_value(&creds, newest, synced);
    Ok(Some(with_extras(stored_creds::write(&value, None), extras.as_deref())))
}

/// The credentials of a session that another process has; `None` where its store cannot tell.
pub(super) async fn glance(session: &str, store: &dyn Store) -> Result<Option<HashMap<String, String>>, PublicError> {
    let Some(rows) = store.glance(session, &creds_keys()).await.map_err(error::store)? else { return Ok(None) };
    let json = creds_of(session, rows, (None, true))?;
    Ok(Some(json.map(|json| (CREDS.to_owned(), json)).into_iter().collect()))
}

/// What puts the values into the session. `open`: it is in use, so that its device stays what it is.
pub(super) async fn change(
    session: &str,
    store: &dyn SessionStore,
    mut values: HashMap<String, Option<String>>,
    open: bool,
) -> Result<Batch, PublicError> {
    let mut batch = match values.remove(CREDS).flatten() {
        Some(json) => write_creds(session, store, &json, open).await?,
        None => Batch::new(),
    };
    if values.is_empty() {
        return Ok(batch);
    }
    let unpaired = || refused("keys", "The device is not linked yet: it has no keys of others.");
    let own = own_of(store).await?.ok_or_else(unpaired)?;
    let pairs = import::known_pairs(values.keys(), store).await?;
    batch.append(import::change(values, own, pairs)?);
    Ok(batch)
}

fn refused(argument: &str, message: &str) -> PublicError {
    PublicError::new(ErrorCode::InvalidArgument, message.to_owned()).with("argument", argument)
}

async fn write_creds(session: &str, store: &dyn SessionStore, json: &str, open: bool) -> Result<Batch, PublicError> {
    let unread =
        |why: &dyn ToString| refused("creds", &format!("The credentials cannot be used: {}.", why.to_string()));
    let told = Told::read(json).map_err(|error| unread(&error.message))?;
    let device = told.device();
    if told.seed.paired.is_some() && device.paired.is_none() {
        return Err(unread(&"they have no LID of the account (`me.lid`)"));
    }
    let row = store.get_many(&[creds::key()]).await.map_err(error::store)?.pop().flatten();
    let known = row.map(|row| Creds::from_bytes(&row).ok_or_else(|| error::unreadable(session, &row))).transpose()?;
    let mut batch = Batch::new();
    match known {
        Some(known) if known.identity.public == device.identity.public => {
            if !open && known.paired.is_none() && device.paired.is_some() {
                batch.put(Namespace::Meta, creds::key().bytes, device.to_bytes());
            }
        }
        Some(known) if open || known.paired.is_some() => {
            return Err(refused("creds", "The store has the session of another device: delete that first."));
        }
        _ => drop(batch.put(Namespace::Meta, creds::key().bytes, device.to_bytes())),
    }
    match extras_of(json) {
        Some(extras) if extras.len() <= MAX_EXTRAS => {
            batch.put(Namespace::Meta, extras_key().bytes, extras);
        }
        _ => return Err(unread(&"they are larger than 1 MiB")),
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_the_engines_is_kept_beside() {
        let given = json!({
            "noiseKey": {}, "account": {}, "registered": true, "accountSyncCounter": 2,
            "me": { "id": "15550001001:1@s.whatsapp.net", "name": "Rosa", "imgUrl": "changed" },
            "additionalData": { "shop": 7 },
        });
        let extras = extras_of(&given.to_string()).expect("they are an object");
        let stored: Value = serde_json::from_slice(&extras).expect("is JSON");
        assert_eq!((stored.get("noiseKey"), stored.get("account")), (None, None));
        let ours = json!({ "noiseKey": 1, "accountSyncCounter": 1, "me": { "id": "15550001001:4@s.whatsapp.net" } });
        let whole: Value = serde_json::from_str(&with_extras(ours.to_string(), Some(&extras))).expect("is JSON");
        let me = json!({ "id": "15550001001:4@s.whatsapp.net", "name": "Rosa", "imgUrl": "changed" });
        let expected = json!({
            "noiseKey": 1, "registered": true, "accountSyncCounter": 2, "me": me, "additionalData": { "shop": 7 },
        });
        assert_eq!(whole, expected);
        assert_eq!(with_extras("{}".to_owned(), Some(b"rubbish")), "{}");
        assert_eq!(extras_of("[]"), None);
    }
}
