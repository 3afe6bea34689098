//! Notices of people: who is there and types, their pictures, abouts, devices; and what other devices of the own account
//! have changed about it (`account_sync`).
//!
//! Source: 07-requests-and-notifications §13.2, §13.3, §13.5, §13.6 and §14.1.

use chasqui_wire::{Jid, Node};
use serde_json::{Map, Value, json};

use super::{Context, MAX_PEOPLE, Notice, Read};
use crate::{answer::text, privacy};

fn told(event: &'static str, value: Value) -> Read {
    Read::Told(vec![Notice { event, value }])
}

fn person(jid: &Jid) -> Value {
    json!({ "jid": jid.to_bare().to_string() })
}

/// Adds what is there.
fn with(mut value: Value, more: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    value
}

/// `<presence>`: who is there, or how many of a group are.
pub(super) fn presence(node: &Node<'_>) -> Read {
    let Some(from) = node.get_jid("from") else { return Read::Malformed("nobody is named") };
    let state = match node.get_str("type").as_deref() {
        None | Some("available") => "available",
        Some("unavailable") => "unavailable",
        Some(_) => return Read::Unknown,
    };
    if from.is_group() {
        let online = node.get_u64("count").map(Value::from);
        return told("presence", with(json!({ "chat": from.to_string(), "state": state }), [("online", online)]));
    }
    if !from.is_user() || from.user.is_empty() {
        return Read::Malformed("it is of no person");
    }
    // Other words than a time say that it is not told.
    let last = node.get_u64("last").and_then(|seconds| seconds.checked_mul(1000)).map(Value::from);
    told(
        "presence",
        with(json!({ "chat": person(&from), "person": person(&from), "state": state }), [("lastSeen", last)]),
    )
}

/// `<chatstate>`: who types or records, where.
pub(super) fn chatstate(node: &Node<'_>) -> Read {
    let Some(from) = node.get_jid("from") else {
        // What the own account does on another device.
        return if node.get("to").is_some() { Read::Told(Vec::new()) } else { Read::Malformed("nobody is named") };
    };
    let state = match node.nodes().first() {
        Some(child) if child.tag == "composing" && child.is("media", "audio") => "recording",
        Some(child) if child.tag == "composing" => "typing",
        Some(child) if child.tag == "paused" => "paused",
        _ => return Read::Malformed("no state is told"),
    };
    let (chat, who) = match node.get_jid("participant") {
        Some(participant) => (json!(from.to_string()), participant),
        None => (person(&from), from),
    };
    if !who.is_user() || who.user.is_empty() {
        return Read::Malformed("it is of no person");
    }
    told("presence", json!({ "chat": chat, "person": person(&who), "state": state }))
}

/// `picture`: of a person, or of a group.
pub(super) fn picture(node: &Node<'_>, context: &Context) -> Read {
    let Some(from) = node.get_jid("from").filter(|from| !from.user.is_empty()) else {
        // Only a hash names the person.
        return Read::Unknown;
    };
    let child = node.nodes().first();
    // One that says nothing says that it is gone.
    let removed = child.is_none_or(|child| child.tag == "delete");
    let id = child.and_then(|child| child.get_str("id")).map(|id| json!(text(&id)));
    let author = child.and_then(|child| child.get_jid("author")).or_else(|| node.get_jid("participant"));
    let more = [
        ("id", id.filter(|_| !removed)),
        ("removed", removed.then_some(Value::Bool(true))),
        ("author", author.filter(Jid::is_user).map(|author| person(&author))),
    ];
    let timestamp = context.time_of(node);
    if from.is_group() {
        return told(
            "group",
            with(json!({ "group": from.to_string(), "action": "picture", "timestamp": timestamp }), more),
        );
    }
    if !from.is_user() {
        return Read::Malformed("it is of no person");
    }
    told("person", with(json!({ "person": person(&from), "action": "picture", "timestamp": timestamp }), more))
}

