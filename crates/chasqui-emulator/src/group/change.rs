//! What a change of a group does, and whom a `w:gp2` notification tells about it (07 §13.1, the contract §9.6).
//!
//! A notification holds one child. It waits until the request that caused it is answered.

use chasqui_wire::{jid::Jid, node::Node};
use compact_str::CompactString;

use super::{Description, Group, Kinship, Role, Settings, invite_code, mode};
use crate::{
    account::{AccountId, DeviceRef},
    prekeys::bytes,
    queue::{Entry, Kind},
    requests::Refused,
    world::World,
};

/// A group that is to be made.
pub(crate) struct Plan {
    pub subject: String,
    pub by_lid: bool,
    /// Everybody but the creator.
    pub members: Vec<AccountId>,
    pub settings: Settings,
    /// Id and text.
    pub description: Option<(CompactString, String)>,
    /// What it is to be among groups.
    pub kin: Kinship,
}

/// One switch with its new position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Announcement(bool),
    Locked(bool),
    /// Seconds; 0 is off.
    Ephemeral(u32),
    AdminAdd(bool),
    Approval(bool),
    /// Every member gives the invite link away.
    LinkMode(bool),
    /// Every member shares what was written before.
    HistoryMode(bool),
    LimitSharing(bool),
    AdminReports(bool),
}

impl Setting {
    /// Reads the child of a request; `None` when it is something else.
    pub fn read(node: &Node<'_>) -> Option<Self> {
        Some(match node.tag.as_str() {
            "announcement" => Self::Announcement(true),
            "not_announcement" => Self::Announcement(false),
            "locked" => Self::Locked(true),
            "unlocked" => Self::Locked(false),
            "ephemeral" => Self::Ephemeral(u32::try_from(node.get_u64("expiration")?).ok()?),
            "not_ephemeral" => Self::Ephemeral(0),
            "member_add_mode" => Self::AdminAdd(node.content_str()? == "admin_add"),
            "membership_approval_mode" => Self::Approval(node.nodes().first()?.is("state", "on")),
            "allow_admin_reports" => Self::AdminReports(true),
            "not_allow_admin_reports" => Self::AdminReports(false),
            _ => return None,
        })
    }

    /// Reads a child of `<create>`: what is set in a group that is there is set by GraphQL only.
    pub fn read_new(node: &Node<'_>) -> Option<Self> {
        match node.tag.as_str() {
            "member_link_mode" => Some(Self::LinkMode(node.content_str()? == "all_member_link")),
            _ => Self::read(node),
        }
    }

    /// The child of the notification; of `<group>`, too, for those that are there when they are on.
    pub fn node(self) -> Node<'static> {
        match self {
            Self::Announcement(on) => Node::new(if on { "announcement" } else { "not_announcement" }),
            Self::Locked(on) => Node::new(if on { "locked" } else { "unlocked" }),
            Self::Ephemeral(0) => Node::new("not_ephemeral"),
            Self::Ephemeral(seconds) => Node::new("ephemeral").attr("expiration", seconds).attr("trigger", "0"),
            Self::AdminAdd(on) => bytes("member_add_mode", if on { b"admin_add" } else { b"all_member_add" }),
            Self::Approval(on) => Node::new("membership_approval_mode")
                .child(Node::new("group_join").attr("state", if on { "on" } else { "off" })),
            Self::LinkMode(all) => bytes("member_link_mode", if all { b"all_member_link" } else { b"admin_link" }),
            Self::HistoryMode(all) => {
                bytes("member_share_group_history_mode", if all { b"all_member_share" } else { b"admin_share" })
            }
            Self::LimitSharing(true) => Node::new("limit_sharing_enabled").attr("trigger", "1"),
            Self::LimitSharing(false) => Node::new("limit_sharing_disabled"),
            Self::AdminReports(on) => Node::new(if on { "allow_admin_reports" } else { "not_allow_admin_reports" }),
        }
    }

    /// Puts the switch there.
    pub fn apply(self, settings: &mut Settings) {
        match self {
            Self::Announcement(on) => settings.announcement = on,
            Self::Locked(on) => settings.locked = on,
            Self::Ephemeral(seconds) => settings.ephemeral = seconds,
            Self::AdminAdd(on) => settings.admin_add = on,
            Self::Approval(on) => settings.approval = on,
            Self::LinkMode(all) => settings.all_link = all,
            Self::HistoryMode(all) => settings.all_share = all,
            Self::LimitSharing(on) => settings.limit_sharing = on,
            Self::AdminReports(on) => settings.admin_reports = on,
        }
    }
}

