//! Misbehaviour that only a client that looks closely can tell.

use chasqui_emulator::{Emulator, FaultRule, Options, Running, Scanned};
use chasqui_wire::{curve::PublicKey, jid::Jid, node::Node};

use crate::client::{Client, Keys};

async fn start() -> Running {
    Emulator::start(Options::default()).await.expect("it starts")
}

async fn fault(emulator: &Emulator, json: serde_json::Value) -> u64 {
    let rule: FaultRule = serde_json::from_value(json).expect("a rule");
    emulator.add_fault(rule).await.expect("it is taken")
}

fn ping(id: &str) -> Node<'static> {
    Node::new("iq").attr("to", Jid::SERVER).attr("id", id.to_owned()).attr("type", "get").attr("xmlns", "w:p")
}

/// The bundle of a device, as a client fetches it.
async fn bundle(client: &mut Client, who: &Scanned) -> Node<'static> {
    let jid = who.lid.parse::<Jid>().expect("a JID").with_device(who.device);
    let answer = client.ask("encrypt", "get", Node::new("key").child(Node::new("user").attr("jid", jid))).await;
    answer.find("list").and_then(|list| list.find("user")).expect("a bundle").clone()
}

fn key_id(bundle: &Node<'_>) -> Option<[u8; 3]> {
    bundle.find("key")?.find("id")?.need_bytes().ok()
}

/// Three one-time keys, with a signed prekey of its own. The phone takes the first one for its greeting.
fn upload(keys: &Keys) -> Vec<Node<'static>> {
    let bytes = |tag: &'static str, content: &[u8]| Node::new(tag).bytes(content.to_vec());
    let signature = keys.identity.private.sign(&keys.signed.public.to_djb());
    let one = |id: u8| Node::new("key").children([bytes("id", &[0, 0, id]), bytes("value", &[id; 32])]);
    vec![
        bytes("registration", &[0, 0, 1, 2]),
        bytes("type", &[5]),
        bytes("identity", keys.identity.public.as_bytes()),
        Node::new("list").children([one(1), one(2), one(3)]),
        Node::new("skey").children([
            bytes("id", &[0, 0, 1]),
            bytes("value", keys.signed.public.as_bytes()),
            bytes("signature", &signature),
        ]),
    ]
}

#[tokio::test]
async fn keys_are_wrong_in_the_way_that_was_asked_for() {
    let emulator = start().await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    let iq = Node::new("iq").attr("to", Jid::SERVER).attr("id", "up").attr("type", "set").attr("xmlns", "encrypt");
    client.send(&iq.children(upload(&keys))).await;
    assert_eq!(key_id(&bundle(&mut client, &who).await), Some([0, 0, 2]));
    fault(&emulator, serde_json::json!({ "what": "prekeys", "how": "stale", "account": "ana", "times": 1 })).await;
    fault(&emulator, serde_json::json!({ "what": "prekeys", "how": "missing", "account": "ana", "times": 1 })).await;
    fault(&emulator, serde_json::json!({ "what": "prekeys", "how": "forged", "account": "ana", "times": 1 })).await;
    fault(&emulator, serde_json::json!({ "what": "prekeys", "how": "refused", "account": "ana", "times": 1 })).await;
    assert_eq!(key_id(&bundle(&mut client, &who).await), Some([0, 0, 2]));
    assert_eq!(key_id(&bundle(&mut client, &who).await), None);
    let forged = bundle(&mut client, &who).await;
    assert_eq!(key_id(&forged), Some([0, 0, 3]));
    let part = |tag: &str| forged.find("skey").and_then(|skey| skey.find(tag)).and_then(Node::content_bytes);
    let public = PublicKey::from_raw(part("value").expect("a key")).expect("a key");
    assert!(keys.identity.public.verify(&public.to_djb(), part("signature").expect("a signature")).is_err());
    assert!(bundle(&mut client, &who).await.find("error").expect("a refusal").is("code", "406"));
    assert!(bundle(&mut client, &who).await.find("error").is_none());
}

#[tokio::test]
#[should_panic(expected = "our key")]
async fn a_corrupt_frame_does_not_decrypt() {
    let emulator = start().await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    fault(&emulator, serde_json::json!({ "what": "corrupt", "account": "ana", "tag": "iq", "skip": 1 })).await;
    client.send(&ping("1")).await;
    assert!(client.expect("iq").await.is("id", "1"));
    client.send(&ping("2")).await;
    client.expect("iq").await;
}

#[tokio::test]
async fn what_a_client_sends_is_bent_too() {
    let emulator = start().await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    let out = |what: &str| serde_json::json!({ "what": what, "direction": "out", "tag": "iq", "times": 1 });
    fault(&emulator, out("drop")).await;
    fault(&emulator, out("duplicate")).await;
    fault(&emulator, out("reorder")).await;
    for id in ["1", "2", "3", "4"] {
        client.send(&ping(id)).await;
    }
    let mut answered = Vec::new();
    while answered.len() < 4 {
        answered.push(client.expect("iq").await.get_str("id").expect("an id").into_owned());
    }
    assert_eq!(answered, ["2", "2", "4", "3"]);
    fault(&emulator, out("corrupt")).await;
    client.send(&ping("5")).await;
    assert!(client.expect("stream:error").await.find("xml-not-well-formed").is_some());
}

#[tokio::test]
async fn a_slow_reader_makes_its_client_wait_and_forgets_nothing() {
    let emulator = start().await;
    let keys = Keys::new();
    let who = Client::pair(&emulator, &keys, "ana").await;
    let mut client = Client::open(&emulator, &keys, &who).await;
    let id = fault(&emulator, serde_json::json!({ "what": "slowReader", "milliseconds": 2 })).await;
    let began = std::time::Instant::now();
    for number in 0..100 {
        client.send(&ping(&number.to_string())).await;
    }
    for number in 0..100 {
        assert!(client.expect("iq").await.is("id", &number.to_string()));
    }
    assert!(began.elapsed().as_millis() >= 190);
    emulator.clear_faults(Some(id)).await.unwrap();
    assert_eq!(emulator.faults().await.unwrap(), []);
    client.send(&ping("last")).await;
    assert!(client.expect("iq").await.is("id", "last"));
}
