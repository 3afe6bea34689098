//! `<notification type="w:gp2">`: what has changed in a group, as events `group` (07 §13.1). One for each child.

use chasqui_wire::{Jid, Node};
use serde_json::{Map, Value, json};

use super::{Context, MAX_PEOPLE, Notice, Read};
use crate::{
    groups::{
        metadata::{self, Participant, Role, Who},
        requests::method,
    },
    person::Person,
    plain::{Plain, Room},
};

/// Most groups, and most reports, that one notice names.
const MAX_GROUPS: usize = 256;
/// How much is shown of what has no form of its own.
const ROOM: Room = Room { nodes: 1000, bytes: 64 << 10 };

/// Switches that only some groups have: the children that turn them on and off, as far as there are such.
const SWITCHES: [(&str, &str, &str); 11] = [
    ("suspended", "suspended", "unsuspended"),
    ("growthLocked", "growth_locked", "growth_unlocked"),
    ("frequentlyForwarded", "frequently_forwarded_ok", "no_frequently_forwarded"),
    ("adminReports", "allow_admin_reports", "not_allow_admin_reports"),
    ("memberGroups", "allow_non_admin_sub_group_creation", "not_allow_non_admin_sub_group_creation"),
    ("history", "group_history", "no_group_history"),
    ("limitSharing", "limit_sharing_enabled", "limit_sharing_disabled"),
    ("autoAdd", "", "auto_add_disabled"),
    ("safetyCheck", "group_safety_check", ""),
    ("capi", "is_capi_hosted_group", ""),
    ("missingParticipants", "missing_participant_identification", ""),
];

/// Reads a notification about a group.
pub(super) fn read(node: &Node<'_>, context: &Context) -> Read {
    let Some(group) = node.get_jid("from").filter(|from| from.is_group() && !from.user.is_empty()) else {
        return Read::Malformed("it names no group");
    };
    if node.nodes().is_empty() {
        return Read::Malformed("it says nothing");
    }
    let author = Person::named(node, "participant", &["participant_pn", "participant_lid"]);
    let changes = node.nodes().iter().filter_map(|child| change(child, author.as_ref()));
    let notices = changes.map(|(action, details)| {
        let mut value = Map::new();
        value.insert("group".into(), group.to_string().into());
        value.insert("action".into(), action.into());
        if let Some(author) = &author {
            value.insert("author".into(), json!(author));
        }
        value.insert("timestamp".into(), context.time_of(node).into());
        value.extend(details);
        Notice { event: "group", value: Value::Object(value) }
    });
    Read::Told(notices.collect())
}

