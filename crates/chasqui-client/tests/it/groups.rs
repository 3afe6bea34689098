//! Groups: both ways, by LID and by phone number, through changes of members, losses and hostile input.

use std::{sync::Arc, time::Duration};

use chasqui_client::{Command, Event, State, message::ReceiptStatus};
use chasqui_emulator::{Addressing, ContactEvent, Emulator, GroupChange, GroupInfo, Injection, NewGroup, Running};
use chasqui_error::ErrorCode;
use chasqui_store::{Batch, Holder, Namespace, Store};
use serde_json::json;
use tokio::time::timeout;

use crate::harness::{Program, memory};

/// An emulator, and the program under test in it as "bot".
struct World {
    emulator: Arc<Emulator>,
    bot: Program,
    store: Arc<dyn Store>,
    _running: Running,
}

async fn world() -> World {
    let running = Emulator::start(chasqui_emulator::Options::default()).await.expect("starts");
    let emulator = running.handle();
    let store = memory();
    let mut bot = Program::new(&emulator, "bot", store.clone());
    bot.pair(&emulator, "bot").await;
    World { emulator, bot, store, _running: running }
}

impl World {
    async fn group(&self, members: &[&str], addressing: Addressing) -> GroupInfo {
        let new = NewGroup {
            subject: "Paseo".into(),
            members: members.iter().map(|name| (*name).to_owned()).collect(),
            owner: None,
            addressing: Some(addressing),
            description: None,
            announcement: false,
            locked: false,
            ephemeral: 0,
        };
        for name in members.iter().filter(|name| **name != "bot") {
            self.emulator.contact(name).await.expect("a person");
        }
        self.emulator.group(new).await.expect("a group")
    }

    async fn change(&self, group: &str, change: GroupChange) {
        self.emulator.change_group(GroupChange { group: group.to_owned(), ..change }).await.expect("changed");
    }

    /// Waits until a phone has read a text; tells how it was encrypted.
    async fn hears(&self, contact: &str, wanted: &str) -> String {
        let mut bell = self.emulator.subscribe().await.expect("a bell");
        let found = timeout(Duration::from_secs(20), async {
            loop {
                bell.mark_unchanged();
                let events = self.emulator.events(0, Some(contact.to_owned())).await.expect("events");
                let found = events.into_iter().find_map(|event| match event.event {
                    ContactEvent::Message { text: Some(text), encryption, .. } if text == wanted => Some(encryption),
                    _ => None,
                });
                match found {
                    Some(found) => return found,
                    None => bell.changed().await.expect("the emulator lives"),
                }
            }
        });
        match found.await {
            Ok(encryption) => encryption,
            Err(_) => {
                let events = self.emulator.events(0, None).await.expect("events");
                panic!("{contact} did not hear {wanted:?}, but: {events:#?}")
            }
        }
    }

    /// How often a phone has read a text.
    async fn heard(&self, contact: &str, wanted: &str) -> usize {
        let events = self.emulator.events(0, Some(contact.to_owned())).await.expect("events");
        let is =
            |event: &ContactEvent| matches!(event, ContactEvent::Message { text: Some(text), .. } if text == wanted);
        events.iter().filter(|event| is(&event.event)).count()
    }

    async fn receipt(&mut self, id: &str, status: ReceiptStatus, reader: &str) {
        let id = id.to_owned();
        self.bot
            .wait("a receipt", |event| {
                matches!(event, Event::Receipt { receipt, .. }
                    if receipt.status == status && receipt.recipient.jid == reader && receipt.ids.contains(&id))
            })
            .await;
    }

    /// Opens the bot's store between two of its runs.
    async fn tamper(&mut self, batch: Batch) {
        self.bot.call(Command::Disconnect).await.expect("disconnects");
        let session = self.store.open("bot", Holder::current()).await.expect("opens");
        session.apply(batch).await.expect("applied");
        session.close().await.expect("closes");
        self.bot.call(Command::Connect).await.expect("connects");
        self.bot.call(Command::Opened).await.expect("opened");
    }
}

fn jid_of(group: &GroupInfo, name: &str) -> String {
    group.members.iter().find(|member| member.name == name).expect("a member").jid.clone()
}

