//! A session that changes hands, and messages that are given again.

use std::sync::Arc;

use chasqui_client::{Command, Event, State, event::Outcome};
use chasqui_emulator::{Emulator, Running};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::{Holder, Store};

use crate::harness::{Program, memory};

/// A session that is open, with its store, and the address of its user.
async fn open() -> (Running, Arc<Emulator>, Arc<dyn Store>, Program, String) {
    let running = Emulator::start(chasqui_emulator::Options::default()).await.expect("starts");
    let emulator = running.handle();
    emulator.contact("María").await.expect("a person");
    let store = memory();
    let mut bot = Program::new(&emulator, "bot", store.clone());
    bot.pair(&emulator, "bot").await;
    bot.state(State::Open).await;
    // The settings that the phone shares with a new device are none of what is counted here.
    let settings = |event: &Event| matches!(event, Event::Change { set, .. } if set.collection == "critical_block");
    bot.wait("the settings", settings).await;
    while bot.client.stats()["inboxDepth"] != 0 {
        tokio::task::yield_now().await;
    }
    let user = bot.client.status().user.expect("paired").jid;
    (running, emulator, store, bot, user)
}

/// A new run of the program, which confirms nothing by itself. It gets the session as soon as the last run's end is through.
async fn run_again(emulator: &Emulator, store: &Arc<dyn Store>) -> Program {
    let mut bot = Program::new(emulator, "bot", store.clone());
    bot.confirming = false;
    let answer = bot.call(Command::TakeOver { timeout: None }).await.expect("opens").expect("a value");
    assert_eq!(answer["state"], "open");
    bot
}

/// The number under which a text is given, and how often it was given again.
async fn given(bot: &mut Program, text: &str) -> (u64, u32) {
    let is_it =
        |event: &Event| matches!(event, Event::Message { message, .. } if message.text.as_deref() == Some(text));
    let Event::Message { seq, again, message } = bot.wait(text, is_it).await else { unreachable!() };
    assert_eq!(message.redelivered, again > 0);
    (seq, again)
}

fn code(result: Result<Option<serde_json::Value>, PublicError>) -> ErrorCode {
    result.expect_err("refused").code
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_handed_over_with_what_was_not_confirmed_and_its_holder_is_told() {
    let (_running, emulator, store, mut old, user) = open().await;
    old.confirming = false;
    emulator.contact_send("María", &user, "in hand", None).await.expect("written");
    old.message("in hand").await;
    let mut young = run_again(&emulator, &store).await;
    let told = |event: &Event| matches!(event, Event::Connection(change) if change.state == State::Closed);
    let Event::Connection(end) = old.wait("the end", told).await else { unreachable!() };
    assert_eq!(end.reason.expect("a reason").code, ErrorCode::SessionTakenOver);
    assert_eq!(end.will_retry, Some(false));

    young.confirming = true;
    assert!(young.message("in hand").await.redelivered);
    emulator.contact_send("María", &user, "after", None).await.expect("written");
    assert!(!young.message("after").await.redelivered);
    assert_eq!(code(old.call(Command::Connect).await), ErrorCode::SessionHeld);
    assert_eq!(code(young.call(Command::TakeOver { timeout: None }).await), ErrorCode::AlreadyConnected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_whose_holder_does_not_let_go_is_refused_and_who_waits_for_it_may_stop() {
    let running = Emulator::start(chasqui_emulator::Options::default()).await.expect("starts");
    let store = memory();
    let holder = store.open("bot", Holder::current()).await.expect("free");
    let mut bot = Program::new(&running.handle(), "bot", store.clone());
    assert_eq!(code(bot.call(Command::TakeOver { timeout: Some(1) }).await), ErrorCode::SessionHeld);
    let waiting = bot.submit(Command::TakeOver { timeout: None });
    holder.wanted().await;
    assert_eq!(code(bot.call(Command::Connect).await), ErrorCode::AlreadyConnected);
    bot.call(Command::Disconnect).await.expect("stops");
    assert_eq!(code(bot.answer(waiting).await), ErrorCode::Disconnected);
    holder.close().await.expect("closed");
    assert_eq!(bot.call(Command::Connect).await.expect("free now").expect("a value")["state"], "qr");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_program_ends_on_is_counted_and_given_alone_and_what_it_gives_back_unbegun_is_not() {
    let (_running, emulator, store, mut bot, user) = open().await;
    bot.confirming = false;
    for text in ["one", "two"] {
        emulator.contact_send("María", &user, text, None).await.expect("written");
        assert_eq!(given(&mut bot, text).await.1, 0);
    }
    drop(bot);
    let mut bot = run_again(&emulator, &store).await;
    assert_eq!((given(&mut bot, "one").await.1, given(&mut bot, "two").await.1), (1, 1));
    drop(bot);

    let mut bot = run_again(&emulator, &store).await;
    let (one, again) = given(&mut bot, "one").await;
    assert_eq!(again, 2);
    // What comes meanwhile waits as well.
    emulator.contact_send("María", &user, "new", None).await.expect("written");
    while bot.client.stats()["inboxDepth"] != 3 {
        tokio::task::yield_now().await;
    }
    bot.call(Command::Opened).await.expect("open");
    while let Some(event) = bot.seen_or_none() {
        assert!(!matches!(event, Event::Message { .. }), "{event:?}");
    }
    bot.confirm.delivered(one, 1);
    let (two, again) = given(&mut bot, "two").await;
    assert_eq!(again, 2);
    bot.confirm.delivered_but(two, 1, &[two]);
    bot.confirm.finished(&[two], Outcome::NotBegun);
    let (new, again) = given(&mut bot, "new").await;
    assert_eq!(again, 0);
    bot.confirm.delivered(new, 1);
    bot.call(Command::Disconnect).await.expect("ends");

    let mut bot = run_again(&emulator, &store).await;
    let (two, again) = given(&mut bot, "two").await;
    assert_eq!(again, 2, "the time before did not count");
    bot.confirm.delivered_but(two, 1, &[two]);
    bot.confirm.retried(two);
    bot.confirm.finished(&[two], Outcome::Begun);
    bot.call(Command::Disconnect).await.expect("ends");

    let mut bot = run_again(&emulator, &store).await;
    let (two, again) = given(&mut bot, "two").await;
    assert_eq!(again, 4, "what was begun once more counts, and so does this time");
    bot.confirm.delivered(two, 1);
    bot.call(Command::Disconnect).await.expect("ends");
    let session = store.open("bot", Holder::current()).await.expect("free");
    for namespace in [chasqui_store::Namespace::Inbox, chasqui_store::Namespace::Redelivery] {
        assert!(session.scan(namespace, None, 9).await.expect("reads").is_empty(), "{namespace:?}");
    }
}
