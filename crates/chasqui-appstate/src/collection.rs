//! The five collections. Each has its own version, hash and map; keys are shared by all. Source: 04-app-state §1.

use std::fmt;

/// A collection of app-state records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Collection {
    /// Push name, locale, security notifications. A client is not usable before it has this one.
    CriticalBlock,
    /// Contacts.
    CriticalUnblockLow,
    /// Mute, star, delete for me, clear and delete chat, favourites.
    RegularHigh,
    /// Archive, pin, mark read, most settings.
    RegularLow,
    /// Labels, quick replies, call log, privacy toggles.
    Regular,
}

impl Collection {
    /// All of them in the order of a first sync.
    pub const ALL: [Self; 5] =
        [Self::CriticalBlock, Self::CriticalUnblockLow, Self::RegularHigh, Self::RegularLow, Self::Regular];

    /// The name on the wire, which is also what the aggregate MACs cover.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CriticalBlock => "critical_block",
            Self::CriticalUnblockLow => "critical_unblock_low",
            Self::RegularHigh => "regular_high",
            Self::RegularLow => "regular_low",
            Self::Regular => "regular",
        }
    }

    /// The collection of a wire name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|collection| collection.name() == name)
    }

    /// Whether a first sync must finish it before the client counts as usable.
    pub const fn is_critical(self) -> bool {
        matches!(self, Self::CriticalBlock | Self::CriticalUnblockLow)
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_collection() {
        for collection in Collection::ALL {
            assert_eq!(Collection::from_name(collection.name()), Some(collection));
        }
        assert_eq!(Collection::from_name("Regular"), None);
    }
}
