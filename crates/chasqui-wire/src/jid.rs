//! JIDs: addresses of users, devices, groups and the server itself.
//!
//! Text form: `user [ "." agent | "_" domain ] [ ":" device ] "@" server`; agent and domain are read and dropped.
//! The server is the JID with an empty user, [`Jid::SERVER`]. Source: 01-connection §6.

use std::{borrow::Cow, fmt, str::FromStr};

use compact_str::{CompactString, format_compact};

/// The part of a JID after the `@`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Server {
    /// `s.whatsapp.net`: users by phone number (PN), and the service itself.
    Pn,
    /// `lid`: users by their privacy id (LID).
    Lid,
    /// `hosted`: a PN user's device hosted by the provider.
    Hosted,
    /// `hosted.lid`: a LID user's device hosted by the provider.
    HostedLid,
    /// `g.us`: groups and communities.
    Group,
    /// `broadcast`: status and broadcast lists.
    Broadcast,
    /// `newsletter`: channels.
    Newsletter,
    /// `bot`.
    Bot,
    /// `msgr`: Messenger users.
    Messenger,
    /// `interop`: users of other networks.
    Interop,
    /// `call`.
    Call,
    /// `c.us`: text alias of `s.whatsapp.net`; never sent.
    Legacy,
}

impl Server {
    const ALL: [(Self, &'static str); 12] = [
        (Self::Pn, "s.whatsapp.net"),
        (Self::Lid, "lid"),
        (Self::Hosted, "hosted"),
        (Self::HostedLid, "hosted.lid"),
        (Self::Group, "g.us"),
        (Self::Broadcast, "broadcast"),
        (Self::Newsletter, "newsletter"),
        (Self::Bot, "bot"),
        (Self::Messenger, "msgr"),
        (Self::Interop, "interop"),
        (Self::Call, "call"),
        (Self::Legacy, "c.us"),
    ];

    /// The text after the `@`.
    pub const fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Finds a server by its text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(server, _)| *server)
    }

    /// The domain byte of an AD_JID, for the servers that have devices there.
    pub const fn domain(self) -> Option<u8> {
        match self {
            Self::Pn => Some(0),
            Self::Lid => Some(1),
            Self::Hosted => Some(128),
            Self::HostedLid => Some(129),
            _ => None,
        }
    }

    /// The server of an AD_JID's domain byte.
    pub const fn from_domain(domain: u8) -> Option<Self> {
        match domain {
            0 => Some(Self::Pn),
            1 => Some(Self::Lid),
            128 => Some(Self::Hosted),
            129 => Some(Self::HostedLid),
            _ => None,
        }
    }

    /// Whether its users have devices (PN, LID and their hosted forms).
    pub const fn has_devices(self) -> bool {
        self.domain().is_some()
    }

    /// Whether the text form may carry `:device`.
    pub const fn may_have_device(self) -> bool {
        self.has_devices() || matches!(self, Self::Messenger | Self::Interop | Self::Legacy)
    }

    /// `hosted` → `s.whatsapp.net`, `hosted.lid` → `lid`, `c.us` → `s.whatsapp.net`, others as they are.
    pub const fn plain(self) -> Self {
        match self {
            Self::Hosted | Self::Legacy => Self::Pn,
            Self::HostedLid => Self::Lid,
            other => other,
        }
    }
}

/// An address. Two JIDs are equal when user, server, device and integrator are.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Jid {
    /// The part before the `@` without device; empty for the server itself.
    pub user: CompactString,
    /// The part after the `@`.
    pub server: Server,
    /// 0 is the phone, and everything that has no devices.
    pub device: u16,
    /// Only for `interop`, otherwise 0: the other network's number.
    pub integrator: u16,
}

/// A text that is not a JID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JidError {
    /// No `@` in it.
    #[error("\"{0}\" has no @")]
    NoServer(CompactString),
    /// The part after the `@` is not known.
    #[error("\"{0}\" is not a server")]
    UnknownServer(CompactString),
    /// The device is not a number from 0 to 65535, or the user or the server has no devices.
    #[error("\"{0}\" is not a device number")]
    Device(CompactString),
    /// The user is longer than 128 bytes or holds characters that no user has.
    #[error("the user part of a JID is malformed")]
    User,
}

