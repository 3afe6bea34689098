//! Under which name sessions and identities are kept (03-messages §1.7).

use std::fmt;

use chasqui_wire::{Jid, Server};
use compact_str::{CompactString, format_compact};

/// `name.device`, where the name is the user part of the JID and a suffix for its domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalAddress {
    /// `15550001111` for a PN, `100000000000001_1` for a LID, `_128` and `_129` for their hosted forms. Servers without
    /// devices have no rule in the protocol; their own name keeps them apart (`867051314767696_bot`).
    pub name: CompactString,
    /// 0 is the phone.
    pub device: u16,
}

impl SignalAddress {
    /// The address of a device. It is the caller's to have chosen LID over PN where both are known.
    pub fn from_jid(jid: &Jid) -> Self {
        let name = match (jid.server, jid.server.domain()) {
            (Server::Pn | Server::Legacy, _) => jid.user.clone(),
            (_, Some(domain)) => format_compact!("{}_{domain}", jid.user),
            (server, None) => format_compact!("{}_{}", jid.user, server.as_str()),
        };
        Self { name, device: jid.device }
    }
}

impl fmt::Display for SignalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.name, self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_of_a_jid_is_a_suffix_of_its_name() {
        for (jid, address) in [
            ("15550001111@s.whatsapp.net", "15550001111.0"),
            ("15550001111@c.us", "15550001111.0"),
            ("15550001111:5@s.whatsapp.net", "15550001111.5"),
            ("100000000000001:12@lid", "100000000000001_1.12"),
            ("15550001111:99@hosted", "15550001111_128.99"),
            ("100000000000001:99@hosted.lid", "100000000000001_129.99"),
            ("15550001111@bot", "15550001111_bot.0"),
        ] {
            let parsed: Jid = jid.parse().expect("a JID");
            assert_eq!(SignalAddress::from_jid(&parsed).to_string(), address);
        }
    }
}
