//! Requests to the server and the answers they wait for, by id.
//!
//! Source: 01-connection §11. What follows an answer is data ([`Wait`]), not a closure: the actor acts on it.

use std::collections::HashMap;

use chasqui_wire::{Jid, Node, curve};
use compact_str::{CompactString, format_compact};
use tokio::time::Instant;

use crate::{Reply, devices::Query, link_code::Linking, question::Asked};

/// What an answer is for.
#[derive(Debug)]
pub(crate) enum Wait {
    /// How many prekeys the server has.
    PreKeyCount,
    /// A prekey upload.
    PreKeyUpload,
    /// The switch to active mode.
    Active,
    /// The comparison of the server's prekeys with ours.
    Digest,
    /// The renewal of the signed prekey to this id.
    Rotation(u32),
    /// A keepalive.
    Ping,
    /// Device lists.
    Devices(Query),
    /// Prekey bundles of these devices.
    Bundles(Vec<Jid>),
    /// A group's metadata.
    Group(Jid),
    /// Whom the account has blocked.
    Blocklist,
    /// A group's new timer.
    GroupTimer(Reply, Jid),
    /// The offer of a pairing code.
    PairingHello(Reply, Box<Linking>),
    /// Our identity for the phone that answered the code.
    PairingFinish,
    /// Both addresses of this person.
    Resolve(Reply, Jid),
    /// The program's answer; no request to the server.
    Program(Asked),
    /// The own removal.
    Logout(Reply),
    /// Nothing acts on the answer.
    Ignore,
}

/// Requests under way.
pub(crate) struct Requests {
    prefix: CompactString,
    next: u32,
    waiting: HashMap<CompactString, (Wait, Instant)>,
}

impl Default for Requests {
    fn default() -> Self {
        let [a, b, c, d] = curve::random_bytes();
        let (first, second) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Self { prefix: format_compact!("{first}.{second}-"), next: 0, waiting: HashMap::new() }
    }
}

impl Requests {
    /// An id never used on this client before.
    pub fn id(&mut self) -> CompactString {
        self.next = self.next.wrapping_add(1);
        format_compact!("{}{}", self.prefix, self.next)
    }

    /// Remembers what the answer with this id is for.
    pub fn expect(&mut self, id: CompactString, wait: Wait, deadline: Instant) {
        self.waiting.insert(id, (wait, deadline));
    }

    /// Takes what an answer of the server is for.
    pub fn take(&mut self, id: &str) -> Option<Wait> {
        match self.waiting.get(id) {
            Some((Wait::Program(_), _)) | None => None,
            Some(_) => self.waiting.remove(id).map(|(wait, _)| wait),
        }
    }

    /// Takes a question to the program.
    pub fn take_question(&mut self, id: &str) -> Option<Asked> {
        match self.waiting.remove(id)? {
            (Wait::Program(asked), _) => Some(asked),
            other => {
                self.waiting.insert(id.into(), other);
                None
            }
        }
    }

    /// Questions that the program has not answered.
    pub fn questions(&self) -> usize {
        self.waiting.values().filter(|(wait, _)| matches!(wait, Wait::Program(_))).count()
    }

    /// Takes what has waited too long.
    pub fn expired(&mut self, now: Instant) -> Vec<Wait> {
        self.waiting.extract_if(|_, (_, deadline)| *deadline <= now).map(|(_, (wait, _))| wait).collect()
    }

    /// Takes everything: the connection ended.
    pub fn drain(&mut self) -> Vec<Wait> {
        self.waiting.drain().map(|(_, (wait, _))| wait).collect()
    }

    /// When the next one has waited too long.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.waiting.values().map(|(_, deadline)| *deadline).min()
    }
}

/// A request to the server; the caller adds the content.
pub(crate) fn request(id: &str, kind: &'static str, xmlns: &'static str) -> Node<'static> {
    request_to(&Jid::SERVER, id, kind, xmlns)
}

/// A request about a group.
pub(crate) fn group_request(id: &str, kind: &'static str, group: &Jid) -> Node<'static> {
    request_to(group, id, kind, "w:g2")
}

fn request_to(to: &Jid, id: &str, kind: &'static str, xmlns: &'static str) -> Node<'static> {
    Node::new("iq").attr("to", to).attr("type", kind).attr("xmlns", xmlns).attr("id", id.to_owned()).into_owned()
}

/// The number of an answer's error, if it is one. A `result` may carry one too.
pub(crate) fn error_code(answer: &Node<'_>) -> Option<u64> {
    let error = answer.find("error");
    if answer.is("type", "error") || error.is_some() {
        return Some(error.and_then(|error| error.get_u64("code")).unwrap_or(500));
    }
    None
}
