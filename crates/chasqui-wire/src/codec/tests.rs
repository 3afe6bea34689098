//! The vectors of 01-connection §6.4 and "Stanza codec", and the larger stanzas by their digests.

use sha2::{Digest, Sha256};

use super::*;
use crate::{
    node::{Content, Node, Text, Value},
    test_data::hex,
};

fn jid(text: &str) -> Value<'static> {
    Value::Jid(text.parse().expect("a JID"))
}

/// Checks both directions.
#[track_caller]
fn both(node: Node<'_>, bytes: &str) {
    let bytes = hex(bytes);
    assert_eq!(encode(&node).unwrap(), bytes, "{node:?}");
    assert_eq!(decode(&bytes[1..]).unwrap(), node, "{node:?}");
}

fn node_of(bytes: &str) -> Result<Node<'static>, DecodeError> {
    let bytes = hex(bytes);
    decode(&unpack(&bytes, MAX_INFLATED)?).map(Node::into_owned)
}

#[test]
fn stanzas_have_the_bytes_of_the_document() {
    both(
        Node::new("iq")
            .attr("id", "1234.5678-1")
            .attr("to", jid("@s.whatsapp.net"))
            .attr("type", "get")
            .attr("xmlns", "w:p")
            .child(Node::new("ping")),
        "00f80a1908ff861234b5678a1f11fa000304291657f801f80156",
    );
    both(
        Node::new("iq").attr("to", "s.whatsapp.net").attr("id", "1.2-3").attr("xmlns", "w:p").attr("type", "get"),
        "00f80919110308ff831b2a3f16570429",
    );
    both(Node::new("x").text("0"), "00f802fc01782d");
    both(
        Node::new("pair-device").child(Node::new("ref").bytes(b"2@abc,def".as_slice())),
        "00f802edeef801f802ed50fc0932406162632c646566",
    );
    both(Node::new("a").bytes([].as_slice()), "00f802fc0161fc00");
    both(Node::new("presence").attr("name", ""), "00f8031f89fc00");
    both(Node::new("xmlstreamend"), "00f80102");
    both(
        Node::new("success")
            .attr("t", "1700000000")
            .attr("props", "27")
            .attr("companion_enc_static", "NULL")
            .attr("location", "frc")
            .attr("abprops", "9")
            .attr("group_abprops", "11")
            .attr("lid", jid("123456789012345:7@lid"))
            .attr("display_name", "+1 555"),
        "00f8114c1aff0517000000005cee04ece6fc044e554c4c3dfc036672634bed05fc0d67726f75705f616270726f7073ecdb76f70107ff88\
         123456789012345f48fc062b3120353535",
    );
    both(
        Node::new("ack")
            .attr("to", jid("5511987654321@s.whatsapp.net"))
            .attr("id", "3EB0A1B2C3D4E5F60718")
            .attr("class", "message"),
        "00f8071b11faff875511987654321f0308fb0a3eb0a1b2c3d4e5f607181513",
    );
    both(
        Node::new("receipt")
            .attr("to", jid("5511987654321:3@s.whatsapp.net"))
            .attr("id", "3EB0A1B2C3D4E5F60718")
            .attr("type", "read")
            .attr("t", "1700000000"),
        "00f8090711f70003ff875511987654321f08fb0a3eb0a1b2c3d4e5f60718042a1aff051700000000",
    );
}

#[test]
fn strings_take_the_shortest_form() {
    let ones = "1".repeat(127);
    for (text, bytes) in [
        ("12-34.5", "00f803fc016151ff8412a34b5f".to_owned()),
        ("1234567890", "00f803fc016151ff051234567890".to_owned()),
        ("3EB0A", "00f803fc016151fb833eb0af".to_owned()),
        ("3EB0ABCDEF", "00f803fc016151fb053eb0abcdef".to_owned()),
        ("deadbeef", "00f803fc016151fc086465616462656566".to_owned()),
        (&ones, format!("00f803fc016151ffc0{}1f", "11".repeat(63))),
        (&format!("{ones}1"), format!("00f803fc016151fc80{}", "31".repeat(128))),
    ] {
        both(Node::new("a").attr("v", text), &bytes);
    }
    // Written as text, raw text is read back as bytes: the wire does not say which.
    assert_eq!(encode(&Node::new("x").text("hello")).unwrap(), hex("00f802fc0178fc0568656c6c6f"));
    assert_eq!(node_of("00f802fc0178fc0568656c6c6f").unwrap(), Node::new("x").bytes(b"hello".as_slice()));
}

