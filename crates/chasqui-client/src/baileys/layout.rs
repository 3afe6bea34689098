//! How the version writes that is to be able to go on: known by the files that it has left, and remembered beside the session.

use std::collections::{HashMap, HashSet};

use chasqui_baileys::{
    names::{CREDS, Kind},
    sender_key::{self, Form},
};
use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};

/// What differs between versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Layout {
    /// 6.x: devices are named by number, and nothing is kept of LIDs.
    pub by_number: bool,
    /// Of sender keys.
    pub form: Form,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Row {
    #[prost(bool, tag = "1")]
    by_number: bool,
    #[prost(bool, tag = "2")]
    lists: bool,
    #[prost(bool, tag = "3")]
    either: bool,
}

impl Layout {
    /// Where it stands beside the session.
    pub fn key() -> Key {
        Key::new(Namespace::Meta, b"layout")
    }

    /// That of 6, whichever it is.
    pub const fn of_six() -> Self {
        Self { by_number: true, form: Form::Either }
    }

    /// The layout of a version by its name: `7`, `6.7.21`, `6.17`, `6`, or more of it.
    pub fn of_version(version: &str) -> Option<Self> {
        let mut parts = version.split(['.', '-']);
        let form = match (parts.next()?, parts.next(), parts.next()) {
            ("7", _, _) => return Some(Self::default()),
            ("6", Some("7"), Some(patch)) if patch.parse::<u32>().ok()? > 18 => Form::Buffer,
            ("6", Some("7"), None) | ("6", None, None) => Form::Either,
            ("6", Some(minor), _) if minor.parse::<u32>().is_ok() => Form::List,
            _ => return None,
        };
        Some(Self { by_number: true, form })
    }

    /// The layout of the version that has left the files.
    pub fn of_files(files: &HashMap<String, String>) -> Self {
        let mut layout = Self::default();
        let mut is_seven = false;
        let mut has_sessions = false;
        let mut forms = HashSet::new();
        for (name, json) in files {
            match Kind::of_file(name) {
                Some((Kind::LidMapping | Kind::DeviceList | Kind::TcToken | Kind::IdentityKey, _)) => is_seven = true,
                Some((Kind::Session, id)) => {
                    has_sessions = true;
                    is_seven |= id.contains('_');
                }
                Some((Kind::SenderKey, id)) => {
                    is_seven |= id.rsplit("::").nth(1).is_some_and(|name| name.contains('_'));
                    forms.extend(sender_key::read(json).ok().map(|(_, form)| form));
                }
                _ => {}
            }
        }
        // 7 puts its own LID here, 6 its number. Whom 7 has a session with, of that one it has the devices, too.
        let names_number = |json: &String| {
            let creds: serde_json::Value = serde_json::from_str(json).ok()?;
            let identity = creds.get("signalIdentities")?.as_array()?.last()?.clone();
            Some(identity.get("identifier")?.get("name")?.as_str()?.ends_with("@s.whatsapp.net"))
        };
        layout.by_number = !is_seven && (has_sessions || files.get(CREDS).and_then(names_number).unwrap_or(false));
        // 6.7.21 takes the text in a list for bytes; 6.17.16 and 7 read their own form only.
        layout.form = match (forms.contains(&Form::List), forms.contains(&Form::Buffer)) {
            (true, false) => Form::List,
            _ if !layout.by_number => Form::Buffer,
            (false, true) => Form::Buffer,
            _ => Form::Either,
        };
        layout
    }

    pub fn to_bytes(self) -> Vec<u8> {
        let (lists, either) = (self.form == Form::List, self.form == Form::Either);
        Row { by_number: self.by_number, lists, either }.encode_to_vec()
    }

    /// That of 7 where nothing is remembered.
    pub fn from_bytes(bytes: Option<&[u8]>) -> Self {
        let row = bytes.and_then(|bytes| Row::decode(bytes).ok()).unwrap_or_default();
        let form = match row {
            Row { lists: true, .. } => Form::List,
            Row { either: true, .. } => Form::Either,
            _ => Form::Buffer,
        };
        Self { by_number: row.by_number, form }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(of: &[(&str, &str)]) -> HashMap<String, String> {
        of.iter().map(|(name, json)| ((*name).to_owned(), (*json).to_owned())).collect()
    }

    #[test]
    fn the_version_is_known_by_what_it_writes() {
        let six = r#"{"signalIdentities":[{"identifier":{"name":"15550001001:3@s.whatsapp.net","deviceId":0}}]}"#;
        let seven = r#"{"signalIdentities":[{"identifier":{"name":"100000000000001:3@lid","deviceId":0}}]}"#;
        let layout = |by_number, form| Layout { by_number, form };
        let of = |list: &[(&str, &str)]| Layout::of_files(&files(list));
        assert_eq!(of(&[(CREDS, six), ("session-15550001002.0.json", "{}")]), layout(true, Form::Either));
        assert_eq!(of(&[(CREDS, seven)]), Layout::default());
        let migrated = [(CREDS, six), ("lid-mapping-15550001002.json", "\"100000000000002\"")];
        assert_eq!(of(&migrated), Layout::default(), "7 has gone on with what 6 began");
        let only_sessions = [(CREDS, seven), ("session-15550001002.0.json", "{}")];
        assert_eq!(of(&only_sessions), layout(true, Form::Either), "6 with a device that was made here");
        let list = ("sender-key-1-2@g.us--15550001002--0.json", "[]");
        let buffer = ("sender-key-1-2@g.us--15550001003--0.json", r#"{"type":"Buffer","data":"W10="}"#);
        assert_eq!(of(&[(CREDS, six), list]), layout(true, Form::List));
        assert_eq!(of(&[(CREDS, six), buffer]), layout(true, Form::Buffer));
        assert_eq!(of(&[(CREDS, six), list, buffer]), layout(true, Form::Either), "one 6 after another");
    }

    #[test]
    fn a_version_is_known_by_its_name() {
        for (version, form) in [
            ("6", Form::Either),
            ("6.7", Form::Either),
            ("6.7.21", Form::Buffer),
            ("6.7.19", Form::Buffer),
            ("6.7.18", Form::List),
            ("6.17", Form::List),
            ("6.17.16", Form::List),
            ("6.6.0", Form::List),
        ] {
            assert_eq!(Layout::of_version(version), Some(Layout { by_number: true, form }), "{version}");
        }
        for version in ["7", "7.0.0-rc14"] {
            assert_eq!(Layout::of_version(version), Some(Layout::default()), "{version}");
        }
        for none in ["", "5.0.0", "8", "6.x", "6.7.x", "seven"] {
            assert_eq!(Layout::of_version(none), None, "{none}");
        }
    }

    #[test]
    fn it_is_remembered() {
        for form in [Form::List, Form::Buffer, Form::Either] {
            let layout = Layout { by_number: true, form };
            assert_eq!(Layout::from_bytes(Some(&layout.to_bytes())), layout);
        }
        assert_eq!(Layout::from_bytes(None), Layout::default());
        assert_eq!(Layout::from_bytes(Some(&[0xff])), Layout::default());
    }
}
