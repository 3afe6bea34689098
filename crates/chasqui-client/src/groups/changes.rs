//! What changes in groups: by notifications, and by the answers to own requests. Both are taken over in the order of the
//! stream, and taking the same change over twice does nothing. Source: 07-requests-and-notifications §2 and §13.1.

use std::{collections::HashSet, sync::Arc};

use chasqui_proto::ProtoMessage;
use chasqui_requests::{
    groups::{XMLNS, metadata, settings},
    person::Person,
};
use chasqui_store::Namespace;
use chasqui_wire::{Jid, Node};
use compact_str::CompactString;
use metadata::Role;

use super::{Group, MAX_MEMBERS};
use crate::{
    actor::{Actor, Fault},
    connection::{unix_now, unix_now_ms},
    iq,
};

/// Most groups that one answer tells.
pub(super) const MAX_TOLD: usize = 10_000;

/// Who says that members have changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Notification,
    /// The answer to an own request. A notification may tell the same.
    Answer,
}

impl Actor {
    /// What programs are told of a group without asking the service; `None` when it has to be asked.
    pub(crate) async fn known_group(&mut self, chat: &Jid) -> Result<Option<metadata::Group>, Fault> {
        let Some(group) = self.group(chat).await? else { return Ok(None) };
        let fresh = self.groups.believes(&group);
        let member = self.own_in(group.by_lid).is_some_and(|own| group.has(&own));
        let Some(mut known) = group.to_metadata(chat).filter(|_| fresh && member) else { return Ok(None) };
        self.look_up(known.participants.iter().map(|participant| &participant.person.jid)).await?;
        for participant in &mut known.participants {
            participant.person.twin = self.counterpart(&participant.person.jid).await?;
        }
        Ok(Some(known))
    }

