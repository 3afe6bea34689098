//! Groups that the service calls out of date (`<dirty type=groups>`): what is known of all of them is doubted from that moment
//! on, also after a restart, and one request asks for the list. When that is taken over, the mark is cleaned; without an
//! answer each group is asked for when it is needed, and the service says it again at the next login.
//!
//! Source: 07-requests-and-notifications §2.3, §12 and §14.3.

use std::collections::{BTreeSet, HashMap, HashSet};

use chasqui_proto::ProtoMessage;
use chasqui_requests::{groups::metadata, session::Outcome};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node, Server};
use serde_json::json;

use super::{Group, Groups, changes::MAX_TOLD};
use crate::{
    actor::{Actor, Fault},
    connection::{unix_now, unix_now_ms},
    iq::{self, Wait},
};

/// The kinds of `<dirty>` that are about groups.
const KINDS: [&str; 2] = ["groups", "communities"];

fn key() -> Key {
    Key::new(Namespace::Meta, b"groups-doubted")
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(uint64, tag = "1")]
    doubted: u64,
}

/// Where the list stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum List {
    #[default]
    Known,
    Asked,
    /// It was asked for before something else was called out of date.
    AskedTooEarly,
}

#[derive(Default)]
pub(super) struct Refresh {
    /// What was told before or at this time is doubted. Unix seconds, and one more each time that it is said within one.
    pub doubted: u64,
    /// What is to be cleaned.
    marks: BTreeSet<&'static str>,
    list: List,
    /// Methods that want to know a group that the list will have.
    waiting: Vec<(Jid, Outcome<Option<metadata::Group>>)>,
}

impl Refresh {
    pub fn connection_ended(&mut self) {
        self.marks.clear();
        self.list = List::Known;
        for (_, outcome) in self.waiting.drain(..) {
            // What it asks then is refused, since nobody is connected.
            let _ = outcome.send(Ok(None));
        }
    }
}

impl Groups {
    /// Whether a list is under way that has this group.
    pub(super) fn is_listed_soon(&self, group: &Group) -> bool {
        self.refresh.list != List::Known && group.fetched > 0 && self.doubts(group)
    }
}

/// The query of all groups.
pub(crate) fn list_request(id: &str) -> Node<'static> {
    iq::group_request(id, "get", &Jid::new("", Server::Group))
        .child(Node::new("participating").children([Node::new("participants"), Node::new("description")]))
}

/// Both records say the same of a group.
fn is_same(one: &Group, other: &Group) -> bool {
    let bare = |group: &Group| Group { fetched: 0, other_phash: String::new(), ..group.clone() };
    bare(one) == bare(other)
}

impl Actor {
    /// Reads what is stored.
    pub(crate) async fn load_group_doubt(&mut self) -> Result<(), Fault> {
        let stored = self.read(key()).await?;
        let stored = stored.and_then(|bytes| Stored::decode(bytes.as_slice()).ok()).unwrap_or_default();
        self.groups.refresh.doubted = stored.doubted;
        Ok(())
    }

    /// `<dirty>`: whether it is about groups.
    pub(crate) fn on_dirty_groups(&mut self, kind: &str) -> bool {
        let Some(kind) = KINDS.iter().find(|known| **known == kind) else { return false };
        let refresh = &mut self.groups.refresh;
        refresh.marks.insert(kind);
        refresh.doubted = unix_now().max(refresh.doubted.saturating_add(1));
        let stored = Stored { doubted: refresh.doubted }.encode_to_vec();
        self.turn.batch.put(Namespace::Meta, key().bytes, stored);
        match refresh.list {
            List::Known => self.ask_groups(),
            List::Asked | List::AskedTooEarly => refresh.list = List::AskedTooEarly,
        }
        true
    }

    fn ask_groups(&mut self) {
        self.groups.refresh.list = List::Asked;
        self.query(Wait::Groups);
    }

