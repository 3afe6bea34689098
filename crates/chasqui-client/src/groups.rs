//! Groups: who is in them, how they are addressed and what they are set to, from the server's metadata and its notifications.
//!
//! Metadata is asked for once, before the first message to a group, and kept ([`record`]); `w:gp2` notifications and the
//! answers to own requests keep it current ([`changes`]), and a `phash` in an ack tells that it is not. What the service calls
//! out of date is asked for at once, in one list ([`refresh`]). Source: 03-messages §7, 07-requests-and-notifications §2 and §13.1.

mod changes;
mod given;
mod record;
mod refresh;

use std::{collections::HashSet, sync::Arc, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::ProtoMessage;
use chasqui_requests::groups::metadata;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node};
use prost::bytes::Bytes;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    Reply,
    actor::{Actor, Fault},
    cache::Cache,
    connection::{unix_now, unix_now_ms},
    error,
    iq::{self, Wait},
};

pub(crate) use record::Group;
use refresh::Refresh;
pub(crate) use refresh::list_request;

/// Most members of a group, or recipients of a broadcast, that are written to.
pub(crate) const MAX_MEMBERS: usize = 1024;
/// Groups held in memory.
const GROUPS_CAP: usize = 64;
/// Metadata is believed for a day.
const LIFE: u64 = 24 * 3600;
/// A stranger who asks for a message makes us look who is in the group, this often.
const SUSPICION_LIFE: Duration = Duration::from_secs(10);
/// That a group cannot be asked for is believed for so long: every message that waits is told.
const REFUSAL_LIFE: Duration = Duration::from_secs(5);

/// What is known of groups.
pub(crate) struct Groups {
    known: Cache<Jid, Arc<Group>>,
    asking: HashSet<Jid>,
    /// When a stranger's request made us ask again who is in a group.
    suspected: Cache<Jid, Instant>,
    refused: Cache<Jid, (Option<u64>, Instant)>,
    /// Messages that were addressed in the group's former way, and are sent once more.
    readdressed: Cache<String, ()>,
    refresh: Refresh,
}

impl Default for Groups {
    fn default() -> Self {
        let cache = || Cache::new(GROUPS_CAP);
        Self {
            known: cache(),
            asking: HashSet::new(),
            suspected: Cache::new(GROUPS_CAP),
            refused: Cache::new(GROUPS_CAP),
            readdressed: Cache::new(GROUPS_CAP),
            refresh: Refresh::default(),
        }
    }
}

impl Groups {
    /// Groups in memory.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Most groups in memory.
    pub fn cap(&self) -> usize {
        self.known.cap()
    }

    /// Keeps the memory within its bounds, after a commit was submitted.
    pub fn trim(&mut self) {
        self.known.trim();
        self.suspected.trim();
        self.refused.trim();
        self.readdressed.trim();
    }

    /// No answer comes any more.
    pub fn connection_ended(&mut self) {
        self.asking.clear();
        self.refresh.connection_ended();
    }

    /// Whether what is known of a group is believed: it is not old, nobody doubts it, and it came after all was doubted.
    fn believes(&self, group: &Group) -> bool {
        !self.doubts(group) && group.fetched.saturating_add(LIFE) > unix_now()
    }

    /// Whether a group is to be asked for again.
    fn doubts(&self, group: &Group) -> bool {
        group.fetched <= self.refresh.doubted
    }
}

/// Where the metadata for a message stands.
pub(crate) enum Lookup {
    Known(Arc<Group>),
    /// The server was asked.
    Asked,
    /// The message cannot be sent.
    Refused(PublicError),
}

/// The query of a group's metadata.
pub(crate) fn request(id: &str, group: &Jid) -> Node<'static> {
    iq::group_request(id, "get", group).child(Node::new("query").attr("request", "interactive"))
}

/// `NOT_IN_GROUP`.
pub(crate) fn not_in_group(chat: &Jid) -> PublicError {
    PublicError::new(ErrorCode::NotInGroup, "The account is not a member of the group.").with("jid", chat.to_string())
}

