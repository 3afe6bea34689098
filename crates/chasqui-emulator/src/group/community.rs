//! Communities: a group that other groups belong to, one of them for announcements (07 §3).
//!
//! Whoever is in one of its groups is in the community and in its group for announcements, too.

use chasqui_wire::{jid::Jid, node::Node};
use compact_str::CompactString;

use super::{
    Group, Settings,
    change::Plan,
    request::{BAD, FORBIDDEN, NOT_FOUND, Reply},
};
use crate::{
    account::{AccountId, DeviceRef},
    requests::Refused,
    world::World,
};

/// What the chat for everybody is called.
const GENERAL: &str = "General";
/// Most groups of one request.
const MAX_LINKED: usize = 100;

/// What a group is among groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kinship {
    /// It is a community.
    pub community: bool,
    /// Members of the community who are no admins make groups in it.
    pub open: bool,
    /// Whoever comes into the community has to be let in.
    pub closed: bool,
    /// The community to which it belongs, by id.
    pub parent: Option<CompactString>,
    /// It is for announcements.
    pub announcements: bool,
    /// It is the chat for everybody.
    pub general: bool,
}

impl Kinship {
    /// The children of `<group>` that tell it.
    pub fn nodes(&self) -> Vec<Node<'static>> {
        let mut nodes = Vec::new();
        let mode = self.closed.then_some("request_required");
        nodes.extend(self.community.then(|| Node::new("parent").attr_opt("default_membership_approval_mode", mode)));
        nodes.extend(self.open.then(|| Node::new("allow_non_admin_sub_group_creation")));
        nodes.extend(self.parent.as_ref().map(|parent| Node::new("linked_parent").attr("jid", jid_of(parent))));
        nodes.extend(self.announcements.then(|| Node::new("default_sub_group")));
        nodes.extend(self.general.then(|| Node::new("general_chat")));
        nodes
    }
}

fn jid_of(id: &str) -> Jid {
    Jid::new(id, chasqui_wire::jid::Server::Group)
}

/// A group as those see it who need not be in it.
fn brief(group: &Group) -> Node<'static> {
    let kin = &group.kin;
    Node::new("group")
        .attr("jid", group.jid())
        .attr("subject", group.subject.clone())
        .attr("s_t", group.subject_at)
        .attr("creation", group.created)
        .attr("size", group.members.len())
        .children(
            [kin.announcements.then(|| Node::new("default_sub_group")), kin.general.then(|| Node::new("general_chat"))]
                .into_iter()
                .flatten(),
        )
}

impl World {
    /// The groups of a community, by id.
    fn sub_groups(&self, community: &str) -> Vec<CompactString> {
        let linked = self.groups.iter().filter(|group| group.kin.parent.as_deref() == Some(community));
        linked.map(|group| group.id.clone()).collect()
    }

    /// Who makes a group in a community has to be allowed to.
    pub fn may_found_in(&self, at: DeviceRef, community: &Jid) -> Result<CompactString, Refused> {
        let found = self.groups.find(community).filter(|found| found.kin.community).ok_or(NOT_FOUND)?;
        let may = found.is_admin(at.account) || found.kin.open && found.is_member(at.account);
        if may { Ok(found.id.clone()) } else { Err(FORBIDDEN) }
    }

    /// Makes what belongs to a new community.
    pub fn furnish_community(&mut self, at: DeviceRef, id: &str, with_general: bool) -> Result<(), Refused> {
        let subject = self.groups.get(id).ok_or(NOT_FOUND)?.subject.clone();
        let parent = Some(CompactString::from(id));
        let announcements = (
            subject,
            Settings { announcement: true, ..Settings::default() },
            Kinship { announcements: true, parent: parent.clone(), ..Kinship::default() },
        );
        let general =
            (GENERAL.to_owned(), Settings::default(), Kinship { general: true, parent, ..Kinship::default() });
        for (subject, settings, kin) in [Some(announcements), with_general.then_some(general)].into_iter().flatten() {
            self.create_group(
                at,
                Plan { subject, by_lid: true, members: Vec::new(), settings, description: None, kin },
                None,
            )?;
        }
        Ok(())
    }