    /// The answer to a request of a method: what it says about groups, and what the request has changed.
    pub(crate) async fn on_group_answer(&mut self, asked: &Node<'_>, answer: &Node<'_>) -> Result<(), Fault> {
        if iq::error_code(answer).is_some() {
            return Ok(());
        }
        if asked.is("xmlns", "w:mex") {
            return self.on_property(asked, answer).await;
        }
        if !asked.is("xmlns", XMLNS) {
            return Ok(());
        }
        let Some(child) = asked.nodes().first() else { return Ok(()) };
        let chat = asked.get_jid("to").filter(|to| to.is_group() && !to.user.is_empty());
        let set = asked.is("type", "set");
        match (chat, child.tag.as_str()) {
            (Some(chat), "query") if !set && child.find("add_request").is_none() => {
                if let Some(group) = answer.find("group") {
                    self.learn_members(group).await?;
                    self.take_group(&chat, group).await?;
                }
            }
            (None, "participating" | "query") if !set => {
                if let Some(list) = answer.find("groups") {
                    self.take_groups(list).await?;
                }
            }
            (None, "create") if set => {
                if let Some(group) = answer.find("group")
                    && let Some(chat) = metadata::jid_in(group, "id")
                {
                    self.learn_members(group).await?;
                    self.take_group(&chat, group).await?;
                }
            }
            (None, "leave") if set => {
                let left = answer.find("leave").into_iter().flat_map(|leave| leave.all("group"));
                let left = left.filter(|node| node.get("error").is_none());
                let left: Vec<Jid> = left.filter_map(|node| metadata::jid_in(node, "id")).collect();
                for chat in left {
                    self.leave_known(&chat).await?;
                }
                if let Some(community) = child.find("linked_groups").and_then(|node| node.get_jid("parent_group_jid")) {
                    self.doubt_community(&community).await?;
                }
            }
            (Some(chat), tag @ ("add" | "remove" | "promote" | "demote")) if set => {
                if let Some(told) = answer.find(tag) {
                    self.learn_members(told).await?;
                    self.on_members(&chat, tag, told, Told::Answer).await?;
                    if child.get("linked_groups").is_some() {
                        self.doubt_community(&chat).await?;
                    }
                }
            }
            (Some(chat), "membership_requests_action") if set => {
                if let Some(told) = answer.find("membership_requests_action").and_then(|told| told.find("approve")) {
                    self.learn_members(told).await?;
                    self.on_members(&chat, "add", told, Told::Answer).await?;
                }
            }
            (Some(chat), "delete_parent") if set => self.doubt_community(&chat).await?,
            (Some(_), "links" | "unlink") if set => {
                let links = if child.tag == "links" { child.nodes() } else { std::slice::from_ref(child) };
                let groups = links.iter().flat_map(|link| link.all("group"));
                let groups: Vec<Jid> = groups.filter_map(|group| metadata::jid_in(group, "jid")).collect();
                for group in groups {
                    self.doubt_group(&group).await?;
                }
            }
            (Some(chat), _) if set => {
                let own = self.own_in(true).and_then(|own| Person::of(&own, None));
                self.on_setting(&chat, child, own.as_ref(), unix_now().saturating_mul(1000)).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes over a list of groups; gives which they are.
    pub(super) async fn take_groups(&mut self, list: &Node<'_>) -> Result<Vec<Jid>, Fault> {
        // Many people are in many of the groups.
        let (mut pairs, mut groups) = (HashSet::new(), Vec::new());
        for group in list.all("group").take(MAX_TOLD) {
            let Some(chat) = metadata::jid_in(group, "id").filter(|_| group.get("error").is_none()) else {
                continue;
            };
            if group.is("truncated", "true") {
                continue;
            }
            let people = group.all("participant").take(MAX_MEMBERS).filter_map(Person::participant);
            pairs.extend(people.filter_map(|person| person.pair()));
            groups.push((chat, group));
        }
        for (chat, group) in &groups {
            self.take_group(chat, group).await?;
        }
        self.learn_all(pairs).await?;
        Ok(groups.into_iter().map(|(chat, _)| chat).collect())
    }

    /// The answer to a query in GraphQL, which may have changed a setting.
    async fn on_property(&mut self, asked: &Node<'_>, answer: &Node<'_>) -> Result<(), Fault> {
        let Some((chat, changes)) = settings::changed_property(asked, answer) else { return Ok(()) };
        let own = self.own_in(true).and_then(|own| Person::of(&own, None));
        for change in changes {
            self.on_setting(&chat, &change, own.as_ref(), unix_now().saturating_mul(1000)).await?;
        }
        Ok(())
    }

    /// `<notification type=w:gp2>`: a group has changed. The addresses in it are learnt already.
    pub(crate) async fn on_group_change(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let Some(chat) = node.get_jid("from").filter(Jid::is_group) else { return Ok(()) };
        let author = Person::named(node, "participant", &["participant_pn", "participant_lid"]);
        let at = node.get_u64("t").map_or_else(unix_now_ms, |seconds| seconds.saturating_mul(1000));
        for change in node.nodes() {
            match change.tag.as_str() {
                "create" => {
                    if let Some(group) = change.find("group") {
                        self.take_group(&chat, group).await?;
                    }
                }
                tag @ ("add" | "remove" | "leave" | "promote" | "demote") => {
                    self.on_members(&chat, tag, change, Told::Notification).await?;
                }
                // Who has become who is not said; and a community is made of more than is kept of it.
                "modify" | "linked_group_promote" | "linked_group_demote" => self.doubt_group(&chat).await?,
                "delete" => {
                    if let Some(group) = self.group(&chat).await? {
                        let mut group = (*group).clone();
                        group.clear();
                        self.keep_group(&chat, group);
                    }
                }
                tag => {
                    if tag == "subject" {
                        self.archive_group(&chat, change);
                    }
                    self.on_setting(&chat, change, author.as_ref(), at).await?;
                }
            }
        }
        self.advance_jobs().await
    }

    /// What a group is called or set to has changed.
    pub(super) async fn on_setting(
        &mut self,
        chat: &Jid,
        change: &Node<'_>,
        by: Option<&Person>,
        at: u64,
    ) -> Result<(), Fault> {
        let Some(known) = self.group(chat).await? else { return Ok(()) };
        let mut group = (*known).clone();
        if group.set(change, by, at) && group != *known {
            self.keep_group(chat, group);
        }
        Ok(())
    }

    /// The account has left a group.
    pub(super) async fn leave_known(&mut self, chat: &Jid) -> Result<(), Fault> {
        let Some(known) = self.group(chat).await? else { return Ok(()) };
        let Some(own) = self.own_in(known.by_lid) else { return Ok(()) };
        let mut group = (*known).clone();
        group.remove(&own.user);
        if known.is_large() {
            group.fetched = 0;
        }
        self.keep_group(chat, group);
        Ok(())
    }

    /// A community and all of its groups are asked for before they are needed again.
    async fn doubt_community(&mut self, community: &Jid) -> Result<(), Fault> {
        self.doubt_group(community).await?;
        self.flush();
        let parent = community.to_string();
        let stored = self.store()?.scan(Namespace::Group, None, MAX_TOLD).await?;
        let linked = stored.iter().filter_map(|(key, bytes)| {
            let group = Group::decode(bytes.as_slice()).ok().filter(|group| group.parent() == Some(&parent))?;
            let chat = std::str::from_utf8(key).ok()?.parse::<Jid>().ok()?;
            (group.fetched > 0).then_some(chat)
        });
        for chat in linked.collect::<Vec<_>>() {
            self.doubt_group(&chat).await?;
        }
        Ok(())
    }

    /// Members have come, gone, or become something else.
    async fn on_members(&mut self, chat: &Jid, tag: &str, change: &Node<'_>, told: Told) -> Result<(), Fault> {
        let Some(known) = self.group(chat).await? else { return Ok(()) };
        let concerned = change.all("participant").filter(|participant| participant.get("error").is_none());
        if known.is_large() {
            return self.on_crowd(chat, &known, tag, concerned.count() as u64, told);
        }
        let concerned: Vec<_> = concerned.take(MAX_MEMBERS).collect();
        let own = self.own_in(known.by_lid);
        let was_member = own.as_ref().is_some_and(|own| known.has(own));
        let mut group = (*known).clone();
        for participant in concerned {
            let Some(user) = self.member(participant, group.by_lid).await? else {
                // Somebody whose other address nobody knows.
                group.fetched = 0;
                continue;
            };
            match tag {
                "add" => group.add(user, Role::of(participant)),
                "promote" => group.set_role(&user, Role::Admin),
                "demote" => group.set_role(&user, Role::Member),
                _ => group.remove(&user),
            }
        }
        // What happened while the account was not in the group was not told.
        if !was_member && own.is_some_and(|own| group.has(&own)) {
            group.fetched = 0;
        }
        if group != *known {
            self.keep_group(chat, group);
        }
        Ok(())
    }

    /// The same in a group that is too large for its members to be kept: it may become small enough.
    fn on_crowd(&mut self, chat: &Jid, known: &Arc<Group>, tag: &str, count: u64, told: Told) -> Result<(), Fault> {
        let size = match tag {
            "add" => known.size.saturating_add(count),
            "remove" | "leave" => known.size.saturating_sub(count),
            _ => return Ok(()),
        };
        let fetched = if size > MAX_MEMBERS as u64 { known.fetched } else { 0 };
        // The notification will say it, too, and the number is not to change twice; but asking once more does no harm.
        let size = if told == Told::Answer { known.size } else { size.max(1) };
        self.keep_group(chat, Group { size, fetched, ..(**known).clone() });
        Ok(())
    }

    /// The user part of a participant in the form of the group, also when the notification names the other one.
    async fn member(&mut self, participant: &Node<'_>, by_lid: bool) -> Result<Option<CompactString>, Fault> {
        let Some(person) = Person::participant(participant) else { return Ok(None) };
        if let Some(jid) = person.address(by_lid) {
            return Ok(Some(jid.user.clone()));
        }
        Ok(self.counterpart(&person.jid).await?.map(|other| other.user))
    }
}
