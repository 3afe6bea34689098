//! The road: pairing, login, a text message both ways.

use chasqui_client::{Command, Event, message::ReceiptStatus};
use chasqui_emulator::{ContactEvent, Emulator, Options};

use crate::harness::{Program, memory};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_pairs_and_writes_both_ways() {
    let running = Emulator::start(Options::default()).await.expect("starts");
    let emulator = running.handle();
    let maria = emulator.contact("María").await.expect("a person");
    let mut bot = Program::new(&emulator, "bot", memory());
    bot.pair(&emulator, "bot").await;
    let user = bot.client.status().user.expect("paired");

    emulator.contact_send("María", &user.jid, "Hola", None).await.expect("written");
    let hola = bot.message("Hola").await;
    assert_eq!(hola.chat, maria.jid);
    assert!(!hola.from_me && !hola.raw.is_empty());

    let sent = bot.send(&hola.chat, "Buenas").await.expect("sent").expect("a value");
    let id = sent["id"].as_str().expect("an id").to_owned();
    let receipt = bot
        .wait("delivery", |event| {
            matches!(event, Event::Receipt { receipt, .. }
                if receipt.status == ReceiptStatus::Delivered && receipt.ids.contains(&id))
        })
        .await;
    let Event::Receipt { receipt, .. } = receipt else { unreachable!() };
    assert_eq!(receipt.chat, maria.jid);
    let heard = emulator.events(0, Some("María".into())).await.expect("events");
    assert!(heard.iter().any(|event| matches!(&event.event,
        ContactEvent::Message { text: Some(text), .. } if text == "Buenas")));

    bot.call(Command::Disconnect).await.expect("disconnects");
    running.stop().await;
}
