//! What a client is made from. The JSON form is that of `ClientOptions` in `index.d.ts`.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::{Keyring, Store};
use chasqui_wire::{PublicKey, cert::WHATSAPP_ROOT};
use serde_json::{Map, Value};

use crate::{
    baileys::{Bridge, FolderStore, KeysStore, Layout},
    connection,
    proxy::Proxy,
    told_creds::Told,
};

/// The real service.
pub const SERVICE_URL: &str = "wss://web.whatsapp.com/ws/chat";
/// Client version that is announced unless the caller gives another one.
pub const DEFAULT_VERSION: [u32; 3] = [2, 3000, 1_043_857_760];
/// How often a message is asked for again, and given again, unless the caller says otherwise.
const MAX_RETRIES: u32 = 5;
/// Longest text of one message, in characters.
pub const MAX_TEXT_CHARS: usize = 65_536;

/// Where to connect, and whom to trust there.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `ws://` or `wss://` URL.
    pub url: String,
    /// Root of the Noise certificate chain.
    pub root_key: PublicKey,
    /// PEM of the authority behind the TLS certificate; `None` is the public web's.
    pub ca: Option<String>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self { url: SERVICE_URL.to_owned(), root_key: WHATSAPP_ROOT, ca: None }
    }
}

/// How the device is shown on the phone.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Operating system.
    pub os: String,
    /// Browser name; it also chooses the icon.
    pub name: String,
}

/// How much of the past the phone is asked for, and told to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HistoryMode {
    /// Everything that the phone has.
    Full,
    /// What the phone gives every device.
    #[default]
    Recent,
    /// Nothing, but for what the program asks for.
    Off,
}

/// Which MACs of the account's settings are looked at, beside those of each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifySettings {
    /// Those of patches, and of the map that their writers have.
    pub patches: bool,
    /// Those of snapshots.
    pub snapshots: bool,
}

/// What the archive keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ArchiveOptions {
    /// Messages older than that go.
    pub max_age: Option<Duration>,
    /// Messages of a chat beyond so many go.
    pub max_per_chat: Option<u32>,
}

/// Everything a client needs to know.
#[derive(Clone)]
pub struct Options {
    /// Name of the session inside the store.
    pub session: String,
    /// Where the session lives.
    pub store: Arc<dyn Store>,
    /// What a program that keeps an auth state of Baileys has of it.
    pub told: Option<Told>,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// How the device is shown on the phone.
    pub browser: Browser,
    /// Name given at pairing.
    pub push_name: Option<String>,
    /// Announced client version.
    pub version: [u32; 3],
    /// Whether the program can tell a newer version when this one is outdated.
    pub refresh_version: bool,
    /// Whether the program can tell messages that are no longer kept here.
    pub get_message: bool,
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// Whether the session is wiped when it is unlinked from the phone.
    pub wipe_on_logout: bool,
    /// How much of the past is wanted.
    pub history: HistoryMode,
    /// Two-letter country code.
    pub country: String,
    /// Whether the program is given what crossed the wire, and makes its own events of it.
    pub wire: bool,
    /// How long each QR code is shown, instead of a minute for the first and 20 seconds for the others.
    pub qr_timeout: Option<Duration>,
    /// How long nothing may come before the server is asked whether it is there; it then has 5 seconds.
    pub keep_alive: Option<Duration>,
    /// Whether the account is there as soon as it is connected, or when the program says so.
    pub mark_online: bool,
    /// Whether switches, blocklist and privacy are asked for after a login; otherwise nobody counts as blocked until it is known.
    pub init_queries: bool,
    /// How often a message is asked for again, and given again.
    pub max_retries: u32,
    /// Whether the program keeps how often that was, beyond this connection.
    pub count_retries: bool,
    /// What of the account's settings is verified.
    pub verify_settings: VerifySettings,
    /// Whether a device that asks a second time gets a new session.
    pub renew_sessions: bool,
    /// How long a message that cannot be read waits before it is asked for again.
    pub retry_delay: Duration,
    /// Whether to reconnect by itself.
    pub reconnect: bool,
    /// Whether the program is asked how to go on when a connection has ended.
    pub ask_reconnect: bool,
    /// Whether keys that the program keeps itself are written as Baileys 6 reads them.
    pub keys_of_six: bool,
    /// Whether URLs of files may lead into private networks.
    pub allow_private_urls: bool,
    /// The program that looks into audio and video, if it may be used.
    pub ffmpeg: Option<String>,
    /// How long a message that was sent can be sent again to a device that could not read it.
    pub keep_sent: Duration,
    /// Whether chats and messages are kept to be asked for, and how long.
    pub archive: Option<ArchiveOptions>,
    /// How long `send` waits for the server's ack.
    pub send_timeout: Duration,
    /// How long connecting, and each request, may take.
    pub connect_timeout: Duration,
}

