//! Requests to the server and the answers they wait for, by id.
//!
//! Source: 01-connection §11. What follows an answer is data ([`Wait`]), not a closure: the actor acts on it.

use std::collections::HashMap;

use chasqui_appstate::Collection;
use chasqui_wire::{Jid, Node, curve};
use compact_str::{CompactString, format_compact};
use tokio::time::Instant;

use crate::{Reply, app_state, devices::Query, link_code::Linking, question::Asked, requests::Asking};

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
    /// All groups.
    Groups,
    /// Whom the account has blocked.
    Blocklist,
    /// Where media files are.
    MediaHosts,
    /// What has changed in these collections of the account's state.
    AppState(Vec<Collection>),
    /// Changes of the account's state.
    AppStateUpload(Box<app_state::Sent>),
    /// A group's new timer, in seconds.
    GroupTimer(Reply, Jid, u32),
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
    /// Our privacy token for this person, made at this time.
    Token(Jid, u64),
    /// The service's switches.
    Props,
    /// The privacy settings.
    Privacy,
    /// What a method asked for; the request itself, to make a `get` again.
    Method(Box<Asking>),
    /// Live updates of this channel.
    Live(Jid),
    /// Nothing acts on the answer.
    Ignore,
}

/// A request under way, or put off.
#[derive(Debug)]
pub(crate) struct Request {
    /// What its answer is for.
    pub wait: Wait,
    /// How often it was refused because the server is asked too often.
    pub refusals: u32,
}

/// Requests that have no answer yet.
pub(crate) struct Requests {
    prefix: CompactString,
    next: u32,
    waiting: HashMap<CompactString, (Request, Instant)>,
    /// They are made again at these times.
    put_off: Vec<(Request, Instant)>,
}

impl Default for Requests {
    fn default() -> Self {
        let [a, b, c, d] = curve::random_bytes();
        let (first, second) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Self { prefix: format_compact!("{first}.{second}-"), next: 0, waiting: HashMap::new(), put_off: Vec::new() }
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
        self.expect_again(id, Request { wait, refusals: 0 }, deadline);
    }

    /// The same for a request that may have been refused before.
    pub fn expect_again(&mut self, id: CompactString, request: Request, deadline: Instant) {
        self.waiting.insert(id, (request, deadline));
    }

    /// Takes what an answer of the server is for.
    pub fn take(&mut self, id: &str) -> Option<Request> {
        match self.waiting.get(id) {
            Some((Request { wait: Wait::Program(_), .. }, _)) | None => None,
            Some(_) => self.waiting.remove(id).map(|(request, _)| request),
        }
    }

    /// Keeps a request until it is made again.
    pub fn put_off(&mut self, request: Request, due: Instant) {
        self.put_off.push((request, due));
    }

    /// Takes what is to be asked for again now.
    pub fn due(&mut self, now: Instant) -> Vec<Request> {
        self.put_off.extract_if(.., |(_, due)| *due <= now).map(|(request, _)| request).collect()
    }

    /// Takes a question to the program.
    pub fn take_question(&mut self, id: &str) -> Option<Asked> {
        match self.waiting.remove(id)? {
            (Request { wait: Wait::Program(asked), .. }, _) => Some(asked),
            other => {
                self.waiting.insert(id.into(), other);
                None
            }
        }
    }

    /// Questions that the program has not answered.
    pub fn questions(&self) -> usize {
        self.waiting.values().filter(|(request, _)| matches!(request.wait, Wait::Program(_))).count()
    }

    /// Takes what has waited too long.
    pub fn expired(&mut self, now: Instant) -> Vec<Wait> {
        self.waiting.extract_if(|_, (_, deadline)| *deadline <= now).map(|(_, (request, _))| request.wait).collect()
    }

    /// Takes everything: the connection ended.
    pub fn drain(&mut self) -> Vec<Wait> {
        let waiting = self.waiting.drain().map(|(_, waiting)| waiting);
        waiting.chain(self.put_off.drain(..)).map(|(request, _)| request.wait).collect()
    }

    /// When the next one has waited too long, or is to be made again.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.waiting.values().chain(&self.put_off).map(|(_, time)| *time).min()
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
    let error = error(answer);
    (answer.is("type", "error") || error.is_some()).then(|| error.map_or(500, code_of))
}

/// `<error>` in an answer, or in the result of what a usync asked for. (One about LIDs spoils no list of devices.)
pub(crate) fn error<'n>(answer: &'n Node<'n>) -> Option<&'n Node<'n>> {
    let of_usync = || {
        let parts = answer.find("usync")?.find("result")?.nodes().iter();
        parts.filter(|part| part.tag != "lid").find_map(|part| part.find("error"))
    };
    answer.find("error").or_else(of_usync)
}

/// The number of an `<error>`.
pub(crate) fn code_of(error: &Node<'_>) -> u64 {
    error.get_u64("code").unwrap_or(500)
}
