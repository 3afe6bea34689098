//! Whatever is built can be sent, and is what arrives.

#[allow(dead_code)]
mod entry;

use chasqui_wire::{
    Content, Jid, Node, Server, Text, Value,
    codec::{MAX_INFLATED, compress, decode, encode, unpack},
    frame::{FrameDecoder, encode_frame},
    noise::Transport,
};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["", "0", "s.whatsapp.net", "type", "1724", "participant", "1537", "read-self"])
            .prop_map(String::from),
        "[0-9.-]{1,140}",
        "[0-9A-F]{1,140}",
        "[0-9a-f]{1,20}",
        r"[a-z0-9._:-]{0,8}@(lid|g\.us|s\.whatsapp\.net|home)?",
        any::<String>(),
        "[a-z]{250,300}",
    ]
}

fn jid() -> impl Strategy<Value = Jid> {
    let with_devices = (
        "[0-9]{1,20}|[a-z]{1,30}",
        prop::sample::select(vec![Server::Pn, Server::Lid, Server::Hosted, Server::HostedLid, Server::Messenger]),
        prop_oneof![Just(0), 1u16..256, any::<u16>()],
    )
        .prop_map(|(user, server, device)| Jid::new(user, server).with_device(device));
    let without = (
        "[0-9]{0,20}|[0-9]{6,12}-[0-9]{10}|status",
        prop::sample::select(vec![
            Server::Group,
            Server::Broadcast,
            Server::Newsletter,
            Server::Bot,
            Server::Call,
            Server::Legacy,
            Server::Pn,
        ]),
    )
        .prop_map(|(user, server)| Jid::new(user, server));
    let interop = ("[0-9]{1,20}", any::<u16>(), any::<u16>()).prop_map(|(user, device, integrator)| Jid {
        integrator,
        ..Jid::new(user, Server::Interop).with_device(device)
    });
    prop_oneof![with_devices, without, interop]
}

fn attrs() -> impl Strategy<Value = Vec<(Text<'static>, Value<'static>)>> {
    let value = prop_oneof![text().prop_map(Value::from), jid().prop_map(Value::Jid)];
    prop::collection::vec((text().prop_map(Text::from), value), 0..5)
}

fn named(content: BoxedStrategy<Content<'static>>) -> BoxedStrategy<Node<'static>> {
    (text().prop_filter("a node has a name", |tag| !tag.is_empty()), attrs(), content)
        .prop_map(|(tag, attrs, content)| Node { tag: tag.into(), attrs, content })
        .boxed()
}

fn node() -> impl Strategy<Value = Node<'static>> {
    let leaf = named(
        prop_oneof![
            Just(Content::None),
            prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| Content::Bytes(bytes.into())),
            text().prop_map(|text| Content::Text(text.into())),
        ]
        .boxed(),
    );
    leaf.prop_recursive(6, 40, 6, |inner| named(prop::collection::vec(inner, 1..6).prop_map(Content::Nodes).boxed()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stanza_arrives_as_it_was_sent(node in node()) {
        let encoded = encode(&node).unwrap();
        entry::assert_same(&decode(&encoded[1..]).unwrap(), &node);
        let compressed = compress(&encoded);
        let unpacked = unpack(&compressed, MAX_INFLATED).unwrap();
        prop_assert_eq!(&*unpacked, &encoded[1..]);
        prop_assert_eq!(decode(&unpacked).unwrap().into_owned(), decode(&encoded[1..]).unwrap());
    }

    #[test]
    fn a_truncated_stanza_is_refused(node in node(), at in any::<prop::sample::Index>()) {
        let encoded = encode(&node).unwrap();
        let len = 1 + at.index(encoded.len() - 1);
        prop_assert!(decode(&encoded[1..len]).is_err());
    }

    #[test]
    fn a_jid_is_the_same_as_text(jid in jid()) {
        let text = jid.to_string();
        prop_assert_eq!(text.parse::<Jid>().unwrap(), jid.clone());
        prop_assert_eq!(Value::from_user_text(&text), Value::Jid(jid));
    }

    #[test]
    fn encrypted_frames_arrive_in_order_however_they_are_cut(
        plaintexts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8),
        piece in 1usize..50,
    ) {
        let mut sender = Transport::from_keys(&[1; 32], &[2; 32]);
        let mut receiver = Transport::from_keys(&[2; 32], &[1; 32]);
        let mut stream = Vec::new();
        for (at, plaintext) in plaintexts.iter().enumerate() {
            if at % 2 == 0 {
                sender.seal_frame(plaintext, &mut stream).unwrap();
            } else {
                let mut sealed = plaintext.clone();
                sender.encrypt(&mut sealed).unwrap();
                encode_frame(&sealed, &mut stream).unwrap();
            }
        }
        let mut decoder = FrameDecoder::new(1000);
        let mut received = Vec::new();
        for piece in stream.chunks(piece) {
            decoder.push(piece);
            while let Some(mut frame) = decoder.next_frame().unwrap() {
                received.push(receiver.decrypt_in_place(&mut frame).unwrap().to_vec());
            }
        }
        prop_assert_eq!(received, plaintexts);
    }
}
