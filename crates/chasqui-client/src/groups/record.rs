//! What is kept of a group: who is in it and what it is set to, as one value of [`chasqui_store::Namespace::Group`].
//!
//! Of a group with more than [`MAX_MEMBERS`] people only their number is kept: it is known to be too large to be written to.
//! Records of earlier versions lack `about`, or a part of it; they serve for sending until the group is asked for.

use std::str::FromStr;

use chasqui_requests::{
    groups::metadata::{self, Description, Participant, Role, Who},
    person::Person,
};
use chasqui_wire::{Jid, Node, Server};
use compact_str::CompactString;
use prost::bytes::Bytes;

use super::MAX_MEMBERS;
use crate::connection::unix_now;

/// A group as its messages need it, and as programs ask for it.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Group {
    /// Members are addressed by LID, otherwise by phone number.
    #[prost(bool, tag = "1")]
    pub by_lid: bool,
    /// Users of the members in that form; empty when there are more than [`MAX_MEMBERS`].
    /// They are parts of the record as it was read: it is copied for every change.
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub users: Vec<Bytes>,
    /// How many there are.
    #[prost(uint64, tag = "3")]
    pub size: u64,
    /// Unix seconds of the server's answer; 0 when it is to be asked for again.
    #[prost(uint64, tag = "4")]
    pub fetched: u64,
    /// The server's hash of the devices, when it was another one than ours in spite of fresh metadata.
    #[prost(string, tag = "5")]
    pub other_phash: String,
    /// Everything but the members.
    #[prost(message, optional, boxed, tag = "6")]
    pub(super) about: Option<Box<About>>,
    /// What each of `users` may do: 0, 1 for admins, 2 for who made the group.
    #[prost(bytes = "vec", tag = "7")]
    pub(super) roles: Vec<u8>,
}

/// What a group is called and set to. Times are milliseconds since the epoch.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct About {
    #[prost(string, tag = "1")]
    subject: String,
    #[prost(string, tag = "2")]
    subject_author: String,
    #[prost(uint64, tag = "3")]
    subject_timestamp: u64,
    #[prost(string, tag = "4")]
    owner: String,
    #[prost(uint64, tag = "5")]
    created: u64,
    #[prost(string, optional, tag = "6")]
    description: Option<String>,
    #[prost(string, tag = "7")]
    description_id: String,
    #[prost(string, tag = "8")]
    description_author: String,
    #[prost(uint64, tag = "9")]
    description_timestamp: u64,
    #[prost(bool, tag = "10")]
    announcement: bool,
    #[prost(bool, tag = "11")]
    locked: bool,
    #[prost(uint32, tag = "12")]
    disappearing: u32,
    #[prost(bool, tag = "13")]
    admins_add: bool,
    #[prost(bool, tag = "14")]
    join_approval: bool,
    #[prost(bool, tag = "15")]
    community: bool,
    #[prost(string, tag = "16")]
    parent: String,
    #[prost(bool, tag = "17")]
    announcements: bool,
    #[prost(bool, tag = "18")]
    general: bool,
    /// Every member gives the invite link away.
    #[prost(bool, tag = "19")]
    all_link: bool,
    /// Every member shares what was written before.
    #[prost(bool, tag = "20")]
    all_share: bool,
    #[prost(bool, tag = "21")]
    limit_sharing: bool,
    #[prost(bool, tag = "22")]
    admin_reports: bool,
    /// Records of earlier versions lack the four above.
    #[prost(bool, tag = "23")]
    complete: bool,
}

const fn byte_of(role: Role) -> u8 {
    match role {
        Role::Member => 0,
        Role::Admin => 1,
        Role::SuperAdmin => 2,
    }
}

const fn role_of(byte: u8) -> Role {
    match byte {
        1 => Role::Admin,
        2 => Role::SuperAdmin,
        _ => Role::Member,
    }
}

/// The address of somebody, as it is kept: by LID where that is known.
fn address(person: Option<&Person>) -> String {
    let jid = person.and_then(|person| person.address(true).or_else(|| person.address(false)));
    jid.map(Jid::to_string).unwrap_or_default()
}

const fn all_or_admins(all: bool) -> Who {
    if all { Who::All } else { Who::Admins }
}

fn person(text: &str) -> Option<Person> {
    Person::of(&Jid::from_str(text).ok()?, None)
}

const fn time(millis: u64) -> Option<u64> {
    if millis == 0 { None } else { Some(millis) }
}

