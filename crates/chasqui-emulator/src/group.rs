//! Groups: who is in them, what they are set to, and the `<group>` element that tells it (07 §2.1).
//!
//! | module | keeps |
//! |---|---|
//! | `request` | what clients ask and change (`xmlns=w:g2`) |
//! | `change` | what a change does, and the `w:gp2` notifications about it |
//! | `relay` | messages to groups, to `status@broadcast` and to broadcast lists |
//! | `report` | messages that members report to the admins |
//! | `phone` | virtual phones as members: sender keys |
//! | `community` | groups of groups |
//! | `graph` | settings that are changed by GraphQL |
//! | `admin` | what tests create, change and look at |

pub mod admin;
mod change;
mod community;
mod graph;
mod phone;
mod relay;
mod report;
mod request;

use std::collections::{BTreeMap, HashSet};

use chasqui_wire::{
    curve::random_bytes,
    jid::{Jid, Server},
    node::Node,
};
use compact_str::{CompactString, format_compact};

use crate::{
    account::{AccountId, Accounts},
    prekeys::bytes,
};

use change::Setting;
pub(crate) use community::Kinship;
pub(crate) use phone::{GroupKeys, GroupMessage, only_gives_key};
pub(crate) use relay::{Audiences, Post};

/// Most members of one group.
pub(crate) const MAX_MEMBERS: usize = 1024;
/// Most groups that one emulator holds.
const MAX_GROUPS: u64 = 100_000;
/// Characters of an invite code, and how many it has.
const CODE_ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CODE_LEN: usize = 22;

/// What a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Member,
    Admin,
    /// The creator; cannot be removed or demoted.
    SuperAdmin,
}

impl Role {
    /// The `type` attribute of a participant; members have none.
    pub const fn attr(self) -> Option<&'static str> {
        match self {
            Self::Member => None,
            Self::Admin => Some("admin"),
            Self::SuperAdmin => Some("superadmin"),
        }
    }
}

/// One member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub role: Role,
    /// Counts joins: the smallest is the oldest member.
    pub joined: u64,
}

/// Somebody who wants to join.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    /// Since when, in seconds.
    pub since: u64,
    /// How he came to it: `request_method`.
    pub method: &'static str,
    /// Who asked for it.
    pub requestor: AccountId,
}

/// A group's description.
pub(crate) struct Description {
    /// Chosen by the client that wrote it; the next writer must name it.
    pub id: CompactString,
    pub text: String,
    pub by: AccountId,
    pub at: u64,
}

/// The switches of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Only admins write.
    pub announcement: bool,
    /// Only admins edit the subject, the description and the timer.
    pub locked: bool,
    /// Seconds until messages disappear; 0 is off.
    pub ephemeral: u32,
    /// Only admins add members.
    pub admin_add: bool,
    /// Who comes by the invite link waits for an admin.
    pub approval: bool,
    /// Every member gives the invite link away.
    pub all_link: bool,
    /// Every member shares what was written before with those who come.
    pub all_share: bool,
    /// What is written stays in the group.
    pub limit_sharing: bool,
    /// Members report messages to the admins.
    pub admin_reports: bool,
}

/// A group.
pub(crate) struct Group {
    pub id: CompactString,
    /// Whether members are addressed by LID.
    pub by_lid: bool,
    pub subject: String,
    pub subject_by: AccountId,
    pub subject_at: u64,
    pub description: Option<Description>,
    pub creator: AccountId,
    pub created: u64,
    pub members: BTreeMap<AccountId, Member>,
    pub settings: Settings,
    pub invite: CompactString,
    /// What it is among groups.
    pub kin: Kinship,
    /// Who wants to join.
    pub requests: BTreeMap<AccountId, Waiting>,
    /// Who left by himself, and when: for a while nobody adds him again.
    pub left: BTreeMap<AccountId, u64>,
    /// Who was removed by an admin and so cannot come back by the link.
    pub removed: HashSet<AccountId>,
    /// Personal invitations, by invited account: code and end of its time.
    pub invitations: BTreeMap<AccountId, (CompactString, u64)>,
    /// Messages that members have reported to the admins, by id: who did, and when in seconds.
    pub reports: BTreeMap<CompactString, BTreeMap<AccountId, u64>>,
    /// Counts changes of the member list.
    pub version: u64,
    joins: u64,
}

impl Group {
    /// `ID@g.us`.
    pub fn jid(&self) -> Jid {
        Jid::new(self.id.clone(), Server::Group)
    }

    pub fn is_member(&self, account: AccountId) -> bool {
        self.members.contains_key(&account)
    }

