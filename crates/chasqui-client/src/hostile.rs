//! Whatever the server or a peer says in the words of the protocol: nothing panics, every stanza ends or refuses no more
//! than itself or its connection, and what is remembered of it stays within its bounds.

use std::{collections::BTreeMap, fs, path::Path};

use chasqui_proto::{Message as MessageProto, ProtoMessage};
use chasqui_wire::{Jid, Node, codec, frame, node};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::{
    adv, content,
    fuzzing::{REQUESTS, actor, feed, group, stream, wait_for},
    raw,
    receive::Envelope,
};

const STANZAS: [&str; 7] = ["message", "receipt", "ack", "notification", "iq", "ib", "success"];
const TAGS: [&str; 12] = [
    "enc",
    "device-identity",
    "list",
    "user",
    "item",
    "participant",
    "device",
    "error",
    "group",
    "keys",
    "meta",
    "unheard-of",
];

/// What usually stands in an element.
fn children_of(tag: &str) -> &'static [&'static str] {
    match tag {
        "message" => &["enc", "device-identity", "unavailable", "plaintext", "participants", "meta"],
        "receipt" => &["retry", "registration", "keys", "list", "participants", "error"],
        "notification" => &[
            "count",
            "digest",
            "identity",
            "add",
            "remove",
            "update",
            "create",
            "leave",
            "modify",
            "promote",
            "subject",
            "description",
            "ephemeral",
            "member_add_mode",
            "member_link_mode",
            "limit_sharing_enabled",
            "membership_approval_mode",
            "created_membership_requests",
            "link",
            "unlink",
            "delete",
            "devices",
            "blocklist",
            "link_code_companion_reg",
        ],
        "iq" => {
            &["list", "group", "groups", "usync", "error", "count", "digest", "item", "pair-device", "pair-success"]
        }
        "ib" => &["edge_routing", "offline_preview", "offline", "dirty"],
        "usync" => &["list", "result"],
        "list" => &["user", "item"],
        "user" | "keys" => &[
            "type",
            "identity",
            "key",
            "skey",
            "device-identity",
            "registration",
            "devices",
            "lid",
            "contact",
            "error",
        ],
        "key" | "skey" => &["id", "value", "signature"],
        "devices" => &["device-list", "key-index-list", "device"],
        "device-list" => &["device"],
        "create" | "groups" => &["group"],
        "group" | "add" | "remove" | "leave" | "modify" | "promote" | "created_membership_requests" => {
            &["participant", "device", "key-index-list", "description", "ephemeral", "linked_parent"]
        }
        "link" | "unlink" => &["group"],
        "description" => &["body", "delete"],
        "blocklist" | "participants" => &["item", "to"],
        "digest" => &["registration", "type", "identity", "skey", "list", "hash"],
        "edge_routing" => &["routing_info"],
        "link_code_companion_reg" => &["link_code_pairing_ref", "primary_identity_pub"],
        "pair-device" | "pair-success" => &["ref", "device-identity", "device"],
        _ => &[],
    }
}

