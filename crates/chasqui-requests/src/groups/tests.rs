use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;
use crate::{
    Wish, call,
    plain::{Plain, Room},
    session::Me,
};

const GROUP: &str = "120363000000000001@g.us";

/// Calls a method; the service answers each request with the next of these. Gives what came of it, and the requests.
async fn called(method: &str, args: Value, answers: Vec<Node<'static>>) -> (Result, Vec<Plain>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (seen, answers) = (asked.clone(), Mutex::new(answers.into_iter()));
    let me = Me { pn: Jid::pn("15550000001"), lid: Jid::lid("100000000000001") };
    let session = Session::new(me, move |wish| {
        match wish {
            Wish::Query(node, outcome) => {
                seen.lock().expect("free").push(Plain::of(&node, &mut Room::default()).expect("small"));
                let answer =
                    answers.lock().expect("free").next().unwrap_or_else(|| Node::new("iq").attr("type", "result"));
                outcome.send(Ok(answer)).expect("waits");
            }
            Wish::Read(node, reader) => {
                seen.lock().expect("free").push(Plain::of(&node, &mut Room::default()).expect("small"));
                let answer =
                    answers.lock().expect("free").next().unwrap_or_else(|| Node::new("iq").attr("type", "result"));
                reader.read(Ok(&answer));
            }
            Wish::Counterparts(people, outcome) => {
                let other = |jid: Jid| (jid.user == "15550000002").then(|| Jid::lid("100000000000002"));
                outcome.send(Ok(people.into_iter().map(other).collect())).expect("waits");
            }
            Wish::Group(_, outcome) => outcome.send(Ok(None)).expect("waits"),
            Wish::Tokens(people, outcome) => {
                let token = |jid: Jid| (jid.user == "15550000002").then(|| b"token".to_vec());
                outcome.send(Ok(people.into_iter().map(token).collect())).expect("waits");
            }
            Wish::Props(outcome) => outcome.send(Ok([("11262".into(), "0".into())].into())).expect("waits"),
            _ => {}
        }
        true
    });
    let result = call(&session, method, args).await;
    let asked = asked.lock().expect("free").clone();
    (result, asked)
}