impl Options {
    /// Options with defaults.
    pub fn new(session: impl Into<String>, store: Arc<dyn Store>) -> Self {
        Self {
            session: session.into(),
            store,
            told: None,
            endpoint: Endpoint::default(),
            browser: Browser { os: "Mac OS".into(), name: "Chrome".into() },
            push_name: None,
            version: DEFAULT_VERSION,
            refresh_version: false,
            get_message: false,
            proxy: None,
            wipe_on_logout: false,
            history: HistoryMode::default(),
            country: "US".into(),
            wire: false,
            qr_timeout: None,
            keep_alive: None,
            mark_online: true,
            init_queries: true,
            max_retries: MAX_RETRIES,
            count_retries: false,
            verify_settings: VerifySettings { patches: true, snapshots: true },
            renew_sessions: true,
            retry_delay: Duration::ZERO,
            reconnect: true,
            ask_reconnect: false,
            keys_of_six: false,
            allow_private_urls: false,
            ffmpeg: Some("ffmpeg".into()),
            keep_sent: Duration::from_secs(24 * 3600),
            archive: None,
            send_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(20),
        }
    }

    /// Seals what goes into the store, with keys of 32 bytes each: the present one, then earlier ones.
    pub fn seal(&mut self, keys: &[u8]) -> Result<(), PublicError> {
        let keys = Keyring::from_bytes(keys)
            .ok_or_else(|| invalid("encryptionKey", "must be a key of 32 bytes, and at most 15 earlier ones"))?;
        if self.store.describe().starts_with("baileys:") {
            return Err(invalid("encryptionKey", "cannot be used with a folder that Baileys is to read"));
        }
        if self.archive.is_some() {
            return Err(invalid("archive", "is searched and so cannot be sealed: use it without \"encryptionKey\""));
        }
        self.store = chasqui_store::seal(self.store.clone(), keys);
        Ok(())
    }

    /// The program has these credentials (`creds.json`): a new device is made from their keys, and it is told what changes.
    pub fn with_creds(&mut self, json: &str) -> Result<(), PublicError> {
        self.told = Some(Told::read(json)?);
        Ok(())
    }

    /// The program keeps the keys itself, beside the store, and has these credentials.
    pub fn with_keys(&mut self, json: &str, bridge: Arc<Bridge>) -> Result<(), PublicError> {
        let told = Told::read(json)?;
        let layout = if self.keys_of_six { Layout::of_six() } else { Layout::default() };
        self.store = Arc::new(KeysStore { side: self.store.clone(), bridge, told: told.clone(), layout });
        self.told = Some(told);
        Ok(())
    }

