use super::*;
use crate::{notice, plain::Inside};

const GROUP: &str = "120363000000000001@g.us";

fn jid(text: &str) -> Jid {
    text.parse().expect("a JID")
}

fn author() -> Value {
    json!({ "jid": "15550000009@s.whatsapp.net", "pn": "15550000009@s.whatsapp.net", "lid": "100000000000009@lid" })
}

fn user() -> Value {
    json!({ "jid": "15550000002@s.whatsapp.net", "pn": "15550000002@s.whatsapp.net", "lid": "100000000000002@lid" })
}

fn participant(tag: &'static str) -> Node<'static> {
    Node::new(tag).attr("jid", jid("100000000000002@lid")).attr("phone_number", jid("15550000002@s.whatsapp.net"))
}

fn myself() -> Node<'static> {
    Node::new("participant").attr("jid", jid("100000000000009@lid"))
}

/// What is told of a child, without what is told of every one.
fn told(children: impl IntoIterator<Item = Node<'static>>) -> Vec<Value> {
    let node = Node::new("notification")
        .attr("from", jid(GROUP))
        .attr("type", "w:gp2")
        .attr("participant", jid("100000000000009@lid"))
        .attr("participant_pn", jid("15550000009@s.whatsapp.net"))
        .attr("t", "1700000000")
        .children(children);
    let context = Context { me: None, now: 5 };
    let Read::Told(notices) = notice::read(&node, &context) else { panic!("nothing is told") };
    let strip = |Notice { event, value }: Notice| {
        assert_eq!((event, &value["group"], &value["author"]), ("group", &json!(GROUP), &author()));
        assert_eq!(value["timestamp"], 1_700_000_000_000_u64);
        let Value::Object(mut fields) = value else { panic!("no object") };
        for name in ["group", "author", "timestamp"] {
            fields.remove(name);
        }
        Value::Object(fields)
    };
    notices.into_iter().map(strip).collect()
}

fn one(child: Node<'static>) -> Value {
    let mut told = told([child]);
    assert_eq!(told.len(), 1);
    told.pop().expect("one")
}

#[test]
fn every_change_of_a_group_is_told_in_its_own_form() {
    let text = |tag: &'static str, text: &'static str| Node::new(tag).bytes(text.as_bytes());
    let state =
        |state: &'static str| Node::new("membership_approval_mode").child(Node::new("group_join").attr("state", state));
    let body = Node::new("description").attr("id", "D").child(text("body", "Sundays"));
    let cases = [
        (Node::new("subject").attr("subject", "New"), json!({ "action": "subject", "subject": "New" })),
        (body, json!({ "action": "description", "description": "Sundays" })),
        (Node::new("description").attr("id", "D").child(Node::new("delete")), json!({ "action": "description" })),
        (Node::new("announcement"), json!({ "action": "announcement", "on": true })),
        (Node::new("not_announcement"), json!({ "action": "announcement", "on": false })),
        (Node::new("locked"), json!({ "action": "locked", "on": true })),
        (Node::new("unlocked"), json!({ "action": "locked", "on": false })),
        (Node::new("ephemeral").attr("expiration", "604800"), json!({ "action": "disappearing", "seconds": 604_800 })),
        (Node::new("not_ephemeral"), json!({ "action": "disappearing", "seconds": 0 })),
        (Node::new("invite").attr("code", "X"), json!({ "action": "inviteCode", "code": "X" })),
        (text("member_add_mode", "admin_add"), json!({ "action": "memberAddMode", "who": "admins" })),
        (text("member_add_mode", "all_member_add"), json!({ "action": "memberAddMode", "who": "all" })),
        (state("on"), json!({ "action": "joinApproval", "on": true })),
        (state("off"), json!({ "action": "joinApproval", "on": false })),
        (Node::new("delete").attr("reason", "x"), json!({ "action": "delete", "reason": "x" })),
        (
            Node::new("reports").children([Node::new("report").attr("message_id", "3EB0A"), Node::new("report")]),
            json!({ "action": "report", "messages": ["3EB0A"] }),
        ),
        (Node::new("suspended"), json!({ "action": "setting", "setting": "suspended", "on": true })),
        (Node::new("growth_unlocked"), json!({ "action": "setting", "setting": "growthLocked", "on": false })),
        (Node::new("limit_sharing_disabled"), json!({ "action": "setting", "setting": "limitSharing", "on": false })),
        (
            text("member_share_group_history_mode", "all_member_share"),
            json!({ "action": "setting", "setting": "memberHistory", "on": true }),
        ),
        (text("member_link_mode", "admin_link"), json!({ "action": "setting", "setting": "memberLinks", "on": false })),
    ];
    for (child, expected) in cases {
        assert_eq!(one(child), expected);
    }
}