/// `RECIPIENT_LIMIT`.
pub(crate) fn recipient_limit(count: u64) -> PublicError {
    PublicError::new(ErrorCode::RecipientLimit, format!("A message goes to 1 to {MAX_MEMBERS} people, not to {count}."))
        .with("count", count)
        .with("limit", MAX_MEMBERS)
}

/// A group's timer, as a request sets it.
fn timer_node(seconds: u32) -> Node<'static> {
    match seconds {
        0 => Node::new("not_ephemeral"),
        seconds => Node::new("ephemeral").attr("expiration", seconds),
    }
}

impl Actor {
    /// A group's metadata, as far as it was ever learnt.
    pub(crate) async fn group(&mut self, chat: &Jid) -> Result<Option<Arc<Group>>, Fault> {
        if let Some(group) = self.groups.known.get(chat) {
            return Ok(Some(group.clone()));
        }
        let Some(bytes) = self.read(Key::new(Namespace::Group, chat.to_string())).await? else { return Ok(None) };
        let Ok(group) = Group::decode(Bytes::from(bytes)) else { return Ok(None) };
        let group = Arc::new(group);
        self.groups.known.put(chat.clone(), group.clone());
        Ok(Some(group))
    }

    /// The metadata for a message to a group; asks for it when it is unknown or old.
    pub(crate) async fn group_to_send(&mut self, chat: &Jid) -> Result<Lookup, Fault> {
        if let Some(group) = self.group(chat).await? {
            if self.groups.believes(&group) {
                return Ok(Lookup::Known(group));
            }
            if self.groups.is_listed_soon(&group) {
                return Ok(Lookup::Asked);
            }
        }
        if let Some((code, until)) = self.groups.refused.get(chat)
            && *until > Instant::now()
        {
            return Ok(Lookup::Refused(match *code {
                Some(401 | 403 | 404) => not_in_group(chat),
                Some(code) => PublicError::new(
                    ErrorCode::RequestFailed,
                    format!("The server refused to tell who is in the group, with error {code}."),
                )
                .with("error", code),
                None => PublicError::new(ErrorCode::Timeout, "The server did not tell in time who is in the group."),
            }));
        }
        if self.groups.asking.insert(chat.clone()) {
            self.query(Wait::Group(chat.clone()));
        }
        Ok(Lookup::Asked)
    }

    /// The metadata, or `None` when there will be none.
    pub(crate) async fn on_group(&mut self, chat: Jid, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        self.groups.asking.remove(&chat);
        let code = answer.and_then(iq::error_code);
        match answer.and_then(|answer| answer.find("group")).filter(|_| code.is_none()) {
            Some(group) => {
                self.learn_members(group).await?;
                self.take_group(&chat, group).await?;
            }
            None => {
                // A result without the group is no answer either.
                let code = code.or(answer.map(|_| 500));
                self.groups.refused.put(chat, (code, Instant::now() + REFUSAL_LIFE));
            }
        }
        self.advance_jobs().await
    }

    /// The timer of a group is no message but a setting of the group, by request (03-messages §18).
    pub(crate) fn set_group_timer(&mut self, reply: Reply, chat: &Jid, timer: u32) {
        if !self.is_open() {
            return self.answer(reply, Err(error::not_connected()));
        }
        let id = self.requests.id();
        let node = iq::group_request(&id, "set", chat).child(timer_node(timer)).into_owned();
        self.request(id, node, Wait::GroupTimer(reply, chat.clone(), timer));
    }

