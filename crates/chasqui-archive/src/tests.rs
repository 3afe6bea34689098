use proptest::prelude::*;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Value, json};

use crate::{
    Answer, Chat, Contact, Found, Group, Label, Message, Op, Person, Query, Refused, Retention, Status, Target,
    VERSION, apply, prepare,
};

const ME: &str = "15550000000@s.whatsapp.net";
const ANA: &str = "15550001111@s.whatsapp.net";
const ANA_LID: &str = "100000000000001@lid";
const GROUP: &str = "120363000000000001@g.us";

struct Archive(Connection);

impl Archive {
    fn new() -> Self {
        let mut connection = Connection::open_in_memory().expect("opens");
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA secure_delete = FAST;").expect("set");
        let tx = connection.transaction().expect("begins");
        prepare(&tx).expect("prepared");
        tx.commit().expect("commits");
        Self(connection)
    }

    fn apply(&mut self, ops: &[Op]) {
        self.apply_in(1, ops);
    }

    fn apply_in(&mut self, session: i64, ops: &[Op]) {
        let tx = self.0.transaction_with_behavior(TransactionBehavior::Immediate).expect("begins");
        apply(&tx, session, ops).expect("applied");
        tx.commit().expect("commits");
    }

    fn ask(&self, query: Value) -> Value {
        self.ask_in(1, query)
    }

    fn ask_in(&self, session: i64, query: Value) -> Value {
        let query: Query = serde_json::from_value(query).expect("a query");
        query.read(&self.0, session).expect("read").into_found().value
    }

    /// Ids of a page.
    fn ids(&self, query: Value) -> Vec<String> {
        ids(&self.ask(query))
    }

    fn count(&self, table: &str) -> i64 {
        self.0.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("counted")
    }

    /// Everything that can be asked.
    fn all(&self) -> Vec<Value> {
        let mut all = vec![
            self.ask(json!({ "what": "chats", "limit": 500 })),
            self.ask(json!({ "what": "contacts", "limit": 500 })),
            self.ask(json!({ "what": "unread" })),
            self.ask(json!({ "what": "labels" })),
        ];
        for chat in [ANA, GROUP] {
            let page = self.ask(json!({ "what": "messages", "chat": chat, "limit": 500 }));
            for id in ids(&page) {
                all.push(self.ask(json!({ "what": "message", "chat": chat, "id": id })));
            }
            all.push(page);
        }
        all
    }
}

fn ids(page: &Value) -> Vec<String> {
    let messages = page["messages"].as_array().expect("a page");
    messages.iter().map(|message| message["id"].as_str().expect("an id").to_owned()).collect()
}

fn target(chat: &str, id: &str, sender: &str) -> Target {
    let key = Target { chat: chat.into(), id: id.into(), sender: Person::of(sender), from_me: sender == ME };
    Target { sender: Person { lid: (sender == ANA).then(|| ANA_LID.into()), ..key.sender }, ..key }
}

fn message(chat: &str, id: &str, sender: &str, timestamp: i64, text: &str) -> Op {
    Op::Message(Box::new(Message {
        key: target(chat, id, sender),
        sender_name: (sender != ME).then(|| "Ana".into()),
        timestamp,
        kind: "text".into(),
        source: "live".into(),
        text: Some(text.into()),
        raw: text.as_bytes().to_vec(),
        counts: sender != ME,
        status: (sender == ME).then_some(Status::Pending),
        ..Message::default()
    }))
}

fn history(op: Op) -> Op {
    let Op::Message(message) = op else { return op };
    Op::Message(Box::new(Message { counts: false, history: true, source: "history".into(), ..*message }))
}