    pub fn is_admin(&self, account: AccountId) -> bool {
        self.members.get(&account).is_some_and(|member| member.role > Role::Member)
    }

    /// Its members, by account.
    pub fn accounts(&self) -> Vec<AccountId> {
        self.members.keys().copied().collect()
    }

    /// Adds a member; false when the group is full or the account is in it.
    pub fn join(&mut self, account: AccountId, role: Role) -> bool {
        if self.members.len() >= MAX_MEMBERS || self.is_member(account) {
            return false;
        }
        self.joins += 1;
        self.version += 1;
        self.members.insert(account, Member { role, joined: self.joins });
        self.requests.remove(&account);
        self.invitations.remove(&account);
        self.left.remove(&account);
        true
    }

    /// Removes a member. A group without admin makes its oldest member one.
    pub fn part(&mut self, account: AccountId) -> bool {
        if self.members.remove(&account).is_none() {
            return false;
        }
        self.version += 1;
        if !self.members.values().any(|member| member.role > Role::Member)
            && let Some(oldest) = self.members.values_mut().min_by_key(|member| member.joined)
        {
            oldest.role = Role::Admin;
        }
        true
    }

    /// `<participant>` with the JID of the group's addressing, its twin and the role.
    pub fn participant(&self, accounts: &Accounts, who: AccountId) -> Node<'static> {
        let account = accounts.get(who);
        let twin = if self.by_lid { "phone_number" } else { "lid" };
        Node::new("participant")
            .attr("jid", account.jid(self.by_lid))
            .attr(twin, account.jid(!self.by_lid))
            .attr_opt("type", self.members.get(&who).and_then(|member| member.role.attr()))
    }

    /// `<group>` with everything that members may know.
    pub fn element(&self, accounts: &Accounts, with_participants: bool, with_description: bool) -> Node<'static> {
        let person = |id: AccountId| (accounts.get(id).jid(self.by_lid), accounts.get(id).jid(!self.by_lid));
        let (subject_by, subject_twin) = person(self.subject_by);
        let (creator, creator_twin) = person(self.creator);
        let mut group = Node::new("group")
            .attr("id", self.id.clone())
            .attr("subject", self.subject.clone())
            .attr("s_t", self.subject_at)
            .attr("s_o", subject_by)
            .attr("creation", self.created)
            .attr("creator", creator);
        if self.by_lid {
            group = group.attr("s_o_pn", subject_twin).attr("creator_pn", creator_twin);
        }
        group = group
            .attr("size", self.members.len())
            .attr("p_v_id", self.version)
            .attr("a_v_id", self.version)
            .attr("addressing_mode", mode(self.by_lid));
        let mut children = Vec::new();
        if with_participants {
            children.extend(self.members.keys().map(|who| self.participant(accounts, *who)));
        }
        if let Some(description) = self.description.as_ref().filter(|_| with_description) {
            let (by, twin) = person(description.by);
            children.push(
                Node::new("description")
                    .attr("id", description.id.clone())
                    .attr("participant", by)
                    .attr_opt("participant_pn", self.by_lid.then_some(twin))
                    .attr("t", description.at)
                    .child(bytes("body", description.text.as_bytes())),
            );
        }
        children.extend(self.setting_nodes());
        children.extend(self.kin.nodes());
        group.children(children)
    }

    fn setting_nodes(&self) -> Vec<Node<'static>> {
        let Settings { announcement, locked, ephemeral, admin_add, approval, .. } = self.settings;
        let Settings { all_link, all_share, limit_sharing, admin_reports, .. } = self.settings;
        let mut nodes = Vec::new();
        nodes.extend(announcement.then(|| Node::new("announcement")));
        nodes.extend(locked.then(|| Node::new("locked")));
        nodes
            .extend((ephemeral > 0).then(|| Node::new("ephemeral").attr("expiration", ephemeral).attr("trigger", "0")));
        nodes.push(bytes("member_add_mode", if admin_add { b"admin_add" } else { b"all_member_add" }));
        nodes.extend([Setting::LinkMode(all_link).node(), Setting::HistoryMode(all_share).node()]);
        nodes.extend(limit_sharing.then(|| Setting::LimitSharing(true).node()));
        nodes.extend(admin_reports.then(|| Setting::AdminReports(true).node()));
        // Its presence alone says "on" to some clients.
        nodes.extend(
            approval.then(|| Node::new("membership_approval_mode").child(Node::new("group_join").attr("state", "on"))),
        );
        nodes
    }
}

