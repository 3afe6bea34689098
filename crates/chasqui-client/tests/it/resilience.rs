//! What production does to a session: broken connections, hostile frames, restarts, several owners.

use std::{sync::Arc, time::Duration};

use chasqui_client::{Command, Event, Options, State, message::Source};
use chasqui_emulator::{BrokenFrame, ContactEvent, ContactInfo, Disconnect, Emulator, Injection, Running};
use chasqui_error::ErrorCode;
use chasqui_store::open_store;
use chasqui_wire::KeyPair;
use serde_json::json;
use tokio::time::Instant;

use crate::harness::{Program, endpoint, memory};

/// An emulator with María in it.
struct World {
    emulator: Arc<Emulator>,
    maria: ContactInfo,
    _running: Running,
}

async fn emulator() -> World {
    let running = Emulator::start(chasqui_emulator::Options::default()).await.expect("starts");
    let emulator = running.handle();
    let maria = emulator.contact("María").await.expect("a person");
    World { emulator, maria, _running: running }
}

async fn closed_reason(bot: &mut Program) -> ErrorCode {
    let event =
        bot.wait("the end", |event| matches!(event, Event::Connection(change) if change.state == State::Closed)).await;
    let Event::Connection(change) = event else { unreachable!() };
    assert_eq!(change.will_retry, Some(false));
    change.reason.expect("a reason").code
}