/// What an element usually says.
fn keys_of(tag: &str) -> &'static [&'static str] {
    match tag {
        "message" => {
            &["id", "from", "participant", "recipient", "t", "type", "offline", "category", "notify", "addressing_mode"]
        }
        "receipt" | "ack" => &["id", "from", "participant", "recipient", "t", "type", "class", "error", "phash"],
        "notification" => &["id", "from", "participant", "type", "t", "notify", "offline"],
        "iq" => &["id", "from", "type"],
        "enc" => &["v", "type", "count"],
        "participant" | "user" | "item" | "device" | "to" => {
            &["jid", "lid", "phone_number", "pn_jid", "id", "key-index", "is_hosted", "action", "error"]
        }
        "add" | "remove" | "update" | "blocklist" | "list" => {
            &["device_hash", "device_lid_hash", "hash", "dhash", "prev_dhash", "action", "addressing_mode"]
        }
        "link_code_companion_reg" => &["stage"],
        "success" => &["t", "lid"],
        "subject" => &["subject", "s_t", "s_o"],
        "ephemeral" => &["expiration", "trigger"],
        "link" | "unlink" => &["link_type", "unlink_type", "unlink_reason"],
        _ => &["id", "value", "code", "count", "ts", "addressing_mode", "type"],
    }
}
const WORDS: [&str; 44] = [
    "",
    "0",
    "1",
    "2",
    "5",
    "6",
    "99",
    "404",
    "406",
    "421",
    "479",
    "503",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "1700000000",
    "retry",
    "read",
    "played",
    "sender",
    "inactive",
    "w:gp2",
    "devices",
    "encrypt",
    "account_sync",
    "text",
    "media",
    "skmsg",
    "pkmsg",
    "msg",
    "msmsg",
    "result",
    "error",
    "message",
    "receipt",
    "lid",
    "pn",
    "peer",
    "true",
    "2:AAAAAAAA",
];
fn jid() -> impl Strategy<Value = Jid> {
    let texts = [
        "15550001111@s.whatsapp.net",
        "15550001111:3@s.whatsapp.net",
        "15550002222@s.whatsapp.net",
        "15550002222:65535@s.whatsapp.net",
        "100000000000001@lid",
        "100000000000001:3@lid",
        "100000000000002@lid",
        "100000000000002:7@lid",
        "@lid",
        "0@s.whatsapp.net",
        "120363000000000001@g.us",
        "120363000000000002@g.us",
        "status@broadcast",
        "1@broadcast",
        "s.whatsapp.net",
        "120363000000000003@newsletter",
        "867051314767696@bot",
        "15550002222:99@hosted",
        "100000000000002:99@hosted.lid",
    ];
    select(texts.map(|text| text.parse().unwrap_or(Jid::SERVER)).to_vec())
}

fn types_of(tag: &str) -> &'static [&'static str] {
    match tag {
        "notification" => &["w:gp2", "devices", "encrypt", "account_sync", "link_code_companion_reg", "blocklist"],
        "receipt" => &["retry", "retry", "read", "sender"],
        "iq" => &["result", "result", "error"],
        "enc" => &["msg", "pkmsg", "skmsg", "msmsg"],
        _ => &["text", "media", "message", "receipt"],
    }
}

fn value(tag: &'static str, key: &'static str) -> BoxedStrategy<node::Value<'static>> {
    let jids = jid().prop_map(node::Value::Jid).boxed();
    let words = |words: &'static [&'static str]| select(words).prop_map(node::Value::from);
    let usual = match key {
        "type" => words(types_of(tag)).boxed(),
        "id" => words(&REQUESTS).boxed(),
        "action" => words(&["block", "unblock", "modify"]).boxed(),
        "from" | "participant" | "recipient" | "jid" | "lid" | "phone_number" | "pn_jid" => jids.clone(),
        _ => words(&WORDS).boxed(),
    };
    prop_oneof![12 => usual, 1 => jids, 1 => words(&WORDS), 1 => "\\PC{0,40}".prop_map(node::Value::from)].boxed()
}

fn attrs(tag: &'static str) -> impl Strategy<Value = Vec<(node::Text<'static>, node::Value<'static>)>> {
    let one = move |key: &'static str| {
        prop::option::weighted(0.85, value(tag, key).prop_map(move |value| (key.into(), value)))
    };
    keys_of(tag).iter().map(|key| one(key)).collect::<Vec<_>>().prop_map(|attrs| attrs.into_iter().flatten().collect())
}

