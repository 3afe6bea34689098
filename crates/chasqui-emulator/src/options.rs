//! The options of an emulator, from JSON and from the environment.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::curve::PrivateKey;
use serde_json::{Map, Value};

use crate::error::EmulatorError;

/// A certificate authority for TLS, both halves in PEM.
#[derive(Clone)]
pub struct TlsAuthority {
    /// The authority's certificate.
    pub certificate: String,
    /// Its private key (PKCS#8).
    pub key: String,
}

impl std::fmt::Debug for TlsAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsAuthority(…)")
    }
}

/// What an emulator is started with. Every field has a default.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address to listen on; `127.0.0.1`.
    pub host: String,
    /// Port to listen on; 0, the default, takes a free one.
    pub port: u16,
    /// Names and addresses in the TLS certificate; `localhost`, `127.0.0.1` and `::1`.
    pub tls_names: Vec<String>,
    /// The authority that signs the TLS certificate; a fresh one.
    pub tls_authority: Option<TlsAuthority>,
    /// The private half of the Noise root key; a fresh one.
    pub root_key: Option<PrivateKey>,
    /// Clients older than this are refused (405); none.
    pub min_version: Option<[u32; 3]>,
    /// Seconds added to the machine's clock wherever the service tells the time; 0.
    pub clock_offset: i64,
    /// How many stanzas are kept for inspection; 20,000. 0 keeps none.
    pub capture_limit: usize,
    /// How long a chat state waits for a device that is away; 15 s.
    pub chatstate_ttl: Duration,
    /// The pairing secret used where no QR code was scanned.
    pub adv_secret: Option<[u8; 32]>,
    /// Whether clients are paired with [`Self::adv_secret`] without any scan; off.
    pub auto_pair: bool,
    /// Whether the Noise IK resumption is refused, so that clients must fall back; off.
    pub refuse_resume: bool,
    /// Whether the device that changes a group is notified of the change like everybody else; off.
    pub echo_group_changes: bool,
    /// Whether accounts are migrated to LIDs, so that clients write to people by LID; on.
    pub lid_migrated: bool,
    /// Whether a client's backlog comes in batches that it asks for; off: all at once.
    pub offline_batches: bool,
    /// Whether every linked account owns a group "Baileys Group Test" from the start, as some suites expect; off.
    pub test_group: bool,
    /// How long clients may use what they learned of the media hosts; 5 minutes.
    pub media_ttl: Duration,
    /// How long what authorizes uploads is good; 6 hours.
    pub media_auth_ttl: Duration,
    /// Longest file that the media hosts take, in bytes; 2 GiB.
    pub media_limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 0,
            tls_names: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(),
            tls_authority: None,
            root_key: None,
            min_version: None,
            clock_offset: 0,
            capture_limit: 20_000,
            chatstate_ttl: Duration::from_secs(15),
            adv_secret: None,
            auto_pair: false,
            refuse_resume: false,
            echo_group_changes: false,
            lid_migrated: true,
            offline_batches: false,
            test_group: false,
            media_ttl: Duration::from_secs(300),
            media_auth_ttl: Duration::from_secs(21_600),
            media_limit: 2 << 30,
        }
    }
}

