//! Groups: who is in them and how they are addressed, from the server's metadata and its notifications.
//!
//! Metadata is asked for once, before the first message to a group, and kept; `w:gp2` notifications keep it current, and
//! a `phash` in an ack tells that it is not. Source: 03-messages §7, 07-requests-and-notifications §2 and §13.1.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node, Server};
use compact_str::CompactString;
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

/// A group as its messages need it.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Group {
    /// Members are addressed by LID, otherwise by phone number.
    #[prost(bool, tag = "1")]
    pub by_lid: bool,
    /// Users of the members in that form; empty when there are more than [`MAX_MEMBERS`].
    #[prost(string, repeated, tag = "2")]
    users: Vec<String>,
    /// How many there are.
    #[prost(uint64, tag = "3")]
    pub size: u64,
    /// Unix seconds of the server's answer; 0 when it is to be asked for again.
    #[prost(uint64, tag = "4")]
    fetched: u64,
    /// The server's hash of the devices, when it was another one than ours in spite of fresh metadata.
    #[prost(string, tag = "5")]
    other_phash: String,
}

impl Group {
    /// The members, bare.
    pub fn members(&self) -> impl Iterator<Item = Jid> {
        let server = if self.by_lid { Server::Lid } else { Server::Pn };
        self.users.iter().map(move |user| Jid::new(user.as_str(), server))
    }

    /// Whether a user is a member, in the form by which members are addressed.
    pub fn has(&self, user: &Jid) -> bool {
        user.is_lid() == self.by_lid && self.users.iter().any(|member| *member == user.user.as_str())
    }

    /// `lid` or `pn`, as in `addressing_mode`.
    pub const fn mode(&self) -> &'static str {
        if self.by_lid { "lid" } else { "pn" }
    }

    /// Reads `<group>`.
    fn parse(node: &Node<'_>) -> Self {
        let participants = || node.all("participant").filter(|participant| participant.get("error").is_none());
        let by_lid = match node.get_str("addressing_mode").as_deref() {
            Some(mode) => mode == "lid",
            None => participants().next().and_then(|first| first.get_jid("jid")).is_some_and(|jid| jid.is_lid()),
        };
        let size = participants().count();
        let users = if size <= MAX_MEMBERS {
            participants().filter_map(|participant| user_of(participant, by_lid)).map(String::from).collect()
        } else {
            Vec::new()
        };
        Self { by_lid, users, size: size as u64, fetched: unix_now(), other_phash: String::new() }
    }

    fn add(&mut self, user: CompactString) {
        if self.users.len() < MAX_MEMBERS && !self.users.iter().any(|member| *member == user.as_str()) {
            self.users.push(user.into());
            self.size += 1;
        }
    }

    fn remove(&mut self, user: &str) {
        let before = self.users.len();
        self.users.retain(|member| member != user);
        self.size = self.size.saturating_sub((before - self.users.len()) as u64);
    }
}

/// The user part of a `<participant>`, in the form by which the group addresses its members.
fn user_of(participant: &Node<'_>, by_lid: bool) -> Option<CompactString> {
    let jids = ["jid", "phone_number", "lid"].into_iter().filter_map(|attr| participant.get_jid(attr));
    jids.filter(Jid::is_user).find(|jid| jid.is_lid() == by_lid).map(|jid| jid.user)
}

/// What is known of groups.
pub(crate) struct Groups {
    known: Cache<Jid, Arc<Group>>,
    asking: HashSet<Jid>,
    /// When a stranger's request made us ask again who is in a group.
    suspected: Cache<Jid, Instant>,
    refused: Cache<Jid, (Option<u64>, Instant)>,
    /// Messages that were addressed in the group's former way, and are sent once more.
    readdressed: Cache<String, ()>,
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

impl Actor {
    /// A group's metadata, as far as it was ever learnt.
    pub(crate) async fn group(&mut self, chat: &Jid) -> Result<Option<Arc<Group>>, Fault> {
        if let Some(group) = self.groups.known.get(chat) {
            return Ok(Some(group.clone()));
        }
        let Some(bytes) = self.read(Key::new(Namespace::Group, chat.to_string())).await? else { return Ok(None) };
        let Ok(group) = Group::decode(bytes.as_slice()) else { return Ok(None) };
        let group = Arc::new(group);
        self.groups.known.put(chat.clone(), group.clone());
        Ok(Some(group))
    }

    /// The metadata for a message to a group; asks for it when it is unknown or old.
    pub(crate) async fn group_to_send(&mut self, chat: &Jid) -> Result<Lookup, Fault> {
        if let Some(group) = self.group(chat).await?
            && group.fetched.saturating_add(LIFE) > unix_now()
        {
            return Ok(Lookup::Known(group));
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
            Some(group) => self.take_group(&chat, group).await?,
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
        let setting = match timer {
            0 => Node::new("not_ephemeral"),
            seconds => Node::new("ephemeral").attr("expiration", seconds),
        };
        let node = iq::group_request(&id, "set", chat).child(setting).into_owned();
        self.request(id, node, Wait::GroupTimer(reply, chat.clone()));
    }

    /// The answer, or `None` when there will be none.
    pub(crate) fn on_group_timer(&mut self, reply: Reply, chat: &Jid, answer: Option<&Node<'_>>) {
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
    }

    async fn take_group(&mut self, chat: &Jid, node: &Node<'_>) -> Result<(), Fault> {
        self.archive_group(chat, node);
        self.learn_participants(node.all("participant").take(MAX_MEMBERS)).await?;
        let known = self.group(chat).await?.map(|group| group.other_phash.clone());
        let group = Group { other_phash: known.unwrap_or_default(), ..Group::parse(node) };
        self.keep_group(chat, group);
        Ok(())
    }

    fn keep_group(&mut self, chat: &Jid, group: Group) {
        self.turn.batch.put(Namespace::Group, chat.to_string(), group.encode_to_vec());
        self.groups.known.put(chat.clone(), Arc::new(group));
        self.groups.refused.remove(chat);
    }

    async fn learn_participants<'n>(&mut self, participants: impl Iterator<Item = &'n Node<'n>>) -> Result<(), Fault> {
        let pairs = participants.filter_map(|participant| {
            let jid = participant.get_jid("jid").filter(Jid::is_user)?;
            let others = ["phone_number", "lid"].into_iter().filter_map(|attr| participant.get_jid(attr));
            Some(others.map(move |other| (jid.clone(), other)))
        });
        let pairs: Vec<_> = pairs.flatten().collect();
        self.learn_many(pairs).await
    }