/// Texts that María's phone decrypted, with their ids.
async fn heard(emulator: &Emulator) -> Vec<(String, String)> {
    let events = emulator.events(0, Some("María".into())).await.expect("events");
    events
        .into_iter()
        .filter_map(|event| match event.event {
            ContactEvent::Message { text: Some(text), id, .. } => Some((text, id)),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_connection_comes_back_and_loses_nothing() {
    let world = emulator().await;
    let mut bot = Program::new(&world.emulator, "bot", memory());
    bot.pair(&world.emulator, "bot").await;
    bot.state(State::Open).await;
    let user = bot.client.status().user.expect("paired").jid;
    for (number, how) in [
        Disconnect::Clean,
        Disconnect::Abrupt,
        Disconnect::StreamError { code: Some(503), conflict: None },
        Disconnect::StreamError { code: Some(515), conflict: None },
    ]
    .into_iter()
    .enumerate()
    {
        world.emulator.disconnect(Some("bot"), None, how).await.expect("ended");
        bot.state(State::Reconnecting).await;
        let text = format!("while away {number}");
        world.emulator.contact_send("María", &user, &text, None).await.expect("written");
        bot.state(State::Open).await;
        let message = bot.message(&text).await;
        assert!(matches!(message.source, Source::Offline | Source::Live) && !message.redelivered);
        bot.send(&message.chat, &format!("answer {number}")).await.expect("sent");
    }
    assert_eq!(heard(&world.emulator).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_broken_frame_ends_the_connection_with_a_reason_and_the_session_returns() {
    let frames =
        [BrokenFrame::Truncated, BrokenFrame::Deep, BrokenFrame::Bomb, BrokenFrame::WrongTag, BrokenFrame::Garbage];
    let survived = frames.map(|frame| tokio::spawn(survive(frame)));
    for test in survived {
        test.await.expect("survived");
    }
}

async fn survive(frame: BrokenFrame) {
    let world = emulator().await;
    let mut bot = Program::new(&world.emulator, "bot", memory());
    bot.pair(&world.emulator, "bot").await;
    bot.state(State::Open).await;
    world.emulator.inject(Some("bot"), None, Injection::Frame(frame)).await.expect("sent");
    let event = bot
        .wait("the end", |event| matches!(event, Event::Connection(change) if change.state == State::Reconnecting))
        .await;
    let Event::Connection(change) = event else { unreachable!() };
    let code = change.reason.expect("a reason").code;
    assert!(matches!(code, ErrorCode::ProtocolError | ErrorCode::ConnectionLost), "{frame:?}: {code}");
    bot.state(State::Open).await;
    bot.send(&world.maria.jid, "still here").await.expect("sent");
}

fn failure(reason: u16) -> Disconnect {
    Disconnect::Failure { reason, code: None, expire: None, times: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_s_final_words_are_told_and_obeyed() {
    for (how, code) in [
        (Disconnect::StreamError { code: None, conflict: Some("replaced".into()) }, ErrorCode::Replaced),
        (Disconnect::StreamError { code: Some(401), conflict: Some("device_removed".into()) }, ErrorCode::LoggedOut),
        (failure(402), ErrorCode::TemporarilyBanned),
        (failure(405), ErrorCode::ClientOutdated),
        (failure(403), ErrorCode::Banned),
    ] {
        let world = emulator().await;
        let mut bot = Program::new(&world.emulator, "bot", memory());
        bot.pair(&world.emulator, "bot").await;
        world.emulator.disconnect(Some("bot"), None, how).await.expect("ended");
        assert_eq!(closed_reason(&mut bot).await, code);
        let error = bot.send(&world.maria.jid, "too late").await.expect_err("refused");
        assert_eq!(error.code, ErrorCode::NotConnected);
        bot.call(Command::Disconnect).await.expect("disconnects");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_on_disk_goes_on_without_a_new_code() {
    let world = emulator().await;
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("chasqui.db").display());
    let mut bot = Program::new(&world.emulator, "bot", open_store(&url).expect("opens"));
    bot.pair(&world.emulator, "bot").await;
    bot.send(&world.maria.jid, "first").await.expect("sent");
    let user = bot.client.status().user.expect("paired").jid;
    bot.call(Command::Disconnect).await.expect("disconnects");
    drop(bot);
    world.emulator.contact_send("María", &user, "while you were away", None).await.expect("written");

    let mut bot = Program::new(&world.emulator, "bot", open_store(&url).expect("opens"));
    let answer = bot.call(Command::Connect).await.expect("connects").expect("a value");
    assert_eq!(answer["state"], "open");
    assert_eq!(bot.message("while you were away").await.source, Source::Offline);
    bot.send(&world.maria.jid, "second").await.expect("sent");
    let texts: Vec<_> = heard(&world.emulator).await.into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["first", "second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_program_did_not_take_comes_again_after_a_restart() {
    let world = emulator().await;
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("chasqui.db").display());
    let mut bot = Program::new(&world.emulator, "bot", open_store(&url).expect("opens"));
    bot.pair(&world.emulator, "bot").await;
    let user = bot.client.status().user.expect("paired").jid;
    bot.confirming = false;
    let id = world.emulator.contact_send("María", &user, "hear me", None).await.expect("written");
    assert!(!bot.message("hear me").await.redelivered);
    bot.call(Command::Disconnect).await.expect("disconnects");
    drop(bot);

    let mut bot = Program::new(&world.emulator, "bot", open_store(&url).expect("opens"));
    bot.call(Command::Connect).await.expect("connects");
    let again = bot.message("hear me").await;
    assert!(again.redelivered && again.id == id && !again.raw.is_empty());
    bot.call(Command::Disconnect).await.expect("disconnects");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unconfirmed_message_is_sent_again_under_its_id() {
    let world = emulator().await;
    let mut bot = Program::new(&world.emulator, "bot", memory());
    bot.pair(&world.emulator, "bot").await;
    bot.state(State::Open).await;
    bot.send(&world.maria.jid, "warm").await.expect("sent");
    world.emulator.disconnect(Some("bot"), None, Disconnect::Silence).await.expect("silenced");
    let content = json!({ "text": "important" });
    let to = world.maria.jid.clone();
    let error = bot
        .call(Command::Send { to: to.clone(), content: content.clone(), id: None, timeout: Some(300) })
        .await
        .expect_err("no ack");
    assert_eq!(error.code, ErrorCode::SendUnconfirmed);
    let id = error.data["id"].as_str().expect("an id").to_owned();
    world.emulator.disconnect(Some("bot"), None, Disconnect::Abrupt).await.expect("ended");
    bot.state(State::Reconnecting).await;
    let sent = bot
        .call(Command::Send { to, content, id: Some(id.clone()), timeout: None })
        .await
        .expect("confirmed")
        .expect("a value");
    assert_eq!(sent["id"], id.as_str());
    let important: Vec<_> = heard(&world.emulator).await.into_iter().filter(|(text, _)| text == "important").collect();
    assert_eq!(important, [("important".to_owned(), id)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_calls_get_their_own_error() {
    let world = emulator().await;
    let store = memory();
    let mut bot = Program::new(&world.emulator, "bot", store.clone());
    assert_eq!(bot.send(&world.maria.jid, "early").await.expect_err("refused").code, ErrorCode::NotConnected);
    bot.pair(&world.emulator, "bot").await;
    for (to, text, code) in [
        ("not a number", "hi", ErrorCode::InvalidRecipient),
        ("+15550009999", "hi", ErrorCode::NotOnWhatsApp),
        ("15550009999@s.whatsapp.net", "hi", ErrorCode::NotOnWhatsApp),
        (world.maria.jid.as_str(), "", ErrorCode::InvalidContent),
    ] {
        assert_eq!(bot.send(to, text).await.expect_err("refused").code, code, "{to} {text}");
    }
    let error = bot.call(Command::Connect).await.expect_err("connected already");
    assert_eq!(error.code, ErrorCode::AlreadyConnected);
    let mut second = Program::new(&world.emulator, "bot", store);
    let held = second.call(Command::Connect).await.expect_err("held");
    assert_eq!(held.code, ErrorCode::SessionHeld);
    assert_eq!(held.data["holder"]["pid"], std::process::id());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_the_trusted_one_is_left() {
    let world = emulator().await;
    let other_root =
        chasqui_client::options::Endpoint { root_key: KeyPair::generate().public, ..endpoint(&world.emulator) };
    let public_web = chasqui_client::options::Endpoint {
        url: world.emulator.info().wss_url.clone(),
        ca: None,
        ..endpoint(&world.emulator)
    };
    for endpoint in [other_root, public_web] {
        let mut bot = Program::with(Options { endpoint, ..Options::new("bot", memory()) });
        let error = bot.call(Command::Connect).await.expect_err("not trusted");
        assert_eq!(error.code, ErrorCode::ServerNotTrusted);
        assert_eq!(closed_reason(&mut bot).await, ErrorCode::ServerNotTrusted);
    }
    let secure =
        chasqui_client::options::Endpoint { url: world.emulator.info().wss_url.clone(), ..endpoint(&world.emulator) };
    let mut bot = Program::with(Options { endpoint: secure, ..Options::new("bot", memory()) });
    assert_eq!(bot.call(Command::Connect).await.expect("trusted").expect("a value")["state"], "qr");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_device_of_an_account_sees_both_sides_of_a_chat() {
    let world = emulator().await;
    let mut first = Program::new(&world.emulator, "first", memory());
    first.pair(&world.emulator, "bot").await;
    let mut second = Program::new(&world.emulator, "second", memory());
    second.pair(&world.emulator, "bot").await;
    let user = first.client.status().user.expect("paired").jid;

    world.emulator.contact_send("María", &user, "to both", None).await.expect("written");
    assert_eq!(first.message("to both").await.id, second.message("to both").await.id);
    first.send(&world.maria.jid, "from the first").await.expect("sent");
    let copy = second.message("from the first").await;
    assert!(copy.from_me && copy.source == Source::OwnDevice && copy.chat == world.maria.jid);
    second.send(&world.maria.jid, "from the second").await.expect("sent");
    assert_eq!(first.message("from the second").await.chat, world.maria.jid);
    assert_eq!(heard(&world.emulator).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_logout_unlinks_and_wipes() {
    let world = emulator().await;
    let store = memory();
    let mut bot = Program::new(&world.emulator, "bot", store.clone());
    bot.pair(&world.emulator, "bot").await;
    bot.call(Command::Logout).await.expect("logged out");
    assert!(bot.client.status().user.is_none());
    assert!(store.sessions().await.expect("read").is_empty());
    let accounts = world.emulator.accounts().await.expect("accounts");
    assert!(accounts.iter().all(|account| account.devices.is_empty()));
    assert_eq!(bot.call(Command::Connect).await.expect("connects").expect("a value")["state"], "qr");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_lost_its_sessions_gets_the_message_again() {
    let world = emulator().await;
    let mut bot = Program::new(&world.emulator, "bot", memory());
    bot.pair(&world.emulator, "bot").await;
    let user = bot.client.status().user.expect("paired").jid;
    world.emulator.contact_send("María", &user, "hello", None).await.expect("written");
    let hello = bot.message("hello").await;
    bot.send(&hello.chat, "before").await.expect("sent");
    world.emulator.contact_forget_sessions("María").await.expect("forgotten");
    bot.send(&hello.chat, "after").await.expect("sent");
    for _ in 0..200 {
        if heard(&world.emulator).await.iter().any(|(text, _)| text == "after") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the message was not sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_that_overtakes_the_program_and_is_overtaken_by_it_arrives_whole() {
    const TEXTS: usize = 6000;
    let world = emulator().await;
    let folder = tempfile::tempdir().expect("a folder");
    let store = open_store(&format!("sqlite:{}", folder.path().join("flood.db").display())).expect("a store");
    let mut bot = Program::new(&world.emulator, "bot", store);
    bot.pair(&world.emulator, "bot").await;
    let user = bot.client.status().user.expect("paired").jid;
    bot.call(Command::Disconnect).await.expect("closed");
    world.emulator.contact_burst("María", &user, "text", TEXTS).await.expect("written");
    bot.call(Command::Connect).await.expect("connects");
    let mut last = 0;
    for _ in 0..TEXTS {
        let event = bot.wait("a text", |event| matches!(event, Event::Message { .. })).await;
        let seq = event.seq().expect("a row");
        assert!(seq > last, "in order");
        last = seq;
    }
}

#[tokio::test]
async fn a_half_open_socket_is_found_within_thirty_five_seconds() {
    let World { emulator, _running, .. } = emulator().await;
    let mut bot = Program::new(&emulator, "bot", memory());
    bot.pair(&emulator, "bot").await;
    emulator.disconnect(Some("bot"), None, Disconnect::Silence).await.expect("silenced");
    bot.patience = Duration::from_secs(60);
    let start = Instant::now();
    tokio::time::pause();
    let silent = |event: &Event| {
        let Event::Connection(change) = event else { return false };
        change.reason.as_ref().is_some_and(|reason| reason.data.contains_key("timeout"))
    };
    let Event::Connection(change) = bot.wait("the end", silent).await else { unreachable!() };
    assert_eq!((change.state, change.will_retry), (State::Reconnecting, Some(true)));
    let took = start.elapsed();
    assert!(took > Duration::from_secs(30) && took < Duration::from_secs(37), "{took:?}");
}

#[tokio::test]
async fn a_quiet_connection_is_kept_by_a_ping_every_twenty_five_seconds() {
    let World { emulator, _running, .. } = emulator().await;
    let mut bot = Program::new(&emulator, "bot", memory());
    bot.pair(&emulator, "bot").await;
    let stanzas = async |filter: serde_json::Value| -> Vec<serde_json::Value> {
        let found = emulator.call("stanzas", &filter.to_string()).await.expect("stanzas");
        found.as_array().cloned().unwrap_or_default()
    };
    let pings = async || stanzas(json!({ "account": "bot", "direction": "out", "xmlns": "w:p" })).await;
    assert!(pings().await.is_empty());
    tokio::time::pause();
    let start = Instant::now();
    while pings().await.len() < 6 {
        assert!(start.elapsed() < Duration::from_secs(300), "{:?}", pings().await);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let took = start.elapsed();
    assert!(took > Duration::from_secs(120) && took < Duration::from_secs(170), "{took:?}");
    for ping in pings().await {
        assert_eq!(ping["stanza"]["content"][0]["tag"], "ping");
        let answer = json!({ "account": "bot", "direction": "in", "tag": "iq", "id": ping["stanza"]["attrs"]["id"] });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(stanzas(answer).await.len(), 1, "{ping}");
    }
    assert_eq!(bot.client.status().state, State::Open);
    let connections: std::collections::BTreeSet<_> =
        pings().await.iter().map(|ping| ping["connection"].as_u64()).collect();
    assert_eq!(connections.len(), 1, "the same connection");
}