#[test]
fn a_message_comes_back_as_it_was_with_its_bytes() {
    let mut archive = Archive::new();
    archive.apply(&[message(ANA, "A1", ANA, 5000, "hola")]);
    let query: Query = serde_json::from_value(json!({ "what": "messages", "chat": ANA })).expect("a query");
    let Found { value: page, bytes } = query.read(&archive.0, 1).expect("read").into_found();
    let expected = json!({
        "id": "A1", "chat": ANA, "fromMe": false, "source": "live", "timestamp": 5000, "type": "text", "text": "hola",
        "sender": { "jid": ANA, "pn": ANA, "lid": ANA_LID, "device": 0, "name": "Ana" },
        "mentions": [], "redelivered": false, "rawAt": [0, 4],
    });
    assert_eq!((page, bytes), (json!({ "messages": [expected] }), b"hola".to_vec()));
    assert_eq!(archive.ids(json!({ "what": "messages", "chat": ANA_LID })), ["A1"], "by either form");
    assert!(archive.ask_in(2, json!({ "what": "messages", "chat": ANA }))["messages"] == json!([]));
    assert_eq!(archive.ask(json!({ "what": "message", "chat": ANA, "id": "A2" })), Value::Null);
}

#[test]
fn chats_come_with_what_was_said_last_and_what_is_to_be_read() {
    let mut archive = Archive::new();
    archive.apply(&[
        message(ANA, "A1", ANA, 1000, "one"),
        message(GROUP, "G1", ANA, 2000, "two"),
        message(ANA, "A2", ME, 3000, "three"),
        message(ANA, "A3", ANA, 4000, "four"),
        Op::Group { chat: GROUP.into(), facts: Group { subject: Some("Friends".into()), ..Group::default() } },
        Op::Contact {
            person: Person::of(ANA),
            contact: Contact { name: Some("Ana R.".into()), ..Contact::default() },
            history: false,
        },
    ]);
    let page = archive.ask(json!({ "what": "chats" }));
    let told = |at: usize| {
        let chat = &page["chats"][at];
        (chat["name"].clone(), chat["unread"].clone(), chat["lastMessage"]["text"].clone())
    };
    assert_eq!(told(0), (json!("Ana R."), json!(2), json!("four")));
    assert_eq!(told(1), (json!("Friends"), json!(1), json!("two")));
    assert_eq!(archive.ask(json!({ "what": "unread" })), json!({ "chats": 2, "messages": 3 }));

    let read = |ids: &[&str], until| Op::Read {
        chat: ANA.into(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        until,
    };
    let unread = |archive: &Archive| archive.ask(json!({ "what": "chat", "chat": ANA }))["unread"].clone();
    archive.apply(&[read(&["A1"], None)]);
    assert_eq!(unread(&archive), 1);
    archive.apply(&[read(&["A1", "none"], Some(9000))]);
    assert_eq!(unread(&archive), 1, "the messages say it better than the time");
    archive.apply(&[read(&[], None), read(&["A1"], None)]);
    assert_eq!(unread(&archive), 0, "what is read stays read");
    archive.apply(&[message(ANA, "A4", ANA, 4000, "in the same second")]);
    assert_eq!(unread(&archive), 1);
    archive.apply(&[Op::Chat {
        chat: ANA.into(),
        facts: Chat { archived: Some(true), marked_unread: Some(true), ..Chat::default() },
        history: false,
    }]);
    let chats = |query: Value| archive.ask(query)["chats"].as_array().map_or(0, Vec::len);
    assert_eq!(chats(json!({ "what": "chats", "archived": true })), 1);
    assert_eq!(chats(json!({ "what": "chats", "archived": false, "unread": true })), 1);
}

#[test]
fn pages_are_complete_and_give_nothing_twice_while_messages_come_in() {
    let mut archive = Archive::new();
    // Many in one instant, as the wire has whole seconds.
    let expected: Vec<String> = (0..57).map(|n| format!("M{n:03}")).collect();
    for (n, id) in expected.iter().enumerate() {
        archive.apply(&[message(ANA, id, ANA, i64::try_from(n / 10).expect("small") * 1000, "x")]);
    }
    for (query, newest_first) in [
        (json!({ "what": "messages", "chat": ANA, "limit": 5 }), true),
        (json!({ "what": "messages", "chat": ANA, "limit": 5, "after": -1 }), false),
        (json!({ "what": "search", "text": "x", "limit": 5 }), true),
        (json!({ "what": "search", "text": "x", "chat": ANA, "limit": 5 }), true),
    ] {
        let mut found = Vec::new();
        let mut query = query;
        for round in 0.. {
            let page = archive.ask(query.clone());
            found.extend(ids(&page));
            archive.apply(&[message(ANA, &format!("L{round}{query}"), ANA, 60_000, "x late")]);
            let Some(cursor) = page.get("cursor").filter(|_| round < 100) else { break };
            query["cursor"] = cursor.clone();
        }
        found.retain(|id| id.starts_with('M'));
        if newest_first {
            found.reverse();
        }
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn a_chat_is_read_from_any_point() {
    let mut archive = Archive::new();
    for n in 1..=9 {
        archive.apply(&[message(ANA, &format!("M{n}"), ANA, n * 1000, "x")]);
    }
    let ids = |more: Value| {
        let mut query = json!({ "what": "messages", "chat": ANA, "limit": 2 });
        query.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        archive.ids(query)
    };
    assert_eq!(ids(json!({})), ["M9", "M8"]);
    assert_eq!(ids(json!({ "before": 5000 })), ["M4", "M3"]);
    assert_eq!(ids(json!({ "after": 5000 })), ["M6", "M7"]);
    assert_eq!(ids(json!({ "before": { "id": "M3", "timestamp": 3000 } })), ["M2", "M1"]);
    assert_eq!(ids(json!({ "after": { "id": "M8", "timestamp": 8000 } })), ["M9"]);
    assert_eq!(ids(json!({ "after": { "id": "none", "timestamp": 7500 } })), ["M8", "M9"]);
    assert_eq!(ids(json!({ "after": 3000, "before": 6000 })), ["M5", "M4"]);
}

#[test]
fn what_becomes_of_a_message_is_told_with_it() {
    let mut archive = Archive::new();
    let mine = target(GROUP, "A1", ME);
    let status = |status, timestamp| Op::Status {
        chat: GROUP.into(),
        ids: vec!["A1".into()],
        person: (status > Status::Sent).then(|| Person::of(ANA)),
        status,
        timestamp,
    };
    let reaction = |emoji: &str, timestamp| Op::Reaction {
        target: mine.clone(),
        by: Person::of(ANA),
        emoji: emoji.into(),
        timestamp,
    };
    archive.apply(&[
        message(GROUP, "A1", ME, 1000, "teh"),
        status(Status::Read, 4000),
        status(Status::Sent, 2000),
        status(Status::Delivered, 3000),
        reaction("👍", 5000),
        reaction("❤️", 4000),
        Op::Edit { target: mine.clone(), text: Some("the".into()), timestamp: 7000 },
        Op::Edit { target: mine.clone(), text: Some("te".into()), timestamp: 6000 },
        Op::Star { target: mine.clone(), starred: true },
        Op::Label { id: "5".into(), label: Some(Label { name: "VIP".into(), color: 3 }) },
        Op::Labelled { label: "5".into(), chat: GROUP.into(), message: Some("A1".into()), labelled: true },
    ]);
    let told = archive.ask(json!({ "what": "message", "chat": GROUP, "id": "A1" }));
    assert_eq!(told["text"], "the");
    assert_eq!((&told["status"], &told["editedAt"], &told["starred"]), (&json!("read"), &json!(7000), &json!(true)));
    let ana = json!({ "jid": ANA, "pn": ANA });
    assert_eq!(told["receipts"], json!([{ "recipient": ana, "delivered": 3000, "read": 4000 }]));
    assert_eq!(told["reactions"], json!([{ "sender": ana, "emoji": "👍", "timestamp": 5000 }]));
    assert_eq!(told["labels"], json!(["5"]));
    assert_eq!(archive.ids(json!({ "what": "search", "text": "the" })), ["A1"]);
    assert!(archive.ids(json!({ "what": "search", "text": "teh" })).is_empty(), "the old text is not found");

    archive.apply(&[reaction("", 8000), Op::Label { id: "5".into(), label: None }]);
    let told = archive.ask(json!({ "what": "message", "chat": GROUP, "id": "A1" }));
    assert_eq!((told.get("reactions"), told.get("labels")), (None, None));
}

/// What the text index itself holds of a word, deleted rows included.
fn indexed(archive: &Archive, word: &str) -> i64 {
    archive
        .0
        .execute_batch(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab(main, 'archive_text', 'instance')",
        )
        .expect("a vocabulary");
    let count = "SELECT count(*) FROM temp.terms WHERE term = ?1";
    archive.0.query_row(count, [word], |row| row.get(0)).expect("counted")
}

#[test]
fn what_was_deleted_is_gone_from_rows_and_index_and_does_not_come_back() {
    for how in ["revoke", "delete for me", "clear", "delete chat", "trim", "retain"] {
        let mut archive = Archive::new();
        let hidden = message(ANA, "A1", ANA, 1000, "secretword");
        let key = target(ANA, "A1", ANA);
        archive.apply(std::slice::from_ref(&hidden));
        assert_eq!(indexed(&archive, "secretword"), 1);
        let delete = match how {
            "revoke" => Op::Revoke { target: key, timestamp: 2000 },
            "delete for me" => Op::DeleteForMe { target: key, timestamp: 2000 },
            "clear" => Op::Clear { chat: ANA.into(), until: 1000, keep_starred: true },
            "delete chat" => Op::DeleteChat { chat: ANA.into(), until: 1000 },
            "trim" => Op::Trim { chat: ANA.into(), keep: 0 },
            _ => Op::Retain { retention: Retention { since: Some(1001), per_chat: None }, limit: 10 },
        };
        archive.apply(std::slice::from_ref(&delete));
        assert_eq!(indexed(&archive, "secretword"), 0, "{how}");
        let rows: i64 = archive
            .0
            .query_row("SELECT count(*) FROM archive_messages WHERE text IS NOT NULL OR raw IS NOT NULL", [], |row| {
                row.get(0)
            })
            .expect("counted");
        assert_eq!(rows, 0, "{how}");
        if how == "trim" || how == "retain" {
            continue;
        }
        archive.apply(&[history(hidden)]);
        assert!(archive.ids(json!({ "what": "search", "text": "secretword" })).is_empty(), "{how}");
        let left = archive.ids(json!({ "what": "messages", "chat": ANA }));
        assert_eq!(left.len(), usize::from(how == "revoke"), "{how}");
        if how == "delete chat" {
            assert_eq!(archive.ask(json!({ "what": "chats" })), json!({ "chats": [] }));
            archive.apply(&[message(ANA, "A2", ANA, 1000, "again, in the same second")]);
            assert_eq!(archive.ids(json!({ "what": "messages", "chat": ANA })), ["A2"]);
            assert_eq!(archive.ask(json!({ "what": "chats" }))["chats"][0]["unread"], 1);
        }
    }
}

#[test]
fn of_a_large_chat_that_is_cleared_nothing_is_shown_while_it_is_swept() {
    let mut archive = Archive::new();
    let count = 1500;
    let ops: Vec<Op> = (0..count).map(|n| message(ANA, &format!("M{n}"), ANA, n, "word")).collect();
    archive.apply(&ops);
    archive.apply(&[Op::Star { target: target(ANA, "M3", ANA), starred: true }]);
    archive.apply(&[Op::Clear { chat: ANA.into(), until: count, keep_starred: true }]);
    assert!(archive.count("archive_messages") > 500, "not all at once");
    assert_eq!(archive.ids(json!({ "what": "messages", "chat": ANA })), ["M3"]);
    assert_eq!(archive.ids(json!({ "what": "search", "text": "word", "limit": 500 })), ["M3"]);
    assert_eq!(archive.ask(json!({ "what": "chat", "chat": ANA }))["lastMessage"]["id"], "M3");
    let due =
        |archive: &Archive| Query::Due(Retention::default()).read(&archive.0, 1).expect("read") == Answer::Flag(true);
    for _ in 0..count {
        if !due(&archive) {
            break;
        }
        archive.apply(&[Op::Retain { retention: Retention::default(), limit: 100 }]);
    }
    assert_eq!(archive.count("archive_messages"), 1);
    assert_eq!(indexed(&archive, "word"), 1);
}

#[test]
fn what_is_told_before_its_message_waits_for_it_and_is_not_shown() {
    let mut archive = Archive::new();
    let key = target(GROUP, "A1", ANA);
    archive.apply(&[
        Op::Star { target: key.clone(), starred: true },
        Op::Edit { target: key.clone(), text: Some("new".into()), timestamp: 3000 },
        Op::Reaction { target: key.clone(), by: Person::of(ME), emoji: "👍".into(), timestamp: 2000 },
    ]);
    assert!(archive.ids(json!({ "what": "messages", "chat": GROUP })).is_empty());
    assert!(archive.ids(json!({ "what": "search", "text": "new" })).is_empty());
    archive.apply(&[history(message(GROUP, "A1", ANA, 1000, "old"))]);
    let told = archive.ask(json!({ "what": "message", "chat": GROUP, "id": "A1" }));
    assert_eq!((&told["text"], &told["starred"], &told["timestamp"]), (&json!("new"), &json!(true), &json!(1000)));
    assert_eq!(told["reactions"][0]["emoji"], "👍");
    assert_eq!(archive.ids(json!({ "what": "search", "text": "new" })), ["A1"]);

    let revoked = target(GROUP, "A2", ANA);
    archive.apply(&[Op::Revoke { target: revoked, timestamp: 3000 }, history(message(GROUP, "A2", ANA, 1000, "gone"))]);
    let told = archive.ask(json!({ "what": "message", "chat": GROUP, "id": "A2" }));
    assert_eq!((&told["type"], told.get("text"), &told["rawAt"]), (&json!("revoke"), None, &json!([0, 0])));
}

#[test]
fn the_server_says_when_an_own_message_was_sent() {
    let mut archive = Archive::new();
    let sent = |timestamp| Op::Status {
        chat: ANA.into(),
        ids: vec!["A1".into()],
        person: None,
        status: Status::Sent,
        timestamp,
    };
    archive.apply(&[message(ANA, "A1", ME, 1000, "x"), sent(2000), sent(3000)]);
    let told = archive.ask(json!({ "what": "message", "chat": ANA, "id": "A1" }));
    assert_eq!((&told["status"], &told["timestamp"]), (&json!("sent"), &json!(2000)));
}

#[test]
fn one_id_of_two_people_names_two_messages() {
    let mut archive = Archive::new();
    let other = "15550002222@s.whatsapp.net";
    archive.apply(&[message(GROUP, "A1", ANA, 1000, "mine"), message(GROUP, "A1", other, 2000, "his")]);
    archive.apply(&[Op::Edit { target: target(GROUP, "A1", other), text: Some("changed".into()), timestamp: 3000 }]);
    let text = |sender: &str| {
        archive.ask(json!({ "what": "message", "chat": GROUP, "id": "A1", "sender": sender }))["text"].clone()
    };
    assert_eq!((text(ANA), text(other)), (json!("mine"), json!("changed")));
}

#[test]
fn what_could_not_be_read_is_replaced_by_what_it_stands_for_and_counted_once() {
    let mut archive = Archive::new();
    let Op::Message(placeholder) = message(ANA, "A1", ANA, 1000, "") else { unreachable!() };
    let placeholder = Message { kind: "undecryptable".into(), text: None, raw: Vec::new(), ..*placeholder };
    archive.apply(&[Op::Message(Box::new(placeholder.clone())), message(ANA, "A1", ANA, 1000, "hola")]);
    archive.apply(&[Op::Message(Box::new(placeholder))]);
    let told = archive.ask(json!({ "what": "message", "chat": ANA, "id": "A1" }));
    assert_eq!((&told["type"], &told["text"]), (&json!("text"), &json!("hola")));
    assert_eq!(archive.ask(json!({ "what": "unread" }))["messages"], 1);
}

#[test]
fn when_two_addresses_turn_out_to_be_one_person_so_do_their_chats() {
    let mut archive = Archive::new();
    let by_lid = |op: Op| {
        let Op::Message(mut message) = op else { unreachable!() };
        message.key.sender = Person::of(ANA_LID);
        Op::Message(message)
    };
    let by_number = |op: Op| {
        let Op::Message(mut message) = op else { unreachable!() };
        message.key.sender = Person::of(ANA);
        Op::Message(message)
    };
    archive.apply(&[
        by_lid(message(ANA_LID, "A1", ANA, 1000, "by lid")),
        by_number(message(ANA, "A2", ANA, 2000, "by number")),
        by_number(message(ANA, "A1", ANA, 1000, "the same")),
        by_lid(message(GROUP, "G1", ANA, 1000, "in a group")),
    ]);
    assert_eq!(archive.ask(json!({ "what": "chats" }))["chats"].as_array().map(Vec::len), Some(3));
    let person = Person { jid: ANA.into(), lid: Some(ANA_LID.into()) };
    archive.apply(&[Op::Person { person: person.clone(), push_name: None }]);
    archive.apply(&[Op::Person { person, push_name: None }]);
    assert_eq!(archive.ids(json!({ "what": "messages", "chat": ANA })), ["A2", "A1"]);
    assert_eq!(archive.ids(json!({ "what": "messages", "chat": ANA_LID })), ["A2", "A1"]);
    let told = archive.ask(json!({ "what": "message", "chat": GROUP, "id": "G1" }));
    assert_eq!(told["sender"]["pn"], ANA);
    assert_eq!(archive.ask(json!({ "what": "contacts" }))["contacts"].as_array().map(Vec::len), Some(1));
    assert_eq!(archive.ids(json!({ "what": "search", "text": "number", "chat": ANA })), ["A2"]);
    assert_eq!(archive.ids(json!({ "what": "search", "text": "lid", "chat": ANA })).len(), 0, "the first copy went");

    // A chat that only we have written to, and a new number.
    let lid = "100000000000002@lid";
    archive.apply(&[message(lid, "B1", ME, 1000, "hello")]);
    for number in ["15550002222@s.whatsapp.net", "15550003333@s.whatsapp.net"] {
        let person = Person { jid: number.into(), lid: Some(lid.into()) };
        archive.apply(&[Op::Person { person, push_name: Some("Ben".into()) }]);
        assert_eq!(archive.ids(json!({ "what": "messages", "chat": number })), ["B1"]);
    }
}

#[test]
fn what_is_newer_wins_over_history() {
    let mut archive = Archive::new();
    let facts = |archived, unread| Chat { archived: Some(archived), unread, ..Chat::default() };
    let name = |name: &str, history| Op::Contact {
        person: Person::of(ANA),
        contact: Contact { name: Some(name.into()), ..Contact::default() },
        history,
    };
    archive.apply(&[
        Op::Chat { chat: ANA.into(), facts: facts(false, None), history: false },
        message(ANA, "A2", ANA, 2000, "live"),
        name("New", false),
        name("Old", true),
        Op::Chat { chat: ANA.into(), facts: facts(true, Some(7)), history: true },
        history(message(ANA, "A2", ANA, 2000, "other")),
        history(message(ANA, "A1", ANA, 1000, "older")),
    ]);
    let chat = archive.ask(json!({ "what": "chat", "chat": ANA }));
    assert_eq!((&chat["archived"], &chat["unread"], &chat["name"]), (&json!(false), &json!(1), &json!("New")));
    assert_eq!(archive.ids(json!({ "what": "messages", "chat": ANA })), ["A2", "A1"]);
    assert_eq!(chat["lastMessage"]["text"], "live");
}

#[test]
fn retention_works_in_steps_and_leaves_the_newest() {
    let mut archive = Archive::new();
    for n in 0..100 {
        archive.apply(&[message(ANA, &format!("M{n}"), ANA, n, "x"), message(GROUP, &format!("M{n}"), ANA, n, "x")]);
    }
    let retention = Retention { since: Some(20), per_chat: Some(50) };
    let due = |archive: &Archive| Query::Due(retention).read(&archive.0, 1).expect("read") == Answer::Flag(true);
    let mut steps = 0;
    while due(&archive) {
        let before = archive.count("archive_messages");
        archive.apply(&[Op::Retain { retention, limit: 7 }]);
        assert!((1..=7).contains(&(before - archive.count("archive_messages"))));
        steps += 1;
    }
    assert_eq!((archive.count("archive_messages"), steps), (100, 15));
    assert_eq!(archive.ids(json!({ "what": "messages", "chat": ANA, "after": -1, "limit": 1 })), ["M50"]);
    assert_eq!(archive.ask(json!({ "what": "unread" }))["messages"], 100, "what is gone is not to be read");
    archive.apply(&[message(ANA, "M100", ANA, 100, "x"), Op::Trim { chat: ANA.into(), keep: 50 }]);
    assert_eq!(archive.ask(json!({ "what": "chat", "chat": ANA }))["messages"], 50);
}

#[test]
fn a_session_is_purged_and_its_neighbour_is_not() {
    let mut archive = Archive::new();
    for session in [1, 2] {
        for n in 0..10 {
            archive.apply_in(session, &[message(ANA, &format!("M{n}"), ANA, n, "word")]);
        }
    }
    assert_eq!(archive.ids(json!({ "what": "search", "text": "word" })).len(), 10, "only the own ones are found");
    let holds = |archive: &Archive| Query::Holds.read(&archive.0, 1).expect("read") == Answer::Flag(true);
    while holds(&archive) {
        archive.apply(&[Op::Purge { limit: 4 }]);
    }
    assert_eq!(indexed(&archive, "word"), 10);
    assert_eq!(ids(&archive.ask_in(2, json!({ "what": "messages", "chat": ANA }))).len(), 10);
    assert_eq!(archive.count("archive_people"), 1);
}

#[test]
fn an_archive_of_a_newer_version_is_refused_and_left_as_it_is() {
    let archive = Archive::new();
    prepare(&archive.0).expect("once more is nothing");
    archive.0.execute("UPDATE archive_version SET version = ?1", [VERSION + 1]).expect("written");
    let Err(Refused::Newer { found }) = prepare(&archive.0) else { panic!("taken") };
    assert_eq!(found, VERSION + 1);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    for query in [
        json!({ "what": "chats", "limit": 0 }),
        json!({ "what": "chats", "limit": 501 }),
        json!({ "what": "chats", "limit": "5" }),
        json!({ "what": "messages", "chat": ANA, "cursor": "x" }),
        json!({ "what": "messages", "chat": ANA, "cursor": "d1" }),
        json!({ "what": "messages", "chat": ANA, "before": "yesterday" }),
        json!({ "what": "messages" }),
        json!({ "what": "due" }),
        json!({ "what": "everything" }),
    ] {
        assert!(serde_json::from_value::<Query>(query.clone()).is_err(), "{query}");
    }
}

#[test]
fn words_are_found_in_every_case_and_without_their_accents() {
    let mut archive = Archive::new();
    archive.apply(&[
        message(ANA, "A1", ANA, 1000, "¡Mañana vamos al CAFÉ!"),
        message(ANA, "A2", ANA, 2000, "Привет, мир"),
    ]);
    for text in ["cafe", "CAFÉ", "manana caf", "vam"] {
        assert_eq!(archive.ids(json!({ "what": "search", "text": text })), ["A1"], "{text}");
    }
    assert_eq!(archive.ids(json!({ "what": "search", "text": "привет" })), ["A2"]);
    for text in ["ama", "vam ", "cafe привет", "s1", "text : cafe"] {
        assert!(archive.ids(json!({ "what": "search", "text": text })).is_empty(), "{text}");
    }
}

/// Some of everything about a few messages.
fn any_op() -> impl Strategy<Value = Op> {
    let chat = prop_oneof![Just(ANA), Just(GROUP)];
    let sender = prop_oneof![Just(ANA), Just(ME)];
    (0..10_u8, chat, sender, 0..4_u8, 0..5_i64).prop_map(|(what, chat, sender, id, time)| {
        let (id, time) = (format!("M{id}"), time * 1000);
        let target = target(chat, &id, sender);
        match what {
            // One message has one content, whichever way it comes.
            0..=2 => message(chat, &id, sender, i64::from(id.as_bytes()[1]) * 100, &format!("text {id}")),
            3 => Op::Edit { target, text: Some(format!("edited {time}")), timestamp: time },
            4 => Op::Revoke { target, timestamp: 9000 },
            5 => Op::Reaction { target, by: Person::of(ANA), emoji: format!("e{time}"), timestamp: time },
            6 => Op::Star { target, starred: true },
            7 => Op::DeleteForMe { target, timestamp: 9000 },
            8 => Op::Status {
                chat: chat.into(),
                ids: vec![id],
                person: Some(Person::of(ANA)),
                status: Status::Read,
                timestamp: 1000,
            },
            _ => Op::Labelled { label: "5".into(), chat: chat.into(), message: None, labelled: true },
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn operations_that_come_again_change_nothing(ops in proptest::collection::vec(any_op(), 0..40), again in any::<u64>()) {
        let mut ops = ops;
        // Of a message that is not there, how far it got is not kept: nothing gets anywhere before it is sent.
        ops.sort_by_key(|op| matches!(op, Op::Status { .. }));
        let mut archive = Archive::new();
        archive.apply(&ops);
        let once = archive.all();
        // A stretch of them comes again, as after a restart; then all.
        let from = if ops.is_empty() { 0 } else { again as usize % ops.len() };
        archive.apply(&ops[from..]);
        prop_assert_eq!(&archive.all(), &once);
        archive.apply(&ops);
        prop_assert_eq!(&archive.all(), &once);
        // What is counted is what is there, and what is found is what is shown.
        for chat in [ANA, GROUP] {
            let shown = archive.ids(json!({ "what": "messages", "chat": chat, "limit": 500 })).len();
            let counted = archive.ask(json!({ "what": "chat", "chat": chat }))["messages"].as_u64().unwrap_or(0);
            prop_assert_eq!(counted, shown as u64);
        }
        archive.0.execute("INSERT INTO archive_text(archive_text) VALUES('integrity-check')", params![]).expect("sound");
    }

    #[test]
    fn whatever_is_typed_into_a_search_field_is_no_error(text in any::<String>(), marks in "[\"*():^+{}\\-' a-zNEAROT]{0,40}") {
        let mut archive = Archive::new();
        archive.apply(&[message(ANA, "A1", ANA, 1000, "a near or not")]);
        for text in [text.clone(), marks.clone(), format!("{text} {marks}")] {
            archive.ask(json!({ "what": "search", "text": text }));
            archive.ask(json!({ "what": "search", "text": text, "chat": ANA }));
        }
    }
}