/// The other notifications about somebody.
pub(super) fn about_person(kind: &str, node: &Node<'_>, context: &Context) -> Read {
    let Some(from) = node.get_jid("from") else { return Read::Malformed("nobody is named") };
    let timestamp = context.time_of(node);
    let of = |who: &Jid, action: &str, more: Vec<(&'static str, Option<Value>)>| {
        told("person", with(json!({ "person": person(who), "action": action, "timestamp": timestamp }), more))
    };
    let somebody = from.is_user() && !from.user.is_empty();
    match kind {
        "status" if somebody => {
            let Some(about) = node.find("set") else { return Read::Unknown };
            let about = about.content_str().map(text).unwrap_or_default();
            of(&from, "about", vec![("about", Some(about.into()))])
        }
        "disappearing_mode" if somebody => {
            let Some(seconds) = node.find("disappearing_mode").and_then(|mode| mode.get_u64("duration")) else {
                return Read::Malformed("no time is told");
            };
            of(&from, "disappearing", vec![("seconds", Some(seconds.into()))])
        }
        "devices" => devices(node, context, &from, timestamp),
        "contacts" => {
            let Some(child) = node.nodes().first() else { return Read::Malformed("nothing is told") };
            let named = |attr: &str| child.get_jid(attr).filter(Jid::is_user);
            match (child.tag.as_str(), named("jid"), named("new")) {
                ("modify", _, Some(new)) => {
                    let old = named("old").map(|old| person(&old));
                    of(&new, "number", vec![("old", old)])
                }
                ("update" | "add" | "remove", Some(who), _) => {
                    of(&who, "contact", vec![("what", Some(text(child.tag.as_str()).into()))])
                }
                _ => Read::Unknown,
            }
        }
        _ => Read::Malformed("it is of no person"),
    }
}

fn devices(node: &Node<'_>, context: &Context, from: &Jid, timestamp: u64) -> Read {
    let own = context.me.as_ref().is_some_and(|me| from.same_user(&me.pn) || from.same_user(&me.lid));
    // Of the own ones `account_sync` tells, too.
    if own || !from.is_user() {
        return Read::Told(Vec::new());
    }
    let numbers = |tag: &str| {
        let jids = node.all(tag).flat_map(|change| change.nodes()).filter(|device| device.tag == "device");
        let numbers: Vec<Value> =
            jids.take(MAX_PEOPLE).filter_map(|device| device.get_jid("jid")).map(|jid| jid.device.into()).collect();
        (!numbers.is_empty()).then_some(Value::Array(numbers))
    };
    let value = json!({ "person": person(from), "action": "devices", "timestamp": timestamp });
    told("person", with(value, [("added", numbers("add")), ("removed", numbers("remove"))]))
}

/// `account_sync`: what has changed about the own account.
pub(super) fn account(node: &Node<'_>, context: &Context) -> Read {
    let timestamp = context.time_of(node);
    let mut notices = Vec::new();
    let tell = |action: &str, more: Vec<(&'static str, Option<Value>)>| Notice {
        event: "account",
        value: with(json!({ "action": action, "timestamp": timestamp }), more),
    };
    let name = node.get_str("pushname").or_else(|| node.nodes().first()?.get_str("pushname"));
    notices.extend(name.map(|name| tell("name", vec![("name", Some(text(&name).into()))])));
    for child in node.nodes().iter().take(16) {
        let seconds = |attr: &str| child.get_u64(attr).map(Value::from);
        let (action, more) = match child.tag.as_str() {
            "devices" => {
                let numbers = child.all("device").take(MAX_PEOPLE).filter_map(|device| device.get_jid("jid"));
                let numbers: Vec<Value> = numbers.map(|jid| jid.device.into()).collect();
                ("devices", vec![("devices", Some(numbers.into()))])
            }
            "privacy" => ("privacy", vec![("settings", Some(json!(privacy::settings(child))))]),
            "blocklist" => {
                let people: Vec<Value> = child.all("item").take(MAX_PEOPLE).filter_map(item).collect();
                ("blocklist", vec![("people", Some(people.into()))])
            }
            "picture" => ("picture", Vec::new()),
            "disappearing_mode" => ("disappearing", vec![("seconds", seconds("duration"))]),
            "status" | "text_status" => {
                let about = child.content_str().or_else(|| child.find("set")?.content_str());
                ("about", vec![("about", about.map(|about| text(about).into()))])
            }
            "tos" | "notice" => {
                let own = child.get_str("id").map(|id| text(&id));
                let ids = child.all("notice").take(MAX_PEOPLE).filter_map(|notice| notice.get_str("id"));
                let ids: Vec<String> = own.into_iter().chain(ids.map(|id| text(&id))).collect();
                (if child.tag == "tos" { "terms" } else { "notice" }, vec![("ids", Some(json!(ids)))])
            }
            "user" => ("user", Vec::new()),
            "biz_opt_out_list" => ("businesses", Vec::new()),
            _ if notices.is_empty() => return Read::Unknown,
            _ => continue,
        };
        notices.push(tell(action, more));
    }
    Read::Told(notices)
}