    /// Whoever comes into a group of a community comes into the community, and into its group for announcements.
    pub fn follow_into_community(&mut self, actor: DeviceRef, id: &str, who: &[AccountId]) {
        let Some(parent) = self.groups.get(id).and_then(|group| group.kin.parent.clone()) else { return };
        self.add_members(actor, &parent, who, Some("linked_group_join"));
        let hall = self.sub_groups(&parent).into_iter();
        let hall = hall.filter(|id| self.groups.get(id).is_some_and(|group| group.kin.announcements));
        for hall in hall.collect::<Vec<_>>() {
            if *hall != *id {
                self.add_members(actor, &hall, who, Some("linked_group_join"));
            }
        }
    }

    /// Whoever leaves a community leaves its groups.
    pub fn remove_everywhere(&mut self, actor: DeviceRef, community: &str, who: &[AccountId]) {
        for id in self.sub_groups(community) {
            self.remove_members(actor, &id, who);
        }
        self.remove_members(actor, community, who);
    }

    /// What members ask of a community.
    pub fn ask_community(&self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Reply {
        let community = self.own_group(at, jid)?;
        if !community.kin.community {
            return Err(BAD);
        }
        let groups: Vec<&Group> = self.sub_groups(&community.id).iter().filter_map(|id| self.groups.get(id)).collect();
        match child.tag.as_str() {
            "sub_groups" => Ok(vec![Node::new("sub_groups").children(groups.into_iter().map(brief))]),
            "linked_groups_participants" => {
                let mut people: Vec<AccountId> = groups.iter().flat_map(|group| group.accounts()).collect();
                people.sort_unstable();
                people.dedup();
                let people = people.into_iter().map(|who| {
                    let account = self.accounts.get(who);
                    Node::new("participant").attr("jid", account.jid(true)).attr("phone_number", account.jid(false))
                });
                Ok(vec![Node::new("linked_groups_participants").children(people)])
            }
            "query_linked" => {
                let wanted = child.get_jid("jid").ok_or(BAD)?;
                let group = groups.into_iter().find(|group| group.jid() == wanted).ok_or(NOT_FOUND)?;
                Ok(vec![Node::new("linked_group").child(group.element(&self.accounts, true, true))])
            }
            _ => Err(Refused(501)),
        }
    }

    /// What is changed in a community; `None` when it is nothing that only communities have.
    pub fn change_community(&mut self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Option<Reply> {
        Some(match child.tag.as_str() {
            "links" => self.link_groups(at, jid, child),
            "unlink" => self.unlink_groups(at, jid, child),
            "delete_parent" => self.end_community(at, jid),
            "join_linked_group" => self.join_linked(at, jid, child),
            _ => return None,
        })
    }

    /// A community of which the asker is an admin.
    fn own_community(&self, at: DeviceRef, jid: &Jid) -> Result<CompactString, Refused> {
        let community = self.admin_of(at, jid)?;
        if community.kin.community { Ok(community.id.clone()) } else { Err(BAD) }
    }

    fn link_groups(&mut self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Reply {
        let community = self.own_community(at, jid)?;
        let asked = child.all("link").flat_map(|link| link.all("group")).filter_map(|group| group.get_jid("jid"));
        let mut results = Vec::new();
        for group in asked.take(MAX_LINKED) {
            let node = Node::new("group").attr("jid", &group);
            results.push(match self.link_group(at, &community, &group) {
                Ok(()) => node,
                Err(Refused(code)) => node.attr("error", code),
            });
        }
        Ok(vec![Node::new("links").child(Node::new("link").attr("link_type", "sub_group").children(results))])
    }

    fn link_group(&mut self, at: DeviceRef, community: &CompactString, jid: &Jid) -> Result<(), Refused> {
        let group = self.admin_of(at, jid)?;
        if group.kin.community {
            return Err(Refused(406));
        }
        if group.kin.parent.is_some() {
            return Err(Refused(409));
        }
        let id = group.id.clone();
        if let Some(group) = self.groups.get_mut(&id) {
            group.kin.parent = Some(community.clone());
        }
        self.tell_link(at, "link", &id, community, None);
        let members = self.groups.get(&id).map(Group::accounts).unwrap_or_default();
        self.follow_into_community(at, &id, &members);
        Ok(())
    }

    /// Tells the members of a group about its community, and those of the community about the group.
    pub fn tell_link(
        &mut self,
        at: DeviceRef,
        tag: &'static str,
        id: &str,
        community: &str,
        reason: Option<&'static str>,
    ) {
        let (Some(group), Some(parent)) = (self.groups.get(id), self.groups.get(community)) else { return };
        let kind = if tag == "link" { "link_type" } else { "unlink_type" };
        let node = |what: &'static str, about: &Group| {
            Node::new(tag).attr(kind, what).attr_opt("unlink_reason", reason).child(brief(about))
        };
        let (up, down) = (node("parent_group", parent), node("sub_group", group));
        let (members, everybody) = (group.accounts(), parent.accounts());
        self.notify_group(id, at, &members, up);
        self.notify_group(community, at, &everybody, down);
    }

    fn unlink_groups(&mut self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Reply {
        let community = self.own_community(at, jid)?;
        let mut results = Vec::new();
        for asked in child.all("group").take(MAX_LINKED) {
            let Some(group) = asked.get_jid("jid") else { continue };
            let node = Node::new("group").attr("jid", &group);
            let orphans = asked.is("remove_orphaned_members", "true");
            results.push(match self.unlink_group(at, &community, &group, orphans) {
                Ok(()) => node,
                Err(Refused(code)) => node.attr("error", code),
            });
        }
        Ok(vec![Node::new("unlink").attr("unlink_type", "sub_group").children(results)])
    }

    fn unlink_group(&mut self, at: DeviceRef, community: &str, jid: &Jid, orphans: bool) -> Result<(), Refused> {
        let group = self.groups.find(jid).filter(|group| group.kin.parent.as_deref() == Some(community));
        let group = group.ok_or(NOT_FOUND)?;
        if group.kin.announcements {
            return Err(Refused(406));
        }
        let (id, members) = (group.id.clone(), group.accounts());
        self.tell_link(at, "unlink", &id, community, Some("unlink_group"));
        if let Some(group) = self.groups.get_mut(&id) {
            (group.kin.parent, group.kin.general) = (None, false);
        }
        if orphans {
            let others: Vec<&Group> = self.sub_groups(community).iter().filter_map(|id| self.groups.get(id)).collect();
            let elsewhere =
                |who: &AccountId| others.iter().any(|group| !group.kin.announcements && group.is_member(*who));
            let admins = |who: &AccountId| self.groups.get(community).is_some_and(|group| group.is_admin(*who));
            let alone: Vec<AccountId> = members.into_iter().filter(|who| !elsewhere(who) && !admins(who)).collect();
            self.remove_everywhere(at, community, &alone);
        }
        Ok(())
    }

    /// The groups of a community become ordinary ones; that for announcements and the community itself are gone.
    fn end_community(&mut self, at: DeviceRef, jid: &Jid) -> Reply {
        let community = self.own_community(at, jid)?;
        for id in self.sub_groups(&community) {
            let hall = self.groups.get(&id).is_some_and(|group| group.kin.announcements);
            if hall {
                self.end_group(at, &id);
                continue;
            }
            self.tell_link(at, "unlink", &id, &community, Some("delete_parent"));
            if let Some(group) = self.groups.get_mut(&id) {
                (group.kin.parent, group.kin.general) = (None, false);
            }
        }
        self.end_group(at, &community);
        Ok(Vec::new())
    }

    fn end_group(&mut self, at: DeviceRef, id: &str) {
        let members = self.groups.get(id).map(Group::accounts).unwrap_or_default();
        self.notify_group(id, at, &members, Node::new("delete"));
        self.groups.end(id);
    }

    fn join_linked(&mut self, at: DeviceRef, jid: &Jid, child: &Node<'static>) -> Reply {
        let community = self.own_group(at, jid)?.id.clone();
        let wanted = child.get_jid("jid").ok_or(BAD)?;
        let group = self.groups.find(&wanted).filter(|group| group.kin.parent.as_ref() == Some(&community));
        let group = group.ok_or(NOT_FOUND)?;
        if group.is_member(at.account) {
            return Err(Refused(409));
        }
        let id = group.id.clone();
        self.add_members(at, &id, &[at.account], Some("linked_group_join"));
        let group = self.groups.get(&id).ok_or(NOT_FOUND)?;
        Ok(vec![Node::new("linked_group").child(group.element(&self.accounts, true, true))])
    }
}
