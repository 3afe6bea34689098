//! What happens in channels: `newsletter` notifications (07 §13.7), and those of GraphQL about them (§13.8).

use chasqui_wire::Node;
use serde_json::{Map, Value, json};

use super::{Context, Notice, Read};
use crate::{args, channels};

/// Longest pushed JSON that is read, in bytes, ...
const MAX_JSON: usize = 1 << 20;
/// ... and that is given out unread.
const MAX_GENERIC: usize = 64 << 10;
const MAX_UPDATES: usize = 256;

fn told(channel: &str, action: &str, more: Value) -> Notice {
    let mut value = json!({ "channel": channel, "action": action });
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more.into_iter().filter(|(_, field)| !field.is_null()));
    }
    Notice { event: "channel", value }
}

/// A `newsletter` notification.
pub(super) fn read(node: &Node<'_>, context: &Context) -> Read {
    let channel = node.get_str("from").and_then(|from| args::channel(&from).ok());
    let Some(channel) = channel.map(|jid| jid.to_string()) else { return Read::Malformed("it is from no channel") };
    let time = context.time_of(node);
    let mut notices = Vec::new();
    for child in node.nodes().iter().take(MAX_UPDATES) {
        let number = child.get_u64("message_id").or_else(|| child.get_u64("server_id"));
        let text = |node: &Node<'_>| node.content_str().map(|text| text.chars().take(256).collect::<String>());
        let notice = match child.tag.as_str() {
            "live_updates" => {
                let counts: Vec<_> = channels::listed(child).filter_map(channels::counts).collect();
                told(&channel, "counts", json!({ "messages": counts, "timestamp": time }))
            }
            "reaction" => {
                let Some(server_id) = number else { return Read::Malformed("a reaction to nothing") };
                let emoji = child.find("reaction").and_then(text);
                told(&channel, "reaction", json!({ "serverId": server_id, "emoji": emoji, "timestamp": time }))
            }
            "view" => {
                let Some(server_id) = number else { return Read::Malformed("a view of nothing") };
                let views = text(child).and_then(|count| count.parse::<u64>().ok());
                let counts = json!([{ "serverId": server_id, "views": views }]);
                told(&channel, "counts", json!({ "messages": counts, "timestamp": time }))
            }
            "participant" => {
                let Some(jid) = child.get_jid("jid").filter(chasqui_wire::Jid::is_user) else {
                    return Read::Malformed("it names nobody");
                };
                let by = node.get_jid("participant").map(|jid| json!({ "jid": jid.to_bare().to_string() }));
                let role = child.get_str("role").map(|role| role.to_lowercase());
                let done = child.get_str("action").map(|action| action.to_lowercase());
                let person = json!({ "jid": jid.to_bare().to_string() });
                let more = json!({ "person": person, "by": by, "role": role, "change": done, "timestamp": time });
                told(&channel, "role", more)
            }
            "update" => {
                let settings = child.find("settings");
                let of = |name: &str| settings.and_then(|settings| settings.find(name)).and_then(text);
                let changes = json!({ "name": of("name"), "description": of("description"), "timestamp": time });
                told(&channel, "update", changes)
            }
            _ => return Read::Unknown,
        };
        notices.push(notice);
    }
    if notices.is_empty() { Read::Unknown } else { Read::Told(notices) }
}

/// The JSON of a `mex` notification, and the name of what it is about.
pub(super) fn pushed(node: &Node<'_>) -> Option<(String, Value)> {
    let child = node.find("mex").or_else(|| node.find("update")).or_else(|| node.nodes().first())?;
    let bytes = child.content_bytes().filter(|bytes| bytes.len() <= MAX_JSON)?;
    let json: Value = serde_json::from_slice(bytes).ok()?;
    let named = json.get("operation").and_then(Value::as_str).map(str::to_owned);
    let name = named.or_else(|| child.get_str("op_name").map(|name| name.into_owned()))?;
    Some((name.chars().take(128).collect(), json))
}

