//! The library's methods by name with JSON arguments: what the addon's `call` and `POST /admin/call/NAME` reach.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_appstate::Change;
use chasqui_media::MediaKey;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    Emulator,
    capture::Filter,
    contact::Destination,
    error::EmulatorError,
    faults::{Disconnect, Injection, node_from_json},
    history::PhoneHistory,
    media::MediaOptions,
    people::PersonChange,
};

/// Most texts that one call sends.
const MAX_BURST: usize = 100_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scan {
    qr: String,
    account: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnterCode {
    code: String,
    account: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Send {
    contact: String,
    to: String,
    /// Who gets a status post or a message to a list.
    recipients: Option<Vec<String>>,
    /// Why only the phone of the recipient gets it.
    unavailable: Option<String>,
    text: Option<String>,
    /// Instead of a text: the Message protobuf in base64.
    raw: Option<String>,
    /// Further children of the stanza; they go with `raw`.
    nodes: Option<Vec<Value>>,
    id: Option<String>,
    /// Sends the text so many times, numbered: for load.
    count: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    contact: String,
    ids: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Events {
    after: u64,
    contact: Option<String>,
}

#[derive(Deserialize)]
struct Inject {
    account: Option<String>,
    device: Option<u16>,
    #[serde(flatten)]
    what: Injection,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct ClearFaults {
    id: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneWrites {
    account: String,
    device: Option<u16>,
    /// The Message protobuf in base64.
    raw: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneChanges {
    account: String,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneRenewsKey {
    account: String,
    /// Whether companions get it unasked.
    #[serde(default)]
    share: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppState {
    account: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetHistory {
    account: String,
    history: PhoneHistory,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unlink {
    account: String,
    device: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MediaPut {
    kind: String,
    /// The file.
    base64: String,
    /// The media key in base64; a new one.
    media_key: Option<String>,
    #[serde(default)]
    plain: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MediaGet {
    direct_path: String,
    /// Both, or none.
    media_key: Option<String>,
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MediaRemove {
    direct_path: String,
    #[serde(default)]
    everywhere: bool,
}

/// Which devices; the rest of the object says what happens to them.
#[derive(Deserialize)]
struct Target {
    account: Option<String>,
    device: Option<u16>,
}

fn arguments<T: DeserializeOwned>(method: &str, json: &str) -> Result<T, EmulatorError> {
    let json = if json.trim().is_empty() { "{}" } else { json };
    serde_json::from_str(json).map_err(|error| EmulatorError::option(method, error.to_string()))
}

impl Emulator {
    /// Calls a method by its name; arguments and result are JSON.
    ///
    /// | method | arguments | result |
    /// |---|---|---|
    /// | `info` | | endpoints, root key, CA |
    /// | `scan` | `{ qr, account? }` | `{ name, jid, lid, device }` |
    /// | `enterCode` | `{ code, account? }` | `{ name, jid, lid, device }` |
    /// | `contact` | `{ name }` | `{ name, jid, lid }` |
    /// | `contactSend` | `{ contact, to, text, id? }` | `{ id }` |
    /// | `contactSend` | `{ contact, to, text, count }` | `{ ids }` |
    /// | `contactSend` | `{ contact, to, raw, nodes?, id? }` | `{ id }` |
    /// | `contactRead` | `{ contact, ids }` | `null` |
    /// | `contactCall` | see [`crate::NewCall`] | `{ id }` |
    /// | `contactCallAct` | see [`crate::CallAct`] | `null` |
    /// | `shop` | see [`crate::ShopSetting`] | `null` |
    /// | `order` | see [`crate::NewOrder`] | `{ id, token }` |
    /// | `statusPrivacy` | `{ account, audience, people? }` | `null` |
    /// | `link` | `{ account, text? }` | `{ code, url }` |
    /// | `contactForgetSessions` | `{ name }` | `null` |
    /// | `contactRenewIdentity` | `{ name }` | `null` |
    /// | `phoneWrites` | `{ account, device?, raw }` | `{ count }` |
    /// | `phoneChanges` | `{ account, changes }`, as [`chasqui_appstate::Change`] has them | `{ collection: version }` |
    /// | `phoneRenewsKey` | `{ account, share? }` | `null` |
    /// | `phoneSnapshots` | `{ account }` | `null` |
    /// | `externalPatches` | `{ account }` | `{ count }` |
    /// | `appState` | `{ account }` | `{ collection: { version, followed, mismatch, records } }` |
    /// | `setHistory` | `{ account, history }`, see [`PhoneHistory`] | `{ messages }` |
    /// | `group` | see [`crate::NewGroup`] | [`crate::GroupInfo`] |
    /// | `groupChange` | see [`crate::GroupChange`] | [`crate::GroupInfo`] |
    /// | `groups` | | `[group]` |
    /// | `events` | `{ after?, contact? }` | `[event]` |
    /// | `stanzas` | a filter | `[stanza]` |
    /// | `accounts` | | `[account]` |
    /// | `disconnect` | `{ account?, device?, how?, … }`, see [`Disconnect`] | `{ count }` |
    /// | `inject` | `{ account?, device?, stanza \| plaintext \| frame \| notification \| refuse }` | `{ count }` |
    /// | `fault` | see [`crate::FaultRule`] | `{ id }` |
    /// | `faults` | | `[{ id, rule, seen, hits }]` |
    /// | `clearFaults` | `{ id? }` | `null` |
    /// | `person` | see [`PersonChange`] | `{ about, picture, disappearing, tokens }` |
    /// | `unlink` | `{ account, device? }` | `null` |
    /// | `mediaPut` | `{ kind, base64, mediaKey?, plain? }` | [`crate::StoredMedia`] |
    /// | `mediaGet` | `{ directPath, mediaKey?, kind? }` | `{ base64 }` |
    /// | `mediaRemove` | `{ directPath, everywhere? }` | `null` |
    /// | `media` | | `[file]`, see [`crate::MediaInfo`] |
    /// | `mediaExpireAuth` | | `null` |
    /// | `mediaFault` | see [`crate::media::faults::MediaFaultRule`] | `{ id }` |
    /// | `mediaFaults` | | `[{ id, rule, seen, hits }]` |
    /// | `clearMediaFaults` | `{ id? }` | `null` |
    /// | `reset` | | `null` |
    pub async fn call(&self, method: &str, json: &str) -> Result<Value, EmulatorError> {
        match method {
            "info" => to_json(self.info()),
            "scan" => {
                let Scan { qr, account } = arguments(method, json)?;
                to_json(&self.scan(&qr, account.as_deref()).await?)
            }
            "enterCode" => {
                let EnterCode { code, account } = arguments(method, json)?;
                to_json(&self.enter_code(&code, account.as_deref()).await?)
            }
            "contact" => {
                let Contact { name } = arguments(method, json)?;
                to_json(&self.contact(&name).await?)
            }
            "contactSend" => self.call_send(arguments(method, json)?).await,
            "contactRead" => {
                let Read { contact, ids } = arguments(method, json)?;
                self.contact_read(&contact, ids).await.map(|()| Value::Null)
            }
            "contactCall" => {
                let call = arguments(method, json)?;
                to_json(&self.ask(move |world| world.contact_call(&call)).await??)
            }
            "contactCallAct" => {
                let act = arguments(method, json)?;
                self.ask(move |world| world.contact_call_act(&act)).await?.map(|()| Value::Null)
            }
            "shop" => {
                let setting = arguments(method, json)?;
                self.ask(move |world| world.set_shop(&setting)).await?.map(|()| Value::Null)
            }
            "order" => {
                let order = arguments(method, json)?;
                to_json(&self.ask(move |world| world.make_order(&order)).await??)
            }
            "statusPrivacy" => {
                let setting = arguments(method, json)?;
                self.ask(move |world| world.set_status_privacy(&setting)).await?.map(|()| Value::Null)
            }
            "link" => {
                let wanted = arguments(method, json)?;
                to_json(&self.ask(move |world| world.show_link(wanted)).await??)
            }
            "contactForgetSessions" => {
                let Contact { name } = arguments(method, json)?;
                self.contact_forget_sessions(&name).await.map(|()| Value::Null)
            }
            "contactRenewIdentity" => {
                let Contact { name } = arguments(method, json)?;
                self.contact_renew_identity(&name).await.map(|()| Value::Null)
            }
            "phoneWrites" => {
                let PhoneWrites { account, device, raw } = arguments(method, json)?;
                let raw = BASE64.decode(raw).map_err(|_| EmulatorError::option("raw", "must be base64"))?;
                Ok(json!({ "count": self.phone_writes(&account, device, raw).await? }))
            }
            "phoneChanges" => {
                let PhoneChanges { account, changes } = arguments(method, json)?;
                self.ask(move |world| world.phone_changes(&account, changes)).await?
            }
            "phoneRenewsKey" => {
                let PhoneRenewsKey { account, share } = arguments(method, json)?;
                self.ask(move |world| world.phone_renews_key(&account, share)).await?.map(|()| Value::Null)
            }
            "phoneSnapshots" => {
                let AppState { account } = arguments(method, json)?;
                self.phone_snapshots(&account).await.map(|()| Value::Null)
            }
            "externalPatches" => {
                let AppState { account } = arguments(method, json)?;
                Ok(json!({ "count": self.external_patches(&account).await? }))
            }
            "appState" => {
                let AppState { account } = arguments(method, json)?;
                self.ask(move |world| world.app_state(&account)).await?
            }
            "setHistory" => {
                let SetHistory { account, history } = arguments(method, json)?;
                Ok(json!({ "messages": self.set_history(&account, history).await? }))
            }
            "group" => to_json(&self.group(arguments(method, json)?).await?),
            "groupChange" => to_json(&self.change_group(arguments(method, json)?).await?),
            "groups" => to_json(&self.groups().await?),
            "events" => {
                let Events { after, contact } = arguments(method, json)?;
                to_json(&self.events(after, contact).await?)
            }
            "stanzas" => {
                let filter: Filter = arguments(method, json)?;
                self.ask(move |world| world.capture.query(&filter, &world.accounts)).await?.map(Value::from)
            }
            "accounts" => to_json(&self.accounts().await?),
            "disconnect" => {
                let Target { account, device } = arguments(method, json)?;
                let fields: serde_json::Map<String, Value> = arguments(method, json)?;
                let how = if fields.contains_key("how") { arguments(method, json)? } else { Disconnect::Abrupt };
                Ok(json!({ "count": self.disconnect(account.as_deref(), device, how).await? }))
            }
            "inject" => {
                let Inject { account, device, what } = arguments(method, json)?;
                Ok(json!({ "count": self.inject(account.as_deref(), device, what).await? }))
            }
            "fault" => Ok(json!({ "id": self.add_fault(arguments(method, json)?).await? })),
            "faults" => to_json(&self.faults().await?),
            "clearFaults" => {
                let ClearFaults { id } = arguments(method, json)?;
                self.clear_faults(id).await.map(|()| Value::Null)
            }
            "person" => {
                let change: PersonChange = arguments(method, json)?;
                self.ask(move |world| world.change_person(change)).await?
            }
            "unlink" => {
                let Unlink { account, device } = arguments(method, json)?;
                self.unlink(&account, device).await.map(|()| Value::Null)
            }
            "reset" => self.reset().await.map(|()| Value::Null),
            media if media.to_ascii_lowercase().contains("media") => self.call_media(media, json).await,
            _ => Err(unknown(method)),
        }
    }

    async fn call_media(&self, method: &str, json: &str) -> Result<Value, EmulatorError> {
        match method {
            "mediaPut" => {
                let MediaPut { kind, base64, media_key, plain } = arguments(method, json)?;
                let bytes = BASE64.decode(base64).map_err(|_| EmulatorError::option("base64", "must be base64"))?;
                let options = MediaOptions { media_key: media_key.as_deref().map(media_key_of).transpose()?, plain };
                to_json(&self.media_put(&kind, bytes, options).await?)
            }
            "mediaGet" => {
                let MediaGet { direct_path, media_key, kind } = arguments(method, json)?;
                let open = match (&media_key, &kind) {
                    (Some(key), Some(kind)) => Some((MediaKey::new(media_key_of(key)?), kind.as_str())),
                    (None, None) => None,
                    _ => return Err(EmulatorError::option("mediaKey", "and kind go together")),
                };
                Ok(json!({ "base64": BASE64.encode(self.media_get(&direct_path, open).await?) }))
            }
            "mediaRemove" => {
                let MediaRemove { direct_path, everywhere } = arguments(method, json)?;
                self.media_remove(&direct_path, everywhere).await.map(|()| Value::Null)
            }
            "media" => to_json(&self.media().await?),
            "mediaExpireAuth" => self.media_expire_auth().await.map(|()| Value::Null),
            "mediaFault" => Ok(json!({ "id": self.add_media_fault(arguments(method, json)?).await? })),
            "mediaFaults" => to_json(&self.media_faults().await?),
            "clearMediaFaults" => {
                let ClearFaults { id } = arguments(method, json)?;
                self.clear_media_faults(id).await.map(|()| Value::Null)
            }
            _ => Err(unknown(method)),
        }
    }

    async fn call_send(&self, send: Send) -> Result<Value, EmulatorError> {
        let Send { contact, to, recipients, unavailable, text, raw, nodes, id, count } = send;
        let to = Destination { chat: to, recipients, unavailable };
        match (text, raw, count) {
            (Some(text), None, None) if nodes.is_none() => {
                Ok(json!({ "id": self.contact_send(&contact, to, &text, id.as_deref()).await? }))
            }
            (Some(text), None, Some(count)) if nodes.is_none() && id.is_none() && count <= MAX_BURST => {
                Ok(json!({ "ids": self.contact_burst(&contact, to, &text, count).await? }))
            }
            (None, Some(raw), None) => {
                let message = BASE64.decode(raw).map_err(|_| EmulatorError::option("raw", "must be base64"))?;
                let nodes = nodes.unwrap_or_default().iter().map(node_from_json).collect::<Result<_, _>>()?;
                Ok(json!({ "id": self.contact_send_raw(&contact, to, message, nodes, id.as_deref()).await? }))
            }
            (_, _, Some(_)) => {
                Err(EmulatorError::option("count", "must be at most 100,000, and goes with text and without id"))
            }
            _ => Err(EmulatorError::option("content", "must be either text, or raw with or without nodes")),
        }
    }
}

fn unknown(method: &str) -> EmulatorError {
    EmulatorError::NotFound(format!("method named \"{method}\""))
}

fn media_key_of(text: &str) -> Result<[u8; 32], EmulatorError> {
    let bytes = BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| EmulatorError::option("mediaKey", "must be the base64 of 32 bytes"))
}

fn to_json(value: &impl serde::Serialize) -> Result<Value, EmulatorError> {
    serde_json::to_value(value).map_err(|error| EmulatorError::Failed(error.to_string()))
}