    /// `<notification type=w:gp2>`: a group has changed.
    pub(crate) async fn on_group_change(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let Some(chat) = node.get_jid("from").filter(Jid::is_group) else { return Ok(()) };
        for change in node.nodes() {
            match change.tag.as_str() {
                "create" => {
                    if let Some(group) = change.find("group") {
                        self.take_group(&chat, group).await?;
                    }
                }
                "subject" => self.archive_group(&chat, change),
                "add" | "remove" | "leave" => self.on_members(&chat, change).await?,
                // Who has become who is not said.
                "modify" => self.doubt_group(&chat).await?,
                "delete" => {
                    if let Some(group) = self.group(&chat).await? {
                        self.keep_group(&chat, Group { users: Vec::new(), size: 0, ..(*group).clone() });
                    }
                }
                _ => {}
            }
        }
        self.advance_jobs().await
    }

    async fn on_members(&mut self, chat: &Jid, change: &Node<'_>) -> Result<(), Fault> {
        self.learn_participants(change.all("participant").take(MAX_MEMBERS)).await?;
        let Some(group) = self.group(chat).await? else { return Ok(()) };
        if group.users.is_empty() && group.size > 0 {
            // Too large to be kept: the next message asks again.
            return self.doubt_group(chat).await;
        }
        let mut group = (*group).clone();
        for participant in change.all("participant").take(MAX_MEMBERS) {
            let Some(user) = self.member(participant, group.by_lid).await? else { continue };
            if change.tag == "add" { group.add(user) } else { group.remove(&user) }
        }
        self.keep_group(chat, group);
        Ok(())
    }

    /// The user part of a participant in the form of the group, also when the notification names the other one.
    async fn member(&mut self, participant: &Node<'_>, by_lid: bool) -> Result<Option<CompactString>, Fault> {
        if let Some(user) = user_of(participant, by_lid) {
            return Ok(Some(user));
        }
        let Some(jid) = participant.get_jid("jid") else { return Ok(None) };
        Ok(self.counterpart(&jid).await?.map(|other| other.user))
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
        if self.group(chat).await?.is_some_and(|group| group.fetched == 0) || self.groups.asking.contains(chat) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn participant(jid: &str) -> Node<'static> {
        Node::new("participant").attr("jid", jid.parse::<Jid>().expect("a JID"))
    }

    fn members(group: &Group) -> Vec<String> {
        group.members().map(|jid| jid.to_string()).collect()
    }

    #[test]
    fn members_are_read_in_the_form_of_the_group() {
        let pn: Jid = "15550001111@s.whatsapp.net".parse().expect("a JID");
        let node = Node::new("group").attr("id", "120363000000000001").attr("addressing_mode", "lid").children([
            participant("100000000000001@lid").attr("type", "superadmin").attr("phone_number", pn),
            participant("100000000000002@lid"),
            participant("15550003333@s.whatsapp.net"),
            participant("15550004444@s.whatsapp.net").attr("lid", Jid::lid("100000000000004")),
            participant("100000000000005@lid").attr("error", "403"),
        ]);
        let group = Group::parse(&node);
        assert!(group.by_lid && group.mode() == "lid");
        assert_eq!(members(&group), ["100000000000001@lid", "100000000000002@lid", "100000000000004@lid"]);
        assert!(group.has(&Jid::lid("100000000000002")) && !group.has(&Jid::pn("15550001111")));
    }

    #[test]
    fn without_a_mode_the_members_tell_it() {
        let node = |jid| Node::new("group").child(participant(jid));
        assert!(Group::parse(&node("100000000000001@lid")).by_lid);
        assert!(!Group::parse(&node("15550001111@s.whatsapp.net")).by_lid);
        assert!(!Group::parse(&Node::new("group")).by_lid);
    }

    #[test]
    fn of_a_group_beyond_the_limit_only_its_size_is_kept() {
        let people = |count: usize| (0..count).map(|at| participant(&format!("{}@lid", 100_000_000_000_000 + at)));
        let full = Group::parse(&Node::new("group").children(people(MAX_MEMBERS)));
        assert_eq!((full.members().count(), full.size), (MAX_MEMBERS, MAX_MEMBERS as u64));
        let over = Group::parse(&Node::new("group").children(people(MAX_MEMBERS + 1)));
        assert_eq!((over.members().count(), over.size), (0, MAX_MEMBERS as u64 + 1));
    }

    #[test]
    fn members_come_once_and_go() {
        let mut group = Group::parse(&Node::new("group").child(participant("100000000000001@lid")));
        group.add("100000000000002".into());
        group.add("100000000000002".into());
        group.remove("100000000000001");
        group.remove("100000000000009");
        assert_eq!((members(&group), group.size), (vec!["100000000000002@lid".to_owned()], 1));
    }
}