    /// The list, or `None` when there will be none.
    pub(crate) async fn on_groups(&mut self, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        let state = std::mem::take(&mut self.groups.refresh.list);
        let list = answer.filter(|answer| iq::error_code(answer).is_none()).and_then(|answer| answer.find("groups"));
        match list {
            Some(_) if state == List::AskedTooEarly => {
                self.ask_groups();
                return Ok(());
            }
            Some(list) => {
                self.take_all_groups(list).await?;
                for kind in std::mem::take(&mut self.groups.refresh.marks) {
                    let id = self.requests.id();
                    let clean = Node::new("clean").attr("type", kind);
                    let node = iq::request(&id, "set", "urn:xmpp:whatsapp:dirty").child(clean);
                    self.request(id, node, Wait::Ignore);
                }
            }
            None => {
                tracing::warn!(session = %self.name, "the service did not tell the groups; each is asked for when it is needed");
                self.groups.refresh.marks.clear();
            }
        }
        for (chat, outcome) in std::mem::take(&mut self.groups.refresh.waiting) {
            let known = self.known_group(&chat).await?;
            let _ = outcome.send(Ok(known));
        }
        self.advance_jobs().await
    }

    /// What is known of a group, for a method; it waits for a list that is under way.
    pub(crate) async fn know_group(
        &mut self,
        chat: Jid,
        outcome: Outcome<Option<metadata::Group>>,
    ) -> Result<(), Fault> {
        let soon = self.group(&chat).await?.is_some_and(|group| self.groups.is_listed_soon(&group));
        if soon {
            self.groups.refresh.waiting.push((chat, outcome));
            return Ok(());
        }
        let known = self.known_group(&chat).await?;
        let _ = outcome.send(Ok(known));
        Ok(())
    }

    /// Takes over the list of all groups: in those that it lacks the account is no more. The program is told what it did not
    /// hear of.
    async fn take_all_groups(&mut self, list: &Node<'_>) -> Result<(), Fault> {
        self.flush();
        let stored = self.store()?.scan(Namespace::Group, None, MAX_TOLD).await?;
        let known = stored.iter().filter_map(|(key, bytes)| {
            let chat = std::str::from_utf8(key).ok()?.parse::<Jid>().ok()?;
            Some((chat, Group::decode(bytes.as_slice()).ok()?))
        });
        let known: HashMap<Jid, Group> = known.collect();
        let told = self.take_groups(list).await?;
        for chat in &told {
            let Some(before) = known.get(chat) else { continue };
            if self.group(chat).await?.is_some_and(|now| !is_same(before, &now)) {
                self.tell_refreshed(chat).await?;
            }
        }
        // A list that was cut does not say who is not in it.
        if list.nodes().len() >= MAX_TOLD {
            return Ok(());
        }
        let told: HashSet<Jid> = told.into_iter().collect();
        let absent = known.iter().filter(|(chat, _)| !told.contains(*chat));
        for (chat, group) in absent.collect::<Vec<_>>() {
            if group.is_large() || self.own_in(group.by_lid).is_some_and(|own| group.has(&own)) {
                self.leave_known(chat).await?;
                self.tell_refreshed(chat).await?;
            }
        }
        Ok(())
    }

    async fn tell_refreshed(&mut self, chat: &Jid) -> Result<(), Fault> {
        let metadata = self.known_group(chat).await?;
        let mut value = json!({ "group": chat.to_string(), "action": "refresh", "timestamp": unix_now_ms() });
        if let Some(metadata) = metadata {
            value["metadata"] = json!(metadata);
        }
        self.tell("group", value).await
    }
}

#[cfg(test)]
#[allow(clippy::ok_expect, reason = "a fault has no Debug: it may hold secrets")]
mod tests {
    use chasqui_requests::groups::metadata::read_as;

    use super::*;
    use crate::{
        actor::Effect,
        creds::Paired,
        event,
        groups::{Lookup, MAX_MEMBERS},
    };

    fn chat(at: u8) -> Jid {
        Jid::new(format!("12036300000000000{at}"), Server::Group)
    }