type Change = (&'static str, Map<String, Value>);

/// The action of a child, and what is told of it.
fn change(child: &Node<'_>, author: Option<&Person>) -> Option<Change> {
    let text = |limit: usize| child.content_str().map(|text| metadata::bounded(text, limit));
    let attr = |name: &str| child.get_str(name).map(|text| metadata::bounded(&text, 256));
    Some(match child.tag.as_str() {
        "create" => {
            let made = child.find("group").and_then(|group| metadata::read(group, MAX_PEOPLE));
            (
                "create",
                object([("metadata", made.map(|made| json!(made))), ("reason", attr("reason").map(Value::from))]),
            )
        }
        "add" => ("add", people(child, [("reason", attr("reason").map(Value::from))])),
        "remove" | "leave" => {
            let mut named = child.all("participant");
            let (first, more) = (named.next().and_then(Person::participant), named.next());
            let alone = first.filter(|_| more.is_none());
            let own = alone.zip(author).is_some_and(|(who, author)| who.is(&author.jid));
            let action = if own || child.tag == "leave" { "leave" } else { "remove" };
            (action, people(child, [("reason", attr("reason").map(Value::from))]))
        }
        "promote" => ("promote", people(child, [])),
        "demote" => ("demote", people(child, [])),
        "linked_group_promote" => ("communityPromote", people(child, [])),
        "linked_group_demote" => ("communityDemote", people(child, [])),
        "modify" => ("number", people(child, [])),
        "revoke" => ("invitationRevoked", people(child, [])),
        "subject" => {
            let subject = child.get_str("subject").map(|subject| metadata::subject(&subject));
            ("subject", object([("subject", subject.map(Value::from))]))
        }
        "description" => {
            let description = metadata::description(child);
            ("description", object([("description", description.map(|description| description.text.into()))]))
        }
        "announcement" => ("announcement", on(true)),
        "not_announcement" => ("announcement", on(false)),
        "locked" => ("locked", on(true)),
        "unlocked" => ("locked", on(false)),
        "ephemeral" => ("disappearing", object([("seconds", Some(metadata::seconds(Some(child)).into()))])),
        "not_ephemeral" => ("disappearing", object([("seconds", Some(0.into()))])),
        "invite" => ("inviteCode", object([("code", attr("code").map(Value::from))])),
        "member_add_mode" => ("memberAddMode", object([("who", text(64).map(|text| json!(Who::of(&text))))])),
        "member_link_mode" => setting("memberLinks", Who::allowed(child.content_str()) == Who::All),
        "member_share_group_history_mode" => setting("memberHistory", Who::allowed(child.content_str()) == Who::All),
        "membership_approval_mode" => ("joinApproval", on(metadata::asks_admins(child))),
        "created_membership_requests" => {
            let requested = child.all("requested_user").chain(child.all("participant"));
            let named: Vec<Person> = requested.filter_map(Person::participant).take(MAX_PEOPLE).collect();
            // Who asks for himself need not be named once more.
            let named = if named.is_empty() { author.cloned().into_iter().collect() } else { named };
            ("joinRequest", object([("people", Some(json!(named))), ("method", Some(method(child).into()))]))
        }
        // It says to members of a community's group what `created_membership_requests` says with names.
        "membership_approval_request" => ("joinRequest", object([("method", Some(method(child).into()))])),
        "revoked_membership_requests" => {
            let own = child.all("participant").filter_map(Person::participant).next().zip(author);
            let action =
                if own.is_some_and(|(who, author)| who.is(&author.jid)) { "joinCancelled" } else { "joinRejected" };
            (action, people(child, []))
        }
        "link" => ("link", links(child, "link_type")),
        "unlink" => {
            let mut told = links(child, "unlink_type");
            told.extend(object([("reason", attr("unlink_reason").map(Value::from))]));
            ("unlink", told)
        }
        "reports" => {
            let ids = child.all("report").filter_map(|report| report.get_str("message_id"));
            let ids: Vec<Value> = ids.take(MAX_GROUPS).map(|id| metadata::bounded(&id, 256).into()).collect();
            ("report", object([("messages", Some(ids.into()))]))
        }
        "delete" => ("delete", object([("reason", attr("reason").map(Value::from))])),
        tag => {
            let switch = SWITCHES.iter().find_map(|(switch, yes, no)| {
                if tag == *yes { Some((*switch, true)) } else { (tag == *no).then_some((*switch, false)) }
            });
            match switch {
                Some((switch, on)) => ("setting", object([("setting", Some(switch.into())), ("on", Some(on.into()))])),
                None => ("other", object([("node", Some(json!(Plain::of(child, &mut ROOM.clone())?)))])),
            }
        }
    })
}

fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Map<String, Value> {
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn on(on: bool) -> Map<String, Value> {
    object([("on", Some(on.into()))])
}

fn setting(name: &str, on: bool) -> Change {
    ("setting", object([("setting", Some(name.into())), ("on", Some(on.into()))]))
}

/// Everybody whom a child names; of very many only how many there are.
fn people<const N: usize>(child: &Node<'_>, more: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let count = child.all("participant").count();
    let read = |node: &Node<'_>| {
        let person = Person::participant(node)?;
        let role = Role::of(node);
        Some(match role {
            Role::Member => json!(person),
            _ => json!(Participant { person, role }),
        })
    };
    let named: Option<Vec<Value>> = (count <= MAX_PEOPLE).then(|| child.all("participant").filter_map(read).collect());
    let mut fields = object([("people", named.map(Value::from)), ("count", Some(count.into()))]);
    fields.extend(object(more));
    fields
}

/// The groups that a child links or unlinks.
fn links(child: &Node<'_>, kind: &str) -> Map<String, Value> {
    let what = match child.get_str(kind).as_deref() {
        Some("parent_group") => "community",
        Some("sub_group") => "group",
        Some("sibling_group") => "sibling",
        _ => "other",
    };
    let read = |node: &Node<'_>| {
        let jid: Jid = metadata::jid_in(node, "jid").or_else(|| metadata::jid_in(node, "id"))?;
        let subject = node.get_str("subject").map(|subject| metadata::subject(&subject).into());
        Some(Value::Object(object([("group", Some(jid.to_string().into())), ("subject", subject)])))
    };
    let groups: Vec<Value> = child.all("group").filter_map(read).take(MAX_GROUPS).collect();
    object([("what", Some(what.into())), ("groups", Some(groups.into()))])
}

#[cfg(test)]
mod tests;