/// The content of an element without children.
fn leaf(tag: &'static str) -> BoxedStrategy<node::Content<'static>> {
    let bytes = |bytes: Vec<u8>| node::Content::Bytes(bytes.into());
    let of_length = move |length: usize| vec(any::<u8>(), length).prop_map(bytes).boxed();
    let usual = match tag {
        "id" => of_length(3),
        "value" | "identity" | "hash" => of_length(32),
        "signature" => of_length(64),
        "registration" => of_length(4),
        "type" => Just(bytes(vec![5])).boxed(),
        "enc" => fields().prop_map(move |proto| bytes([&[0x33], &proto[..]].concat())).boxed(),
        "key-index-list" | "device-identity" => fields().prop_map(bytes).boxed(),
        _ => Just(node::Content::None).boxed(),
    };
    let odd = select(vec![0usize, 1, 4, 31, 33, 80]).prop_flat_map(of_length);
    prop_oneof![8 => usual, 1 => odd, 1 => fields().prop_map(bytes), 1 => select(&WORDS[..]).prop_map(|word| node::Content::Text(word.into()))]
        .boxed()
}

fn element(tag: &'static str, depth: u32) -> BoxedStrategy<Node<'static>> {
    let usual = children_of(tag);
    let content = if usual.is_empty() || depth == 0 {
        leaf(tag)
    } else {
        let child =
            prop_oneof![9 => select(usual), 1 => select(&TAGS[..])].prop_flat_map(move |tag| element(tag, depth - 1));
        prop_oneof![12 => vec(child, 0..7).prop_map(node::Content::Nodes), 1 => leaf(tag)].boxed()
    };
    (attrs(tag), content).prop_map(move |(attrs, content)| Node { tag: tag.into(), attrs, content }).boxed()
}

/// A stanza as it comes off the wire.
fn stanza() -> impl Strategy<Value = Node<'static>> {
    select(&STANZAS[..]).prop_flat_map(|tag| element(tag, 5))
}

/// Bytes that are a protobuf of some kind, to some depth.
fn fields() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![vec(any::<u8>(), 0..70), "\\PC{0,30}".prop_map(String::into_bytes), Just(vec![7; 32])];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let number =
            prop_oneof![4 => 1..20u32, 2 => 1..120u32, 1 => any::<u32>().prop_map(|number| (number >> 3).max(1))];
        let field = prop_oneof![
            3 => (number.clone(), inner).prop_map(|(number, bytes)| {
                let mut field = Vec::new();
                prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, &mut field);
                prost::encoding::encode_varint(bytes.len() as u64, &mut field);
                field.extend_from_slice(&bytes);
                field
            }),
            1 => (number, any::<u64>(), 0..64u32).prop_map(|(number, value, shift)| {
                let mut field = Vec::new();
                prost::encoding::encode_key(number, prost::encoding::WireType::Varint, &mut field);
                prost::encoding::encode_varint(value >> shift, &mut field);
                field
            }),
        ];
        vec(field, 0..6).prop_map(|fields| fields.concat())
    })
}

fn envelope(from: Jid, participant: Option<Jid>, from_me: bool) -> Envelope {
    Envelope {
        nodes: Vec::new(),
        server_id: None,
        wire: None,
        id: "3EB0".into(),
        chat: from.to_bare(),
        sender: participant.clone().unwrap_or_else(|| from.clone()),
        from,
        participant,
        recipient: None,
        from_me,
        peer: false,
        offline: false,
        timestamp: 1_700_000_000,
        push_name: None,
    }
}

