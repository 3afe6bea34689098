//! Folders that three versions of Baileys wrote, and what they make of ciphertexts: ours makes the same of them, as they
//! are and after every value went through our form and back.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_baileys::{
    sender_key::{self, Form},
    session,
};
use chasqui_signal::{PreKey, PreKeyMessage, SenderKeyDistributionMessage, SessionRecord, SignedPreKey};
use chasqui_wire::{KeyPair, PrivateKey};
use serde_json::Value;

const VERSIONS: [&str; 3] = ["6.17.16", "6.7.21", "7.0.0-rc14"];
const NOW: i64 = 1_800_000_000_000;

struct Folder {
    values: HashMap<String, String>,
    vectors: Value,
    identity: KeyPair,
    registration_id: u32,
}

/// What is done with a value before it is used.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    AsItIs,
    ThereAndBack,
    /// As by somebody who has not seen what was there.
    Anew,
}

const WAYS: [Way; 3] = [Way::AsItIs, Way::ThereAndBack, Way::Anew];

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value["data"].as_str().expect("base64")).expect("base64")
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hex");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

fn pair(value: &Value) -> KeyPair {
    KeyPair::from_private(PrivateKey::from_raw(&bytes(&value["private"])).expect("32 bytes"))
}

impl Folder {
    fn of(version: &str) -> Self {
        let base: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(format!("auth-{version}"));
        let read = |path: &Path| fs::read_to_string(path).expect("a file");
        let files = fs::read_dir(base.join("multi-file")).expect("a folder").map(|file| file.expect("a file").path());
        let values: HashMap<_, _> =
            files.map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), read(&path))).collect();
        let creds: Value = serde_json::from_str(&values["creds"]).expect("JSON");
        Self {
            vectors: serde_json::from_str(&read(&base.join("vectors.json"))).expect("JSON"),
            identity: pair(&creds["signedIdentityKey"]),
            registration_id: creds["registrationId"].as_u64().expect("a number") as u32,
            values,
        }
    }

    fn value(&self, name: &str) -> Value {
        serde_json::from_str(&self.values[name]).expect("JSON")
    }

    /// The session with somebody, by the address that the version gives.
    fn session(&self, jid: &str, way: Way) -> SessionRecord {
        let (address, _) = jid.split_once('@').expect("a JID");
        let (user, device) = address.split_once(':').unwrap_or((address, "0"));
        let lid = self.values.get(&format!("lid-mapping-{user}")).map(|lid| lid.trim_matches('"').to_owned());
        let names = lid.map(|lid| format!("session-{lid}_1.{device}"));
        let name =
            names.into_iter().chain([format!("session-{user}.{device}")]).find(|name| self.values.contains_key(name));
        let json = &self.values[&name.expect("a session")];
        let record = session::read(json).expect("a record");
        match way {
            Way::AsItIs => record,
            Way::ThereAndBack => session::read(&session::write(&record, Some(json), NOW)).expect("a record"),
            Way::Anew => session::read(&session::write(&record, None, NOW)).expect("a record"),
        }
    }

    fn sender_key(&self, author: &str, way: Way) -> (chasqui_signal::SenderKeyRecord, Form) {
        let (address, server) = author.split_once('@').expect("a JID");
        let (user, device) = address.split_once(':').unwrap_or((address, "0"));
        let domain = if server == "lid" { "_1" } else { "" };
        let group = self.vectors["group"].as_str().expect("a group");
        let (record, form) =
            sender_key::read(&self.values[&format!("sender-key-{group}--{user}{domain}--{device}")]).expect("a record");
        if way == Way::AsItIs {
            return (record, form);
        }
        sender_key::read(&sender_key::write(&record, form)).expect("a record")
    }

    fn prekey(&self, id: u32) -> Option<PreKey> {
        let name = format!("pre-key-{id}");
        self.values.contains_key(&name).then(|| PreKey { id, pair: pair(&self.value(&name)) })
    }

    fn signed_prekey(&self) -> SignedPreKey {
        let creds = self.value("creds");
        let key = &creds["signedPreKey"];
        SignedPreKey {
            id: key["keyId"].as_u64().expect("an id") as u32,
            pair: pair(&key["keyPair"]),
            signature: bytes(&key["signature"]).try_into().expect("64 bytes"),
        }
    }
}

fn list<'a>(vectors: &'a Value, name: &str) -> &'a Vec<Value> {
    vectors[name].as_array().expect("a list")
}