#[test]
fn lengths_and_counts_take_the_shortest_form() {
    let bytes = vec![7; 1 << 20];
    for (len, header) in [(255, "fcff"), (256, "fd000100"), ((1 << 20) - 1, "fd0fffff"), (1 << 20, "fe00100000")] {
        let node = Node::new("a").bytes(&bytes[..len]);
        let encoded = encode(&node).unwrap();
        assert!(encoded.starts_with(&hex(&format!("00f802fc0161{header}"))), "{len}");
        assert_eq!(decode(&encoded[1..]).unwrap(), node);
    }
    both(
        Node::new("a").children(vec![Node::new("b"); 256]),
        &format!("00f802fc0161f90100{}", "f801fc0162".repeat(256)),
    );
    let empty = Node { content: Content::Nodes(Vec::new()), ..Node::new("a") };
    assert_eq!(encode(&empty).unwrap(), hex("00f802fc016100"));
    assert_eq!(node_of("00f802fc016100").unwrap(), Node::new("a"));
}

#[test]
fn typed_jids_have_the_bytes_of_the_document() {
    for (text, bytes) in [
        ("15551234567@s.whatsapp.net", "faff8615551234567f03"),
        ("15551234567:5@s.whatsapp.net", "f70005ff8615551234567f"),
        ("123456789012345@lid", "faff88123456789012345f76"),
        ("123456789012345:5@lid", "f70105ff88123456789012345f"),
        ("120363000000000001@g.us", "faff091203630000000000011c"),
        ("15551234567-1600000000@g.us", "faff0b15551234567a16000000001c"),
        ("status@broadcast", "fa0b0d"),
        ("120363111@newsletter", "faff85120363111ffc0a6e6577736c6574746572"),
        ("15551234567:99@hosted", "f78063ff8615551234567f"),
        ("123456789012345:99@hosted.lid", "f78163ff88123456789012345f"),
        ("15551234567@c.us", "faff8615551234567ffc04632e7573"),
        ("867051314767696@bot", "faff88867051314767696ffc03626f74"),
        ("@s.whatsapp.net", "fa0003"),
        ("@g.us", "fa001c"),
        ("0@s.whatsapp.net", "fa2d03"),
    ] {
        both(Node::new("a").attr("v", jid(text)), &format!("00f803fc016151{bytes}"));
        assert_eq!(Value::from_user_text(text), jid(text));
        // As text the same string stays text.
        let encoded = encode(&Node::new("a").attr("v", text)).unwrap();
        assert_eq!(decode(&encoded[1..]).unwrap(), Node::new("a").attr("v", text));
    }
    both(Node::new("a").attr("v", Value::from_user_text("s.whatsapp.net")), "00f803fc01615103");
}

/// The document has these only for reading: its users and servers are not written with the shortest forms.
#[test]
fn messenger_and_interop_jids_are_read_and_written() {
    for (text, bytes) in
        [("100:3@msgr", "f6ff82100f0003fc046d736772"), ("7-1000:2@interop", "f5ff02100000020007fc07696e7465726f70")]
    {
        let node = Node::new("a").attr("v", jid(text));
        assert_eq!(node_of(&format!("00f803fc016151{bytes}")).unwrap(), node);
        assert_eq!(decode(&encode(&node).unwrap()[1..]).unwrap(), node);
    }
}