impl Jid {
    /// The service itself: `@s.whatsapp.net`.
    pub const SERVER: Self = Self::constant("", Server::Pn);
    /// `status@broadcast`.
    pub const STATUS: Self = Self::constant("status", Server::Broadcast);

    const fn constant(user: &'static str, server: Server) -> Self {
        Self { user: CompactString::const_new(user), server, device: 0, integrator: 0 }
    }

    /// A JID without device.
    pub fn new(user: impl Into<CompactString>, server: Server) -> Self {
        Self { user: user.into(), server, device: 0, integrator: 0 }
    }

    /// A user by phone number: digits without `+`.
    pub fn pn(user: impl Into<CompactString>) -> Self {
        Self::new(user, Server::Pn)
    }

    /// A user by LID.
    pub fn lid(user: impl Into<CompactString>) -> Self {
        Self::new(user, Server::Lid)
    }

    /// The same user with a device number.
    pub fn with_device(&self, device: u16) -> Self {
        Self { device, ..self.clone() }
    }

    /// The same without device, hosted servers mapped to their plain one: the form of chats and of people.
    pub fn to_bare(&self) -> Self {
        Self { user: self.user.clone(), server: self.server.plain(), device: 0, integrator: self.integrator }
    }

    /// Whether it names no device and no hosted server.
    pub fn is_bare(&self) -> bool {
        self.device == 0 && self.server == self.server.plain()
    }

    /// Whether it is the service itself.
    pub fn is_server(&self) -> bool {
        self.user.is_empty() && self.server == Server::Pn
    }

    /// Whether it is a user by phone number or LID (hosted forms included).
    pub fn is_user(&self) -> bool {
        !self.user.is_empty() && matches!(self.server.plain(), Server::Pn | Server::Lid)
    }

    /// Whether it is a LID (hosted form included).
    pub fn is_lid(&self) -> bool {
        self.server.plain() == Server::Lid
    }

    /// Whether it is a phone number (hosted form included).
    pub fn is_pn(&self) -> bool {
        self.server.plain() == Server::Pn && !self.user.is_empty()
    }

    /// Whether it is a group.
    pub fn is_group(&self) -> bool {
        self.server == Server::Group
    }

    /// Whether both name the same person or chat, whatever the devices.
    pub fn same_user(&self, other: &Self) -> bool {
        self.user == other.user && self.server.plain() == other.server.plain()
    }
}

impl fmt::Display for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.server == Server::Interop {
            write!(f, "{}-", self.integrator)?;
        }
        f.write_str(&self.user)?;
        if self.device != 0 {
            write!(f, ":{}", self.device)?;
        }
        f.write_str("@")?;
        f.write_str(self.server.as_str())
    }
}

impl fmt::Debug for Jid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Jid {
    type Err = JidError;

    fn from_str(text: &str) -> Result<Self, JidError> {
        let (local, server) = text.split_once('@').ok_or_else(|| JidError::NoServer(text.into()))?;
        let server = Server::parse(server).ok_or_else(|| JidError::UnknownServer(server.into()))?;
        let (local, device) = match local.split_once(':') {
            Some((user, digits)) => {
                let device = number(digits).filter(|_| server.may_have_device() && !user.is_empty());
                (user, device.ok_or_else(|| JidError::Device(digits.into()))?)
            }
            None => (local, 0),
        };
        if local.len() > 128 || local.bytes().any(|b| b.is_ascii_whitespace() || b.is_ascii_control()) {
            return Err(JidError::User);
        }
        let (user, integrator) = match (server, local.split_once('-')) {
            (Server::Interop, Some((integrator, user))) => {
                (user, number(integrator).ok_or_else(|| JidError::Device(integrator.into()))?)
            }
            _ => (without_agent(local, server), 0),
        };
        Ok(Self { user: user.into(), server, device, integrator })
    }
}

