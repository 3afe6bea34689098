//! Everything that takes bytes from outside, each as one function that must not panic on any input and that checks
//! what has to hold for all of them. Shared by the corpus, the property tests and the fuzz targets.
//!
//! Each gives whether the bytes were accepted.

use std::{mem::size_of, sync::LazyLock};

use chasqui_wire::{
    Content, Jid, KeyPair, Node, PrivateKey, PublicKey, Text, Value,
    cert::{CertAuthority, CertVerifier, Validity},
    codec::{decode, decode_head, encode, unpack, unpack_head},
    frame::{FrameDecoder, INTRO, IntroParser},
    noise::{ClientHandshake, ServerHandshake, ServerState, Transport},
};

const NOW: u64 = 1_800_000_000;
/// Smaller than the real limit, so that fuzzing stays fast.
const MAX_INFLATED: usize = 1 << 20;

/// A decrypted frame: flags and a stanza.
pub fn stanza(plaintext: &[u8]) -> bool {
    let beginning = unpack_head(plaintext, 1 << 10);
    assert!(beginning.len() <= 1 << 10);
    let head = decode_head(&beginning);
    let Ok(bytes) = unpack(plaintext, MAX_INFLATED) else { return false };
    assert!(bytes.starts_with(&beginning));
    assert!(bytes.len() <= plaintext.len().max(MAX_INFLATED));
    let Ok(node) = decode(&bytes) else { return false };

    // At most 256 items are reserved ahead in each of 128 nested lists; the rest grows with what has arrived.
    assert!(footprint(&node) <= 128 * bytes.len() + (4 << 20), "{} bytes for {}", footprint(&node), bytes.len());
    match head {
        Ok(head) => assert_eq!((&head.tag, &head.attrs), (&node.tag, &node.attrs)),
        Err(_) => assert!(bytes.len() > beginning.len()),
    }
    let shown = format!("{node:?}");
    assert!(shown.starts_with('<'));

    // What was decoded can be encoded; from then on nothing changes any more.
    let canonical = encode(&node).expect("a decoded stanza can be encoded");
    let again = decode(&canonical[1..]).expect("an encoded stanza can be decoded");
    assert_eq!(encode(&again).expect("as before"), canonical);
    assert_same(&node, &again);
    true
}

/// Bytes that a node keeps on the heap in its lists.
fn footprint(node: &Node<'_>) -> usize {
    let attrs = node.attrs.capacity() * size_of::<(Text<'_>, Value<'_>)>();
    match &node.content {
        Content::Nodes(nodes) => {
            attrs + nodes.capacity() * size_of::<Node<'_>>() + nodes.iter().map(footprint).sum::<usize>()
        }
        _ => attrs,
    }
}

/// Equal, except that content written as raw text comes back as bytes.
pub fn assert_same(one: &Node<'_>, two: &Node<'_>) {
    assert_eq!(one.tag, two.tag);
    assert_eq!(one.attrs, two.attrs);
    assert_eq!(one.content_bytes(), two.content_bytes());
    assert_eq!(one.nodes().len(), two.nodes().len());
    one.nodes().iter().zip(two.nodes()).for_each(|(one, two)| assert_same(one, two));
}

/// A byte stream as a server sees it, intro included. The first byte says in which pieces it arrives.
pub fn stream(bytes: &[u8]) -> bool {
    let Some((&piece, stream)) = bytes.split_first() else { return false };
    let mut intro = IntroParser::new();
    let mut frames = None;
    let mut seen = 0;
    for piece in stream.chunks(usize::from(piece).max(1)) {
        let Some(decoder) = &mut frames else {
            match intro.push(piece) {
                Ok(None) => {}
                Ok(Some((_, rest))) => {
                    let mut decoder = FrameDecoder::new(1 << 16);
                    decoder.push(&rest);
                    let Some(count) = drain(&mut decoder) else { return false };
                    seen += count;
                    frames = Some(decoder);
                }
                Err(_) => return false,
            }
            continue;
        };
        decoder.push(piece);
        let Some(count) = drain(decoder) else { return false };
        seen += count;
        assert!(decoder.buffered() < 3 + (1 << 16));
    }
    assert!(seen <= stream.len());
    frames.is_some_and(|decoder| decoder.buffered() == 0)
}

/// Takes all whole frames: how many bytes they had.
fn drain(decoder: &mut FrameDecoder) -> Option<usize> {
    let mut seen = 0;
    loop {
        match decoder.next_frame() {
            Ok(Some(frame)) => seen += frame.len(),
            Ok(None) => return Some(seen),
            Err(_) => return None,
        }
    }
}

struct Service {
    authority: CertAuthority,
    server: ServerHandshake,
    ephemeral: KeyPair,
}

static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let authority = CertAuthority::new(PrivateKey::new([1; 32]));
    let chain = authority.chain(Some(Validity { not_before: NOW - 1000, not_after: NOW + 1000 }));
    let server = ServerHandshake::new(authority.server_static().clone(), chain, INTRO);
    Service { authority, server, ephemeral: KeyPair::from_private(PrivateKey::new([2; 32])) }
});

/// A handshake message, for either side and in every state; and the same as an encrypted frame.
pub fn handshake(bytes: &[u8]) -> bool {
    let Service { authority, server, ephemeral } = &*SERVICE;
    let verifier = CertVerifier::new(authority.root());
    let client = KeyPair::from_private(PrivateKey::new([3; 32]));
    let xx = || ClientHandshake::xx(ephemeral.clone(), &client);
    let ik = ClientHandshake::ik(ephemeral.clone(), &client, authority.server_static().public, b"payload");
    let ik = ik.expect("the server's key is sound");

    let mut accepted = xx().on_server_hello(bytes, &verifier, NOW, b"payload").is_ok();
    accepted |= ik.on_server_hello(bytes, &verifier, NOW, b"payload").is_ok();
    for accept_ik in [true, false] {
        accepted |= server.on_client_hello(bytes, ephemeral.clone(), accept_ik).is_ok();
    }
    let reply = server.on_client_hello(&xx().hello(), ephemeral.clone(), true).expect("our own hello is sound");
    if let ServerState::AwaitFinish(state) = reply.state {
        accepted |= state.on_client_finish(bytes).is_ok();
    }

    let mut frame = bytes.to_vec();
    assert!(Transport::from_keys(&[1; 32], &[2; 32]).decrypt_in_place(&mut frame).is_err());
    accepted
}

/// A certificate chain.
pub fn certificate(bytes: &[u8]) -> bool {
    let verifier = CertVerifier::new(SERVICE.authority.root());
    let key = SERVICE.authority.server_static().public;
    let verified = verifier.verify(bytes, &key, NOW);
    assert!(verifier.verify(bytes, &PublicKey::new([0; 32]), NOW).is_err());
    assert!(CertVerifier::default().verify(bytes, &key, NOW).is_err());
    verified.is_ok_and(|chain| chain.valid_at(NOW) && verifier.verify_cached(&chain.bytes, NOW) == Ok(chain))
}

/// Text that may be a JID.
pub fn jid(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(Value::from_user_text(&text).to_text(), text);
    let node = Node::new("a").attr("v", Value::from_user_text(&text));
    let encoded = encode(&node).expect("any text can be encoded");
    assert_eq!(decode(&encoded[1..]).expect("as encoded"), node);

    let Ok(jid) = text.parse::<Jid>() else { return false };
    assert_eq!(jid.to_string().parse(), Ok(jid));
    true
}