/// The value of `addressing_mode`.
pub(crate) const fn mode(by_lid: bool) -> &'static str {
    if by_lid { "lid" } else { "pn" }
}

/// All groups, in the order in which they were made.
#[derive(Default)]
pub(crate) struct Groups {
    list: BTreeMap<CompactString, Group>,
    made: u64,
}

impl Groups {
    /// Makes a group with its creator as only member; `None` when there are too many groups.
    pub fn make(&mut self, subject: String, by_lid: bool, creator: AccountId, now: u64) -> Option<&mut Group> {
        if self.made >= MAX_GROUPS {
            return None;
        }
        self.made += 1;
        let id = format_compact!("120363{:012}", self.made);
        let mut group = Group {
            id: id.clone(),
            by_lid,
            subject,
            subject_by: creator,
            subject_at: now,
            description: None,
            creator,
            created: now,
            members: BTreeMap::new(),
            settings: Settings::default(),
            invite: invite_code(),
            kin: Kinship::default(),
            requests: BTreeMap::new(),
            left: BTreeMap::new(),
            removed: HashSet::new(),
            invitations: BTreeMap::new(),
            reports: BTreeMap::new(),
            version: 0,
            joins: 0,
        };
        group.join(creator, Role::SuperAdmin);
        Some(self.list.entry(id).or_insert(group))
    }

    /// The group with this JID.
    pub fn find(&self, jid: &Jid) -> Option<&Group> {
        self.list.get(&jid.user).filter(|_| jid.is_group())
    }

    /// The group with this id, the part before the `@`.
    pub fn get(&self, id: &str) -> Option<&Group> {
        self.list.get(id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut Group> {
        self.list.get_mut(id)
    }

    /// The group with this invite code.
    pub fn invited(&self, code: &str) -> Option<&Group> {
        self.list.values().find(|group| group.invite == code)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Group> {
        self.list.values()
    }

    /// A group is gone.
    pub fn end(&mut self, id: &str) {
        self.list.remove(id);
    }

    /// Forgets all; ids are not given out again.
    pub fn clear(&mut self) {
        self.list.clear();
    }
}

/// A fresh invite code.
pub(crate) fn invite_code() -> CompactString {
    random_bytes::<CODE_LEN>()
        .iter()
        .map(|byte| char::from(CODE_ALPHABET[usize::from(*byte) % CODE_ALPHABET.len()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(accounts: &mut Accounts, names: &[&str]) -> Vec<AccountId> {
        names.iter().map(|name| accounts.open(Some(name), 1)).collect()
    }

    #[test]
    fn the_oldest_member_follows_the_last_admin() {
        let mut accounts = Accounts::default();
        let who = people(&mut accounts, &["c", "b", "a"]);
        let mut groups = Groups::default();
        let group = groups.make("x".into(), true, who[2], 1).unwrap();
        assert!(group.join(who[1], Role::Member) && group.join(who[0], Role::Member));
        assert!(!group.join(who[0], Role::Member));
        assert!(group.part(who[2]));
        assert!(group.is_admin(who[1]) && !group.is_admin(who[0]));
    }

    #[test]
    fn a_group_takes_1024_members() {
        let mut accounts = Accounts::default();
        let who: Vec<AccountId> = (0..=MAX_MEMBERS).map(|n| accounts.open(Some(&format!("p{n}")), 1)).collect();
        let mut groups = Groups::default();
        let group = groups.make("x".into(), true, who[0], 1).unwrap();
        let joined = who.iter().skip(1).filter(|who| group.join(**who, Role::Member)).count();
        assert_eq!((joined, group.members.len()), (MAX_MEMBERS - 1, MAX_MEMBERS));
    }

    #[test]
    fn the_element_gives_every_member_in_both_forms() {
        let mut accounts = Accounts::default();
        let who = people(&mut accounts, &["alice", "bob"]);
        let mut groups = Groups::default();
        let group = groups.make("x".into(), true, who[0], 1).unwrap();
        group.join(who[1], Role::Member);
        let element = group.element(&accounts, true, true);
        let members: Vec<_> = element.all("participant").collect();
        assert!(members[0].is("jid", "637791190049705@lid") && members[0].is("type", "superadmin"));
        assert!(members[1].is("phone_number", "9991748178650@s.whatsapp.net") && members[1].get("type").is_none());
        group.by_lid = false;
        let element = group.element(&accounts, true, true);
        assert!(element.is("addressing_mode", "pn"));
        assert!(element.find("participant").unwrap().is("lid", "637791190049705@lid"));
    }
}