impl World {
    /// Makes a group; every member is told of it. `key` is what the creator's client calls the request.
    pub fn create_group(&mut self, actor: DeviceRef, plan: Plan, key: Option<&str>) -> Result<CompactString, Refused> {
        let now = self.clock.now().seconds();
        let Some(group) = self.groups.make(plan.subject, plan.by_lid, actor.account, now) else {
            return Err(Refused(500));
        };
        let id = group.id.clone();
        group.settings = plan.settings;
        group.kin = plan.kin;
        group.description = plan.description.map(|(id, text)| Description { id, text, by: actor.account, at: now });
        for member in plan.members {
            group.join(member, Role::Member);
        }
        let others: Vec<AccountId> = group.accounts().into_iter().filter(|who| *who != actor.account).collect();
        let element = group.element(&self.accounts, true, true);
        let create = Node::new("create").attr("type", "new").child(element);
        self.notify_group(&id, actor, &[actor.account], create.clone().attr_opt("key", key.map(str::to_owned)));
        self.notify_group(&id, actor, &others, create);
        if let Some(community) = self.groups.get(&id).and_then(|group| group.kin.parent.clone()) {
            self.tell_link(actor, "link", &id, &community, None);
            self.follow_into_community(actor, &id, &others);
        }
        Ok(id)
    }

    /// Adds people who may be added: to them the group is new, the others learn who came.
    pub fn add_members(&mut self, actor: DeviceRef, id: &str, who: &[AccountId], reason: Option<&'static str>) {
        let Some(group) = self.groups.get_mut(id) else { return };
        let (before, previous) = (group.accounts(), group.version);
        let added: Vec<AccountId> = who.iter().copied().filter(|who| group.join(*who, Role::Member)).collect();
        if added.is_empty() {
            return;
        }
        for who in &added {
            group.removed.remove(who);
        }
        let group = &*group;
        let participants: Vec<_> = added.iter().map(|who| group.participant(&self.accounts, *who)).collect();
        let add = Node::new("add")
            .attr("prev_v_id", previous)
            .attr("v_id", group.version)
            .attr_opt("reason", reason)
            .children(participants);
        let create = Node::new("create").attr("type", "new").attr_opt("reason", reason).child(group.element(
            &self.accounts,
            true,
            true,
        ));
        // Whoever comes by himself does not know the group yet.
        self.notify_devices(id, actor, &added, create, true);
        self.notify_group(id, actor, &before, add);
        self.follow_into_community(actor, id, &added);
    }

    /// Takes people out; they are told, too. Whoever leaves names himself as the actor.
    pub fn remove_members(&mut self, actor: DeviceRef, id: &str, who: &[AccountId]) {
        let Some(group) = self.groups.get_mut(id) else { return };
        let (before, previous) = (group.accounts(), group.version);
        let gone: Vec<AccountId> = who.iter().copied().filter(|who| group.is_member(*who)).collect();
        if gone.is_empty() {
            return;
        }
        let participants: Vec<_> = gone
            .iter()
            .map(|who| {
                let mut node = group.participant(&self.accounts, *who);
                node.attrs.retain(|(key, _)| *key != "type");
                node
            })
            .collect();
        let now = self.clock.now().seconds();
        for who in &gone {
            group.part(*who);
            if *who == actor.account {
                group.left.insert(*who, now);
            } else {
                group.removed.insert(*who);
            }
        }
        let remove = Node::new("remove").attr("prev_v_id", previous).attr("v_id", group.version).children(participants);
        for member in &before {
            // Whoever is out may not read what comes next.
            self.accounts.get_mut(*member).phone.groups.renew(id);
        }
        self.notify_group(id, actor, &before, remove);
    }

    /// Makes people admins, or members again.
    pub fn set_roles(&mut self, actor: DeviceRef, id: &str, who: &[AccountId], role: Role) {
        let Some(group) = self.groups.get_mut(id) else { return };
        let mut changed = Vec::new();
        for who in who {
            if let Some(member) = group.members.get_mut(who).filter(|member| member.role != role) {
                member.role = role;
                changed.push(*who);
            }
        }
        if changed.is_empty() {
            return;
        }
        let group = &*group;
        let participants: Vec<_> = changed.iter().map(|who| group.participant(&self.accounts, *who)).collect();
        let tag = if role == Role::Member { "demote" } else { "promote" };
        let everybody = group.accounts();
        self.notify_group(id, actor, &everybody, Node::new(tag).children(participants));
    }

