use std::path::Path;

use chasqui_appstate::{Change, plain::Extent};
use chasqui_store::{
    Holder,
    archive::{Chat, Contact, Person, Query},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{history::HistoryFacts, *};
use crate::{
    Options, event,
    event::{ChangeSet, ChangeSource, Told},
    message::{Details, Recipient},
};

const ANA: &str = "15550001111@s.whatsapp.net";
const ANA_LID: &str = "100000000000001@lid";

fn store(folder: &Path) -> std::sync::Arc<dyn chasqui_store::Store> {
    chasqui_store::open_store(&format!("sqlite:{}", folder.join("store.db").display())).expect("a store")
}

/// An actor with an archive, and nobody around it.
async fn archiving() -> (Actor, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let (events, _) = event::channel();
    let (own, inputs) = tokio::sync::mpsc::unbounded_channel();
    let mut options = Options::new("test", store(folder.path()));
    options.archive = Some(ArchiveOptions::default());
    let mut actor = Actor::new(options, events, std::sync::Arc::default(), inputs, own.downgrade());
    let opened = actor.options.store.open("test", Holder::current()).await.expect("opens");
    actor.hold_store(opened);
    actor.open_archive().await.expect("an archive");
    (actor, folder)
}

fn message(id: &str, text: &str, seconds: u64) -> Message {
    Message {
        id: id.into(),
        chat: ANA.into(),
        sender: Sender {
            jid: ANA.into(),
            pn: Some(ANA.into()),
            lid: Some(ANA_LID.into()),
            device: 3,
            name: Some("Ana".into()),
        },
        from_me: false,
        source: Source::Live,
        timestamp: seconds * 1000,
        kind: "text".into(),
        text: Some(text.into()),
        quoted: None,
        mentions: Vec::new(),
        details: Box::default(),
        nodes: Vec::new(),
        redelivered: false,
        raw: text.as_bytes().to_vec(),
    }
}

async fn ask(actor: &mut Actor, query: Value) -> Value {
    actor.settle().await;
    let query: Query = serde_json::from_value(query).expect("a query");
    actor.store().expect("open").ask_archive(query).await.expect("an answer").value
}

async fn one(actor: &mut Actor, id: &str) -> Value {
    ask(actor, json!({ "what": "message", "chat": ANA, "id": id })).await
}

#[tokio::test]
async fn a_message_of_the_archive_is_the_one_that_the_program_was_given() {
    let (mut actor, _folder) = archiving().await;
    let details = Details { forwarded: Some(2), expires_in: Some(60), ..Details::default() };
    let given = Message {
        mentions: vec![ANA.into()],
        details: Box::new(details),
        quoted: Some(crate::message::Quoted { id: "Q".into(), sender: None, text: Some("before".into()) }),
        ..message("A1", "hola", 5)
    };
    actor.deliver(given.clone());
    let mut found = one(&mut actor, "A1").await;
    found.as_object_mut().expect("an object").remove("rawAt");
    assert_eq!(found, serde_json::to_value(&given).expect("JSON"));
}

#[tokio::test]
async fn what_is_about_a_message_is_no_message_but_changes_it() {
    let (mut actor, _folder) = archiving().await;
    actor.deliver(message("A1", "hola", 1));
    let about = |id: &str, kind: &str, emoji: Option<&str>| {
        let key = MessageKey { id: "A1".into(), chat: ANA.into(), sender: ANA.into(), from_me: false };
        let details = Details { target: Some(key), emoji: emoji.map(str::to_owned), ..Details::default() };
        Message { kind: kind.into(), details: Box::new(details), ..message(id, "new", 2) }
    };
    actor.deliver(about("A2", "edit", None));
    actor.deliver(about("A3", "reaction", Some("👍")));
    let found = one(&mut actor, "A1").await;
    assert_eq!(
        (&found["text"], &found["editedAt"], &found["reactions"][0]["emoji"]),
        (&json!("new"), &json!(2000), &json!("👍"),)
    );
    actor.deliver(about("A4", "revoke", None));
    assert_eq!(one(&mut actor, "A1").await["type"], "revoke");
    let page = ask(&mut actor, json!({ "what": "messages", "chat": ANA })).await;
    assert_eq!(page["messages"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_archive_is_no_further_than_the_session() {
    let (mut actor, _folder) = archiving().await;
    actor.deliver(message("A1", "hola", 1));
    // Nothing of the turn is submitted: neither the row of the inbox nor that of the archive.
    let turn = std::mem::take(&mut actor.turn);
    assert_eq!(turn.batch.len(), 2);
    assert_eq!(one(&mut actor, "A1").await, Value::Null);
}

#[tokio::test]
async fn history_fills_what_is_missing_and_changes_nothing_that_is_newer() {
    let (mut actor, _folder) = archiving().await;
    actor.deliver(message("A2", "live", 20));
    let told = |change| Told { change, timestamp: 30_000 };
    let archive = Change::Archive { chat: ANA.into(), archived: false, extent: Extent::default() };
    actor.deliver_changes(ChangeSet {
        collection: "regular_low".into(),
        source: ChangeSource::Patch,
        changes: vec![told(archive)],
    });
    let old = |id: &str, text: &str, seconds| Message { source: Source::History, ..message(id, text, seconds) };
    let facts = || HistoryFacts {
        starred: true,
        reactions: vec![(message("", "", 0).sender, "🎉".into(), 11_000)],
        ..HistoryFacts::default()
    };
    actor.archive_history_message(&old("A1", "older", 10), facts());
    actor.archive_history_message(&old("A2", "other", 20), HistoryFacts::default());
    let own = Message { from_me: true, ..old("A0", "own", 9) };
    let read = HistoryFacts { status: Some(ReceiptStatus::Read), ..HistoryFacts::default() };
    actor.archive_history_message(&own, read);
    let revoked = HistoryFacts { revoked: Some(12_000), ..HistoryFacts::default() };
    actor.archive_history_message(&old("A9", "gone", 8), revoked);
    let chat = Chat { archived: Some(true), unread: Some(9), ..Chat::default() };
    actor.archive_history_chat(ANA, chat);
    let contact = Contact { name: Some("Ana R.".into()), ..Contact::default() };
    actor.archive_history_contact(Person::of(ANA), contact);
    actor.archive_push_name(Person::of(ANA), "Anita".into());

    let first = one(&mut actor, "A1").await;
    assert_eq!(
        (&first["source"], &first["starred"], &first["reactions"][0]["emoji"]),
        (&json!("history"), &json!(true), &json!("🎉"),)
    );
    assert_eq!(one(&mut actor, "A2").await["text"], "live");
    assert_eq!(one(&mut actor, "A0").await["status"], "read");
    assert_eq!(one(&mut actor, "A9").await["type"], "revoke");
    let chat = ask(&mut actor, json!({ "what": "chat", "chat": ANA })).await;
    assert_eq!((&chat["archived"], &chat["unread"], &chat["name"]), (&json!(false), &json!(1), &json!("Ana R.")));
    assert_eq!(ask(&mut actor, json!({ "what": "contact", "jid": ANA_LID })).await["pushName"], "Anita");
}

#[tokio::test]
async fn what_is_learnt_of_two_addresses_unites_their_chats() {
    let (mut actor, _folder) = archiving().await;
    let by_lid = Message {
        chat: ANA_LID.into(),
        sender: Sender { jid: ANA_LID.into(), pn: None, ..message("", "", 0).sender },
        ..message("A1", "by lid", 1)
    };
    actor.deliver(by_lid);
    actor.learn(&ANA.parse().expect("a JID"), &ANA_LID.parse().expect("a JID")).await.expect("learnt");
    assert_eq!(one(&mut actor, "A1").await["sender"]["jid"], ANA);
}

#[tokio::test]
async fn without_the_option_nothing_is_written() {
    let mut actor = Actor::for_tests().await;
    actor.deliver(message("A1", "hola", 1));
    let recipient = Recipient { jid: ANA.into(), pn: None, lid: None, device: 0 };
    let (ids, chat, status) = (vec!["A0".to_owned()], ANA.to_owned(), ReceiptStatus::Read);
    actor.deliver_receipt(Receipt { ids, chat, recipient, status, error: None, timestamp: 1 });
    assert_eq!(actor.turn.batch.len(), 2, "the rows of the inbox");
}
