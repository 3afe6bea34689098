//! Keys over time: the renewal of the signed prekey.

use std::time::Duration;

use chasqui_client::Command;
use chasqui_emulator::{Emulator, Options};
use chasqui_store::{Batch, Holder, Key, Namespace};
use serde_json::{Value, json};

use crate::harness::{Program, memory};

/// Ids of the signed prekeys that a client has put in place of another one.
async fn renewed(emulator: &Emulator) -> Vec<Value> {
    let filter = json!({ "account": "bot", "direction": "out", "xmlns": "encrypt", "child": "rotate" });
    let found = emulator.call("stanzas", &filter.to_string()).await.expect("stanzas");
    found.as_array().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_signed_prekey_is_renewed_and_still_reads_what_was_encrypted_with_it() {
    let running = Emulator::start(Options::default()).await.expect("starts");
    let emulator = running.handle();
    emulator.contact("María").await.expect("a person");
    emulator.contact("Pedro").await.expect("a person");
    let store = memory();
    let mut bot = Program::new(&emulator, "bot", store.clone());
    bot.pair(&emulator, "bot").await;
    let user = bot.client.status().user.expect("paired").jid;
    bot.call(Command::Disconnect).await.expect("disconnects");
    assert!(renewed(&emulator).await.is_empty());

    // María's first message names the present key, and waits.
    emulator.contact_send("María", &user, "under the old key", None).await.expect("written");
    // The key's time is over: of a field that is there twice, the last one counts.
    let held = store.open("bot", Holder::current()).await.expect("free");
    let key = Key::new(Namespace::Meta, b"creds");
    let mut creds = held.get_many(std::slice::from_ref(&key)).await.expect("read").remove(0).expect("paired");
    creds.extend([0x80, 0x01, 0x01]);
    let mut batch = Batch::new();
    batch.put(Namespace::Meta, key.bytes, creds);
    held.apply(batch).await.expect("written");
    held.close().await.expect("closed");
    drop(held);

    bot.call(Command::Connect).await.expect("connects");
    bot.message("under the old key").await;
    let mut found = renewed(&emulator).await;
    while found.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        found = renewed(&emulator).await;
    }
    assert_eq!(found.len(), 1);
    emulator.contact_send("Pedro", &user, "under the new key", None).await.expect("written");
    bot.message("under the new key").await;
    bot.call(Command::Disconnect).await.expect("disconnects");

    bot.call(Command::Connect).await.expect("connects");
    emulator.contact_send("Pedro", &user, "once more", None).await.expect("written");
    bot.message("once more").await;
    assert_eq!(renewed(&emulator).await.len(), 1, "not at every login");
}