#[test]
fn device_0_in_an_ad_jid_is_the_phone() {
    for (bytes, text) in [
        ("f70000ff8615551234567f", "15551234567@s.whatsapp.net"),
        ("f70100ff8615551234567f", "15551234567@lid"),
        ("f78000ff8615551234567f", "15551234567@hosted"),
        ("f78205ff8615551234567f", "15551234567:5@hosted"),
        ("f5ff02100000020007", "7-1000:2@interop"),
    ] {
        assert_eq!(node_of(&format!("00f803fc016151{bytes}")).unwrap(), Node::new("a").attr("v", jid(text)));
    }
    assert_eq!(node_of("00f803fc016151f70205ff8615551234567f"), Err(DecodeError::Domain(2)));
}

#[test]
fn an_interop_jid_without_its_server_does_not_swallow_what_follows() {
    let node = node_of("00f804fc016151f5ff02100000020007fc0568656c6c6f").unwrap();
    assert_eq!(node, Node::new("a").attr("v", jid("7-1000:2@interop")).bytes(b"hello".as_slice()));
}

#[test]
fn a_user_with_agent_or_device_in_its_text_is_read_as_the_jid_it_means() {
    let value = |user: &str, server: &str| {
        let pair =
            format!("fc{:02x}{}{server}", user.len(), user.bytes().map(|b| format!("{b:02x}")).collect::<String>());
        node_of(&format!("00f803fc016151fa{pair}")).unwrap().attrs.remove(0).1
    };
    assert_eq!(value("15551234567:5", "03"), jid("15551234567:5@s.whatsapp.net"));
    assert_eq!(value("15551234567.1:5", "76"), jid("15551234567:5@lid"));
    assert_eq!(value("15551234567_1", "76"), jid("15551234567@lid"));
    assert_eq!(value("a b", "03"), Value::Text("a b@s.whatsapp.net".into()));
    assert_eq!(value("a@b", "03"), Value::Text("a@b@s.whatsapp.net".into()));
    assert_eq!(value("15551234567", "fc036e6577"), Value::Text("15551234567@new".into()));
}

#[test]
fn devices_that_no_form_has_room_for_are_not_lost() {
    for text in ["15551234567:300@s.whatsapp.net", "15551234567:5@c.us"] {
        let node = Node::new("a").attr("v", jid(text));
        assert_eq!(decode(&encode(&node).unwrap()[1..]).unwrap(), node);
    }
}

#[test]
fn what_must_be_rejected_is() {
    use DecodeError::{Domain, EmptyTag, Packed, Tag, Trailing, Truncated};
    for (bytes, error) in [
        ("00f803fc016151ff01c1", Packed),
        ("00f803fc016151ff01f1", Packed),
        ("00f803fc016151ff80", Packed),
        ("00f801f0", Tag(0xf0)),
        ("00f801f4", Tag(0xf4)),
        ("00f805fc0161ee3ffc0178", Truncated),
        ("", Truncated),
        ("00", Truncated),
        ("0000", EmptyTag),
        ("00f800", EmptyTag),
        ("00f80100", EmptyTag),
        ("00f801fc00", EmptyTag),
        ("0003", Tag(3)),
        ("00f802fc0161f802f80103", Truncated),
        ("00f80103f8", Trailing(1)),
        ("00f9ffff03", Truncated),
        ("00f80203f9ffff", Truncated),
        ("00f80203feffffffff", Truncated),
        ("00f80203fdffffff", Truncated),
        ("00f803fc016151faf7000003", Tag(0xf7)),
        ("00f803fc016151fafa000303", Tag(0xfa)),
        ("00f803fc016151f7", Truncated),
        ("00f803fc016151f703", Truncated),
        ("00f803fc016151f7030003", Domain(3)),
        ("00f803f8", Tag(0xf8)),
        ("00f8020303f8", Trailing(1)),
    ] {
        assert_eq!(node_of(bytes), Err(error), "{bytes}");
    }
}