impl Group {
    /// What the service tells of a group; people were read up to [`MAX_MEMBERS`].
    pub fn of(group: &metadata::Group, other_phash: String) -> Self {
        let by_lid = group.addressing == "lid";
        let addressed = |participant: &Participant| {
            let user = participant.person.address(by_lid)?.user.as_bytes();
            Some((Bytes::copy_from_slice(user), byte_of(participant.role)))
        };
        let (users, roles) = group.participants.iter().filter_map(addressed).unzip();
        let description = group.description.as_ref();
        let about = About {
            subject: group.subject.clone(),
            subject_author: address(group.subject_author.as_ref()),
            subject_timestamp: group.subject_timestamp.unwrap_or(0),
            owner: address(group.owner.as_ref()),
            created: group.created.unwrap_or(0),
            description: description.map(|description| description.text.clone()),
            description_id: description.map(|description| description.id.clone()).unwrap_or_default(),
            description_author: address(description.and_then(|description| description.author.as_ref())),
            description_timestamp: description.and_then(|description| description.timestamp).unwrap_or(0),
            announcement: group.announcement,
            locked: group.locked,
            disappearing: group.disappearing,
            admins_add: group.member_add_mode == Who::Admins,
            join_approval: group.join_approval,
            community: group.community,
            parent: group.parent.as_ref().map(Jid::to_string).unwrap_or_default(),
            announcements: group.announcements,
            general: group.general,
            all_link: group.member_link_mode == Who::All,
            all_share: group.member_history_mode == Who::All,
            limit_sharing: group.limit_sharing,
            admin_reports: group.admin_reports,
            complete: true,
        };
        // A list that was cut is to be asked for, unless the group is too large for that.
        let cut = group.participants.is_empty() && group.size > 0 && group.size <= MAX_MEMBERS as u64;
        let fetched = if cut { 0 } else { unix_now() };
        Self { by_lid, users, size: group.size, fetched, other_phash, about: Some(Box::new(about)), roles }
    }

    /// Reads `<group>`.
    #[cfg(test)]
    pub fn parse(node: &Node<'_>) -> Self {
        let jid = Jid::new("120363000000000001", Server::Group);
        Self::of(&metadata::read_as(jid, node, MAX_MEMBERS), String::new())
    }

    /// Everything as programs are told it; `None` when something is missing.
    pub fn to_metadata(&self, jid: &Jid) -> Option<metadata::Group> {
        let about = self.about.as_deref().filter(|about| about.complete && self.users.len() as u64 == self.size)?;
        let description = about.description.as_ref().map(|text| Description {
            text: text.clone(),
            id: about.description_id.clone(),
            author: person(&about.description_author),
            timestamp: time(about.description_timestamp),
        });
        let roles = self.roles.iter().copied().chain(std::iter::repeat(0));
        let participant = |(jid, role)| Some(Participant { person: Person::of(&jid, None)?, role: role_of(role) });
        Some(metadata::Group {
            jid: jid.clone(),
            subject: about.subject.clone(),
            subject_author: person(&about.subject_author),
            subject_timestamp: time(about.subject_timestamp),
            owner: person(&about.owner),
            created: time(about.created),
            description,
            announcement: about.announcement,
            locked: about.locked,
            member_add_mode: all_or_admins(!about.admins_add),
            member_link_mode: all_or_admins(about.all_link),
            member_history_mode: all_or_admins(about.all_share),
            limit_sharing: about.limit_sharing,
            admin_reports: about.admin_reports,
            join_approval: about.join_approval,
            disappearing: about.disappearing,
            addressing: self.mode(),
            community: about.community,
            parent: Jid::from_str(&about.parent).ok().filter(Jid::is_group),
            announcements: about.announcements,
            general: about.general,
            size: self.size,
            participants: self.members().zip(roles).filter_map(participant).collect(),
        })
    }

    /// The members, bare.
    pub fn members(&self) -> impl Iterator<Item = Jid> {
        let server = if self.by_lid { Server::Lid } else { Server::Pn };
        let users = self.users.iter().filter_map(|user| std::str::from_utf8(user).ok());
        users.map(move |user| Jid::new(user, server))
    }

    /// Whether a user is a member, in the form by which members are addressed.
    pub fn has(&self, user: &Jid) -> bool {
        user.is_lid() == self.by_lid && self.users.iter().any(|member| *member == user.user.as_bytes())
    }

    /// Whether there are more people than are kept.
    pub const fn is_large(&self) -> bool {
        self.users.is_empty() && self.size > 0
    }

