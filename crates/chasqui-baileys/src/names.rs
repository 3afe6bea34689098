//! What the values are called: by type and id at a store, and as files of a folder (§12.2, §12.5).

/// A type of value, beside the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// By its number.
    PreKey,
    /// By address, `100000000000001_1.0`.
    Session,
    /// `<group>::<name>::<device>`.
    SenderKey,
    /// By group.
    SenderKeyMemory,
    /// By key id in base64.
    AppStateSyncKey,
    /// By collection.
    AppStateSyncVersion,
    /// The phone number's user, or `<LID user>_reverse`.
    LidMapping,
    /// By user.
    DeviceList,
    /// By JID; `__index` lists them.
    TcToken,
    /// By address.
    IdentityKey,
}

/// The file of the credentials.
pub const CREDS: &str = "creds.json";

impl Kind {
    /// All of them. Where the name of one begins like another's, the longer one comes first.
    pub const ALL: [Self; 10] = [
        Self::PreKey,
        Self::Session,
        Self::SenderKeyMemory,
        Self::SenderKey,
        Self::AppStateSyncKey,
        Self::AppStateSyncVersion,
        Self::LidMapping,
        Self::DeviceList,
        Self::TcToken,
        Self::IdentityKey,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreKey => "pre-key",
            Self::Session => "session",
            Self::SenderKey => "sender-key",
            Self::SenderKeyMemory => "sender-key-memory",
            Self::AppStateSyncKey => "app-state-sync-key",
            Self::AppStateSyncVersion => "app-state-sync-version",
            Self::LidMapping => "lid-mapping",
            Self::DeviceList => "device-list",
            Self::TcToken => "tctoken",
            Self::IdentityKey => "identity-key",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The file of a value of this kind.
    pub fn file(self, id: &str) -> String {
        format!("{}-{}.json", self.as_str(), id.replace('/', "__").replace(':', "-"))
    }

    /// Kind and id of a file.
    pub fn of_file(file: &str) -> Option<(Self, String)> {
        let name = file.strip_suffix(".json")?;
        let of = |kind: Self| Some((kind, name.strip_prefix(kind.as_str())?.strip_prefix('-')?));
        let (kind, id) = Self::ALL.into_iter().find_map(of)?;
        let id = match kind {
            // The only ones with a slash; base64 has no underscore.
            Self::AppStateSyncKey => id.replace("__", "/"),
            // The only ones with colons. A group's JID may have a hyphen.
            Self::SenderKey => {
                let (rest, device) = id.rsplit_once("--")?;
                let (group, name) = rest.rsplit_once("--")?;
                format!("{group}::{name}::{device}")
            }
            _ => id.to_owned(),
        };
        (!id.is_empty()).then_some((kind, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_ids_name_each_other() {
        for (kind, id, file) in [
            (Kind::PreKey, "4", "pre-key-4.json"),
            (Kind::Session, "100000000000001_1.0", "session-100000000000001_1.0.json"),
            (
                Kind::SenderKey,
                "120363000000000001@g.us::200000000000002_1::7",
                "sender-key-120363000000000001@g.us--200000000000002_1--7.json",
            ),
            (
                Kind::SenderKey,
                "15550001111-1600000000@g.us::15550002222::0",
                "sender-key-15550001111-1600000000@g.us--15550002222--0.json",
            ),
            (Kind::SenderKeyMemory, "120363000000000001@g.us", "sender-key-memory-120363000000000001@g.us.json"),
            (Kind::SenderKeyMemory, "status@broadcast", "sender-key-memory-status@broadcast.json"),
            (Kind::AppStateSyncKey, "AA/+AAEC", "app-state-sync-key-AA__+AAEC.json"),
            (Kind::AppStateSyncVersion, "regular_low", "app-state-sync-version-regular_low.json"),
            (Kind::LidMapping, "100000000000001_reverse", "lid-mapping-100000000000001_reverse.json"),
            (Kind::DeviceList, "15550001001", "device-list-15550001001.json"),
            (Kind::TcToken, "__index", "tctoken-__index.json"),
            (Kind::IdentityKey, "15550001004.2", "identity-key-15550001004.2.json"),
        ] {
            assert_eq!(kind.file(id), file);
            assert_eq!(Kind::of_file(file), Some((kind, id.to_owned())), "{file}");
            assert_eq!(Kind::named(kind.as_str()), Some(kind));
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        for file in
            [CREDS, "notes.txt", "session.json", "session-.json", "sessions-1.0.json", "sender-key-x.json", ".json", ""]
        {
            assert_eq!(Kind::of_file(file), None, "{file}");
        }
    }
}
