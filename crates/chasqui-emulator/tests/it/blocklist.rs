//! Blocked people, seen from both ends.

use chasqui_wire::{jid::Jid, node::Node};

use crate::groups::{ack, device, group, linked, message, start};

/// A message to a person or to the status, with a ciphertext for each of these devices.
fn to_devices(to: &Jid, id: &str, devices: &[Jid]) -> Node<'static> {
    let enc = || Node::new("enc").attr("v", "2").attr("type", "pkmsg").bytes(vec![7; 5]);
    let listed = devices.iter().map(|device| Node::new("to").attr("jid", device).child(enc()));
    Node::new("message")
        .attr("to", to)
        .attr("id", id.to_owned())
        .attr("type", "text")
        .child(Node::new("participants").children(listed))
        .child(Node::new("device-identity").bytes(vec![1]))
}

#[tokio::test]
async fn what_a_blocked_person_writes_outside_groups_is_acknowledged_and_goes_no_further() {
    let emulator = start().await;
    let (ana, mut there) = linked(&emulator, "ana").await;
    let (ben, mut here) = linked(&emulator, "ben").await;
    let group = group(&emulator, &["ana", "ben"]).await;
    let change = |action: &'static str| Node::new("item").attr("action", action).attr("jid", device(&ben.lid, 0));
    let (person, devices) = (device(&ana.lid, 0), [device(&ana.lid, 0), device(&ana.lid, 1)]);
    let composing = || Node::new("chatstate").attr("to", &person).child(Node::new("composing"));

    for (action, heard) in [("block", &["G1"][..]), ("unblock", &["M2", "S2", "chatstate", "G2"])] {
        let answer = there.ask("blocklist", "set", change(action)).await;
        assert_eq!(answer.find("list").map(|list| list.nodes().len()), Some(usize::from(action == "block")));
        let at = if action == "block" { 1 } else { 2 };
        for (id, stanza) in [
            (format!("M{at}"), to_devices(&person, &format!("M{at}"), &devices)),
            (format!("S{at}"), to_devices(&Jid::STATUS, &format!("S{at}"), &devices)),
        ] {
            here.send(&stanza).await;
            let ack = ack(&mut here, &id).await;
            assert!(ack.get("error").is_none(), "{ack:?}");
        }
        here.send(&composing()).await;
        here.send(&message(&group.jid, &format!("G{at}"), &[])).await;
        let mut told = Vec::new();
        while told.last().is_none_or(|last: &String| !last.starts_with('G')) {
            let stanza = there.next().await.expect("an open connection");
            match stanza.tag.as_str() {
                "message" => told.push(stanza.get_str("id").expect("an id").into_owned()),
                "chatstate" => told.push("chatstate".to_owned()),
                _ => {}
            }
        }
        assert_eq!(told, heard, "{action}");
    }
}
