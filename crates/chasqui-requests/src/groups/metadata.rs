//! `<group>`: what the service tells of a group. Source: 07-requests-and-notifications §2.1.

use chasqui_wire::{Jid, Node, Server};
use serde::Serialize;

use crate::person::Person;

/// Most people of one group that a method tells; the service gives no list that is longer.
pub const MAX_PEOPLE: usize = 65_535;
/// Longest subject and description that are kept, in bytes: what the service takes, and much more.
const MAX_SUBJECT: usize = 1024;
const MAX_DESCRIPTION: usize = 16 << 10;

/// What somebody may do in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Nothing special.
    Member,
    /// An admin.
    Admin,
    /// Who made the group.
    SuperAdmin,
}

impl Role {
    /// The `type` of a participant. What is not known is no right.
    pub fn of(node: &Node<'_>) -> Self {
        match node.get_str("type").as_deref() {
            Some("superadmin") => Self::SuperAdmin,
            Some("admin") => Self::Admin,
            _ => Self::Member,
        }
    }
}

/// Who may do something in a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Everybody in the group.
    #[default]
    All,
    /// Only admins.
    Admins,
}

impl Who {
    /// By the text of `<member_add_mode>`.
    pub fn of(text: &str) -> Self {
        if text.starts_with("admin") { Self::Admins } else { Self::All }
    }

    /// By the text of `<member_link_mode>` and its like: what nobody allowed is not allowed.
    pub fn allowed(text: Option<&str>) -> Self {
        if text.is_some_and(|text| text.starts_with("all_member")) { Self::All } else { Self::Admins }
    }
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Participant {
    /// Who.
    #[serde(flatten)]
    pub person: Person,
    /// What he may do.
    pub role: Role,
}

/// A group's description.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// It.
    pub text: String,
    /// What the next writer has to name.
    pub id: String,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// When, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// `ID@g.us`.
    #[serde(serialize_with = "as_text")]
    pub jid: Jid,
    /// Its name.
    pub subject: String,
    /// Who named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_author: Option<Person>,
    /// When, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_timestamp: Option<u64>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Person>,
    /// When, milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<u64>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// Whether only admins write.
    pub announcement: bool,
    /// Whether only admins edit it.
    pub locked: bool,
    /// Who adds people.
    pub member_add_mode: Who,
    /// Who gives the invite link away.
    pub member_link_mode: Who,
    /// Who shares what was written before with those who come.
    pub member_history_mode: Who,
    /// Whether what is written stays in the group: clients do not export it or save its files.
    pub limit_sharing: bool,
    /// Whether members report messages to the admins.
    pub admin_reports: bool,
    /// Whether admins have to agree to who joins.
    pub join_approval: bool,
    /// Seconds until messages disappear; 0 is never.
    pub disappearing: u32,
    /// How people are addressed in it.
    pub addressing: &'static str,
    /// Whether it is a community.
    pub community: bool,
    /// The community to which it belongs.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub parent: Option<Jid>,
    /// Whether it is a community's group for announcements.
    pub announcements: bool,
    /// Whether it is a community's general chat.
    pub general: bool,
    /// How many people are in it.
    pub size: u64,
    /// They; without them when there are more than were to be read. They cross into JavaScript packed, since a program may
    /// hold hundreds of groups and look at the people of few.
    #[serde(rename = "members", serialize_with = "packed")]
    pub participants: Vec<Participant>,
}

/// `ROLE:LID:NUMBER` of each, where either may be missing, with a space between them.
fn packed<S: serde::Serializer>(people: &[Participant], serializer: S) -> Result<S::Ok, S::Error> {
    let mut text = String::with_capacity(people.len() * 32);
    for Participant { person, role } in people {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push(match role {
            Role::Member => '0',
            Role::Admin => '1',
            Role::SuperAdmin => '2',
        });
        for by_lid in [true, false] {
            text.push(':');
            text.push_str(person.address(by_lid).map_or("", |jid| &jid.user));
        }
    }
    serializer.serialize_str(&text)
}

fn as_text<S: serde::Serializer>(jid: &Jid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(jid)
}

fn as_optional_text<S: serde::Serializer>(jid: &Option<Jid>, serializer: S) -> Result<S::Ok, S::Error> {
    match jid {
        Some(jid) => serializer.collect_str(jid),
        None => serializer.serialize_none(),
    }
}