#[test]
fn messages_of_the_folders_sessions_are_read() {
    for version in VERSIONS {
        let folder = Folder::of(version);
        for way in WAYS {
            for vector in list(&folder.vectors, "decrypt") {
                let mut record = folder.session(vector["jid"].as_str().expect("a JID"), way);
                let ciphertext = hex(&vector["ciphertext"]);
                let plaintext = if vector["type"] == "pkmsg" {
                    let message = PreKeyMessage::parse(&ciphertext).expect("a message");
                    let prekey = message.prekey_id.and_then(|id| folder.prekey(id));
                    chasqui_signal::decrypt_prekey(
                        &mut record,
                        &message,
                        &folder.identity,
                        Some(&folder.signed_prekey()),
                        prekey.as_ref(),
                    )
                    .map(|decrypted| decrypted.plaintext)
                } else {
                    chasqui_signal::decrypt(&mut record, &ciphertext, &folder.identity.public)
                };
                let told = plaintext.ok().map(|text| String::from_utf8(text).expect("text"));
                let expected = vector["plaintext"].as_str().filter(|_| vector["error"] != true);
                assert_eq!(told.as_deref(), expected, "{version} {way:?} {}", vector["id"]);
            }
        }
    }
}

#[test]
fn messages_to_the_folders_sessions_are_the_same_byte_for_byte() {
    for version in VERSIONS {
        let folder = Folder::of(version);
        for way in WAYS {
            for vector in list(&folder.vectors, "encrypt") {
                let mut record = folder.session(vector["jid"].as_str().expect("a JID"), way);
                let plaintext = vector["plaintext"].as_str().expect("a text").as_bytes();
                let sent =
                    chasqui_signal::encrypt(&mut record, &folder.identity.public, folder.registration_id, plaintext);
                let sent = sent.expect("a ciphertext");
                assert_eq!(sent.kind.as_str(), vector["type"], "{version} {way:?} {}", vector["id"]);
                assert_eq!(sent.bytes, hex(&vector["ciphertext"]), "{version} {way:?} {}", vector["id"]);
            }
        }
    }
}

#[test]
fn messages_of_the_folders_groups_are_read() {
    for version in VERSIONS {
        let folder = Folder::of(version);
        for way in WAYS {
            for vector in list(&folder.vectors, "decryptGroup") {
                let (mut record, form) = folder.sender_key(vector["author"].as_str().expect("a JID"), way);
                assert_eq!(form, if version == "6.17.16" { Form::List } else { Form::Buffer }, "{version}");
                let told = chasqui_signal::sender_key::decrypt(&mut record, &hex(&vector["ciphertext"]));
                let told = told.ok().map(|text| String::from_utf8(text).expect("text"));
                let expected = vector["plaintext"].as_str().filter(|_| vector["error"] != true);
                assert_eq!(told.as_deref(), expected, "{version} {way:?} {}", vector["id"]);
            }
        }
    }
}

#[test]
fn the_own_key_of_a_group_goes_on() {
    for version in VERSIONS {
        let folder = Folder::of(version);
        for way in WAYS {
            for vector in list(&folder.vectors, "encryptGroup") {
                let (mut record, _) = folder.sender_key(vector["meId"].as_str().expect("a JID"), way);
                let told = SenderKeyDistributionMessage::parse(&hex(&vector["skdm"])).expect("a distribution");
                let own = chasqui_signal::sender_key::create_distribution(&mut record);
                assert_eq!((own.key_id, own.iteration), (told.key_id, told.iteration), "{version} {way:?}");
                assert_eq!(own.encode(), told.encode(), "{version} {way:?}");
                // Baileys leaves every other key out.
                let plaintext = vector["plaintext"].as_str().expect("a text").as_bytes();
                chasqui_signal::sender_key::encrypt(&mut record, plaintext).expect("a ciphertext");
                let sent = chasqui_signal::sender_key::encrypt(&mut record, plaintext).expect("a ciphertext");
                let expected = hex(&vector["ciphertext"]);
                assert_eq!(sent[..sent.len() - 64], expected[..expected.len() - 64], "{version} {way:?}");
            }
        }
    }
}