/// One person who was blocked, or is no more.
fn item(item: &Node<'_>) -> Option<Value> {
    let jid = item.get_jid("jid").filter(Jid::is_user)?;
    let mut value = Map::new();
    value.insert("jid".into(), jid.to_bare().to_string().into());
    value.insert("blocked".into(), (!item.is("action", "unblock")).into());
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{notice, session::Me};

    fn read(node: &Node<'_>) -> Vec<(String, Value)> {
        let me = Me { pn: Jid::pn("15550001111").with_device(1), lid: Jid::lid("100000000000001").with_device(1) };
        match notice::read(node, &Context { me: Some(me), now: 7 }) {
            Read::Told(notices) => notices.into_iter().map(|notice| (notice.event.to_owned(), notice.value)).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn pn() -> Jid {
        Jid::pn("15550002222")
    }

    fn notification(kind: &'static str, from: Jid) -> Node<'static> {
        Node::new("notification").attr("type", kind).attr("from", from).attr("t", "1700000000")
    }

    #[test]
    fn presence_is_told_with_the_time_where_that_is_shown() {
        let who = json!({ "jid": "15550002222@s.whatsapp.net" });
        let presence = || Node::new("presence").attr("from", pn());
        let away = || presence().attr("type", "unavailable");
        let seen = 1_700_000_000_000u64;
        for (node, value) in [
            (presence(), json!({ "chat": who, "person": who, "state": "available" })),
            (
                away().attr("last", "1700000000"),
                json!({ "chat": who, "person": who, "state": "unavailable", "lastSeen": seen }),
            ),
            (away().attr("last", "deny"), json!({ "chat": who, "person": who, "state": "unavailable" })),
        ] {
            assert_eq!(read(&node), [("presence".to_owned(), value)]);
        }
        let group = Node::new("presence").attr("from", "120363000000000001@g.us".parse::<Jid>().expect("a group"));
        let value = json!({ "chat": "120363000000000001@g.us", "state": "available", "online": 5 });
        assert_eq!(read(&group.attr("count", "5")), [("presence".to_owned(), value)]);
    }

    #[test]
    fn chat_states_name_the_chat_and_the_person() {
        let group: Jid = "120363000000000001@g.us".parse().expect("a group");
        let who = json!({ "jid": "100000000000002@lid" });
        let lid = Jid::lid("100000000000002");
        let state = |child: Node<'static>| Node::new("chatstate").attr("from", lid.clone()).child(child);
        for (child, name) in [
            (Node::new("composing"), "typing"),
            (Node::new("composing").attr("media", "audio"), "recording"),
            (Node::new("paused"), "paused"),
        ] {
            assert_eq!(read(&state(child))[0].1, json!({ "chat": who, "person": who, "state": name }));
        }
        let inside =
            Node::new("chatstate").attr("from", group).attr("participant", lid.clone()).child(Node::new("composing"));
        assert_eq!(read(&inside)[0].1, json!({ "chat": "120363000000000001@g.us", "person": who, "state": "typing" }));
        assert!(read(&Node::new("chatstate").attr("to", lid.clone()).child(Node::new("paused"))).is_empty());
        let context = Context { me: None, now: 7 };
        for wrong in [Node::new("chatstate"), state(Node::new("x")), Node::new("presence")] {
            assert!(matches!(notice::read(&wrong, &context), Read::Malformed(_)), "{wrong:?}");
        }
    }

    #[test]
    fn pictures_abouts_and_devices_of_people_are_told() {
        let who = json!({ "jid": "15550002222@s.whatsapp.net" });
        let t = 1_700_000_000_000u64;
        let set =
            Node::new("set").attr("jid", pn()).attr("id", "1700000000").attr("author", Jid::lid("100000000000009"));
        let author = json!({ "jid": "100000000000009@lid" });
        assert_eq!(
            read(&notification("picture", pn()).child(set.clone())),
            [(
                "person".to_owned(),
                json!({ "person": who, "action": "picture", "timestamp": t, "id": "1700000000", "author": author }),
            )]
        );
        for gone in [notification("picture", pn()), notification("picture", pn()).child(Node::new("delete"))] {
            assert_eq!(read(&gone)[0].1["removed"], true);
        }
        let group: Jid = "120363000000000001@g.us".parse().expect("a group");
        assert_eq!(
            read(&notification("picture", group).child(set)),
            [(
                "group".to_owned(),
                json!({ "group": "120363000000000001@g.us", "action": "picture", "timestamp": t, "id": "1700000000", "author": author }),
            )]
        );
        let about = notification("status", pn()).child(Node::new("set").bytes("busy".as_bytes()));
        assert_eq!(read(&about)[0].1, json!({ "person": who, "action": "about", "timestamp": t, "about": "busy" }));
        let device = |n: u16| Node::new("device").attr("jid", pn().with_device(n));
        let devices =
            notification("devices", pn()).child(Node::new("add").children([device(3), Node::new("key-index-list")]));
        assert_eq!(read(&devices)[0].1, json!({ "person": who, "action": "devices", "timestamp": t, "added": [3] }));
        let number = Node::new("modify").attr("old", pn()).attr("new", Jid::pn("15550003333"));
        let changed = read(&notification("contacts", Jid::SERVER).child(number));
        assert_eq!((&changed[0].1["action"], &changed[0].1["old"]), (&json!("number"), &who));
        let timer = Node::new("disappearing_mode").attr("duration", "86400");
        assert_eq!(read(&notification("disappearing_mode", pn()).child(timer))[0].1["seconds"], 86400);
        let context = Context { me: None, now: 7 };
        let hash = notification("picture", Jid::SERVER).child(Node::new("set").attr("hash", "s7oK"));
        assert_eq!(notice::read(&hash, &context), Read::Unknown);
        assert!(matches!(notice::read(&notification("status", Jid::SERVER), &context), Read::Malformed(_)));
    }

    #[test]
    fn what_another_device_changed_about_the_account_is_told_one_by_one() {
        let own = Jid::pn("15550001111");
        let sync = |child: Node<'static>| notification("account_sync", own.clone()).child(child);
        let category = Node::new("category").attr("name", "last").attr("value", "none");
        let item = Node::new("item").attr("jid", Jid::lid("100000000000002")).attr("action", "unblock");
        let people = json!([{ "jid": "100000000000002@lid", "blocked": false }]);
        let notice = Node::new("notice").attr("id", "20230901");
        for (child, action, field, value) in [
            (Node::new("privacy").child(category), "privacy", "settings", json!({ "lastSeen": "none" })),
            (Node::new("blocklist").child(item), "blocklist", "people", people),
            (Node::new("disappearing_mode").attr("duration", "86400"), "disappearing", "seconds", json!(86400)),
            (
                Node::new("devices").child(Node::new("device").attr("jid", own.with_device(2))),
                "devices",
                "devices",
                json!([2]),
            ),
            (Node::new("picture"), "picture", "id", Value::Null),
            (Node::new("status").bytes("hi".as_bytes()), "about", "about", json!("hi")),
            (Node::new("tos").child(notice.clone()), "terms", "ids", json!(["20230901"])),
            (notice, "notice", "ids", json!(["20230901"])),
        ] {
            let told = read(&sync(child));
            assert_eq!(
                (told.len(), &*told[0].0, &told[0].1["action"], &told[0].1[field]),
                (1, "account", &json!(action), &value)
            );
        }
        let named = read(&notification("account_sync", own.clone()).attr("pushname", "Ana"));
        assert_eq!((&named[0].1["action"], &named[0].1["name"]), (&json!("name"), &json!("Ana")));
        assert!(read(&notification("account_sync", own.clone())).is_empty());
        let unknown = notice::read(&sync(Node::new("hologram")), &Context { me: None, now: 7 });
        assert_eq!(unknown, Read::Unknown);
    }
}
