//! Groups seen by a client that speaks for itself: what is refused, what is answered, what is passed on.

use chasqui_emulator::{Emulator, GroupChange, GroupInfo, NewGroup, Options, Running, Scanned};
use chasqui_wire::{jid::Jid, node::Node};

use crate::client::{Client, Keys};

pub async fn start() -> Running {
    Emulator::start(Options::default()).await.expect("it starts")
}

/// A linked device of the account with this push name.
pub async fn linked(emulator: &Emulator, name: &str) -> (Scanned, Client) {
    let keys = Keys::new();
    let who = Client::pair(emulator, &keys, name).await;
    let client = Client::open(emulator, &keys, &who).await;
    (who, client)
}

pub async fn group(emulator: &Emulator, members: &[&str]) -> GroupInfo {
    let new = serde_json::json!({ "subject": "all of us", "members": members });
    let new: NewGroup = serde_json::from_value(new).expect("a group");
    emulator.group(new).await.expect("it is made")
}

async fn change(emulator: &Emulator, group: &str, change: GroupChange) {
    emulator.change_group(GroupChange { group: group.to_owned(), ..change }).await.expect("it is changed");
}

pub fn device(jid: &str, device: u16) -> Jid {
    jid.parse::<Jid>().expect("a JID").with_device(device)
}

/// A group message whose ciphertexts are any bytes: the service reads none.
pub fn message(group: &str, id: &str, keys_for: &[Jid]) -> Node<'static> {
    let enc = |kind: &'static str| Node::new("enc").attr("v", "2").attr("type", kind).bytes(vec![7; 5]);
    let to = |jid: &Jid| Node::new("to").attr("jid", jid).child(enc("pkmsg"));
    let stanza = Node::new("message")
        .attr("to", group.parse::<Jid>().expect("a JID"))
        .attr("id", id.to_owned())
        .attr("type", "text")
        .attr("addressing_mode", "lid");
    let stanza = stanza.child(enc("skmsg"));
    let identity = Node::new("device-identity").bytes(vec![1]);
    match keys_for {
        [] => stanza,
        devices => stanza.child(Node::new("participants").children(devices.iter().map(to))).child(identity),
    }
}

pub async fn ack(client: &mut Client, id: &str) -> Node<'static> {
    loop {
        let ack = client.expect("ack").await;
        if ack.is("id", id) && ack.is("class", "message") {
            return ack;
        }
    }
}

fn encryptions(message: &Node<'static>) -> Vec<String> {
    message.all("enc").map(|enc| enc.get_str("type").expect("a type").into_owned()).collect()
}

#[tokio::test]
async fn each_device_gets_its_own_ciphertext_before_the_one_for_all() {
    let emulator = start().await;
    let (ana, mut from) = linked(&emulator, "ana").await;
    let (_, mut sibling) = linked(&emulator, "ana").await;
    let (ben, mut to) = linked(&emulator, "ben").await;
    let group = group(&emulator, &["ana", "ben"]).await;
    let listed = [device(&ben.lid, 1), device(&ana.lid, 1), device(&ana.lid, 0)];
    from.send(&message(&group.jid, "M1", &listed)).await;
    assert!(ack(&mut from, "M1").await.get("error").is_none());
    let got = to.expect("message").await;
    assert_eq!(encryptions(&got), ["pkmsg", "skmsg"]);
    assert!(got.find("device-identity").is_some() && got.find("participants").is_none());
    assert_eq!(got.get_jid("participant"), Some(device(&ana.lid, 1)));
    assert_eq!(got.get_jid("participant_pn"), ana.jid.parse().ok());
    assert!(got.is("from", &group.jid) && got.is("addressing_mode", "lid"));
    // A device that was not given the key asks for it; until then it gets what is for all.
    let got = sibling.expect("message").await;
    assert_eq!(encryptions(&got), ["skmsg"]);
    assert!(got.find("device-identity").is_none() && got.get("recipient").is_none());
}

#[tokio::test]
async fn an_outdated_hash_is_answered_with_the_right_one_and_the_message_is_passed_on() {
    let emulator = start().await;
    let (ana, mut from) = linked(&emulator, "ana").await;
    let (ben, mut to) = linked(&emulator, "ben").await;
    let group = group(&emulator, &["ana", "ben"]).await;
    from.send(&message(&group.jid, "M1", &[]).attr("phash", "2:AAAAAAAA")).await;
    let hash = ack(&mut from, "M1").await.get_str("phash").expect("the right hash").into_owned();
    assert!(to.expect("message").await.is("id", "M1"));
    from.send(&message(&group.jid, "M2", &[]).attr("phash", hash)).await;
    assert!(ack(&mut from, "M2").await.get("phash").is_none());
    // Without a hash nothing is compared, unless a device is listed that does not exist.
    from.send(&message(&group.jid, "M3", &[])).await;
    assert!(ack(&mut from, "M3").await.get("phash").is_none());
    from.send(&message(&group.jid, "M4", &[device(&ben.lid, 7), device(&ana.lid, 0)])).await;
    assert!(ack(&mut from, "M4").await.get("phash").is_some());
}