impl Options {
    /// Reads the JSON object that `startEmulator` takes:
    /// `{ host, port, tls: { names, certificate, key }, rootKey, minVersion, clockOffsetSeconds, captureLimit,
    /// chatstateTtlSeconds, advSecret, autoPair, refuseResume, echoGroupChanges, lidMigrated, offlineBatches, testGroup,
    /// mediaTtlSeconds, mediaAuthTtlSeconds, mediaLimit, environment }`, all optional. `environment` is an object
    /// of variables, see [`Self::apply_environment`]; the other options go before it.
    pub fn from_json(text: &str) -> Result<Self, EmulatorError> {
        let value: Value = if text.trim().is_empty() { Value::Object(Map::new()) } else { parse_json(text)? };
        let Value::Object(map) = value else {
            return Err(EmulatorError::option("options", "must be an object"));
        };
        let mut options = Self::default();
        if let Some(variables) = map.get("environment") {
            let variables =
                variables.as_object().ok_or_else(|| EmulatorError::option("environment", "must be an object"))?;
            options.apply_environment(|name| variables.get(name).and_then(Value::as_str).map(str::to_owned))?;
        }
        for (name, value) in &map {
            if value.is_null() {
                continue;
            }
            match name.as_str() {
                "host" => options.host = text_of(name, value)?.to_owned(),
                "port" => {
                    options.port = u16::try_from(number(name, value)?)
                        .map_err(|_| EmulatorError::option(name, "must be from 0 to 65535"))?;
                }
                "tls" => options.read_tls(value)?,
                "rootKey" => options.root_key = Some(PrivateKey::new(key(name, text_of(name, value)?)?)),
                "minVersion" => options.min_version = Some(version(name, value)?),
                "clockOffsetSeconds" => {
                    options.clock_offset =
                        value.as_i64().ok_or_else(|| EmulatorError::option(name, "must be a whole number"))?;
                }
                "captureLimit" => {
                    options.capture_limit = usize::try_from(number(name, value)?)
                        .ok()
                        .filter(|limit| *limit <= 1_000_000)
                        .ok_or_else(|| EmulatorError::option(name, "must be at most 1,000,000"))?;
                }
                "chatstateTtlSeconds" => options.chatstate_ttl = Duration::from_secs(number(name, value)?),
                "advSecret" => options.adv_secret = Some(key(name, text_of(name, value)?)?),
                "autoPair" => options.auto_pair = flag(name, value)?,
                "refuseResume" => options.refuse_resume = flag(name, value)?,
                "echoGroupChanges" => options.echo_group_changes = flag(name, value)?,
                "lidMigrated" => options.lid_migrated = flag(name, value)?,
                "offlineBatches" => options.offline_batches = flag(name, value)?,
                "testGroup" => options.test_group = flag(name, value)?,
                "mediaTtlSeconds" => options.media_ttl = Duration::from_secs(number(name, value)?),
                "mediaAuthTtlSeconds" => options.media_auth_ttl = Duration::from_secs(number(name, value)?),
                "mediaLimit" => options.media_limit = number(name, value)?,
                "environment" => {}
                _ => return Err(EmulatorError::option(name, "is not an option of the emulator")),
            }
        }
        Ok(options)
    }

    fn read_tls(&mut self, value: &Value) -> Result<(), EmulatorError> {
        let map = match value {
            // One port always serves both; `tls: true` asks for what is there anyway.
            Value::Bool(_) => return Ok(()),
            Value::Object(map) => map,
            _ => return Err(EmulatorError::option("tls", "must be a boolean or { names, certificate, key }")),
        };
        if let Some(unknown) = map.keys().find(|name| !["names", "certificate", "key"].contains(&name.as_str())) {
            return Err(EmulatorError::option(format!("tls.{unknown}"), "is not an option of the emulator"));
        }
        if let Some(names) = map.get("names") {
            self.tls_names = names
                .as_array()
                .and_then(|names| names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>())
                .filter(|names| !names.is_empty())
                .ok_or_else(|| EmulatorError::option("tls.names", "must be a list of names or addresses"))?;
        }
        match (map.get("certificate"), map.get("key")) {
            (None, None) => Ok(()),
            (Some(certificate), Some(private)) => {
                self.tls_authority = Some(TlsAuthority {
                    certificate: text_of("tls.certificate", certificate)?.to_owned(),
                    key: text_of("tls.key", private)?.to_owned(),
                });
                Ok(())
            }
            _ => Err(EmulatorError::option("tls", "certificate and key go together")),
        }
    }

    /// Overrides fields from the environment, read through `get`:
    ///
    /// `HOST`, `PORT`, `CHATSTATE_TTL_SECS`, `ADV_SECRET_KEY` (base64), `CHASQUI_EMULATOR_NOISE_ROOT` (base64 of the
    /// private key), `CHASQUI_EMULATOR_TLS_CERT` and `…_TLS_KEY` (PEM text or a path), `CHASQUI_EMULATOR_TLS_NAMES`
    /// (separated by commas), `CHASQUI_EMULATOR_AUTO_PAIR` (`1`).
    pub fn apply_environment(&mut self, get: impl Fn(&str) -> Option<String>) -> Result<(), EmulatorError> {
        let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        let whole = |name: &str| -> Result<Option<u64>, EmulatorError> {
            get(name)
                .map(|text| text.trim().parse().map_err(|_| EmulatorError::option(name, "must be a whole number")))
                .transpose()
        };
        if let Some(host) = get("HOST") {
            self.host = host;
        }
        if let Some(port) = whole("PORT")? {
            self.port = u16::try_from(port).map_err(|_| EmulatorError::option("PORT", "must be from 0 to 65535"))?;
        }
        if let Some(seconds) = whole("CHATSTATE_TTL_SECS")? {
            self.chatstate_ttl = Duration::from_secs(seconds);
        }
        if let Some(secret) = get("ADV_SECRET_KEY") {
            self.adv_secret = Some(key("ADV_SECRET_KEY", &secret)?);
        }
        if let Some(root) = get("CHASQUI_EMULATOR_NOISE_ROOT") {
            self.root_key = Some(PrivateKey::new(key("CHASQUI_EMULATOR_NOISE_ROOT", &root)?));
        }
        if let Some(names) = get("CHASQUI_EMULATOR_TLS_NAMES") {
            self.tls_names = names.split(',').map(|name| name.trim().to_owned()).filter(|n| !n.is_empty()).collect();
        }
        match (get("CHASQUI_EMULATOR_TLS_CERT"), get("CHASQUI_EMULATOR_TLS_KEY")) {
            (None, None) => {}
            (Some(certificate), Some(private)) => {
                self.tls_authority = Some(TlsAuthority {
                    certificate: pem("CHASQUI_EMULATOR_TLS_CERT", certificate)?,
                    key: pem("CHASQUI_EMULATOR_TLS_KEY", private)?,
                });
            }
            _ => return Err(EmulatorError::option("CHASQUI_EMULATOR_TLS_CERT", "goes with CHASQUI_EMULATOR_TLS_KEY")),
        }
        self.auto_pair |= get("CHASQUI_EMULATOR_AUTO_PAIR").is_some_and(|value| value == "1" || value == "true");
        Ok(())
    }
}