#[test]
fn what_must_be_accepted_is() {
    assert_eq!(node_of("00f803fc01615100").unwrap(), Node::new("a").attr("v", ""));
    assert_eq!(node_of("01f801fc0161").unwrap(), Node::new("a"));
    assert_eq!(node_of("00f802fc0161fa0003").unwrap(), Node::new("a").text("@s.whatsapp.net"));
    // Forms that are longer than necessary, and JIDs where names stand.
    assert_eq!(node_of("00f90001fe0000000161").unwrap(), Node::new("a"));
    assert_eq!(node_of("00f801fdf0000161").unwrap(), Node::new("a"));
    assert_eq!(node_of("00f801fc026971").unwrap(), Node::new("iq"));
    assert_eq!(node_of("00f803fc0161fa0003fa2d03").unwrap().get("@s.whatsapp.net"), Some(&jid("0@s.whatsapp.net")));
    assert_eq!(node_of("00f801fa2d03").unwrap().tag, "0@s.whatsapp.net");
    assert_eq!(node_of("00f803fc016151ff00").unwrap(), Node::new("a").attr("v", ""));
    assert_eq!(node_of("00f803fc016151fb8212ff").unwrap(), Node::new("a").attr("v", "12F"));
    // Broken text is repaired, since a broken name must not cost the stanza.
    assert_eq!(node_of("00f803fc016151fc0241ff").unwrap(), Node::new("a").attr("v", "A\u{fffd}"));
}

#[test]
fn human_text_with_an_at_sign_stays_text() {
    for text in [
        "meet at 5:30@bar",
        "x_2@lid",
        "a:5@home",
        "12@",
        "@",
        "15551234567:0@s.whatsapp.net",
        "15551234567:05@lid",
        "15551234567.1@lid",
        "a b@lid",
        "a@b@lid",
        ":5@lid",
        "120363000000000001:2@g.us",
        "1000@interop",
        "+7-1000@interop",
        "s.whatsapp.net",
        "",
    ] {
        assert_eq!(Value::from_user_text(text), Value::Text(text.into()), "{text}");
    }
}

#[test]
fn a_compressed_stanza_is_inflated() {
    let plain = format!("00f804190855f801f802fc0178fc32{}", "41".repeat(50));
    let node = Node::new("iq").attr("id", "1").child(Node::new("x").bytes(vec![0x41; 50]));
    both(node.clone(), &plain);
    assert_eq!(node_of("02789cfbc122c911fa83f107d31fc68a3f468e2403009c5912bb").unwrap(), node);

    let packed = compress(&encode(&node).unwrap());
    assert_eq!(packed[0], 2);
    assert_eq!(*unpack(&packed, 1000).unwrap(), hex(&plain)[1..]);
    assert_eq!(*unpack(&packed, hex(&plain).len() - 1).unwrap(), hex(&plain)[1..]);
    assert_eq!(unpack(&packed, hex(&plain).len() - 2), Err(DecodeError::TooLong(hex(&plain).len() - 2)));
    assert_eq!(unpack(&[packed.as_slice(), &[0]].concat(), 1000), Err(DecodeError::Trailing(1)));
    for len in 1..packed.len() {
        assert_eq!(unpack(&packed[..len], 1000), Err(DecodeError::Inflate), "{len} bytes");
    }
}

#[test]
fn compression_keeps_every_size() {
    for len in [0, 1, 100, 10_000, 300_000] {
        let bytes: Vec<u8> = (0..len).map(|i: u64| ((i * i) >> 3) as u8).collect();
        let encoded = encode(&Node::new("a").bytes(bytes)).unwrap();
        assert_eq!(*unpack(&compress(&encoded), MAX_INFLATED).unwrap(), encoded[1..]);
    }
}

#[test]
fn a_bomb_stops_at_the_limit() {
    // 64 MiB of zeros in 64 kB.
    let bomb = compress(&vec![0; 64 << 20]);
    assert!(bomb.len() < 100 << 10);
    assert_eq!(unpack(&bomb, MAX_INFLATED), Err(DecodeError::TooLong(MAX_INFLATED)));
    assert_eq!(unpack(&bomb, 0), Err(DecodeError::TooLong(0)));
}