    /// The community to which it belongs.
    pub fn parent(&self) -> Option<&String> {
        self.about.as_deref().map(|about| &about.parent).filter(|parent| !parent.is_empty())
    }

    /// `lid` or `pn`, as in `addressing_mode`.
    pub const fn mode(&self) -> &'static str {
        if self.by_lid { "lid" } else { "pn" }
    }

    /// Somebody comes in. One too many makes the group too large.
    pub fn add(&mut self, user: CompactString, role: Role) {
        if let Some(at) = self.users.iter().position(|member| *member == user.as_bytes()) {
            // Whoever adds somebody does not say what he was.
            return if role > Role::Member {
                self.set_role_at(at, role)
            };
        }
        self.size += 1;
        if self.users.len() >= MAX_MEMBERS {
            (self.users, self.roles) = (Vec::new(), Vec::new());
            return;
        }
        self.roles.resize(self.users.len(), 0);
        self.users.push(Bytes::copy_from_slice(user.as_bytes()));
        self.roles.push(byte_of(role));
    }

    /// Somebody goes.
    pub fn remove(&mut self, user: &str) {
        if let Some(at) = self.users.iter().position(|member| member == user.as_bytes()) {
            self.users.remove(at);
            if at < self.roles.len() {
                self.roles.remove(at);
            }
            self.size = self.size.saturating_sub(1);
        }
    }

    /// Somebody may do more, or less.
    pub fn set_role(&mut self, user: &str, role: Role) {
        if let Some(at) = self.users.iter().position(|member| member == user.as_bytes()) {
            self.set_role_at(at, role);
        }
    }

    fn set_role_at(&mut self, at: usize, role: Role) {
        self.roles.resize(self.users.len(), 0);
        if let Some(byte) = self.roles.get_mut(at) {
            *byte = byte_of(role);
        }
    }

    /// Nobody is left.
    pub fn clear(&mut self) {
        (self.users, self.roles, self.size) = (Vec::new(), Vec::new(), 0);
    }

    /// Takes over a change of what the group is called or set to, as requests and notifications say it. Whether it is one.
    pub fn set(&mut self, change: &Node<'_>, by: Option<&Person>, at: u64) -> bool {
        let Some(about) = self.about.as_deref_mut() else { return false };
        match change.tag.as_str() {
            "subject" => {
                let text = change.get_str("subject");
                let Some(text) = text.as_deref().or_else(|| change.content_str()) else { return false };
                about.subject = metadata::subject(text);
                let named = Person::named(change, "s_o", &["s_o_pn"]);
                about.subject_author = address(named.as_ref().or(by));
                about.subject_timestamp = change.get_u64("s_t").map_or(at, |seconds| seconds.saturating_mul(1000));
            }
            "description" => {
                let description = metadata::description(change);
                let author = description.as_ref().and_then(|description| description.author.as_ref()).or(by);
                about.description_author = address(author);
                about.description_timestamp =
                    description.as_ref().and_then(|description| description.timestamp).unwrap_or(at);
                let text = description.map(|description| (description.text, description.id));
                let (text, id) = text.map_or((None, String::new()), |(text, id)| (Some(text), id));
                (about.description, about.description_id) = (text, id);
            }
            "announcement" => about.announcement = true,
            "not_announcement" => about.announcement = false,
            "locked" => about.locked = true,
            "unlocked" => about.locked = false,
            "ephemeral" => about.disappearing = metadata::seconds(Some(change)),
            "not_ephemeral" => about.disappearing = 0,
            "member_add_mode" => match change.content_str() {
                Some(text) => about.admins_add = Who::of(text) == Who::Admins,
                None => return false,
            },
            "member_link_mode" => about.all_link = Who::allowed(change.content_str()) == Who::All,
            "member_share_group_history_mode" => about.all_share = Who::allowed(change.content_str()) == Who::All,
            "limit_sharing_enabled" => about.limit_sharing = true,
            "limit_sharing_disabled" => about.limit_sharing = false,
            "allow_admin_reports" => about.admin_reports = true,
            "not_allow_admin_reports" => about.admin_reports = false,
            "membership_approval_mode" => about.join_approval = metadata::asks_admins(change),
            "link" | "unlink" => {
                let linked = change.tag == "link";
                let kind = if linked { "link_type" } else { "unlink_type" };
                if !change.is(kind, "parent_group") {
                    return false;
                }
                let community = change.find("group");
                let community =
                    community.and_then(|node| metadata::jid_in(node, "jid").or_else(|| metadata::jid_in(node, "id")));
                about.parent = community.filter(|_| linked).map(|jid| jid.to_string()).unwrap_or_default();
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use chasqui_proto::ProtoMessage;

    use super::*;

    fn participant(jid: &str) -> Node<'static> {
        Node::new("participant").attr("jid", jid.parse::<Jid>().expect("a JID"))
    }

    fn members(group: &Group) -> Vec<String> {
        group.members().map(|jid| jid.to_string()).collect()
    }

    fn chat() -> Jid {
        Jid::new("120363000000000001", Server::Group)
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
        let mut full = Group::parse(&Node::new("group").children(people(MAX_MEMBERS)));
        assert_eq!((full.members().count(), full.size), (MAX_MEMBERS, MAX_MEMBERS as u64));
        let over = Group::parse(&Node::new("group").children(people(MAX_MEMBERS + 1)));
        assert_eq!((over.members().count(), over.size, over.is_large()), (0, MAX_MEMBERS as u64 + 1, true));
        assert!(over.to_metadata(&chat()).is_none() && over.fetched > 0);
        full.add("100000000009999".into(), Role::Member);
        assert_eq!((full.members().count(), full.size, full.is_large()), (0, MAX_MEMBERS as u64 + 1, true));
    }

    #[test]
    fn a_list_that_was_cut_is_to_be_asked_for() {
        let cut = Group::parse(&Node::new("group").attr("size", "7"));
        assert_eq!((cut.fetched, cut.size), (0, 7));
    }

    #[test]
    fn members_come_once_and_go_and_keep_what_they_may_do() {
        let admin = participant("100000000000001@lid").attr("type", "superadmin");
        let mut group = Group::parse(&Node::new("group").children([admin, participant("100000000000003@lid")]));
        group.add("100000000000002".into(), Role::Admin);
        group.add("100000000000002".into(), Role::Member);
        group.remove("100000000000003");
        group.remove("100000000000009");
        assert_eq!(
            (members(&group), group.size),
            (vec!["100000000000001@lid".to_owned(), "100000000000002@lid".to_owned()], 2)
        );
        let roles = |group: &Group| {
            let known = group.to_metadata(&chat()).expect("known");
            known.participants.iter().map(|participant| participant.role).collect::<Vec<_>>()
        };
        assert_eq!(roles(&group), [Role::SuperAdmin, Role::Admin]);
        group.set_role("100000000000002", Role::Member);
        group.set_role("100000000000001", Role::Admin);
        assert_eq!(roles(&group), [Role::Admin, Role::Member]);
        group.remove("100000000000001");
        assert_eq!(roles(&group), [Role::Member]);
    }

    #[test]
    fn what_is_kept_is_what_was_told() {
        let text = |tag: &'static str, text: &'static str| Node::new(tag).bytes(text.as_bytes());
        let node = Node::new("group")
            .attr("id", "120363000000000001")
            .attr("subject", "Paseo")
            .attr("s_o", Jid::lid("100000000000001"))
            .attr("s_t", "1700000001")
            .attr("creator", Jid::lid("100000000000001"))
            .attr("creation", "1700000000")
            .attr("addressing_mode", "lid")
            .children([
                participant("100000000000001@lid").attr("type", "superadmin"),
                participant("100000000000002@lid").attr("type", "admin"),
                Node::new("description").attr("id", "D1").attr("t", "1700000002").child(text("body", "Sundays")),
                Node::new("announcement"),
                Node::new("locked"),
                Node::new("ephemeral").attr("expiration", "86400"),
                text("member_add_mode", "admin_add"),
                text("member_link_mode", "all_member_link"),
                text("member_share_group_history_mode", "all_member_share"),
                Node::new("limit_sharing_enabled"),
                Node::new("allow_admin_reports"),
                Node::new("membership_approval_mode").child(Node::new("group_join").attr("state", "on")),
                Node::new("linked_parent").attr("jid", Jid::new("120363000000000009", Server::Group)),
                Node::new("general_chat"),
            ]);
        let told = metadata::read_as(chat(), &node, MAX_MEMBERS);
        let kept = Group::decode(Bytes::from(Group::of(&told, "2:x".into()).encode_to_vec())).expect("a record");
        assert_eq!(kept.to_metadata(&chat()), Some(told));
        assert_eq!(kept.other_phash, "2:x");
    }

    #[test]
    fn changes_are_taken_over_as_requests_and_as_notifications_say_them() {
        let text = |tag: &'static str, text: &'static str| Node::new(tag).bytes(text.as_bytes());
        let mut group = Group::parse(&Node::new("group").child(participant("100000000000001@lid")));
        let by = Person::of(&Jid::lid("100000000000001"), None);
        let mut set = |change: Node<'static>| {
            let known = group.set(&change, by.as_ref(), 5000);
            (known, group.to_metadata(&chat()).expect("known"))
        };
        for change in [text("subject", "New"), Node::new("subject").attr("subject", "New")] {
            let (_, now) = set(change);
            assert_eq!((now.subject.as_str(), &now.subject_author, now.subject_timestamp), ("New", &by, Some(5000)));
        }
        let description = Node::new("description").attr("id", "D").child(text("body", "Sundays"));
        let written = set(description).1.description.expect("written");
        assert_eq!((written.text.as_str(), written.id.as_str(), &written.author), ("Sundays", "D", &by));
        for gone in
            [Node::new("description").attr("delete", "true"), Node::new("description").child(Node::new("delete"))]
        {
            assert!(set(gone).1.description.is_none());
        }
        assert!(set(Node::new("announcement")).1.announcement && !set(Node::new("not_announcement")).1.announcement);
        assert!(set(Node::new("locked")).1.locked && !set(Node::new("unlocked")).1.locked);
        assert_eq!(set(Node::new("ephemeral").attr("expiration", "60")).1.disappearing, 60);
        assert_eq!(set(Node::new("not_ephemeral")).1.disappearing, 0);
        assert_eq!(set(text("member_add_mode", "admin_add")).1.member_add_mode, Who::Admins);
        assert_eq!(set(text("member_link_mode", "all_member_link")).1.member_link_mode, Who::All);
        assert_eq!(set(text("member_link_mode", "admin_link")).1.member_link_mode, Who::Admins);
        let shared = set(text("member_share_group_history_mode", "all_member_share")).1;
        assert_eq!((shared.member_history_mode, shared.member_link_mode), (Who::All, Who::Admins));
        assert!(set(Node::new("limit_sharing_enabled")).1.limit_sharing);
        assert!(!set(Node::new("limit_sharing_disabled")).1.limit_sharing);
        assert!(set(Node::new("allow_admin_reports")).1.admin_reports);
        assert!(!set(Node::new("not_allow_admin_reports")).1.admin_reports);
        let community = Node::new("group").attr("jid", Jid::new("120363000000000009", Server::Group));
        let link = Node::new("link").attr("link_type", "parent_group").child(community.clone());
        assert_eq!(set(link).1.parent.map(|jid| jid.to_string()).as_deref(), Some("120363000000000009@g.us"));
        assert_eq!(set(Node::new("unlink").attr("unlink_type", "parent_group").child(community)).1.parent, None);
        assert!(!set(Node::new("hologram")).0 && !set(Node::new("subject")).0);
    }

    #[test]
    fn records_of_earlier_versions_serve_for_sending_and_lack_the_rest() {
        #[derive(Clone, PartialEq, prost::Message)]
        struct Earlier {
            #[prost(bool, tag = "1")]
            by_lid: bool,
            #[prost(string, repeated, tag = "2")]
            users: Vec<String>,
            #[prost(uint64, tag = "3")]
            size: u64,
            #[prost(uint64, tag = "4")]
            fetched: u64,
            #[prost(string, tag = "5")]
            other_phash: String,
        }
        let users = vec!["100000000000001".to_owned(), "100000000000002".to_owned()];
        let earlier = Earlier { by_lid: true, users, size: 2, fetched: 7, other_phash: "2:x".into() };
        let mut group = Group::decode(earlier.encode_to_vec().as_slice()).expect("a record");
        assert_eq!((members(&group).len(), group.fetched, group.other_phash.as_str()), (2, 7, "2:x"));
        assert!(group.to_metadata(&chat()).is_none() && !group.set(&Node::new("locked"), None, 0));
        group.add("100000000000003".into(), Role::Admin);
        group.set_role("100000000000001", Role::Admin);
        group.remove("100000000000002");
        assert_eq!((group.roles.clone(), group.size), (vec![1, 1], 2));
        let mut incomplete = Group::parse(&Node::new("group").child(participant("100000000000001@lid")));
        if let Some(about) = &mut incomplete.about {
            about.complete = false;
        }
        assert!(incomplete.to_metadata(&chat()).is_none());
    }
}