#[test]
fn people_that_come_and_go_are_objects_with_both_addresses() {
    let list = |tag: &'static str, who: Node<'static>| Node::new(tag).child(who);
    let admin = participant("participant").attr("type", "admin");
    let mut person = user();
    person["role"] = "admin".into();
    assert_eq!(one(list("add", admin)), json!({ "action": "add", "people": [person], "count": 1 }));
    for (tag, action) in [
        ("remove", "remove"),
        ("promote", "promote"),
        ("demote", "demote"),
        ("modify", "number"),
        ("revoke", "invitationRevoked"),
        ("linked_group_promote", "communityPromote"),
        ("linked_group_demote", "communityDemote"),
        ("revoked_membership_requests", "joinRejected"),
    ] {
        assert_eq!(
            one(list(tag, participant("participant"))),
            json!({ "action": action, "people": [user()], "count": 1 }),
            "{tag}"
        );
    }
    // Whoever takes himself out leaves; so does who asked, and takes it back.
    for (tag, action) in [("remove", "leave"), ("leave", "leave"), ("revoked_membership_requests", "joinCancelled")] {
        assert_eq!(one(list(tag, myself()))["action"], action, "{tag}");
    }
    let many = (0..MAX_PEOPLE + 1).map(|at| Node::new("participant").attr("jid", Jid::lid(format!("{at}"))));
    assert_eq!(one(Node::new("add").children(many)), json!({ "action": "add", "count": MAX_PEOPLE + 1 }));
}

#[test]
fn who_asks_to_come_in_is_named() {
    let asks = Node::new("created_membership_requests").attr("request_method", "non_admin_add");
    let named = asks.clone().child(participant("requested_user"));
    assert_eq!(one(named), json!({ "action": "joinRequest", "people": [user()], "method": "member" }));
    assert_eq!(one(asks), json!({ "action": "joinRequest", "people": [author()], "method": "member" }));
    let bare = Node::new("membership_approval_request");
    assert_eq!(one(bare), json!({ "action": "joinRequest", "method": "link" }));
}

#[test]
fn links_name_the_groups_and_a_new_group_is_told_whole() {
    let group = Node::new("group").attr("jid", jid("120363000000000002@g.us")).attr("subject", "Sub");
    let link = Node::new("link").attr("link_type", "sub_group").child(group.clone());
    let groups = json!([{ "group": "120363000000000002@g.us", "subject": "Sub" }]);
    assert_eq!(one(link), json!({ "action": "link", "what": "group", "groups": groups }));
    let unlink = Node::new("unlink").attr("unlink_type", "parent_group").attr("unlink_reason", "delete_parent");
    assert_eq!(
        one(unlink.child(group)),
        json!({ "action": "unlink", "what": "community", "reason": "delete_parent", "groups": groups })
    );
    let made =
        Node::new("group").attr("id", "120363000000000001").attr("subject", "Subj").child(participant("participant"));
    let told = one(Node::new("create").attr("reason", "invite").child(made));
    assert_eq!((&told["action"], &told["reason"]), (&json!("create"), &json!("invite")));
    assert_eq!((&told["metadata"]["subject"], &told["metadata"]["size"]), (&json!("Subj"), &json!(1)));
}

#[test]
fn several_changes_are_told_one_by_one_and_what_nobody_knows_as_it_came() {
    let told =
        told([Node::new("locked"), Node::new("hologram").attr("v", "1").bytes(vec![1]), Node::new("announcement")]);
    assert_eq!(told[0]["action"], "locked");
    assert_eq!(told[2]["action"], "announcement");
    let node: Plain = serde_json::from_value(told[1]["node"].clone()).expect("a node");
    assert_eq!((told[1]["action"].as_str(), node.tag.as_str()), (Some("other"), "hologram"));
    assert!(matches!(node.content, Some(Inside::Bytes { .. })));
}

#[test]
fn what_names_no_group_or_says_nothing_is_malformed() {
    let context = Context { me: None, now: 5 };
    let node = |from: &str| Node::new("notification").attr("type", "w:gp2").attr("from", jid(from));
    for node in [
        node(GROUP),
        node("15550001111@s.whatsapp.net").child(Node::new("locked")),
        Node::new("notification").attr("type", "w:gp2").child(Node::new("locked")),
    ] {
        assert!(matches!(notice::read(&node, &context), Read::Malformed(_)));
    }
    let silent = node(GROUP).child(Node::new("add"));
    let Read::Told(told) = notice::read(&silent, &context) else { panic!("malformed") };
    assert_eq!(told[0].value["people"], json!([]));
    assert_eq!(told[0].value["timestamp"], 5);
}