fn nested(depth: usize) -> Node<'static> {
    (1..depth).fold(Node::new("a"), |inner, _| Node::new("a").child(inner))
}

#[test]
fn nesting_ends_at_the_limit_in_both_directions() {
    let deepest = encode(&nested(MAX_DEPTH)).unwrap();
    assert_eq!(decode(&deepest[1..]).unwrap(), nested(MAX_DEPTH));
    assert_eq!(encode(&nested(MAX_DEPTH + 1)), Err(EncodeError::TooDeep));
    let deeper = format!("00{}f801fc0161", "f802fc0161f801".repeat(MAX_DEPTH));
    assert_eq!(node_of(&deeper), Err(DecodeError::TooDeep));
    let hostile = format!("00{}", "f802fc0161f801".repeat(100_000));
    assert_eq!(node_of(&hostile), Err(DecodeError::TooDeep));
}

#[test]
fn the_deepest_stanza_fits_a_small_stack() {
    let work = || {
        let bytes = encode(&nested(MAX_DEPTH)).unwrap();
        let node = decode(&bytes[1..]).unwrap().into_owned();
        assert_eq!(format!("{node:?}").matches("<a>").count(), MAX_DEPTH - 1);
        encode(&node).unwrap() == bytes
    };
    assert!(std::thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap().join().unwrap());
}

#[test]
fn of_a_stanza_that_is_too_large_the_head_can_be_read() {
    let head = Node::new("iq").attr("id", "1").attr("type", "result");
    let many = (0..17).map(|_| Node::new("group").children((0..65_535).map(|_| Node::new("participant"))));
    let plain = encode(&head.clone().children(many)).unwrap();
    let damaged = [&compress(&plain)[..200], b"damaged"].concat();
    for (frame, max) in [(&plain, MAX_INFLATED), (&compress(&plain), MAX_INFLATED), (&compress(&plain), 1000)] {
        let refused = unpack(frame, max).and_then(|bytes| decode(&bytes).map(|_| ())).unwrap_err();
        assert!(refused.is_excess(), "{refused}");
        assert_eq!(decode_head(&unpack_head(frame, 100)).unwrap(), head);
    }
    assert_eq!(decode_head(&unpack_head(&damaged, 100)).unwrap(), head);
    assert!(decode_head(&unpack_head(&plain, 3)).is_err() && decode_head(&unpack_head(&[], 100)).is_err());
    assert!(!DecodeError::Truncated.is_excess());
}

#[test]
fn the_number_of_items_is_limited() {
    // 40 lists of 65,535 tokens each: within every single limit, too much in all.
    let list = format!("f802fc0161f9ffff{}", "f80103".repeat(0xffff));
    let bytes = hex(&format!("f802fc0161f828{}", list.repeat(40)));
    assert_eq!(decode(&bytes), Err(DecodeError::TooMany));
    assert!(decode(&hex(&list)).is_ok());
}

#[test]
fn what_the_format_cannot_carry_is_refused_and_nothing_written() {
    let mut out = b"kept".to_vec();
    for (node, error) in [
        (Node::new(""), EncodeError::EmptyTag),
        (Node::new("a").child(Node::new("")), EncodeError::EmptyTag),
        (Node::new("a").children(vec![Node::new("b"); 0x1_0000]), EncodeError::TooMany(0x1_0000)),
        (
            Node { attrs: vec![(Text::from("k"), Value::from("v")); 0x8000], ..Node::new("a") },
            EncodeError::TooMany(0x1_0001),
        ),
    ] {
        assert_eq!(encode_into(&node, &mut out), Err(error));
        assert_eq!(out, b"kept");
    }
}

fn noise(len: usize) -> Vec<u8> {
    (0..len).map(|i| (131 * i + 17) as u8).collect()
}

#[track_caller]
fn digest(node: &Node<'_>, bytes: &[u8], len: usize, sha256: &str) {
    assert_eq!(bytes.len(), len);
    assert_eq!(Sha256::digest(bytes).to_vec(), hex(sha256));
    assert_eq!(decode(&bytes[1..]).unwrap(), *node);
}

