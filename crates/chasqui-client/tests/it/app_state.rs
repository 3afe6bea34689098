//! The account's settings: what other devices change is told once, what is missed is fetched, what is changed gets there.

use chasqui_client::{
    Command, Event,
    event::{ChangeSet, ChangeSource},
};
use chasqui_emulator::{Disconnect, Emulator, Options};
use chasqui_error::PublicError;
use chasqui_store::open_store;
use serde_json::{Value, json};

use crate::harness::{Program, memory};

const CHAT: &str = "120363000000000001@g.us";

async fn started() -> (chasqui_emulator::Running, std::sync::Arc<Emulator>) {
    let running = Emulator::start(Options::default()).await.expect("starts");
    let emulator = running.handle();
    (running, emulator)
}

async fn call(emulator: &Emulator, method: &str, arguments: Value) -> Value {
    emulator.call(method, &arguments.to_string()).await.expect(method)
}

async fn phone_changes(emulator: &Emulator, changes: Value) {
    call(emulator, "phoneChanges", json!({ "account": "bot", "changes": changes })).await;
}

fn pin(chat: &str, pinned: bool) -> Value {
    json!({ "type": "pin", "chat": chat, "pinned": pinned })
}

fn change(changes: Value) -> Command {
    Command::Change { changes, timeout: Some(5000) }
}

impl Program {
    /// The next changes of a collection.
    async fn changes(&mut self, collection: &str) -> ChangeSet {
        let is_of = |event: &Event| matches!(event, Event::Change { set, .. } if set.collection == collection);
        let Event::Change { set, .. } = self.wait(collection, is_of).await else { unreachable!() };
        *set
    }

    async fn error(&mut self) -> PublicError {
        let Event::Error(error) = self.wait("an error", |event| matches!(event, Event::Error(_))).await else {
            unreachable!()
        };
        error
    }
}