/// A group's JID in an attribute, where the id may stand alone.
pub fn jid_in(node: &Node<'_>, attr: &str) -> Option<Jid> {
    let value = node.get_jid(attr).filter(|jid| !jid.is_server());
    let jid = value.filter(|jid| !jid.user.is_empty()).or_else(|| {
        let text = node.get_str(attr)?;
        (!text.contains('@')).then(|| Jid::new(&*text, Server::Group))
    })?;
    let is_id = |id: &str| !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    (jid.is_group() && is_id(&jid.user)).then_some(jid)
}

/// Milliseconds of an attribute with seconds.
pub(crate) fn millis(node: &Node<'_>, attr: &str) -> Option<u64> {
    node.get_u64(attr).filter(|seconds| *seconds > 0)?.checked_mul(1000)
}

/// Text of the service, cut to what is kept of it.
pub fn bounded(text: &str, limit: usize) -> String {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

/// A subject, cut to what is kept of it.
pub fn subject(text: &str) -> String {
    bounded(text, MAX_SUBJECT)
}

/// Reads `<description>`, of metadata and of notifications alike; `None` when it says that there is none.
pub fn description(node: &Node<'_>) -> Option<Description> {
    let text = node.find("body").and_then(Node::content_str)?;
    Some(Description {
        text: bounded(text, MAX_DESCRIPTION),
        id: bounded(&node.get_str("id").unwrap_or_default(), 128),
        author: Person::named(node, "participant", &["participant_pn", "participant_lid"]),
        timestamp: millis(node, "t"),
    })
}

/// Whether `<membership_approval_mode>` says that admins have to agree.
pub fn asks_admins(node: &Node<'_>) -> bool {
    !node.nodes().iter().any(|mode| mode.is("state", "off"))
}

/// Reads `<group>`, with its people when there are not more than `limit`. `None` when it has no id.
pub fn read(node: &Node<'_>, limit: usize) -> Option<Group> {
    let jid = jid_in(node, "id").or_else(|| jid_in(node, "jid"))?;
    Some(read_as(jid, node, limit))
}

/// The same of a group whose JID is known.
pub fn read_as(jid: Jid, node: &Node<'_>, limit: usize) -> Group {
    let members = || node.all("participant").filter(|participant| participant.get("error").is_none());
    let by_lid = match node.get_str("addressing_mode").as_deref() {
        Some(mode) => mode == "lid",
        None => members().next().and_then(|first| first.get_jid("jid")).is_some_and(|jid| jid.is_lid()),
    };
    // A list may be left out, or cut; where it is there, it counts.
    let listed = members().count();
    let size = if listed > 0 { listed as u64 } else { node.get_u64("size").unwrap_or(0) };
    let read = |participant: &Node<'_>| {
        Some(Participant { person: Person::participant(participant)?, role: Role::of(participant) })
    };
    let participants = if listed <= limit { members().filter_map(read).collect() } else { Vec::new() };
    let text = |tag: &str| node.find(tag).and_then(Node::content_str);
    let has = |tag: &str| node.find(tag).is_some();
    Group {
        jid,
        subject: subject(&node.get_str("subject").unwrap_or_default()),
        subject_author: Person::named(node, "s_o", &["s_o_pn"]),
        subject_timestamp: millis(node, "s_t"),
        owner: Person::named(node, "creator", &["creator_pn"]),
        created: millis(node, "creation"),
        description: node.find("description").and_then(description),
        announcement: has("announcement"),
        locked: has("locked"),
        member_add_mode: text("member_add_mode").map_or(Who::All, Who::of),
        member_link_mode: Who::allowed(text("member_link_mode")),
        member_history_mode: Who::allowed(text("member_share_group_history_mode")),
        limit_sharing: has("limit_sharing_enabled"),
        admin_reports: has("allow_admin_reports"),
        join_approval: node.find("membership_approval_mode").is_some_and(asks_admins),
        disappearing: seconds(node.find("ephemeral")),
        addressing: if by_lid { "lid" } else { "pn" },
        community: has("parent"),
        parent: node.find("linked_parent").and_then(|parent| jid_in(parent, "jid")),
        announcements: has("default_sub_group"),
        general: has("general_chat"),
        size,
        participants,
    }
}