async fn both_ways(addressing: Addressing) {
    let mut world = world().await;
    let group = world.group(&["María", "Juan", "bot"], addressing).await;
    world.emulator.contact_send("María", group.jid.as_str(), "Hola a todos", None).await.expect("written");
    let hola = world.bot.message("Hola a todos").await;
    assert_eq!(hola.chat, group.jid);
    assert_eq!(hola.sender.jid, jid_of(&group, "María"));
    assert!(hola.sender.pn.is_some() && hola.sender.lid.is_some() && !hola.from_me);

    for text in ["Buenas", "otra vez"] {
        let sent = world.bot.send(&group.jid, text).await.expect("sent").expect("a value");
        let id = sent["id"].as_str().expect("an id").to_owned();
        for name in ["María", "Juan"] {
            assert_eq!(world.hears(name, text).await, "skmsg");
            world.receipt(&id, ReceiptStatus::Delivered, &jid_of(&group, name)).await;
        }
        world.emulator.contact_read("Juan", vec![id.clone()]).await.expect("read");
        world.receipt(&id, ReceiptStatus::Read, &jid_of(&group, "Juan")).await;
    }
    world.emulator.contact_send("María", group.jid.as_str(), "again", None).await.expect("written");
    world.bot.message("again").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_by_lid_carries_texts_and_receipts_both_ways() {
    both_ways(Addressing::Lid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_by_phone_number_carries_texts_and_receipts_both_ways() {
    both_ways(Addressing::Pn).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clients_and_both_devices_of_one_account_read_each_other() {
    let mut world = world().await;
    let mut ana = Program::new(&world.emulator, "ana", memory());
    ana.pair(&world.emulator, "ana").await;
    let mut second = Program::new(&world.emulator, "second", memory());
    second.pair(&world.emulator, "bot").await;
    let group = world.group(&["bot", "ana", "María"], Addressing::Lid).await;
    world.bot.send(&group.jid, "from the bot").await.expect("sent");
    assert!(!ana.message("from the bot").await.from_me);
    let copy = second.message("from the bot").await;
    assert!(copy.from_me && copy.chat == group.jid);
    ana.send(&group.jid, "from ana").await.expect("sent");
    for program in [&mut world.bot, &mut second] {
        assert_eq!(program.message("from ana").await.chat, group.jid);
    }
    second.send(&group.jid, "from the other device").await.expect("sent");
    assert!(world.bot.message("from the other device").await.from_me);
    ana.message("from the other device").await;
    world.hears("María", "from the other device").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_member_reads_what_comes_after_and_a_removed_one_nothing_more() {
    let mut world = world().await;
    let group = world.group(&["María", "Juan", "bot"], Addressing::Lid).await;
    world.bot.send(&group.jid, "one").await.expect("sent");
    world.hears("Juan", "one").await;
    world.emulator.contact("Eva").await.expect("a person");
    world.change(&group.jid, GroupChange { add: Some(vec!["Eva".into()]), ..Default::default() }).await;
    world.bot.send(&group.jid, "two").await.expect("sent");
    // Whether the client or the message was first to hear of her: she gets it.
    world.hears("Eva", "two").await;
    world.change(&group.jid, GroupChange { remove: Some(vec!["Juan".into()]), ..Default::default() }).await;
    world.bot.send(&group.jid, "three").await.expect("sent");
    for name in ["María", "Eva"] {
        assert_eq!(world.hears(name, "three").await, "skmsg");
    }
    assert_eq!(world.heard("Juan", "three").await + world.heard("Eva", "one").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_one_is_not_in_is_refused_before_anything_leaves() {
    let mut world = world().await;
    let foreign = world.group(&["María", "Juan"], Addressing::Lid).await;
    let own = world.group(&["María", "bot"], Addressing::Lid).await;
    world.bot.send(&own.jid, "in").await.expect("sent");
    world.change(&own.jid, GroupChange { remove: Some(vec!["bot".into()]), ..Default::default() }).await;
    for chat in [foreign.jid.as_str(), "120363000000000999@g.us", own.jid.as_str()] {
        // The notification of the removal travels beside the call.
        let refused = timeout(Duration::from_secs(20), async {
            loop {
                match world.bot.send(chat, "out").await {
                    Err(error) if error.code == ErrorCode::NotInGroup => return error,
                    Err(error) => assert_eq!(error.code, ErrorCode::NotAllowed),
                    Ok(_) => {}
                }
            }
        });
        let error = refused.await.expect("refused");
        assert_eq!(error.data["jid"], chat);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_beyond_the_limit_is_refused_before_anything_leaves() {
    let mut world = world().await;
    let chat = "120363000000000777@g.us";
    let people = (0..1025)
        .map(|at| json!({ "tag": "participant", "attrs": { "jid": format!("{}@lid", 300_000_000_000_000u64 + at) } }));
    let group = json!({ "tag": "group", "attrs": { "id": "120363000000000777", "addressing_mode": "lid" }, "content": people.collect::<Vec<_>>() });
    let stanza = json!({ "tag": "notification", "attrs": { "from": chat, "type": "w:gp2", "id": "n1", "t": "1700000000" },
        "content": [{ "tag": "create", "attrs": {}, "content": [group] }] });
    world.emulator.inject(Some("bot"), None, Injection::Stanza(stanza)).await.expect("injected");
    let error = world.bot.send(chat, "too many").await.expect_err("refused");
    // Whichever comes first: the notification, or the answer about a group that the service does not know.
    assert!(matches!(error.code, ErrorCode::RecipientLimit | ErrorCode::NotInGroup), "{error}");
    let error = timeout(Duration::from_secs(20), async {
        loop {
            let error = world.bot.send(chat, "too many").await.expect_err("refused");
            if error.code == ErrorCode::RecipientLimit {
                return error;
            }
        }
    });
    assert_eq!(error.await.expect("known").data["count"], 1025);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_while_away_is_read_and_a_long_text_arrives_whole() {
    let mut world = world().await;
    let group = world.group(&["María", "bot"], Addressing::Lid).await;
    let long = "ñandú ".repeat(10_000);
    world.bot.send(&group.jid, &long).await.expect("sent");
    world.hears("María", &long).await;
    world.bot.call(Command::Disconnect).await.expect("disconnects");
    for text in ["while", "you", "slept", long.as_str()] {
        world.emulator.contact_send("María", group.jid.as_str(), text, None).await.expect("written");
    }
    world.bot.call(Command::Connect).await.expect("connects");
    for text in ["while", "you", "slept", long.as_str()] {
        assert_eq!(world.bot.message(text).await.chat, group.jid);
    }
    world.bot.send(&group.jid, "awake").await.expect("sent");
    assert_eq!(world.hears("María", "awake").await, "skmsg");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_lost_its_keys_gets_the_message_again_and_reads_the_next_ones() {
    let mut world = world().await;
    let group = world.group(&["María", "Juan", "bot"], Addressing::Lid).await;
    world.bot.send(&group.jid, "before").await.expect("sent");
    world.hears("María", "before").await;
    world.emulator.contact_forget_sessions("María").await.expect("forgotten");
    world.bot.send(&group.jid, "lost").await.expect("sent");
    assert_ne!(world.hears("María", "lost").await, "skmsg");
    world.bot.send(&group.jid, "after").await.expect("sent");
    assert_eq!(world.hears("María", "after").await, "skmsg");
    assert_eq!(world.hears("Juan", "after").await, "skmsg");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_without_its_sender_key_is_asked_for_and_arrives() {
    let mut world = world().await;
    let group = world.group(&["María", "bot"], Addressing::Lid).await;
    world.emulator.contact_send("María", group.jid.as_str(), "before", None).await.expect("written");
    world.bot.message("before").await;
    let mut batch = Batch::new();
    batch.delete_namespace(Namespace::SenderKey);
    world.tamper(batch).await;
    world.emulator.contact_send("María", group.jid.as_str(), "lost", None).await.expect("written");
    assert_eq!(world.bot.message("lost").await.chat, group.jid);
    world.emulator.contact_send("María", group.jid.as_str(), "after", None).await.expect("written");
    world.bot.message("after").await;
    // The own key is gone, too: a new one is made and given to everybody.
    world.bot.send(&group.jid, "mine").await.expect("sent");
    assert_eq!(world.hears("María", "mine").await, "skmsg");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_survive_a_restart() {
    let mut world = world().await;
    let group = world.group(&["María", "bot"], Addressing::Lid).await;
    world.emulator.contact_send("María", group.jid.as_str(), "one", None).await.expect("written");
    world.bot.message("one").await;
    world.bot.send(&group.jid, "two").await.expect("sent");
    world.hears("María", "two").await;
    world.tamper(Batch::new()).await;
    world.emulator.contact_send("María", group.jid.as_str(), "three", None).await.expect("written");
    world.bot.message("three").await;
    world.bot.send(&group.jid, "four").await.expect("sent");
    assert_eq!(world.hears("María", "four").await, "skmsg");
    assert_eq!(world.bot.client.stats()["undecryptable"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_group_messages_harm_nothing_but_themselves() {
    let mut world = world().await;
    let group = world.group(&["María", "bot"], Addressing::Lid).await;
    world.emulator.contact_send("María", group.jid.as_str(), "one", None).await.expect("written");
    world.bot.message("one").await;
    let maria = group.members.iter().find(|member| member.name == "María").expect("a member").lid.clone();
    for (at, (from, participant, kind, bytes)) in [
        (group.jid.as_str(), Some(maria.as_str()), "skmsg", "AAAA"),
        (group.jid.as_str(), Some(maria.as_str()), "skmsg", ""),
        (group.jid.as_str(), Some("300000000000009:7@lid"), "skmsg", "MwgBEAAaIAAA"),
        (group.jid.as_str(), None, "skmsg", "AAAA"),
        (maria.as_str(), None, "skmsg", "AAAA"),
        ("status@broadcast", Some(maria.as_str()), "skmsg", "MwgB"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut attrs = json!({ "from": from, "id": format!("HOSTILE{at}"), "t": "1700000000", "type": "text" });
        if let Some(participant) = participant {
            attrs["participant"] = json!(participant);
        }
        let enc = json!({ "tag": "enc", "attrs": { "v": "2", "type": kind }, "content": { "base64": bytes } });
        let stanza = json!({ "tag": "message", "attrs": attrs, "content": [enc] });
        world.emulator.inject(Some("bot"), None, Injection::Stanza(stanza)).await.expect("injected");
    }
    world.emulator.contact_send("María", group.jid.as_str(), "still here", None).await.expect("written");
    world.bot.message("still here").await;
    world.bot.send(&group.jid, "me too").await.expect("sent");
    assert_eq!(world.hears("María", "me too").await, "skmsg");
    assert_eq!(world.bot.client.status().state, State::Open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_post_reaches_its_audience_also_again_and_nobody_else() {
    let mut world = world().await;
    for name in ["María", "Juan"] {
        world.emulator.contact(name).await.expect("a person");
    }
    let group = world.group(&["María", "Juan", "bot"], Addressing::Lid).await;
    let (maria, juan) = (jid_of(&group, "María"), jid_of(&group, "Juan"));
    let post = |text: &str, recipients: &[&str]| {
        let content = json!({ "text": text, "recipients": recipients });
        Command::Send { to: "status@broadcast".into(), content, id: None, timeout: None }
    };
    world.bot.call(post("for both", &[&maria, &juan])).await.expect("sent");
    for name in ["María", "Juan"] {
        assert_eq!(world.hears(name, "for both").await, "skmsg");
    }
    world.bot.call(post("for one", &[&maria])).await.expect("sent");
    world.hears("María", "for one").await;
    world.emulator.contact_forget_sessions("María").await.expect("forgotten");
    world.bot.call(post("again", &[&maria])).await.expect("sent");
    world.hears("María", "again").await;
    assert_eq!(world.heard("Juan", "for one").await + world.heard("Juan", "again").await, 0);
    for (recipients, code) in [(&[][..], ErrorCode::RecipientLimit), (&["nobody"], ErrorCode::InvalidRecipient)] {
        assert_eq!(world.bot.call(post("nowhere", recipients)).await.expect_err("refused").code, code);
    }
    let error = world.bot.send("15550001111-1600000000@broadcast", "list").await.expect_err("refused");
    assert_eq!(error.code, ErrorCode::InvalidRecipient);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_of_a_thousand_gets_the_first_message_and_the_next() {
    let mut world = world().await;
    let mut members: Vec<String> = (0..1000).map(|at| format!("member {at}")).collect();
    members.push("bot".into());
    let group = {
        for name in ["member 0", "member 999"] {
            world.emulator.contact(name).await.expect("a person");
        }
        let new = NewGroup {
            subject: "Feria".into(),
            members: members.clone(),
            owner: None,
            addressing: Some(Addressing::Lid),
            description: None,
            announcement: false,
            locked: false,
            ephemeral: 0,
        };
        world.emulator.group(new).await.expect("a group")
    };
    for text in ["first", "second"] {
        world.bot.send(&group.jid, text).await.expect("sent");
        for name in ["member 0", "member 999"] {
            assert_eq!(world.hears(name, text).await, "skmsg");
        }
    }
}