#[test]
fn what_is_written_is_what_was_read() {
    for version in VERSIONS {
        let folder = Folder::of(version);
        let mut seen = 0;
        for (name, json) in folder.values.iter().filter(|(name, _)| name.starts_with("session-")) {
            let record = session::read(json).expect("a record");
            let mut written: Value = serde_json::from_str(&session::write(&record, Some(json), NOW)).expect("JSON");
            let mut before: Value = serde_json::from_str(json).expect("JSON");
            seen += 1;
            for stored in [&mut written, &mut before] {
                for entry in stored["_sessions"].as_object_mut().expect("sessions").values_mut() {
                    // When it was used, and private keys, which are clamped.
                    entry["indexInfo"]["used"] = Value::Null;
                    entry["currentRatchet"]["ephemeralKeyPair"]["privKey"] = Value::Null;
                    // Chains from which nothing can be read any more.
                    let chains = entry["_chains"].as_object_mut().expect("chains");
                    chains.retain(|_, chain| {
                        chain["chainKey"].get("key").is_some() || chain["messageKeys"] != serde_json::json!({})
                    });
                }
            }
            assert_eq!(written, before, "{version} {name}");
        }
        assert!(seen >= 3, "{version}");
        for (name, json) in folder.values.iter().filter(|(name, _)| name.starts_with("sender-key-1")) {
            let (record, form) = sender_key::read(json).expect("a record");
            let written = sender_key::write(&record, form);
            let list = |text: &str| -> Value {
                let value: Value = serde_json::from_str(text).expect("JSON");
                let mut list: Value =
                    if value.is_array() { value } else { serde_json::from_slice(&bytes(&value)).expect("JSON") };
                for key in list.as_array_mut().expect("a list") {
                    key["senderMessageKeys"].as_array_mut().expect("keys").retain(|key| *key != serde_json::json!({}));
                    key["senderSigningKey"]["private"] = Value::Null;
                }
                list
            };
            assert_eq!(list(&written), list(json), "{version} {name}");
        }
    }
}

/// The list in which a record is, whatever its form.
fn sender_keys(json: &str) -> Value {
    let value: Value = serde_json::from_str(json).expect("JSON");
    if value.is_array() { value } else { serde_json::from_slice(&bytes(&value)).expect("JSON") }
}

#[test]
fn a_sender_key_goes_from_form_to_form_with_its_skipped_messages() {
    for version in VERSIONS {
        let folder = Folder::of(version);
        let vectors = list(&folder.vectors, "decryptGroup");
        for form in [Form::List, Form::Buffer, Form::Either] {
            for vector in vectors {
                let (record, _) = folder.sender_key(vector["author"].as_str().expect("a JID"), Way::AsItIs);
                let written = sender_key::write(&record, form);
                let (mut record, read) = sender_key::read(&written).expect("a record");
                assert_eq!(read, form, "{version}");
                let told = chasqui_signal::sender_key::decrypt(&mut record, &hex(&vector["ciphertext"])).ok();
                let told = told.map(|text| String::from_utf8(text).expect("text"));
                let expected = vector["plaintext"].as_str().filter(|_| vector["error"] != true);
                assert_eq!(told.as_deref(), expected, "{version} {form:?} {}", vector["id"]);
            }
            // As each version takes bytes: texts, lists of numbers, or what the auth state has.
            let (record, _) = folder.sender_key(vectors[0]["author"].as_str().expect("a JID"), Way::AsItIs);
            let seed = sender_keys(&sender_key::write(&record, form))[0]["senderChainKey"]["seed"].clone();
            match form {
                Form::List => assert!(seed.is_string()),
                Form::Buffer => assert!(seed["data"].is_array()),
                Form::Either => assert!(seed["data"].is_string()),
            }
        }
    }
}

#[test]
fn two_records_of_one_sender_are_merged_by_key_and_the_further_one_goes_on() {
    let folder = Folder::of("6.7.21");
    let author = list(&folder.vectors, "decryptGroup")[0]["author"].as_str().expect("a JID");
    let next = list(&folder.vectors, "decryptGroup").iter().find(|vector| vector["error"] != true).expect("a vector");
    let (behind, _) = folder.sender_key(author, Way::AsItIs);
    let (mut ahead, _) = folder.sender_key(author, Way::AsItIs);
    chasqui_signal::sender_key::decrypt(&mut ahead, &hex(&next["ciphertext"])).expect("a text");
    let index = |record: &chasqui_signal::SenderKeyRecord| record.to_parts()[0].chain.next.index;
    for (one, other) in [(&behind, &ahead), (&ahead, &behind)] {
        let merged = sender_key::merged(one, other);
        assert_eq!((merged.to_parts().len(), index(&merged)), (1, index(&ahead)));
    }
    let own =
        folder.sender_key(list(&folder.vectors, "encryptGroup")[0]["meId"].as_str().expect("a JID"), Way::AsItIs).0;
    let merged = sender_key::merged(&own, &ahead);
    assert_eq!((merged.to_parts().len(), merged.key_id(), merged.can_send()), (2, own.key_id(), true));
}