/// Digits only: the standard parser would also take a sign.
fn number(digits: &str) -> Option<u16> {
    digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Drops `.agent` and `_domain`, which old forms carry between user and device.
fn without_agent(local: &str, server: Server) -> &str {
    if !server.has_devices() {
        return local;
    }
    match local.find(['.', '_']) {
        Some(at) if number(&local[at + 1..]).is_some() => &local[..at],
        _ => local,
    }
}

impl From<&Jid> for CompactString {
    fn from(jid: &Jid) -> Self {
        format_compact!("{jid}")
    }
}

impl<'a> From<&'a Jid> for Cow<'a, Jid> {
    fn from(jid: &'a Jid) -> Self {
        Cow::Borrowed(jid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> Jid {
        text.parse().expect("a JID")
    }

    #[test]
    fn canonical_texts_come_back_unchanged() {
        for text in [
            "15551234567@s.whatsapp.net",
            "15551234567:5@s.whatsapp.net",
            "123456789012345:65535@lid",
            "15551234567:99@hosted",
            "123456789012345:99@hosted.lid",
            "15551234567-1600000000@g.us",
            "status@broadcast",
            "120363111@newsletter",
            "867051314767696@bot",
            "100:3@msgr",
            "7-1000:2@interop",
            "0-1000@interop",
            "abc@call",
            "15551234567@c.us",
            "@s.whatsapp.net",
            "@g.us",
        ] {
            assert_eq!(jid(text).to_string(), text);
        }
    }

    #[test]
    fn agents_domains_and_device_0_are_dropped() {
        for (text, canonical) in [
            ("15551234567:0@s.whatsapp.net", "15551234567@s.whatsapp.net"),
            ("15551234567.0:5@s.whatsapp.net", "15551234567:5@s.whatsapp.net"),
            ("123456789012345_1:5@lid", "123456789012345:5@lid"),
            ("15551234567:007@lid", "15551234567:7@lid"),
            ("1000:2@interop", "0-1000:2@interop"),
            // Not an agent.
            ("a.b@lid", "a.b@lid"),
            ("a.@lid", "a.@lid"),
            ("a.1@bot", "a.1@bot"),
        ] {
            assert_eq!(jid(text).to_string(), canonical);
        }
    }

    #[test]
    fn other_texts_are_no_jids() {
        for text in [
            "",
            "15551234567",
            "s.whatsapp.net",
            "a@example.com",
            "a@b@lid",
            "a@lid ",
            "a@LID",
            "a b@lid",
            "a\u{0}@lid",
            "a:@lid",
            "a:x@lid",
            "a:+5@lid",
            "a:65536@lid",
            "a:1:2@lid",
            ":5@lid",
            "120363000000000001:2@g.us",
            "status:1@broadcast",
            "x-1000@interop",
            "+7-1000@interop",
            "65536-1000@interop",
            &format!("{}@lid", "1".repeat(129)),
        ] {
            assert!(text.parse::<Jid>().is_err(), "{text}");
        }
    }

    #[test]
    fn people_are_the_same_whatever_the_device_or_host() {
        let person = jid("15551234567@s.whatsapp.net");
        for text in ["15551234567:5@s.whatsapp.net", "15551234567:99@hosted", "15551234567@c.us"] {
            assert_eq!(jid(text).to_bare(), person);
            assert!(jid(text).same_user(&person) && !jid(text).is_bare() && jid(text).is_pn());
        }
        let lid = jid("15551234567:99@hosted.lid");
        assert!(!lid.same_user(&person) && lid.is_lid() && lid.is_user());
        assert_eq!(person.with_device(5), jid("15551234567:5@s.whatsapp.net"));
    }

    #[test]
    fn the_service_is_neither_a_user_nor_a_phone_number() {
        assert!(Jid::SERVER.is_server() && !Jid::SERVER.is_user() && !Jid::SERVER.is_pn());
        assert_eq!(Jid::SERVER, jid("@s.whatsapp.net"));
        assert_eq!(Jid::STATUS, jid("status@broadcast"));
    }

    #[test]
    fn every_server_is_found_by_its_text_and_domain() {
        for (at, (server, text)) in Server::ALL.into_iter().enumerate() {
            assert_eq!((server as usize, server.as_str()), (at, text));
            assert_eq!(Server::parse(text), Some(server));
            assert_eq!(server.domain().and_then(Server::from_domain), Some(server).filter(|s| s.has_devices()));
        }
    }
}