/// A `mex` notification.
pub(super) fn read_pushed(node: &Node<'_>, context: &Context) -> Read {
    let Some((operation, json)) = pushed(node) else { return Read::Malformed("its JSON cannot be read") };
    let time = context.time_of(node);
    let data = json.get("data").and_then(Value::as_object).and_then(|data| data.iter().next());
    let (key, data) = data.map_or(("", &Value::Null), |(key, data)| (key.as_str(), data));
    let word = |value: &Value| value.as_str().map(str::to_lowercase);
    let notice = match key {
        "xwa2_notify_account_reachout_timelock" => {
            let ends = crate::mex::number(data.get("time_enforcement_ends")).filter(|ends| *ends > 0);
            let mut value = Map::new();
            value.insert("what".into(), "new-chats".into());
            value.insert("active".into(), (data.get("is_active") == Some(&Value::Bool(true))).into());
            if let Some(kind) = data.get("enforcement_type").and_then(&word) {
                value.insert("type".into(), kind.into());
            }
            if let Some(ends) = ends {
                value.insert("endsAt".into(), ends.saturating_mul(1000).into());
            }
            Some(vec![Notice { event: "restriction", value: Value::Object(value) }])
        }
        "xwa2_notify_new_chat_messages_capping_info_update" => {
            let number = |name: &str| crate::mex::number(data.get(name));
            let status = data.get("capping_status").and_then(&word);
            let active = status.as_deref().is_some_and(|status| status != "none");
            let ends = number("cycle_end_timestamp").map(|ends| ends.saturating_mul(1000));
            let mut value = json!({ "what": "messages-in-new-chats", "active": active, "type": status,
                "quota": number("total_quota"), "used": number("used_quota"), "endsAt": ends });
            if let Some(fields) = value.as_object_mut() {
                fields.retain(|_, field| !field.is_null());
            }
            Some(vec![Notice { event: "restriction", value }])
        }
        "xwa2_notify_lid_change" => lid_change(data, time),
        "xwa2_notify_linked_profiles" => Some(linked(node, data, time)).filter(|notices| !notices.is_empty()),
        "xwa2_notify_newsletter_on_join" => joined(data, time),
        _ if key.starts_with("xwa2_notify_newsletter_on_") => changed(key, data, time),
        _ => legacy(&operation, &json, time),
    };
    match notice {
        Some(notices) => Read::Told(notices),
        // What has no event of its own is given out as it came, for programs that know it.
        None if json.to_string().len() <= MAX_GENERIC => {
            let value = json!({ "operation": operation, "data": json.get("data").unwrap_or(&json), "timestamp": time });
            Read::Told(vec![Notice { event: "mex", value }])
        }
        None => Read::Malformed("its JSON is too large to be given out"),
    }
}

/// Somebody has another LID.
fn lid_change(data: &Value, time: u64) -> Option<Vec<Notice>> {
    let lid = |name: &str| args::person(data.get(name)?.as_str()?).ok().filter(chasqui_wire::Jid::is_lid);
    let (old, new) = (lid("old")?.to_string(), lid("new")?);
    let value = json!({ "change": "lid", "person": { "jid": new.to_string() }, "oldLid": old, "timestamp": time });
    Some(vec![Notice { event: "address", value }])
}

/// Which phone number a LID belongs to was told, or is true no longer.
fn linked(node: &Node<'_>, data: &Value, time: u64) -> Vec<Notice> {
    let person = |lid: &chasqui_wire::Jid, pn: &chasqui_wire::Jid| json!({ "jid": pn.to_string(), "pn": pn.to_string(), "lid": lid.to_string() });
    let told = |change: &str, person: Value| {
        let value = json!({ "change": change, "person": person, "timestamp": time });
        Notice { event: "address", value }
    };
    let mut notices: Vec<_> = pairs(node).iter().map(|(lid, pn)| told("linked", person(lid, pn))).collect();
    let lid = data.get("jid").and_then(Value::as_str).and_then(|jid| args::person(jid).ok());
    let removed = data.get("removed_profiles").and_then(Value::as_array).into_iter().flatten().take(MAX_UPDATES);
    for profile in removed {
        let pn = profile.get("pn").unwrap_or(profile).as_str().and_then(|pn| args::person(pn).ok());
        if let (Some(lid), Some(pn)) = (&lid, pn) {
            notices.push(told("unlinked", person(lid, &pn)));
        }
    }
    notices
}

fn joined(data: &Value, time: u64) -> Option<Vec<Notice>> {
    let info = channels::channel(data)?;
    let jid = data.get("id")?.as_str()?.to_owned();
    Some(vec![told(&jid, "join", json!({ "info": info, "timestamp": time }))])
}