    fn group(at: u8, subject: &'static str) -> Node<'static> {
        let own = Node::new("participant").attr("jid", Jid::lid("100000000000001"));
        let other = Node::new("participant").attr("jid", Jid::lid("100000000000002"));
        Node::new("group")
            .attr("id", chat(at).user.clone())
            .attr("subject", subject)
            .attr("addressing_mode", "lid")
            .children([own, other])
    }

    fn answer(groups: Vec<Node<'static>>) -> Node<'static> {
        Node::new("iq").attr("type", "result").child(Node::new("groups").children(groups))
    }

    /// The requests that leave, by what they ask.
    fn leaving(actor: &mut Actor) -> Vec<String> {
        let effects = std::mem::take(&mut actor.turn.effects).into_iter();
        let asked = effects.filter_map(|effect| match effect {
            Effect::Send(node) if node.tag == "iq" => {
                let child = node.nodes().first()?;
                let kind = child.get_str("type").map(|kind| format!(" {kind}")).unwrap_or_default();
                Some(format!("{}{kind}", child.tag.as_str()))
            }
            _ => None,
        });
        asked.collect()
    }

    async fn actor() -> Actor {
        let mut actor = Actor::for_tests().await;
        let (events, _receiver) = event::channel();
        actor.events = events;
        actor.creds.paired = Some(Paired {
            pn: Jid::pn("15550001111").with_device(3),
            lid: Jid::lid("100000000000001").with_device(3),
            account: Vec::new(),
            platform: String::new(),
            lid_migrated: true,
        });
        for at in [1, 2] {
            let told = read_as(chat(at), &group(at, "Old"), MAX_MEMBERS);
            actor.keep_group(&chat(at), Group::of(&told, String::new()));
        }
        actor.settle().await;
        leaving(&mut actor);
        actor
    }

    #[tokio::test]
    async fn all_groups_are_doubted_one_list_is_asked_for_and_then_the_mark_is_cleaned() {
        let mut actor = actor().await;
        assert!(actor.known_group(&chat(1)).await.ok().flatten().is_some());
        assert!(actor.on_dirty_groups("groups") && !actor.on_dirty_groups("account_sync"));
        assert_eq!(leaving(&mut actor), ["participating"]);
        assert!(actor.known_group(&chat(1)).await.ok().flatten().is_none(), "it is doubted");
        let (outcome, mut told) = tokio::sync::oneshot::channel();
        actor.know_group(chat(1), outcome).await.ok().expect("waits");
        assert!(told.try_recv().is_err());
        for at in [1, 2, 3] {
            assert!(matches!(actor.group_to_send(&chat(at)).await, Ok(Lookup::Asked)), "{at}");
        }
        assert_eq!(leaving(&mut actor), ["query"], "only for the group of which nothing is known");
        actor.on_groups(Some(&answer(vec![group(1, "New")]))).await.ok().expect("taken");
        assert_eq!(leaving(&mut actor), ["clean groups"]);
        let known = told.try_recv().expect("told").expect("no error").expect("known");
        assert_eq!((known.subject.as_str(), known.size), ("New", 2));
        assert!(matches!(actor.group_to_send(&chat(1)).await, Ok(Lookup::Known(_))));
        // The account is not in the other one any more.
        assert!(actor.known_group(&chat(2)).await.ok().flatten().is_none());
        assert_eq!(actor.group(&chat(2)).await.ok().flatten().map(|group| group.size), Some(1));
    }

    #[tokio::test]
    async fn without_an_answer_each_group_is_asked_for_and_nothing_is_cleaned() {
        let mut actor = actor().await;
        assert!(actor.on_dirty_groups("communities"));
        leaving(&mut actor);
        actor.on_groups(Some(&Node::new("iq").attr("type", "error"))).await.ok().expect("taken");
        assert_eq!(leaving(&mut actor), [""; 0]);
        assert!(matches!(actor.group_to_send(&chat(1)).await, Ok(Lookup::Asked)));
        assert_eq!(leaving(&mut actor), ["query"]);
        // That they are doubted is known after a restart, too.
        actor.settle().await;
        let before = actor.groups.refresh.doubted;
        actor.groups = Groups::default();
        actor.load_group_doubt().await.ok().expect("loaded");
        assert_eq!(actor.groups.refresh.doubted, before);
        assert!(actor.known_group(&chat(1)).await.ok().flatten().is_none());
    }

    #[tokio::test]
    async fn what_is_said_while_the_list_is_under_way_asks_for_another_one() {
        let mut actor = actor().await;
        assert!(actor.on_dirty_groups("groups"));
        assert!(actor.on_dirty_groups("communities") && actor.on_dirty_groups("groups"));
        assert_eq!(leaving(&mut actor), ["participating"]);
        let list = || answer(vec![group(1, "New"), group(2, "New")]);
        actor.on_groups(Some(&list())).await.ok().expect("taken");
        assert_eq!(leaving(&mut actor), ["participating"], "and nothing is cleaned yet");
        actor.on_groups(Some(&list())).await.ok().expect("taken");
        assert_eq!(leaving(&mut actor), ["clean communities", "clean groups"]);
        // Said again within the same second, it is doubted again.
        assert!(actor.known_group(&chat(1)).await.ok().flatten().is_some());
        assert!(actor.on_dirty_groups("groups"));
        assert!(actor.known_group(&chat(1)).await.ok().flatten().is_none());
    }
}
