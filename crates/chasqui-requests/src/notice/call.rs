//! `<call>`: what happens to a call (07 §9.2).

use chasqui_wire::{Jid, Node};
use serde_json::{Map, Value, json};

use super::{Context, Notice, Read};

/// Most characters of a reason that is shown.
const MAX_REASON: usize = 100;

/// Reads a stage of a call.
pub(super) fn read(node: &Node<'_>, context: &Context) -> Read {
    let Some(action) = node.nodes().first() else { return Read::Malformed("it says nothing") };
    // What is not about one call is given out as it came.
    let Some(id) = action.get_str("call-id").filter(|id| !id.is_empty() && id.len() <= 128) else {
        return Read::Unknown;
    };
    let Some(from) = node.get_jid("from") else { return Read::Malformed("it is from nobody") };
    let creator = action.get_jid("call-creator").or_else(|| action.get_jid("from")).unwrap_or_else(|| from.clone());
    let person = [node.get_jid("participant"), Some(from.clone()), Some(creator.clone())];
    let Some(person) = person.into_iter().flatten().find(Jid::is_user) else {
        return Read::Malformed("nobody calls");
    };
    let tag = action.tag.as_str();
    let reason = action.get_str("reason").map(|reason| reason.chars().take(MAX_REASON).collect::<String>());
    let stage = match tag {
        "offer" => "offer",
        "offer_notice" => "notice",
        "preaccept" => "ringing",
        "accept" => "accept",
        "reject" => "reject",
        "terminate" if reason.as_deref() == Some("timeout") => "timeout",
        "terminate" => "terminate",
        _ => "other",
    };
    let mut value = Map::new();
    let mut put = |name: &str, field: Value| drop(value.insert(name.to_owned(), field));
    put("id", json!(id));
    put("from", json!(creator.to_string()));
    put("person", json!({ "jid": person.to_bare().to_string() }));
    if creator.is_user() {
        put("caller", json!({ "jid": creator.to_bare().to_string() }));
    }
    put("stage", json!(stage));
    if stage == "other" {
        put("action", json!(tag));
    }
    if let Some(reason) = reason {
        put("reason", json!(reason));
    }
    if let Some(seconds) = action.get_u64("duration").filter(|_| matches!(stage, "terminate" | "timeout")) {
        put("duration", json!(seconds));
    }
    if matches!(stage, "offer" | "notice") {
        put("video", json!(action.find("video").is_some() || action.is("media", "video")));
        put("group", json!(action.get("group-jid").is_some() || action.is("type", "group") || from.is_group()));
    }
    let group = action.get_jid("group-jid").or(Some(from)).filter(Jid::is_group);
    if let Some(group) = group {
        put("chat", json!(group.to_string()));
    }
    if node.get("offline").is_some() {
        put("offline", json!(true));
    }
    put("timestamp", json!(context.time_of(node)));
    Read::Told(vec![Notice { event: "call", value: Value::Object(value) }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context { me: None, now: 7 }
    }

    fn stanza(action: Node<'static>) -> Node<'static> {
        let from = Jid::lid("100000000000002").with_device(4);
        let action = action.attr("call-id", "CID").attr("call-creator", from.clone());
        Node::new("call").attr("from", from).attr("id", "C1").attr("t", "1700000000").child(action)
    }

    fn told(action: Node<'static>) -> Value {
        match read(&stanza(action), &context()) {
            Read::Told(notices) => notices[0].value.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_offer_tells_who_calls_and_whether_to_be_seen() {
        let offer = told(Node::new("offer").child(Node::new("audio")).child(Node::new("video")));
        let expected = json!({
            "id": "CID", "from": "100000000000002:4@lid", "stage": "offer", "video": true, "group": false,
            "person": { "jid": "100000000000002@lid" }, "caller": { "jid": "100000000000002@lid" },
            "timestamp": 1_700_000_000_000u64,
        });
        assert_eq!(offer, expected);
        let group =
            told(Node::new("offer").attr("group-jid", Jid::new("120363000000000001", chasqui_wire::Server::Group)));
        assert_eq!((&group["group"], &group["chat"]), (&json!(true), &json!("120363000000000001@g.us")));
        let notice = told(Node::new("offer_notice").attr("media", "video").attr("type", "group"));
        assert_eq!(
            (&notice["stage"], &notice["video"], &notice["group"]),
            (&json!("notice"), &json!(true), &json!(true))
        );
    }

    #[test]
    fn every_stage_has_its_name_and_what_is_new_keeps_its_own() {
        for (action, stage) in [
            (Node::new("preaccept"), "ringing"),
            (Node::new("accept"), "accept"),
            (Node::new("reject").attr("reason", "busy"), "reject"),
            (Node::new("terminate").attr("reason", "timeout"), "timeout"),
            (Node::new("terminate").attr("reason", "accepted_elsewhere"), "terminate"),
            (Node::new("terminate"), "terminate"),
            (Node::new("hologram"), "other"),
        ] {
            let tag = action.tag.as_str().to_owned();
            let value = told(action);
            assert_eq!(value["stage"], stage, "{tag}");
            assert_eq!(value.get("action").is_some(), stage == "other", "{tag}");
        }
    }

    #[test]
    fn what_lacks_a_part_is_no_call() {
        assert!(matches!(read(&Node::new("call"), &context()), Read::Malformed(_)));
        let nameless = Node::new("call").attr("from", Jid::lid("1")).child(Node::new("offer"));
        assert_eq!(read(&nameless, &context()), Read::Unknown);
        let nobody = Node::new("call").child(Node::new("offer").attr("call-id", "x"));
        assert!(matches!(read(&nobody, &context()), Read::Malformed(_)));
    }
}