/// What happened to a channel, by the name of its data.
fn changed(key: &str, data: &Value, time: u64) -> Option<Vec<Notice>> {
    let jid = args::channel(data.get("id")?.as_str()?).ok()?.to_string();
    let word = |path: &str| data.pointer(path).and_then(Value::as_str).map(str::to_lowercase);
    let person = |name: &str| {
        let jid = data.get(name).and_then(|user| user.get("id").unwrap_or(user).as_str());
        jid.and_then(|jid| args::person(jid).ok()).map(|jid| json!({ "jid": jid.to_string() }))
    };
    let notice = match key {
        "xwa2_notify_newsletter_on_leave" => told(&jid, "leave", json!({ "timestamp": time })),
        "xwa2_notify_newsletter_on_mute_change" => {
            told(&jid, "mute", json!({ "muted": word("/mute").as_deref() == Some("on"), "timestamp": time }))
        }
        "xwa2_notify_newsletter_on_state_change" => {
            let state = word("/state/type").or_else(|| word("/state"));
            told(&jid, "state", json!({ "state": state, "timestamp": time }))
        }
        "xwa2_notify_newsletter_on_metadata_update" | "xwa2_notify_newsletter_on_admin_metadata_update" => {
            told(&jid, "update", json!({ "info": channels::channel(data), "timestamp": time }))
        }
        "xwa2_notify_newsletter_on_admin_promote" => {
            let more = json!({ "person": person("user"), "role": "admin", "change": "promote", "timestamp": time });
            told(&jid, "role", more)
        }
        "xwa2_notify_newsletter_on_admin_demote" => {
            let more = json!({ "person": person("user"), "role": "subscriber", "change": "demote", "timestamp": time });
            told(&jid, "role", more)
        }
        "xwa2_notify_newsletter_on_owner_update" => told(
            &jid,
            "role",
            json!({ "person": person("user"), "role": "owner", "change": "owner", "timestamp": time }),
        ),
        "xwa2_notify_newsletter_on_admin_invite_revoke" => told(&jid, "invite-revoked", json!({ "timestamp": time })),
        _ => return None,
    };
    Some(vec![notice])
}

/// The older form: a list of updates.
fn legacy(operation: &str, json: &Value, time: u64) -> Option<Vec<Notice>> {
    let updates = json.get("updates")?.as_array()?;
    let notices = updates.iter().take(MAX_UPDATES).filter_map(|update| {
        let jid = args::channel(update.get("jid")?.as_str()?).ok()?.to_string();
        match operation {
            "NotificationNewsletterUpdate" => {
                let text = |name: &str| {
                    let value = update.get("settings")?.get(name)?;
                    let text = value.as_str().or_else(|| value.get("text")?.as_str())?;
                    Some(text.chars().take(4096).collect::<String>())
                };
                let changes = json!({ "name": text("name"), "description": text("description"), "timestamp": time });
                Some(told(&jid, "update", changes))
            }
            "NotificationNewsletterAdminPromote" => {
                let person = args::person(update.get("user")?.as_str()?).ok()?;
                let person = json!({ "jid": person.to_string() });
                let more = json!({ "person": person, "role": "admin", "change": "promote", "timestamp": time });
                Some(told(&jid, "role", more))
            }
            _ => None,
        }
    });
    Some(notices.collect()).filter(|notices: &Vec<_>| !notices.is_empty())
}

/// Pairs of addresses that a pushed JSON names.
pub(super) fn pairs(node: &Node<'_>) -> Vec<(chasqui_wire::Jid, chasqui_wire::Jid)> {
    let Some((_, json)) = pushed(node) else { return Vec::new() };
    let Some(linked) = json.pointer("/data/xwa2_notify_linked_profiles") else { return Vec::new() };
    let Some(lid) = linked.get("jid").and_then(Value::as_str).and_then(|jid| args::person(jid).ok()) else {
        return Vec::new();
    };
    let added = linked.get("added_profiles").and_then(Value::as_array);
    let pn = |profile: &Value| args::person(profile.get("pn").unwrap_or(profile).as_str()?).ok();
    let pns = added.into_iter().flatten().take(MAX_UPDATES).filter_map(pn);
    pns.filter(|pn| pn.is_pn() && lid.is_lid()).map(|pn| (lid.clone(), pn)).collect()
}

#[cfg(test)]
mod tests {
    use chasqui_wire::Jid;

    use super::*;

    const JID: &str = "120363000000000009@newsletter";

    fn context() -> Context {
        Context { me: None, now: 7 }
    }