#[tokio::test]
async fn who_may_not_write_is_told_why() {
    let emulator = start().await;
    let (_, mut from) = linked(&emulator, "ana").await;
    let other = group(&emulator, &["ben", "carla"]).await;
    let own = group(&emulator, &["ben", "ana"]).await;
    let refusal = async |from: &mut Client, group: &str, id: &str| {
        from.send(&message(group, id, &[])).await;
        ack(from, id).await.get_u64("error")
    };
    assert_eq!(refusal(&mut from, &other.jid, "M1").await, Some(403));
    assert_eq!(refusal(&mut from, "120363999999999999@g.us", "M2").await, Some(404));
    assert_eq!(refusal(&mut from, &own.jid, "M3").await, None);
    change(&emulator, &own.jid, GroupChange { announcement: Some(true), ..GroupChange::default() }).await;
    assert_eq!(refusal(&mut from, &own.jid, "M4").await, Some(403));
    change(&emulator, &own.jid, GroupChange { promote: Some(vec!["ana".into()]), ..GroupChange::default() }).await;
    assert_eq!(refusal(&mut from, &own.jid, "M5").await, None);
    let numbers = Some(serde_json::from_str(r#""pn""#).expect("an addressing"));
    change(&emulator, &own.jid, GroupChange { addressing: numbers, ..GroupChange::default() }).await;
    assert_eq!(refusal(&mut from, &own.jid, "M6").await, Some(421));
}

#[tokio::test]
async fn a_retry_receipt_reaches_the_author_and_the_resend_only_the_device_that_asked() {
    let emulator = start().await;
    let (_, mut from) = linked(&emulator, "ana").await;
    let (ben, mut asking) = linked(&emulator, "ben").await;
    let (_, mut other) = linked(&emulator, "ben").await;
    let group = group(&emulator, &["ana", "ben"]).await;
    let chat: Jid = group.jid.parse().expect("a JID");
    from.send(&message(&group.jid, "M1", &[])).await;
    let got = asking.expect("message").await;
    other.expect("message").await;
    let receipt = Node::new("receipt")
        .attr("to", chat.clone())
        .attr("participant", got.get_jid("participant").expect("the author"))
        .attr("id", "M1")
        .attr("type", "retry")
        .child(Node::new("retry").attr("count", "1").attr("id", "M1"));
    asking.send(&receipt).await;
    let asked = from.expect("receipt").await;
    assert!(asked.is("type", "retry") && asked.find("retry").is_some() && asked.is("from", &group.jid));
    assert_eq!(asked.get_jid("participant"), Some(device(&ben.lid, 1)));
    let enc = Node::new("enc").attr("type", "pkmsg").attr("count", "1").bytes(vec![9]);
    let resend = Node::new("message")
        .attr("to", chat)
        .attr("participant", device(&ben.lid, 1))
        .attr("id", "M1")
        .attr("type", "text")
        .child(enc);
    from.send(&resend).await;
    assert_eq!(encryptions(&asking.expect("message").await), ["pkmsg"]);
    from.send(&message(&group.jid, "M2", &[])).await;
    let next = other.expect("message").await;
    assert!(next.is("id", "M2"), "the other device was sent {next:?}");
}

#[tokio::test]
async fn a_group_of_1024_is_listed_whole_and_takes_nobody_more() {
    let emulator = start().await;
    let (ana, mut client) = linked(&emulator, "ana").await;
    let names: Vec<String> =
        std::iter::once("ana".to_owned()).chain((1..1024).map(|number| format!("member {number}"))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let group = group(&emulator, &names).await;
    assert_eq!(group.members.len(), 1024);
    let answer = client.ask("w:g2", "get", Node::new("participating").child(Node::new("participants"))).await;
    let listed = answer.find("groups").and_then(|groups| groups.find("group")).expect("the group");
    assert_eq!(listed.all("participant").count(), 1024);
    assert!(listed.is("size", "1024"));
    let change = GroupChange { group: group.jid.clone(), add: Some(vec!["one more".into()]), ..GroupChange::default() };
    assert!(emulator.change_group(change).await.is_err());
    client.send(&message(&group.jid, "M1", &[device(&ana.lid, 0)])).await;
    assert!(ack(&mut client, "M1").await.get("error").is_none());
}