fn json() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 34] = [
        "text",
        "mentions",
        "quote",
        "viewOnce",
        "expiresIn",
        "poll",
        "question",
        "options",
        "multiple",
        "vote",
        "react",
        "emoji",
        "edit",
        "delete",
        "pin",
        "days",
        "duration",
        "keep",
        "ephemeral",
        "forward",
        "raw",
        "attrs",
        "nodes",
        "tag",
        "content",
        "base64",
        "id",
        "chat",
        "sender",
        "jid",
        "fromMe",
        "recipients",
        "timer",
        "target",
    ];
    let text = prop_oneof![
        select(&WORDS[..]).prop_map(str::to_owned),
        jid().prop_map(|jid| jid.to_string()),
        "\\PC{0,20}",
        "[A-Za-z0-9+/]{0,12}={0,2}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..6).prop_map(Value::from),
            3 => vec((select(&NAMES[..]), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stanzas_are_survived(stanzas in vec(stanza(), 1..32)) {
        wait_for(async {
            let mut actor = actor().await;
            for stanza in &stanzas {
                feed(&mut actor, &codec::encode(stanza).expect("a stanza")).await;
            }
        });
    }

    #[test]
    fn any_decrypted_bytes_are_survived(messages in vec(fields(), 1..6), in_group in any::<bool>(), own in any::<bool>()) {
        wait_for(async {
            let mut actor = actor().await;
            let device = if own { Jid::lid("100000000000001") } else { Jid::lid("100000000000002") };
            for message in messages {
                let envelope = if in_group { envelope(group(), Some(device.clone()), own) } else { envelope(device.clone(), None, own) };
                assert!(actor.take_distribution(&envelope, &message).await.is_ok());
                assert!(actor.take_in(&envelope, message).await.is_ok());
                actor.settle().await;
            }
        });
    }

    #[test]
    fn any_bytes_are_described_or_not(bytes in fields()) {
        let decoded = MessageProto::decode(bytes.as_slice()).unwrap_or_default();
        let described = content::describe(&bytes, &decoded);
        content::is_silent(&bytes, &described);
        content::is_only_key(&bytes);
        content::secret_of(&bytes);
        if let Some((_, inner)) = content::unwrap_device_sent(&bytes) {
            assert!(inner.len() <= bytes.len());
        }
        for number in [1, 2, 35] {
            assert!(raw::field(&bytes, number).is_none_or(|field| field.len() <= bytes.len()));
        }
        assert!(adv::verify_list(&bytes, None).is_err(), "nobody has signed it");
        let _ = adv::read_unverified(&bytes);
    }

    #[test]
    fn any_content_is_taken_or_refused(value in json()) {
        if let Err(error) = content::parse(&value) {
            let code = error.code.as_str();
            assert!(["INVALID_CONTENT", "INVALID_RECIPIENT", "RECIPIENT_LIMIT"].contains(&code), "{code} for {value}");
        }
    }
}

/// What the fuzzer begins with, by name: one conversation for each kind of stanza.
fn seeds() -> BTreeMap<&'static str, Vec<Node<'static>>> {
    let (lid, pn) = (Jid::lid("100000000000002"), Jid::pn("15550002222"));
    let bytes = |tag: &'static str, content: &[u8]| Node::new(tag).bytes(content.to_vec());
    let answer = |at: usize| Node::new("iq").attr("id", REQUESTS[at]).attr("type", "result").attr("from", Jid::SERVER);
    let notification = |kind: &'static str, from: &Jid| {
        Node::new("notification").attr("id", "1").attr("type", kind).attr("from", from)
    };
    let enc = |kind: &'static str, body: &[u8]| bytes("enc", body).attr("v", "2").attr("type", kind);
    let message = |from: &Jid| Node::new("message").attr("id", "3EB0").attr("from", from).attr("t", "1700000000");
    let signed = || {
        Node::new("skey").children([bytes("id", &[0, 0, 1]), bytes("value", &[9; 32]), bytes("signature", &[9; 64])])
    };
    let keys = || {
        let key = Node::new("key").children([bytes("id", &[0, 0, 2]), bytes("value", &[9; 32])]);
        vec![bytes("type", &[5]), bytes("identity", &[9; 32]), key, signed()]
    };
    let participant = || Node::new("participant").attr("jid", &lid).attr("phone_number", &pn);
    let item = |action: &'static str| Node::new("item").attr("jid", &lid).attr("pn_jid", &pn).attr("action", action);
    let list = Node::new("device-list")
        .children([Node::new("device").attr("id", "0"), Node::new("device").attr("id", "7").attr("key-index", "1")]);
    let devices = Node::new("devices").children([list, bytes("key-index-list", &[0x0a; 40]).attr("ts", "1700000000")]);
    let user = Node::new("user").attr("jid", &lid).attr("pn_jid", &pn).child(devices);
    let too_often = Node::new("error").attr("code", "429").attr("backoff", "1");
    BTreeMap::from([
        (
            "message",
            vec![
                message(&lid).attr("sender_pn", &pn).child(enc("pkmsg", &[0x33, 8, 1, 18, 2, 5, 5, 34, 2, 0x33, 10])),
                message(&lid).attr("offline", "1").child(enc("msg", &[0x33, 10, 1, 5, 16, 0, 24, 0, 34, 1, 7])),
                message(&group()).attr("participant", &lid).child(enc("skmsg", &[0x33, 8, 1, 16, 0, 26, 1, 7])),
                message(&Jid::STATUS)
                    .attr("participant", &lid)
                    .child(Node::new("unavailable").attr("type", "view_once")),
            ],
        ),
        (
            "receipt",
            vec![
                Node::new("receipt")
                    .attr("id", "3EB0")
                    .attr("from", lid.with_device(7))
                    .attr("type", "retry")
                    .children([
                        Node::new("retry").attr("v", "1").attr("count", "1").attr("id", "3EB0").attr("t", "1700000000"),
                        bytes("registration", &[0, 0, 1, 2]),
                        Node::new("keys").children(keys()),
                    ]),
                Node::new("receipt")
                    .attr("id", "1")
                    .attr("from", group())
                    .attr("participant", &lid)
                    .attr("type", "read"),
            ],
        ),
        ("ack", vec![Node::new("ack").attr("class", "message").attr("id", "3EB0").attr("error", "429")]),
        ("devices", vec![answer(4).child(Node::new("usync").child(Node::new("list").child(user.clone())))]),
        ("too_often", (3..9).map(|at| answer(at).attr("type", "error").child(too_often.clone())).collect()),
        (
            "bundles",
            vec![answer(5).child(Node::new("list").child(
                Node::new("user").attr("jid", &lid).child(bytes("registration", &[0, 0, 1, 2])).children(keys()),
            ))],
        ),
        ("group", vec![answer(6).child(Node::new("group").attr("addressing_mode", "lid").children([participant()]))]),
        (
            "groups",
            vec![
                Node::new("ib").child(Node::new("dirty").attr("type", "groups")),
                answer(10).child(Node::new("groups").child(
                    Node::new("group").attr("id", group().user).attr("addressing_mode", "lid").child(participant()),
                )),
            ],
        ),
        ("blocklist", vec![answer(7).child(Node::new("list").attr("dhash", "2:a").child(item("block")))]),
        ("resolve", vec![answer(8).child(Node::new("usync").child(Node::new("list").child(user)))]),
        (
            "login",
            vec![Node::new("success").attr("t", "1700000000").attr("lid", &lid), answer(0), answer(1), answer(2)],
        ),
        (
            "notification",
            vec![
                notification("w:gp2", &group()).child(Node::new("add").child(participant())),
                notification("w:gp2", &group())
                    .child(Node::new("create").child(Node::new("group").child(participant()))),
                notification("devices", &pn).child(
                    Node::new("add")
                        .attr("device_hash", "2:AAAAAAAA")
                        .child(Node::new("device").attr("jid", pn.with_device(7)).attr("key-index", "1")),
                ),
                notification("encrypt", &Jid::SERVER).child(Node::new("count").attr("value", "3")),
                notification("encrypt", &pn).child(Node::new("identity")),
                notification("account_sync", &pn).child(
                    Node::new("blocklist").attr("prev_dhash", "2:a").attr("dhash", "2:b").child(item("unblock")),
                ),
                notification("link_code_companion_reg", &Jid::SERVER).child(
                    Node::new("link_code_companion_reg")
                        .attr("stage", "primary_hello")
                        .children([bytes("link_code_pairing_ref", b"ref"), bytes("primary_identity_pub", &[9; 32])]),
                ),
            ],
        ),
        (
            "ib",
            vec![Node::new("ib").children([
                Node::new("edge_routing").child(bytes("routing_info", &[8, 2])),
                Node::new("offline_preview").attr("count", "2").attr("message", "1"),
                Node::new("dirty").attr("type", "groups").attr("timestamp", "1700000000"),
                Node::new("offline").attr("count", "2"),
            ])],
        ),
    ])
}

/// `UPDATE=1` writes them.
#[test]
fn the_fuzzer_begins_with_these_conversations_and_none_does_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/client_stanza");
    for (name, stanzas) in seeds() {
        let mut written = Vec::new();
        for stanza in &stanzas {
            frame::encode_frame(&codec::encode(stanza).expect("a stanza"), &mut written).expect("a frame");
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join(name), &written).expect("written");
        }
        let kept = fs::read(folder.join(name)).expect(name);
        assert!(kept == written, "{name} is another one");
        assert_eq!(stream(&kept), stanzas.len(), "{name}");
    }
    // What the fuzzer has found since is kept beside them.
    for file in fs::read_dir(&folder).expect("the corpus") {
        let kept = fs::read(file.expect("a file").path()).expect("readable");
        stream(&kept);
        for at in (0..kept.len()).step_by(7) {
            stream(&kept[..at]);
            let mut broken = kept.clone();
            broken[at] ^= 0xff;
            stream(&broken);
        }
    }
}