    fn stanza(kind: &'static str, child: Node<'static>) -> Node<'static> {
        let from: Jid = JID.parse().expect("a JID");
        Node::new("notification").attr("type", kind).attr("from", from).attr("t", "5").child(child)
    }

    fn values(read: Read) -> Vec<(&'static str, Value)> {
        match read {
            Read::Told(notices) => notices.into_iter().map(|notice| (notice.event, notice.value)).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn mex(json: Value) -> Node<'static> {
        let child = Node::new("update").attr("op_name", "NotificationX").bytes(json.to_string().into_bytes());
        Node::new("notification").attr("type", "mex").attr("t", "5").child(child)
    }

    #[test]
    fn counts_come_live_in_both_forms() {
        let message = Node::new("message").attr("server_id", "101").child(Node::new("views_count").attr("count", "3"));
        let live = Node::new("live_updates").child(Node::new("messages").child(message));
        let told = values(read(&stanza("newsletter", live), &context()));
        let expected = json!({ "channel": JID, "action": "counts", "timestamp": 5000,
            "messages": [{ "serverId": 101, "views": 3 }] });
        assert_eq!(told, [("channel", expected.clone())]);
        let view = Node::new("view").attr("message_id", "101").bytes(b"3".to_vec());
        assert_eq!(values(read(&stanza("newsletter", view), &context())), [("channel", expected)]);
    }

    #[test]
    fn a_stanza_of_no_channel_or_with_nothing_known_is_told_apart() {
        let nobody = Node::new("notification").attr("type", "newsletter").child(Node::new("view"));
        assert!(matches!(read(&nobody, &context()), Read::Malformed(_)));
        for child in ["reaction", "view", "participant"] {
            assert!(matches!(read(&stanza("newsletter", Node::new(child)), &context()), Read::Malformed(_)), "{child}");
        }
        assert_eq!(read(&stanza("newsletter", Node::new("hologram")), &context()), Read::Unknown);
    }

    #[test]
    fn what_graphql_pushes_has_events() {
        let of = |key: &str, data: Value| values(read_pushed(&mex(json!({ "data": { key: data } })), &context()));
        let told = of("xwa2_notify_newsletter_on_mute_change", json!({ "id": JID, "mute": "ON" }));
        assert_eq!(told, [("channel", json!({ "channel": JID, "action": "mute", "muted": true, "timestamp": 5000 }))]);
        let told = of("xwa2_notify_newsletter_on_leave", json!({ "id": JID, "role": "GUEST" }));
        assert_eq!(told[0].1["action"], "leave");
        let told = of("xwa2_notify_newsletter_on_join", json!({ "id": JID }));
        assert_eq!((&told[0].1["action"], &told[0].1["info"]["jid"]), (&json!("join"), &json!(JID)));
        let lock = json!({ "is_active": true, "enforcement_type": "BIZ", "time_enforcement_ends": "1700000000" });
        let told = of("xwa2_notify_account_reachout_timelock", lock);
        let expected = json!({ "what": "new-chats", "active": true, "type": "biz", "endsAt": 1_700_000_000_000u64 });
        assert_eq!(told, [("restriction", expected)]);
        let told = of("xwa2_notify_username", json!({ "username": "x" }));
        assert_eq!((told[0].0, &told[0].1["operation"]), ("mex", &json!("NotificationX")));
        let broken = Node::new("notification").child(Node::new("update").attr("op_name", "X").bytes(b"{".to_vec()));
        assert!(matches!(read_pushed(&broken, &context()), Read::Malformed(_)));
    }

    #[test]
    fn the_older_form_has_a_list() {
        let update = json!({ "jid": JID, "settings": { "name": { "text": "New" } } });
        let legacy = json!({ "operation": "NotificationNewsletterUpdate", "updates": [update, 5] });
        let node = Node::new("notification").child(Node::new("mex").bytes(legacy.to_string().into_bytes()));
        let told = values(read_pushed(&node, &context()));
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0].1["action"], &told[0].1["name"]), (&json!("update"), &json!("New")));
    }

    #[test]
    fn addresses_that_change_are_told() {
        let of = |key: &str, data: Value| values(read_pushed(&mex(json!({ "data": { key: data } })), &context()));
        let told = of("xwa2_notify_lid_change", json!({ "old": "100000000000002@lid", "new": "100000000000003@lid" }));
        let person = json!({ "jid": "100000000000003@lid" });
        let value = json!({ "change": "lid", "person": person, "oldLid": "100000000000002@lid", "timestamp": 5000 });
        assert_eq!(told, [("address", value)]);
        let linked = json!({ "jid": "100000000000002@lid", "added_profiles": ["15550002222@s.whatsapp.net"],
            "removed_profiles": [{ "pn": "15550003333@s.whatsapp.net" }] });
        let told = of("xwa2_notify_linked_profiles", linked);
        let changes: Vec<_> = told.iter().map(|(_, value)| (&value["change"], &value["person"]["pn"])).collect();
        let expected = [("linked", "15550002222@s.whatsapp.net"), ("unlinked", "15550003333@s.whatsapp.net")];
        assert_eq!(
            changes,
            expected.map(|(change, pn)| (json!(change), json!(pn))).iter().map(|(a, b)| (a, b)).collect::<Vec<_>>()
        );
        assert_eq!(of("xwa2_notify_lid_change", json!({ "old": 5 }))[0].0, "mex");
    }

    #[test]
    fn linked_profiles_are_pairs() {
        let linked =
            json!({ "jid": "100000000000002@lid", "added_profiles": [{ "pn": "15550002222@s.whatsapp.net" }, 5] });
        let node = mex(json!({ "data": { "xwa2_notify_linked_profiles": linked } }));
        assert_eq!(pairs(&node), [(Jid::lid("100000000000002"), Jid::pn("15550002222"))]);
        assert_eq!(pairs(&mex(json!({}))), []);
    }
}