    /// The answer, or `None` when there will be none.
    pub(crate) async fn on_group_timer(
        &mut self,
        reply: Reply,
        chat: &Jid,
        timer: u32,
        answer: Option<&Node<'_>>,
    ) -> Result<(), Fault> {
        if answer.is_some_and(|answer| iq::error_code(answer).is_none()) {
            self.on_setting(chat, &timer_node(timer), None, 0).await?;
        }
        let result = match (answer, answer.and_then(iq::error_code)) {
            (Some(answer), None) => {
                let id = answer.get_str("id").unwrap_or_default();
                Ok(Some(json!({ "id": id, "timestamp": unix_now_ms() })))
            }
            (_, Some(404)) => Err(not_in_group(chat)),
            (_, Some(code @ (401 | 403))) => {
                let message = "The account may not change the group's timer: it is no member, or only admins may.";
                Err(PublicError::new(ErrorCode::NotAllowed, message).with("error", code))
            }
            (_, Some(code)) => {
                let message = format!("The server refused the group's timer with error {code}.");
                Err(PublicError::new(ErrorCode::RequestFailed, message).with("error", code))
            }
            (None, None) => {
                let message = "The server did not confirm the group's timer in time.";
                Err(PublicError::new(ErrorCode::Timeout, message))
            }
        };
        self.reply(reply, result);
        Ok(())
    }

    /// Takes over what the service tells of a group. The addresses in it are learnt by who calls.
    async fn take_group(&mut self, chat: &Jid, node: &Node<'_>) -> Result<(), Fault> {
        self.archive_group(chat, node);
        let known = self.group(chat).await?.map(|group| group.other_phash.clone());
        let group = metadata::read_as(chat.clone(), node, MAX_MEMBERS);
        let mut group = Group::of(&group, known.unwrap_or_default());
        if group.fetched > 0 {
            group.fetched = group.fetched.max(self.groups.refresh.doubted.saturating_add(1));
        }
        self.keep_group(chat, group);
        Ok(())
    }

    fn keep_group(&mut self, chat: &Jid, group: Group) {
        self.turn.batch.put(Namespace::Group, chat.to_string(), group.encode_to_vec());
        self.groups.known.put(chat.clone(), Arc::new(group));
        self.groups.refused.remove(chat);
    }

    /// The metadata is asked for before the next message; until the answer what is known stays known.
    pub(crate) async fn doubt_group(&mut self, chat: &Jid) -> Result<(), Fault> {
        if let Some(group) = self.group(chat).await?.filter(|group| group.fetched > 0) {
            self.keep_group(chat, Group { fetched: 0, ..(*group).clone() });
        }
        Ok(())
    }

    /// Somebody asks for a message to a group in which he is not, as far as we know. Whether that is to be looked up:
    /// the notification that he was added may still be under way.
    pub(crate) async fn suspect(&mut self, chat: &Jid) -> Result<bool, Fault> {
        let doubted = self.group(chat).await?.is_some_and(|group| self.groups.doubts(&group));
        if doubted || self.groups.asking.contains(chat) {
            return Ok(true);
        }
        let now = Instant::now();
        if self.groups.suspected.get(chat).is_some_and(|since| *since + SUSPICION_LIFE > now) {
            return Ok(false);
        }
        self.groups.suspected.put(chat.clone(), now);
        self.doubt_group(chat).await?;
        Ok(true)
    }

    /// The server's hash of a group's devices is not ours: what we know of the group and of its members' devices is
    /// asked for again, once for each hash.
    pub(crate) async fn on_group_phash(&mut self, chat: &Jid, phash: &str) -> Result<(), Fault> {
        let Some(group) = self.group(chat).await?.filter(|group| group.other_phash != phash) else { return Ok(()) };
        for member in group.members() {
            self.forget_devices(&member).await?;
        }
        self.keep_group(chat, Group { fetched: 0, other_phash: phash.to_owned(), ..(*group).clone() });
        Ok(())
    }

    /// Whether a message that the server found addressed in the group's former way is sent once more.
    pub(crate) async fn readdress(&mut self, chat: &Jid, id: &str) -> Result<bool, Fault> {
        if self.groups.readdressed.get(id).is_some() {
            return Ok(false);
        }
        self.groups.readdressed.put(id.to_owned(), ());
        self.doubt_group(chat).await?;
        Ok(true)
    }
}