    /// Reads the JSON form. Errors are `INVALID_OPTION` and name the option.
    pub fn from_json(json: &str) -> Result<Self, PublicError> {
        let value: Value = serde_json::from_str(json).map_err(|_| invalid("options", "is not an object"))?;
        let fields = value.as_object().ok_or_else(|| invalid("options", "is not an object"))?;
        let session = need_text(fields, "session")?;
        // The store takes no longer names.
        if session.is_empty() || session.chars().count() > 128 || session.len() > 256 {
            return Err(invalid("session", "must have 1 to 128 characters, and at most 256 bytes"));
        }
        if session.contains(char::is_control) {
            return Err(invalid("session", "must have no control characters"));
        }
        let url = need_text(fields, "store")?;
        let store: Arc<dyn Store> = match FolderStore::from_url(url) {
            Some(store) => Arc::new(store.map_err(crate::error::store)?),
            None => chasqui_store::open_store(url).map_err(crate::error::store)?,
        };
        let mut options = Self::new(session, store);
        if let Some(endpoint) = fields.get("endpoint").filter(|value| !value.is_null()) {
            options.endpoint = endpoint_from(endpoint)?;
        }
        if let Some(browser) = fields.get("browser").filter(|value| !value.is_null()) {
            let part =
                |name| browser.get(name).and_then(Value::as_str).map(str::to_owned).filter(|text| text.len() <= 64);
            let (Some(os), Some(name)) = (part("os"), part("name")) else {
                return Err(invalid("browser", "must be { os, name }, two texts of at most 64 bytes"));
            };
            options.browser = Browser { os, name };
        }
        if let Some(name) = text(fields, "pushName")? {
            options.push_name = Some(name.to_owned());
        }
        if let Some(version) = fields.get("version").filter(|value| !value.is_null()) {
            options.version = serde_json::from_value(version.clone())
                .map_err(|_| invalid("version", "must be three whole numbers"))?;
        }
        if let Some(country) = text(fields, "country")? {
            if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err(invalid("country", "must be two capital letters"));
            }
            country.clone_into(&mut options.country);
        }
        match fields.get("history") {
            None | Some(Value::Null) => {}
            Some(Value::Bool(false)) => options.history = HistoryMode::Off,
            Some(Value::String(mode)) if mode == "recent" => options.history = HistoryMode::Recent,
            Some(Value::String(mode)) if mode == "full" => options.history = HistoryMode::Full,
            Some(_) => return Err(invalid("history", "must be \"full\", \"recent\" or false")),
        }
        for (name, slot) in [
            ("wire", &mut options.wire),
            ("markOnline", &mut options.mark_online),
            ("initQueries", &mut options.init_queries),
            ("verifyPatches", &mut options.verify_settings.patches),
            ("verifySnapshots", &mut options.verify_settings.snapshots),
            ("countRetries", &mut options.count_retries),
            ("renewSessions", &mut options.renew_sessions),
            ("reconnect", &mut options.reconnect),
            ("askReconnect", &mut options.ask_reconnect),
            ("keysOfSix", &mut options.keys_of_six),
            ("allowPrivateUrls", &mut options.allow_private_urls),
            ("wipeOnLogout", &mut options.wipe_on_logout),
            ("refreshVersion", &mut options.refresh_version),
            ("getMessage", &mut options.get_message),
        ] {
            if let Some(value) = fields.get(name).filter(|value| !value.is_null()) {
                *slot = value.as_bool().ok_or_else(|| invalid(name, "must be true or false"))?;
            }
        }
        match fields.get("ffmpeg") {
            None | Some(Value::Null | Value::Bool(true)) => {}
            Some(Value::Bool(false)) => options.ffmpeg = None,
            Some(Value::String(path)) if (1..=4096).contains(&path.len()) => options.ffmpeg = Some(path.clone()),
            Some(_) => return Err(invalid("ffmpeg", "must be the path of a program, or false")),
        }
        options.proxy = text(fields, "proxy")?.map(Proxy::parse).transpose()?;
        for (name, slot, least, most) in [
            ("sendTimeout", &mut options.send_timeout, 1, 86_400_000.0),
            ("connectTimeout", &mut options.connect_timeout, 1, 86_400_000.0),
            ("keepSent", &mut options.keep_sent, 0, 2_592_000_000.0),
            ("retryDelay", &mut options.retry_delay, 0, 600_000.0),
        ] {
            if let Some(millis) = fields.get(name).filter(|value| !value.is_null()) {
                let millis = millis.as_f64().filter(|millis| (f64::from(least)..=most).contains(millis));
                let range = || invalid(name, &format!("must be milliseconds, from {least} to {most}"));
                *slot = Duration::from_secs_f64(millis.ok_or_else(range)? / 1000.0);
            }
        }
        for (name, slot) in [("keepAlive", &mut options.keep_alive), ("qrTimeout", &mut options.qr_timeout)] {
            if let Some(millis) = fields.get(name).filter(|value| !value.is_null()) {
                let millis = millis.as_f64().filter(|millis| (1.0..=86_400_000.0).contains(millis));
                let range = || invalid(name, "must be milliseconds, from 1 to 86400000");
                *slot = Some(Duration::from_secs_f64(millis.ok_or_else(range)? / 1000.0));
            }
        }
        if let Some(count) = fields.get("maxRetries").filter(|value| !value.is_null()) {
            let count = count.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| *count <= 1000);
            options.max_retries =
                count.ok_or_else(|| invalid("maxRetries", "must be a whole number from 0 to 1000"))?;
        }
        options.archive = archive_from(fields.get("archive"))?;
        if options.archive.is_some() && options.store.describe().starts_with("memory") {
            return Err(invalid("archive", "needs a store that lasts: use sqlite:PATH"));
        }
        Ok(options)
    }
}