/// The time in `<ephemeral>`; 0 without it.
pub fn seconds(node: Option<&Node<'_>>) -> u32 {
    node.and_then(|node| node.get_u64("expiration")).and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn participant(user: u64) -> Node<'static> {
        let twin = Jid::pn((15_550_000_000 + user).to_string());
        Node::new("participant")
            .attr("jid", Jid::lid((100_000_000_000_000 + user).to_string()))
            .attr("phone_number", twin)
    }

    #[test]
    fn a_group_is_read_with_everything_that_it_is_set_to() {
        let by = Jid::lid("100000000000009");
        let text = |tag: &'static str, text: &'static str| Node::new(tag).bytes(text.as_bytes());
        let node = Node::new("group")
            .attr("id", "120363000000000001")
            .attr("subject", "Paseo")
            .attr("s_o", by.clone())
            .attr("s_t", "1700000001")
            .attr("creator", by.clone())
            .attr("creator_pn", Jid::pn("15550000009"))
            .attr("creation", "1700000000")
            .attr("addressing_mode", "lid")
            .attr("size", "17")
            .children([
                participant(1).attr("type", "superadmin"),
                participant(2).attr("type", "something new"),
                participant(3).attr("error", "403"),
                Node::new("description").attr("id", "D1").attr("t", "1700000002").child(text("body", "Sundays")),
                Node::new("announcement"),
                Node::new("locked"),
                Node::new("ephemeral").attr("expiration", "86400"),
                text("member_add_mode", "admin_add"),
                text("member_link_mode", "all_member_link"),
                text("member_share_group_history_mode", "something new"),
                Node::new("limit_sharing_enabled").attr("trigger", "1"),
                Node::new("allow_admin_reports"),
                Node::new("membership_approval_mode").child(Node::new("group_join").attr("state", "on")),
                Node::new("linked_parent").attr("jid", "120363000000000009@g.us".parse::<Jid>().expect("a JID")),
                Node::new("default_sub_group"),
            ]);
        let group = read(&node, 10).expect("a group");
        assert_eq!(
            json!(group),
            json!({
                "jid": "120363000000000001@g.us",
                "subject": "Paseo",
                "subjectAuthor": { "jid": "100000000000009@lid", "lid": "100000000000009@lid" },
                "subjectTimestamp": 1_700_000_001_000_u64,
                "owner": { "jid": "15550000009@s.whatsapp.net", "pn": "15550000009@s.whatsapp.net", "lid": "100000000000009@lid" },
                "created": 1_700_000_000_000_u64,
                "description": { "text": "Sundays", "id": "D1", "timestamp": 1_700_000_002_000_u64 },
                "announcement": true,
                "locked": true,
                "memberAddMode": "admins",
                "memberLinkMode": "all",
                "memberHistoryMode": "admins",
                "limitSharing": true,
                "adminReports": true,
                "joinApproval": true,
                "disappearing": 86400,
                "addressing": "lid",
                "community": false,
                "parent": "120363000000000009@g.us",
                "announcements": true,
                "general": false,
                "size": 2,
                "members": "2:100000000000001:15550000001 0:100000000000002:15550000002",
            })
        );
    }

    #[test]
    fn a_group_without_anything_but_its_id_is_one() {
        for id in ["120363000000000001", "120363000000000001@g.us", "15550001111-1700000000"] {
            let group = read(&Node::new("group").attr("id", id), 10).expect(id);
            assert!(group.participants.is_empty() && !group.announcement && group.description.is_none());
        }
        for id in ["", "x", "@g.us", "15550001111@s.whatsapp.net"] {
            assert!(read(&Node::new("group").attr("id", id), 10).is_none(), "{id}");
        }
        let full = Node::new("group").attr("jid", Jid::new("120363000000000001", Server::Group));
        assert!(read(&full, 10).is_some() && read(&Node::new("group"), 10).is_none());
    }

    #[test]
    fn of_more_people_than_are_wanted_only_the_number_is_read() {
        let node = |count: u64| Node::new("group").attr("id", "1").children((0..count).map(participant));
        assert_eq!(read(&node(3), 3).map(|group| (group.size, group.participants.len())), Some((3, 3)));
        assert_eq!(read(&node(4), 3).map(|group| (group.size, group.participants.len())), Some((4, 0)));
        let cut = Node::new("group").attr("id", "1").attr("size", "2000");
        assert_eq!(read(&cut, 3).map(|group| group.size), Some(2000));
    }

    #[test]
    fn approval_that_is_off_is_off_and_long_texts_are_cut_between_characters() {
        let mode = |state: &'static str| {
            let mode = Node::new("membership_approval_mode").child(Node::new("group_join").attr("state", state));
            read(&Node::new("group").attr("id", "1").child(mode), 1).expect("a group").join_approval
        };
        assert!(mode("on") && !mode("off"));
        assert_eq!(subject(&"ñ".repeat(2000)).len(), MAX_SUBJECT);
        assert_eq!(bounded("añb", 2), "a");
    }
}