fn parse_json(text: &str) -> Result<Value, EmulatorError> {
    serde_json::from_str(text).map_err(|error| EmulatorError::option("options", format!("is not JSON: {error}")))
}

fn text_of<'v>(name: &str, value: &'v Value) -> Result<&'v str, EmulatorError> {
    value.as_str().ok_or_else(|| EmulatorError::option(name, "must be a string"))
}

fn number(name: &str, value: &Value) -> Result<u64, EmulatorError> {
    value.as_u64().ok_or_else(|| EmulatorError::option(name, "must be a whole number, not negative"))
}

fn flag(name: &str, value: &Value) -> Result<bool, EmulatorError> {
    value.as_bool().ok_or_else(|| EmulatorError::option(name, "must be true or false"))
}

fn version(name: &str, value: &Value) -> Result<[u32; 3], EmulatorError> {
    let parts: Option<Vec<u32>> =
        value.as_array().map(|parts| parts.iter().filter_map(|p| p.as_u64()?.try_into().ok()).collect());
    parts
        .and_then(|parts| <[u32; 3]>::try_from(parts).ok())
        .ok_or_else(|| EmulatorError::option(name, "must be three numbers, such as [2, 3000, 1035194821]"))
}

fn key(name: &str, text: &str) -> Result<[u8; 32], EmulatorError> {
    BASE64
        .decode(text.trim())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| EmulatorError::option(name, "must be the base64 of 32 bytes"))
}

fn pem(name: &str, value: String) -> Result<String, EmulatorError> {
    if value.contains("-----BEGIN") {
        return Ok(value);
    }
    std::fs::read_to_string(&value)
        .map_err(|error| EmulatorError::option(name, format!("{value} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_of_the_wrong_type_is_named() {
        for (json, option) in [
            (r#"{"port":"x"}"#, "port"),
            (r#"{"port":65536}"#, "port"),
            (r#"{"tls":{"names":[1]}}"#, "tls.names"),
            (r#"{"tls":{"certificate":"x"}}"#, "tls"),
            (r#"{"rootKey":"AAAA"}"#, "rootKey"),
            (r#"{"minVersion":[2,3000]}"#, "minVersion"),
            (r#"{"prot":1}"#, "prot"),
        ] {
            match Options::from_json(json) {
                Err(EmulatorError::InvalidOption { option: named, .. }) => assert_eq!(named, option),
                other => panic!("{json} gave {other:?}"),
            }
        }
    }

    #[test]
    fn the_environment_sets_what_it_names_and_nothing_else() {
        let mut options = Options::default();
        options
            .apply_environment(|name| match name {
                "PORT" => Some("8080".into()),
                "CHATSTATE_TTL_SECS" => Some("3".into()),
                "CHASQUI_EMULATOR_TLS_NAMES" => Some("wa.test, 10.0.0.7".into()),
                _ => None,
            })
            .unwrap();
        assert_eq!((options.port, options.host.as_str()), (8080, "127.0.0.1"));
        assert_eq!(options.chatstate_ttl, Duration::from_secs(3));
        assert_eq!(options.tls_names, ["wa.test", "10.0.0.7"]);
        assert!(options.root_key.is_none());
    }

    #[test]
    fn an_option_goes_before_its_variable() {
        let json = r#"{"port":1,"environment":{"PORT":"2","HOST":"::1","PATH":"/bin"}}"#;
        let options = Options::from_json(json).unwrap();
        assert_eq!((options.port, options.host.as_str()), (1, "::1"));
        let wrong = Options::from_json(r#"{"environment":{"PORT":"x"}}"#);
        assert!(matches!(wrong, Err(EmulatorError::InvalidOption { option, .. }) if option == "PORT"));
    }
}