fn archive_from(value: Option<&Value>) -> Result<Option<ArchiveOptions>, PublicError> {
    let fields = match value {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
        Some(Value::Bool(true)) => return Ok(Some(ArchiveOptions::default())),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(invalid("archive", "must be true or { maxAge?, maxPerChat? }")),
    };
    let number = |name: &str, option: &str, least: f64, most: f64| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64().filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(invalid(option, &format!("must be from {least} to {most}"))),
        },
    };
    let max_age =
        number("maxAge", "archive.maxAge", 1000.0, 1e15)?.map(|millis| Duration::from_secs_f64(millis / 1000.0));
    let max_per_chat = number("maxPerChat", "archive.maxPerChat", 1.0, 1e9)?.map(|count| count as u32);
    Ok(Some(ArchiveOptions { max_age, max_per_chat }))
}

fn endpoint_from(value: &Value) -> Result<Endpoint, PublicError> {
    let mut endpoint = Endpoint::default();
    match value {
        Value::String(url) => endpoint.url.clone_from(url),
        Value::Object(fields) => {
            need_text(fields, "url")
                .map_err(|_| invalid("endpoint.url", "must be a ws: or wss: URL"))?
                .clone_into(&mut endpoint.url);
            if let Some(root) = text(fields, "rootKey").map_err(|_| invalid("endpoint.rootKey", "must be base64"))? {
                endpoint.root_key = BASE64_STANDARD
                    .decode(root)
                    .ok()
                    .and_then(|bytes| PublicKey::from_raw(&bytes).ok())
                    .ok_or_else(|| invalid("endpoint.rootKey", "must be base64 of 32 bytes"))?;
            }
            endpoint.ca =
                text(fields, "ca").map_err(|_| invalid("endpoint.ca", "must be a PEM text"))?.map(str::to_owned);
        }
        _ => return Err(invalid("endpoint", "must be a URL or { url, rootKey?, ca? }")),
    }
    if !endpoint.url.starts_with("wss://") && !endpoint.url.starts_with("ws://") {
        return Err(invalid("endpoint.url", "must be a ws: or wss: URL"));
    }
    connection::check(&endpoint)?;
    Ok(endpoint)
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, PublicError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(name, "must be a text")),
    }
}

fn need_text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, PublicError> {
    text(fields, name)?.ok_or_else(|| invalid(name, "is missing"))
}

/// `INVALID_OPTION` for one option.
pub(crate) fn invalid(option: &str, what: &str) -> PublicError {
    PublicError::new(ErrorCode::InvalidOption, format!("Option \"{option}\" {what}.")).with("option", option)
}