#[test]
fn what_is_no_record_is_refused_without_telling_secrets() {
    let secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
    for json in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        format!(r#"{{"_sessions":"{secret}"}}"#),
        format!(r#"{{"_sessions":{{"{secret}":{{"registrationId":1}}}},"version":"v1"}}"#),
    ] {
        let error = session::read(&json).expect_err("it is none").to_string();
        assert!(!error.contains(secret), "{error}");
    }
    assert!(!session::read(r#"{"_sessions":{},"version":"v1"}"#).expect("an empty record").has_open_session());
    for json in ["", "{", "null", "7", r#""*""#, r#"[{}]"#, r#"{"type":"Buffer","data":"e30="}"#] {
        assert!(sender_key::read(json).is_err(), "{json}");
    }
    assert!(!sender_key::read("[]").expect("an empty record").0.can_send());
}

#[test]
fn every_value_of_the_folders_goes_there_and_back() {
    use chasqui_baileys::{names::Kind, values};
    for version in VERSIONS {
        let folder = Folder::of(version);
        let mut seen = 0;
        for (name, json) in &folder.values {
            let Some((kind, id)) = Kind::of_file(&format!("{name}.json")) else {
                assert_eq!(name, "creds");
                continue;
            };
            let written = match kind {
                Kind::PreKey => values::read_prekey(4, json).map(|key| values::write_prekey(&key)),
                Kind::IdentityKey => values::read_identity(json).map(|key| values::write_identity(&key)),
                Kind::LidMapping => values::read_user(json).map(|user| values::write_user(&user)),
                Kind::DeviceList => values::read_devices(json).map(|devices| values::write_devices(&devices)),
                Kind::SenderKeyMemory => values::read_shared(json).map(|shared| values::write_shared(&shared)),
                Kind::TcToken => values::read_token(json).map(|token| match id.as_str() {
                    "__index" => {
                        let jids: Vec<String> = serde_json::from_slice(&token.token).expect("a list");
                        values::write_token_index(&jids)
                    }
                    _ => values::write_token(&token),
                }),
                Kind::AppStateSyncKey => values::read_app_state_key(json).map(|key| values::write_app_state_key(&key)),
                Kind::AppStateSyncVersion => {
                    values::read_collection(json).map(|stands| values::write_collection(&stands))
                }
                // They have tests of their own.
                Kind::Session | Kind::SenderKey => continue,
            };
            let json_of = |text: &str| -> Value {
                let mut value: Value = serde_json::from_str(text).expect("JSON");
                if kind == Kind::PreKey {
                    // Clamped.
                    value["private"] = Value::Null;
                }
                value
            };
            assert_eq!(json_of(&written.expect("a value")), json_of(json), "{version} {name}");
            seen += 1;
        }
        assert!(seen >= 6, "{version} {seen}");
    }
}

#[test]
fn credentials_of_every_stage_stay_what_they_are() {
    use chasqui_baileys::creds;
    for version in VERSIONS {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/samples/auth-{version}/creds-stages.json"));
        let stages: Value = serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON");
        for (stage, value) in stages.as_object().expect("stages") {
            let json = value.to_string();
            let read = creds::read(&json).expect("credentials");
            assert_eq!(read.paired.is_some(), stage.starts_with(['3', '4']), "{version} {stage}");
            assert_eq!(read.push_name.as_deref(), stage.starts_with('4').then_some("Bob Sample"), "{version} {stage}");
            let written: Value = serde_json::from_str(&creds::write(&read, Some(&json))).expect("JSON");
            assert_eq!(written, *value, "{version} {stage}");
            // By somebody who has seen nothing of it: what Baileys needs is there.
            let anew = creds::write(&read, None);
            let again = creds::read(&anew).expect("credentials");
            assert_eq!(
                (again.paired, again.push_name, again.next_prekey_id),
                (read.paired.clone(), read.push_name, read.next_prekey_id)
            );
            let anew: Value = serde_json::from_str(&anew).expect("JSON");
            for (name, value) in value.as_object().expect("an object") {
                let ours = ["lastPropHash", "lastAccountSyncTimestamp", "pairingCode", "me"];
                assert!(ours.contains(&name.as_str()) || anew.get(name).is_some(), "{version} {stage} {name}: {value}");
            }
            if read.paired.is_some() {
                assert_eq!(anew["account"], value["account"], "{version} {stage}");
                assert_eq!(anew["signalIdentities"][0]["identifierKey"], value["signalIdentities"][0]["identifierKey"]);
            }
        }
    }
}

#[test]
fn credentials_that_lack_something_are_refused_by_its_name() {
    use chasqui_baileys::creds;
    let folder = Folder::of("7.0.0-rc14");
    let whole = folder.value("creds");
    for name in ["noiseKey", "signedIdentityKey", "signedPreKey", "registrationId", "advSecretKey"] {
        let mut without = whole.clone();
        without.as_object_mut().expect("an object").remove(name);
        let error = creds::read(&without.to_string()).expect_err("it lacks something").to_string();
        assert_eq!(error, format!("it has no valid {name}"));
    }
    let text = whole.to_string();
    for end in [0, 1, text.len() / 2, text.len() - 1] {
        assert!(creds::read(&text[..end]).is_err(), "cut at {end}");
    }
}