fn result(child: Node<'static>) -> Node<'static> {
    Node::new("iq").attr("type", "result").attr("from", GROUP.parse::<Jid>().expect("a JID")).child(child)
}

fn refusal(code: &'static str) -> Node<'static> {
    Node::new("iq").attr("type", "error").child(Node::new("error").attr("code", code).attr("text", "x"))
}

#[tokio::test]
async fn a_request_goes_out_as_the_service_knows_it() {
    for (method, args, kind, child) in [
        (
            "groups.metadata",
            json!({ "group": GROUP }),
            "get",
            json!({ "tag": "query", "attrs": { "request": "interactive" } }),
        ),
        (
            "groups.setSubject",
            json!({ "group": GROUP, "text": "New" }),
            "set",
            json!({ "tag": "subject", "content": { "base64": "TmV3" } }),
        ),
        ("groups.set", json!({ "group": GROUP, "announcement": true }), "set", json!({ "tag": "announcement" })),
        ("groups.set", json!({ "group": GROUP, "announcement": false }), "set", json!({ "tag": "not_announcement" })),
        ("groups.set", json!({ "group": GROUP, "locked": false }), "set", json!({ "tag": "unlocked" })),
        ("groups.set", json!({ "group": GROUP, "disappearing": 0 }), "set", json!({ "tag": "not_ephemeral" })),
        (
            "groups.set",
            json!({ "group": GROUP, "disappearing": 86400 }),
            "set",
            json!({ "tag": "ephemeral", "attrs": { "expiration": "86400" } }),
        ),
        (
            "groups.set",
            json!({ "group": GROUP, "memberAddMode": "admins" }),
            "set",
            json!({ "tag": "member_add_mode", "content": { "base64": "YWRtaW5fYWRk" } }),
        ),
        (
            "groups.set",
            json!({ "group": GROUP, "joinApproval": true }),
            "set",
            json!({ "tag": "membership_approval_mode", "content": [{ "tag": "group_join", "attrs": { "state": "on" } }] }),
        ),
        ("groups.inviteCode", json!({ "group": GROUP }), "get", json!({ "tag": "invite" })),
        ("groups.revokeInvite", json!({ "group": GROUP }), "set", json!({ "tag": "invite" })),
        ("groups.joinRequests", json!({ "group": GROUP }), "get", json!({ "tag": "membership_approval_requests" })),
        (
            "groups.people",
            json!({ "group": GROUP, "action": "promote", "people": ["+1 555 000 0002", "15550000003"] }),
            "set",
            json!({ "tag": "promote", "content": [
                { "tag": "participant", "attrs": { "jid": "100000000000002@lid", "phone_number": "15550000002@s.whatsapp.net" } },
                { "tag": "participant", "attrs": { "jid": "15550000003@s.whatsapp.net" } },
            ] }),
        ),
        (
            "groups.decide",
            json!({ "group": GROUP, "approve": true, "people": ["15550000003"] }),
            "set",
            json!({ "tag": "membership_requests_action", "content": [
                { "tag": "approve", "content": [{ "tag": "participant", "attrs": { "jid": "15550000003@s.whatsapp.net" } }] },
            ] }),
        ),
        ("groups.set", json!({ "group": GROUP, "adminReports": true }), "set", json!({ "tag": "allow_admin_reports" })),
        (
            "groups.report",
            json!({ "group": GROUP, "message": "3EB0A" }),
            "set",
            json!({ "tag": "reports", "content": [{ "tag": "report", "attrs": { "message_id": "3EB0A" } }] }),
        ),
        ("groups.reports", json!({ "group": GROUP }), "get", json!({ "tag": "reports" })),
        (
            "communities.group",
            json!({ "community": GROUP, "group": "120363000000000002@g.us" }),
            "get",
            json!({ "tag": "query_linked", "attrs": { "type": "sub_group", "jid": "120363000000000002@g.us" } }),
        ),
        ("communities.groups", json!({ "community": GROUP }), "get", json!({ "tag": "sub_groups" })),
        ("communities.deactivate", json!({ "community": GROUP }), "set", json!({ "tag": "delete_parent" })),
        (
            "communities.link",
            json!({ "community": GROUP, "groups": ["120363000000000002@g.us"] }),
            "set",
            json!({ "tag": "links", "content": [{ "tag": "link", "attrs": { "link_type": "sub_group" }, "content": [
                { "tag": "group", "attrs": { "jid": "120363000000000002@g.us" } },
            ] }] }),
        ),
    ] {
        let (_, asked) = called(method, args, Vec::new()).await;
        assert_eq!(json!(asked[0].attrs), json!({ "to": GROUP, "type": kind, "xmlns": "w:g2" }), "{method}");
        let Some(crate::plain::Inside::Nodes(children)) = &asked[0].content else { panic!("{method} asks nothing") };
        assert_eq!(json!(children), json!([child]), "{method}");
    }
}

#[tokio::test]
async fn the_newer_settings_are_changed_by_graphql() {
    let done = || {
        let json = json!({ "data": { "xwa2_group_update_property": { "id": GROUP, "state": "ACTIVE" } } }).to_string();
        Node::new("iq").attr("type", "result").child(Node::new("result").bytes(json.into_bytes()))
    };
    for (setting, update, change) in [
        (
            json!({ "memberLinkMode": "all" }),
            json!({ "member_link_mode": "ALL_MEMBER_LINK" }),
            text("member_link_mode", "all_member_link"),
        ),
        (
            json!({ "memberHistoryMode": "admins" }),
            json!({ "member_share_group_history_mode": "ADMIN_SHARE" }),
            text("member_share_group_history_mode", "admin_share"),
        ),
        (
            json!({ "limitSharing": true }),
            json!({ "limit_sharing": { "limit_sharing_enabled": true, "limit_sharing_trigger": "CHAT_SETTING" } }),
            Node::new("limit_sharing_enabled"),
        ),
        (
            json!({ "limitSharing": false }),
            json!({ "limit_sharing": { "limit_sharing_enabled": false, "limit_sharing_trigger": "CHAT_SETTING" } }),
            Node::new("limit_sharing_disabled"),
        ),
    ] {
        let mut args = setting.clone();
        args["group"] = GROUP.into();
        let (told, asked) = called("groups.set", args, vec![done()]).await;
        assert_eq!(told.expect("done"), Value::Null);
        let [asked] = <[Plain; 1]>::try_from(asked).expect("one request");
        assert_eq!(json!(asked.attrs), json!({ "to": "@s.whatsapp.net", "type": "get", "xmlns": "w:mex" }));
        // What the query has changed is read from it when it is answered.
        let variables = json!({ "variables": { "group_id": GROUP, "update": update } });
        let query = Node::new("query").attr("query_id", "9418211574894172").bytes(variables.to_string().into_bytes());
        assert_eq!(json!(asked.content), json!([Plain::of(&query, &mut Room::default()).expect("small")]), "{setting}");
        let asked = Node::new("iq").child(query);
        let changed = settings::changed_property(&asked, &done()).expect("changed");
        assert_eq!(changed, (GROUP.parse::<Jid>().expect("a JID"), vec![change]));
        let refused = br#"{"data":null,"errors":[{"message":"no"}]}"#.as_slice();
        for wrong in [refused, br#"{"data":{}}"#, b"[", b""] {
            let answer = Node::new("iq").child(Node::new("result").bytes(wrong));
            assert_eq!(settings::changed_property(&asked, &answer), None);
        }
    }
    for wrong in [json!({}), json!({ "variables": { "group_id": "x", "update": {} } }), json!(7)] {
        let query = Node::new("query").attr("query_id", "9418211574894172").bytes(wrong.to_string().into_bytes());
        assert_eq!(settings::changed_property(&Node::new("iq").child(query), &done()), None);
    }
}

#[tokio::test]
async fn what_graphql_refuses_is_told_in_words_about_groups() {
    for (number, code) in [(403, ErrorCode::NotAllowed), (404, ErrorCode::NotFound), (400, ErrorCode::RequestFailed)] {
        let error = json!({ "message": "no", "extensions": { "error_code": number } });
        let json = json!({ "data": null, "errors": [error] }).to_string();
        let answer = Node::new("iq").attr("type", "result").child(Node::new("result").bytes(json.into_bytes()));
        let (told, _) = called("groups.set", json!({ "group": GROUP, "limitSharing": true }), vec![answer]).await;
        let error = told.expect_err("refused");
        assert_eq!((error.code, error.data.get("error")), (code, Some(&json!(number))));
    }
}

#[tokio::test]
async fn tokens_go_with_people_who_come_in_unless_the_service_wants_none() {
    let people = json!(["15550000002", "15550000003"]);
    let tokens = |asked: &[Plain]| {
        let Some(crate::plain::Inside::Nodes(children)) = &asked[0].content else { panic!("nothing is asked") };
        let named = json!(children)[0]["content"].clone();
        let named = named.as_array().expect("people").clone();
        named.iter().filter(|node| node["tag"] == "participant").map(|node| node["content"].clone()).collect::<Vec<_>>()
    };
    let (_, asked) = called("groups.create", json!({ "subject": "x", "people": people }), Vec::new()).await;
    let token = json!([{ "tag": "privacy", "content": { "base64": "dG9rZW4=" } }]);
    assert_eq!(tokens(&asked), [token, Value::Null]);
    // The service has switched it off for these.
    let args = json!({ "group": GROUP, "action": "add", "people": people });
    assert_eq!(tokens(&called("groups.people", args, Vec::new()).await.1), [Value::Null, Value::Null]);
    let args = json!({ "group": GROUP, "action": "promote", "people": people });
    assert_eq!(tokens(&called("groups.people", args, Vec::new()).await.1), [Value::Null, Value::Null]);
}

#[tokio::test]
async fn each_person_has_a_result_and_who_is_not_to_be_added_an_invitation() {
    let participant = |jid: &str| Node::new("participant").attr("jid", jid.parse::<Jid>().expect("a JID"));
    let add = Node::new("add").children([
        participant("100000000000002@lid").attr("phone_number", Jid::pn("15550000002")).attr("type", "200"),
        participant("100000000000003@lid")
            .attr("phone_number", Jid::pn("15550000003"))
            .attr("error", "403")
            .child(Node::new("add_request").attr("code", "CODE").attr("expiration", "1700000000")),
        participant("100000000000004@lid").attr("phone_number", Jid::pn("15550000004")).attr("error", "408"),
        participant("100000000000005@lid").attr("phone_number", Jid::pn("15550000005")).attr("error", "777"),
        participant("100000000000006@lid").attr("phone_number", Jid::pn("15550000006")).attr("error", "421"),
    ]);
    let people: Vec<String> = (2..8).map(|n| format!("1555000000{n}")).collect();
    let args = json!({ "group": GROUP, "action": "add", "people": people });
    let (told, _) = called("groups.people", args, vec![result(add)]).await;
    let told = told.expect("a result");
    let told = told.as_array().expect("a list");
    assert_eq!(told.len(), 6);
    assert_eq!(told[0]["ok"], true);
    assert_eq!(told[1]["invitation"], json!({ "group": GROUP, "code": "CODE", "expiresAt": 1_700_000_000_000_u64 }));
    let codes: Vec<_> = told.iter().map(|one| (one["code"].as_str(), one["error"].as_u64())).collect();
    let failed = |number| (Some("REQUEST_FAILED"), Some(number));
    assert_eq!(
        codes,
        [(None, None), (Some("NOT_ALLOWED"), Some(403)), failed(408), failed(777), failed(421), failed(500)]
    );
    assert_eq!((&told[4]["requested"], &told[5]["jid"]), (&json!(true), &json!("15550000007@s.whatsapp.net")));
}

#[tokio::test]
async fn a_description_that_somebody_else_changed_meanwhile_is_replaced_knowing_his() {
    let group = |id: &'static str| {
        let description = Node::new("description").attr("id", id).child(text("body", "x"));
        result(Node::new("group").attr("id", "120363000000000001").child(description))
    };
    let args = json!({ "group": GROUP, "text": "new" });
    let done = Node::new("iq").attr("type", "result");
    let answers = vec![group("ONE"), refusal("409"), group("TWO"), done];
    let (told, asked) = called("groups.setDescription", args.clone(), answers).await;
    told.expect("done");
    let previous = |node: &Plain| match &node.content {
        Some(crate::plain::Inside::Nodes(children)) => children[0].attrs.get("prev").cloned(),
        _ => None,
    };
    assert_eq!((previous(&asked[1]).as_deref(), previous(&asked[3]).as_deref()), (Some("ONE"), Some("TWO")));
    let answers = vec![group("ONE"), refusal("409"), group("TWO"), refusal("409")];
    let (told, asked) = called("groups.setDescription", args, answers).await;
    assert_eq!((told.expect_err("refused").code, asked.len()), (ErrorCode::RequestFailed, 4));
}

#[tokio::test]
async fn what_the_service_refuses_is_told_in_words_about_groups() {
    for (method, args, number, code) in [
        ("groups.metadata", json!({ "group": GROUP }), "403", ErrorCode::NotInGroup),
        ("groups.metadata", json!({ "group": GROUP }), "404", ErrorCode::NotFound),
        ("groups.setSubject", json!({ "group": GROUP, "text": "x" }), "403", ErrorCode::NotAllowed),
        ("groups.inviteCode", json!({ "group": GROUP }), "401", ErrorCode::NotAllowed),
        ("groups.join", json!({ "invite": "abc" }), "410", ErrorCode::NotFound),
        ("groups.join", json!({ "invite": "abc" }), "405", ErrorCode::NotAllowed),
        ("groups.join", json!({ "invite": "abc" }), "304", ErrorCode::RequestFailed),
        ("groups.join", json!({ "invite": "abc" }), "777", ErrorCode::RequestFailed),
        ("groups.inviteInfo", json!({ "invite": "abc" }), "429", ErrorCode::RateLimited),
    ] {
        let (told, _) = called(method, args, vec![refusal(number)]).await;
        let error = told.expect_err(method);
        assert_eq!(
            (error.code, error.data.get("error")),
            (code, Some(&json!(number.parse::<u64>().expect("a number"))))
        );
    }
}

#[tokio::test]
async fn answers_that_lack_what_they_have_to_say_are_errors() {
    let empty = || vec![Node::new("iq").attr("type", "result")];
    for (method, args) in [
        ("groups.metadata", json!({ "group": GROUP })),
        ("groups.create", json!({ "subject": "x", "people": [] })),
        ("groups.people", json!({ "group": GROUP, "action": "add", "people": ["15550000002"] })),
        ("groups.joinRequests", json!({ "group": GROUP })),
        ("groups.decide", json!({ "group": GROUP, "approve": false, "people": ["15550000002"] })),
        ("groups.inviteCode", json!({ "group": GROUP })),
        ("groups.join", json!({ "invite": "abc" })),
        ("communities.groups", json!({ "community": GROUP })),
        ("communities.group", json!({ "community": GROUP, "group": GROUP })),
        ("groups.reports", json!({ "group": GROUP })),
        ("groups.metadataOf", json!({ "groups": [GROUP] })),
        ("groups.pictures", json!({ "groups": [GROUP] })),
        ("communities.create", json!({ "subject": "x" })),
        ("communities.link", json!({ "community": GROUP, "groups": [GROUP] })),
    ] {
        let (told, _) = called(method, args, empty()).await;
        assert_eq!(told.expect_err(method).code, ErrorCode::ProtocolError, "{method}");
    }
    let (list, _) = called("groups.list", json!({}), empty()).await;
    assert_eq!(list.expect("none"), json!([]));
}

#[tokio::test]
async fn arguments_that_cannot_be_are_refused_before_anything_is_asked() {
    let many: Vec<String> = (0..1025).map(|n| format!("1555{n:07}")).collect();
    for (method, args, code) in [
        ("groups.metadata", json!({ "group": "15550000002" }), ErrorCode::InvalidRecipient),
        ("groups.metadata", json!({ "group": GROUP, "more": 1 }), ErrorCode::InvalidArgument),
        ("groups.setSubject", json!({ "group": GROUP, "text": "" }), ErrorCode::InvalidArgument),
        ("groups.setSubject", json!({ "group": GROUP, "text": "x".repeat(101) }), ErrorCode::InvalidArgument),
        ("groups.setDescription", json!({ "group": GROUP, "text": "x".repeat(2049) }), ErrorCode::InvalidArgument),
        ("groups.create", json!({ "subject": " ", "people": [] }), ErrorCode::InvalidArgument),
        ("groups.people", json!({ "group": GROUP, "action": "add", "people": [] }), ErrorCode::InvalidArgument),
        ("groups.people", json!({ "group": GROUP, "action": "add", "people": many }), ErrorCode::InvalidArgument),
        (
            "groups.people",
            json!({ "group": GROUP, "action": "eat", "people": ["15550000002"] }),
            ErrorCode::InvalidArgument,
        ),
        ("groups.revokeInvitation", json!({ "group": GROUP, "people": [GROUP] }), ErrorCode::InvalidRecipient),
        ("groups.join", json!({ "invite": "https://example.com" }), ErrorCode::InvalidArgument),
        ("groups.metadataOf", json!({ "groups": [] }), ErrorCode::InvalidArgument),
        ("groups.metadataOf", json!({ "groups": vec![GROUP; 1001] }), ErrorCode::InvalidArgument),
        ("groups.pictures", json!({ "groups": ["15550000002"] }), ErrorCode::InvalidRecipient),
        ("groups.report", json!({ "group": GROUP, "message": "" }), ErrorCode::InvalidArgument),
        ("groups.acceptInvitation", json!({ "raw": "AAAA", "inviter": "15550000002" }), ErrorCode::InvalidArgument),
        ("communities.link", json!({ "community": GROUP, "groups": [] }), ErrorCode::InvalidArgument),
    ] {
        let (told, asked) = called(method, args, Vec::new()).await;
        assert_eq!((told.expect_err(method).code, asked.len()), (code, 0), "{method}");
    }
}

#[tokio::test]
async fn who_is_nobody_does_not_fail_the_others() {
    let args = json!({ "group": GROUP, "action": "add", "people": ["nonsense", "15550000002", GROUP] });
    let added = Node::new("participant").attr("jid", "15550000002@s.whatsapp.net".parse::<Jid>().expect("a JID"));
    let (told, asked) = called("groups.people", args, vec![result(Node::new("add").child(added))]).await;
    let told = told.expect("a result for each");
    let seen: Vec<_> =
        told.as_array().expect("a list").iter().map(|one| (one["jid"].as_str(), one["code"].as_str())).collect();
    let wrong = Some("INVALID_RECIPIENT");
    assert_eq!(seen, [(Some("15550000002@s.whatsapp.net"), None), (Some("nonsense"), wrong), (Some(GROUP), wrong)]);
    assert_eq!(asked.len(), 1);
    let args = json!({ "group": GROUP, "action": "remove", "people": ["nonsense"] });
    let (told, asked) = called("groups.people", args, Vec::new()).await;
    assert_eq!((told.expect("a result")[0]["ok"].clone(), asked.len()), (json!(false), 0));
}

#[tokio::test]
async fn several_groups_are_told_in_one_answer_each_with_a_result() {
    let group = |at: u8| format!("12036300000000000{at}@g.us");
    let node =
        |at: u8| Node::new("group").attr("id", format!("12036300000000000{at}")).attr("subject", format!("G{at}"));
    let list = Node::new("groups").children([
        node(1),
        node(2).attr("error", "403"),
        node(3).attr("truncated", "true").attr("size", "5000"),
        node(4).attr("error", "what"),
    ]);
    let asked: Vec<String> = [1, 2, 3, 4, 5, 1].into_iter().map(group).collect();
    let answers = vec![result(list), result(node(3))];
    let (told, asked) = called("groups.metadataOf", json!({ "groups": asked }), answers).await;
    let told = told.expect("told");
    let results: Vec<_> = told.as_array().expect("a list").iter().collect();
    let outcomes: Vec<_> =
        results.iter().map(|one| (one["metadata"]["subject"].as_str(), one["code"].as_str())).collect();
    assert_eq!(
        outcomes,
        [
            (Some("G1"), None),
            (None, Some("NOT_IN_GROUP")),
            (Some("G3"), None),
            (None, Some("REQUEST_FAILED")),
            (None, Some("PROTOCOL_ERROR")),
        ]
    );
    assert_eq!(
        (&results[0]["ok"], &results[1]["ok"], &results[1]["error"]),
        (&json!(true), &json!(false), &json!(403))
    );
    // One for all, and one for the group that was too large for it.
    assert_eq!(asked.iter().map(|node| node.attrs["to"].as_str()).collect::<Vec<_>>(), ["@g.us", &group(3)]);
}

#[tokio::test]
async fn pictures_of_several_groups_are_there_or_not_or_not_shown() {
    let picture =
        |at: u8| Node::new("picture").attr("jid", format!("12036300000000000{at}@g.us").parse::<Jid>().expect("a JID"));
    let list = Node::new("pictures").children([
        picture(1).attr("id", "17").attr("url", "https://x").attr("direct_path", "/v/t"),
        picture(2).attr("error", "401"),
        picture(3).attr("error", "404"),
    ]);
    let groups: Vec<String> = (1..=4).map(|at| format!("12036300000000000{at}@g.us")).collect();
    let (told, asked) =
        called("groups.pictures", json!({ "groups": groups, "preview": true }), vec![result(list)]).await;
    assert_eq!(
        told.expect("told"),
        json!([
            { "group": groups[0], "ok": true, "picture": { "id": "17", "url": "https://x", "directPath": "/v/t", "preview": true, "unchanged": false } },
            {
                "group": groups[1], "ok": false, "code": "NOT_ALLOWED", "error": 401,
                "message": "The account is no member of the group, or only admins may do this (error 401).",
            },
            { "group": groups[2], "ok": true },
            { "group": groups[3], "ok": true },
        ])
    );
    let children = json!(asked[0].content);
    assert_eq!(
        children[0]["content"][0],
        json!({ "tag": "picture", "attrs": { "jid": groups[0], "type": "preview" } })
    );
}

#[tokio::test]
async fn reports_name_the_message_and_who_reported_it() {
    let reporter =
        Node::new("reporter").attr("jid", Jid::lid("100000000000002")).attr("phone_number", Jid::pn("15550000002"));
    let reports = Node::new("reports").children([
        Node::new("report")
            .attr("message_id", "3EB0A")
            .children([reporter.attr("timestamp", "1700000000"), Node::new("reporter")]),
        Node::new("report"),
    ]);
    let (told, _) = called("groups.reports", json!({ "group": GROUP }), vec![result(reports)]).await;
    assert_eq!(
        told.expect("told"),
        json!([{ "id": "3EB0A", "reporters": [{
            "jid": "15550000002@s.whatsapp.net", "pn": "15550000002@s.whatsapp.net", "lid": "100000000000002@lid",
            "timestamp": 1_700_000_000_000_u64,
        }] }])
    );
}

#[tokio::test]
async fn an_invitation_that_is_sent_can_be_accepted() {
    let args = json!({ "group": GROUP, "code": "CODE", "expiresAt": 1_700_000_000_000_u64, "subject": "Paseo" });
    let (sent, _) = called("groups.invitation", args, Vec::new()).await;
    let raw = sent.expect("a message")["raw"].clone();
    let accept = json!({ "raw": raw, "inviter": "15550000002" });
    let joined = Node::new("group").attr("jid", GROUP.parse::<Jid>().expect("a JID"));
    let (told, asked) = called("groups.acceptInvitation", accept, vec![result(joined)]).await;
    assert_eq!(told.expect("joined"), json!({ "group": GROUP, "pending": false }));
    let Some(crate::plain::Inside::Nodes(children)) = &asked[0].content else { panic!("nothing is asked") };
    let attrs = json!({ "admin": "100000000000002@lid", "code": "CODE", "expiration": "1700000000" });
    assert_eq!((asked[0].attrs["to"].as_str(), json!(children[0].attrs)), (GROUP, attrs));
}