fn pins(set: &ChangeSet) -> Vec<Value> {
    let told = set.changes.iter().map(|told| serde_json::to_value(told).expect("JSON"));
    told.filter(|told| told["type"] == "pin").map(|told| json!([told["chat"], told["pinned"]])).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_tells_what_changed_meanwhile_and_nothing_twice() {
    let (_running, emulator) = started().await;
    let mut bot = Program::new(&emulator, "bot", memory());
    bot.pair(&emulator, "bot").await;
    let first = bot.changes("critical_block").await;
    assert_eq!(first.source, ChangeSource::Snapshot);
    bot.call(Command::Disconnect).await.expect("disconnects");

    phone_changes(&emulator, json!([pin(CHAT, true)])).await;
    phone_changes(&emulator, json!([pin(CHAT, false), { "type": "locale", "locale": "es_CO" }])).await;
    // The notifications of it are lost.
    call(&emulator, "fault", json!({ "what": "drop", "account": "bot", "type": "server_sync" })).await;
    bot.call(Command::Connect).await.expect("connects");
    bot.call(Command::Opened).await.expect("opened");
    for pinned in [true, false] {
        let told = bot.changes("regular_low").await;
        assert_eq!((told.source, pins(&told)), (ChangeSource::Patch, vec![json!([CHAT, pinned])]));
    }
    let told = bot.changes("critical_block").await;
    assert_eq!((told.source, told.changes.len()), (ChangeSource::Patch, 1));
    bot.call(Command::Disconnect).await.expect("disconnects");

    call(&emulator, "clearFaults", json!({})).await;
    bot.call(Command::Connect).await.expect("connects");
    bot.call(Command::Opened).await.expect("opened");
    phone_changes(&emulator, json!([pin(CHAT, true)])).await;
    assert_eq!(pins(&bot.changes("regular_low").await), [json!([CHAT, true])]);
    while let Some(event) = bot.seen_or_none() {
        assert!(!matches!(event, Event::Change { .. } | Event::Error(_)), "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_program_had_not_taken_is_told_again_after_a_crash() {
    let (_running, emulator) = started().await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = || open_store(&format!("sqlite:{}", folder.path().join("s.db").display())).expect("a store");
    let mut bot = Program::new(&emulator, "bot", store());
    bot.pair(&emulator, "bot").await;
    bot.changes("critical_block").await;
    bot.confirming = false;
    for pinned in [true, false, true] {
        phone_changes(&emulator, json!([pin(CHAT, pinned)])).await;
    }
    let mut told = Vec::new();
    while told.len() < 3 {
        told.extend(pins(&bot.changes("regular_low").await));
    }
    drop(bot);

    let mut again = Program::new(&emulator, "bot", store());
    let mut connected = again.call(Command::TakeOver { timeout: Some(10_000) }).await;
    while connected.is_err() {
        connected = again.call(Command::TakeOver { timeout: Some(10_000) }).await;
    }
    let mut once_more = Vec::new();
    while once_more.len() < 3 {
        once_more.extend(pins(&again.changes("regular_low").await));
    }
    assert_eq!(once_more, told);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hundreds_of_patches_come_in_pages_and_in_their_order() {
    let (_running, emulator) = started().await;
    let mut bot = Program::new(&emulator, "bot", memory());
    bot.pair(&emulator, "bot").await;
    bot.changes("critical_block").await;
    phone_changes(&emulator, json!([pin(CHAT, true)])).await;
    bot.changes("regular_low").await;
    bot.call(Command::Disconnect).await.expect("disconnects");
    // The first one is CHAT again.
    for count in 1..=250 {
        phone_changes(&emulator, json!([pin(&format!("1203630000{count:08}@g.us"), true)])).await;
    }
    bot.call(Command::Connect).await.expect("connects");
    let mut told = Vec::new();
    while told.len() < 250 {
        let set = bot.changes("regular_low").await;
        assert_eq!(set.source, ChangeSource::Patch);
        told.extend(pins(&set));
    }
    let expected: Vec<Value> = (1..=250).map(|count| json!([format!("1203630000{count:08}@g.us"), true])).collect();
    assert_eq!(told, expected);
    // A new device reads the same, as one state.
    let mut other = Program::new(&emulator, "bot two", memory());
    other.pair(&emulator, "bot").await;
    let set = other.changes("regular_low").await;
    assert_eq!((set.source, pins(&set).len()), (ChangeSource::Snapshot, 250));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_goes_on_after_a_broken_connection_and_a_conflict() {
    let (_running, emulator) = started().await;
    let mut bot = Program::new(&emulator, "bot", memory());
    bot.pair(&emulator, "bot").await;
    bot.changes("critical_block").await;
    // The answer never comes: the connection ends.
    call(
        &emulator,
        "fault",
        json!({ "what": "appState", "wrong": "conflict", "times": 2, "collection": "regular_low" }),
    )
    .await;
    let ticket = bot.submit(change(json!([pin(CHAT, true)])));
    emulator.disconnect(Some("bot"), None, Disconnect::Abrupt).await.expect("cut");
    assert_eq!(bot.answer(ticket).await, Ok(None));
    let told = bot.changes("regular_low").await;
    assert_eq!(pins(&told), [json!([CHAT, true])]);
    let state = call(&emulator, "appState", json!({ "account": "bot" })).await;
    assert_eq!(state["regular_low"]["records"][0]["change"], pin(CHAT, true));
    assert_eq!(state["regular_low"]["followed"], state["regular_low"]["version"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_cannot_be_made_says_why() {
    let (_running, emulator) = started().await;
    let mut bot = Program::new(&emulator, "bot", memory());
    let refused = bot.call(change(json!([pin(CHAT, true)]))).await.expect_err("not connected");
    assert_eq!(refused.code.as_str(), "NOT_CONNECTED");
    // The phone's messages, and with them its key, do not come.
    let lost = call(&emulator, "fault", json!({ "what": "drop", "account": "bot", "tag": "message" })).await;
    bot.pair(&emulator, "bot").await;
    for (changes, at) in [
        (json!([]), Value::Null),
        (json!([{ "type": "hologram" }]), json!(0)),
        (json!([pin(CHAT, true), pin("nobody", true)]), json!(1)),
        (json!([pin(CHAT, true), { "type": "unknown", "index": "[]", "value": "", "version": 1 }]), json!(1)),
    ] {
        let refused = bot.call(change(changes)).await.expect_err("refused");
        assert_eq!(refused.code.as_str(), "INVALID_CHANGE", "{refused:?}");
        assert_eq!(refused.data.get("at").cloned().unwrap_or_default(), at);
    }
    let hasty = Command::Change { changes: json!([pin(CHAT, true)]), timeout: Some(200) };
    let refused = bot.call(hasty.clone()).await.expect_err("no key");
    assert_eq!(refused.code.as_str(), "APP_STATE_KEY_MISSING");

    call(&emulator, "clearFaults", json!({ "id": lost["id"] })).await;
    emulator.disconnect(Some("bot"), None, Disconnect::Abrupt).await.expect("cut");
    bot.changes("critical_block").await;
    assert_eq!(bot.call(change(json!([pin(CHAT, true)]))).await, Ok(None));
    call(&emulator, "fault", json!({ "what": "drop", "account": "bot", "tag": "iq" })).await;
    let refused = bot.call(hasty).await.expect_err("no answer");
    assert_eq!(refused.code.as_str(), "TIMEOUT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collection_that_the_server_refuses_is_told_and_the_others_go_on() {
    let (_running, emulator) = started().await;
    call(&emulator, "fault", json!({ "what": "appState", "wrong": "refused", "collection": "regular_low" })).await;
    let mut bot = Program::new(&emulator, "bot", memory());
    bot.pair(&emulator, "bot").await;
    bot.changes("critical_block").await;
    let error = bot.error().await;
    assert_eq!((error.code.as_str(), &error.data["collection"]), ("APP_STATE_BROKEN", &json!("regular_low")));
    let mute = json!([{ "type": "mute", "chat": CHAT, "muted": true }]);
    assert_eq!(bot.call(change(mute)).await, Ok(None));
    assert_eq!(bot.changes("regular_high").await.source, ChangeSource::Echo);
}