/// Writes the LIDs without device in `bytes` as AD_JIDs of device 0, which some encoders make of a text with `:0`.
fn with_device_0(mut bytes: Vec<u8>, users: impl Iterator<Item = u64>) -> Vec<u8> {
    for user in users {
        let user = hex(&format!("ff88{user}f"));
        let pair = [&[tag::JID_PAIR], user.as_slice(), &[0x76]].concat();
        let at = bytes.windows(pair.len()).position(|window| window == pair).expect("the LID is there");
        bytes.splice(at..at + pair.len(), [&[tag::AD_JID, 1, 0], user.as_slice()].concat());
    }
    bytes
}

#[test]
fn whole_stanzas_have_the_digests_that_other_encoders_give() {
    let enc = |kind: &'static str, len| Node::new("enc").attr("v", "2").attr("type", kind).bytes(noise(len));
    let message = Node::new("message")
        .attr("from", jid("5511987654321@s.whatsapp.net"))
        .attr("type", "text")
        .attr("id", "3EB0A1B2C3D4E5F60718")
        .attr("t", "1700000000")
        .attr("notify", "Someone")
        .attr("sender_lid", jid("123456789012345@lid"))
        .attr("addressing_mode", "pn")
        .child(enc("msg", 200));
    digest(
        &message,
        &encode(&message).unwrap(),
        303,
        "a7358765f757661d62b97a88b70151e6dc97030b00d573e891b17809bdc08cc7",
    );

    let to = |i: u64| {
        let device = match i % 5 {
            0 => String::new(),
            device => format!(":{device}"),
        };
        let address = jid(&format!("{}{device}@lid", 100_000_000_000_000 + i));
        Node::new("to").attr("jid", address).child(enc("pkmsg", 330))
    };
    let group = Node::new("message")
        .attr("to", jid("120363000000000001@g.us"))
        .attr("type", "text")
        .attr("id", "3EB0A1B2C3D4E5F60718")
        .attr("phash", "2:abcdefgh")
        .attr("addressing_mode", "lid")
        .child(enc("skmsg", 250))
        .child(Node::new("participants").children((0..100).map(to)));
    let bytes = with_device_0(encode(&group).unwrap(), (0..100).step_by(5).map(|i| 100_000_000_000_000 + i));
    digest(&group, &bytes, 36_331, "cc46e0a616c1132f3598fe0bc96889bb317f64508a535af2a5ea9bf2d7bb6f3d");

    let device = |id: u8| Node::new("device").attr("id", id).attr("key-index", id + 1);
    let user = |i: u64| {
        let list = Node::new("device-list").attr("hash", "2:abcd").children([0, 3, 17].map(device));
        Node::new("user")
            .attr("jid", jid(&format!("55119{}@s.whatsapp.net", 10_000_000 + i)))
            .child(Node::new("devices").child(list))
    };
    let usync = Node::new("usync")
        .attr("context", "message")
        .attr("index", "0")
        .attr("last", "true")
        .attr("mode", "query")
        .attr("sid", "1")
        .child(Node::new("result"))
        .child(Node::new("list").children((0..250).map(user)));
    let iq = Node::new("iq").attr("from", "s.whatsapp.net").attr("type", "result").attr("id", "12.34-5").child(usync);
    digest(&iq, &encode(&iq).unwrap(), 15_044, "2d9594286a19ade20f6b9bc0a24e779d99b1815ba7241a8e188440ff433c90c4");
}

#[test]
fn decoding_borrows_from_the_frame() {
    let bytes = encode(&Node::new("x").attr("notify", "a name").bytes(noise(300))).unwrap();
    let node = decode(&bytes[1..]).unwrap();
    assert!(matches!(&node.content, Content::Bytes(Cow::Borrowed(_))));
    assert!(matches!(&node.attrs[0], (Text::Borrowed("notify"), Value::Text(Text::Borrowed("a name")))));
}