    /// Gives the group another name.
    pub fn set_subject(&mut self, actor: DeviceRef, id: &str, subject: String) {
        let now = self.clock.now().seconds();
        let Some(group) = self.groups.get_mut(id) else { return };
        group.subject.clone_from(&subject);
        (group.subject_by, group.subject_at) = (actor.account, now);
        let by = self.accounts.get(actor.account);
        let node = Node::new("subject")
            .attr("subject", subject)
            .attr("s_t", now)
            .attr("s_o", by.jid(group.by_lid))
            .attr_opt("s_o_pn", group.by_lid.then(|| by.jid(false)));
        let everybody = group.accounts();
        self.notify_group(id, actor, &everybody, node);
    }

    /// Describes the group, or with `None` no longer.
    pub fn set_description(&mut self, actor: DeviceRef, id: &str, description_id: CompactString, text: Option<String>) {
        let now = self.clock.now().seconds();
        let Some(group) = self.groups.get_mut(id) else { return };
        let body = match &text {
            Some(text) => bytes("body", text.as_bytes()),
            None => Node::new("delete"),
        };
        group.description =
            text.map(|text| Description { id: description_id.clone(), text, by: actor.account, at: now });
        let everybody = group.accounts();
        let node = Node::new("description").attr("id", description_id).attr("t", now).child(body);
        self.notify_group(id, actor, &everybody, node);
    }

    /// Turns a switch; turning it to where it is tells nobody.
    pub fn set_setting(&mut self, actor: DeviceRef, id: &str, setting: Setting) {
        let Some(group) = self.groups.get_mut(id) else { return };
        let before = group.settings;
        setting.apply(&mut group.settings);
        if before == group.settings {
            return;
        }
        let everybody = group.accounts();
        self.notify_group(id, actor, &everybody, setting.node());
    }

    /// Makes the invite link worthless; admins are told the new code.
    pub fn renew_invite(&mut self, actor: DeviceRef, id: &str) -> Option<CompactString> {
        let group = self.groups.get_mut(id)?;
        group.invite = invite_code();
        let code = group.invite.clone();
        let admins: Vec<AccountId> = group.accounts().into_iter().filter(|who| group.is_admin(*who)).collect();
        self.notify_group(id, actor, &admins, Node::new("invite").attr("code", code.clone()));
        Some(code)
    }

    /// Queues a notification for the companions of `to`; the one that asked for the change knows it already, unless the
    /// option says that it hears of it too.
    pub fn notify_group(&mut self, id: &str, actor: DeviceRef, to: &[AccountId], child: Node<'static>) {
        self.notify_devices(id, actor, to, child, self.options.echo_group_changes);
    }

    fn notify_devices(&mut self, id: &str, actor: DeviceRef, to: &[AccountId], child: Node<'static>, echo: bool) {
        let Some(group) = self.groups.get(id) else { return };
        let (chat, by_lid): (Jid, bool) = (group.jid(), group.by_lid);
        let author = self.accounts.get(actor.account);
        let twin = if by_lid { "participant_pn" } else { "participant_lid" };
        let node = Node::new("notification")
            .attr("from", chat)
            .attr("type", "w:gp2")
            .attr("participant", author.jid(by_lid))
            .attr(twin, author.jid(!by_lid))
            .attr("addressing_mode", mode(by_lid))
            .attr("notify", author.push_name.clone())
            .attr("t", self.clock.now().seconds());
        let id = self.fresh_id();
        let entry = Entry {
            kind: Kind::Notification,
            id: id.as_str().into(),
            author: None,
            own_copy: false,
            expires: None,
            node: node.attr("id", id).child(child).into(),
        };
        for account in to {
            let devices: Vec<u16> = self.accounts.get(*account).devices.keys().copied().collect();
            let targets = devices.into_iter().map(|device| DeviceRef { account: *account, device });
            self.deferred.extend(targets.filter(|at| echo || *at != actor).map(|at| (at, entry.clone())));
        }
    }
}

/// Who may turn what.
pub(super) fn may_edit(group: &Group, who: AccountId) -> bool {
    group.is_admin(who) || !group.settings.locked && group.is_member(who)
}
