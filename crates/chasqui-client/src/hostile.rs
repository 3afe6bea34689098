//! Whatever the server or a peer says in the words of the protocol: nothing panics, every stanza ends or refuses no more
//! than itself or its connection, and what is remembered of it stays within its bounds.

use std::time::Duration;

use chasqui_proto::{Message as MessageProto, ProtoMessage};
use chasqui_wire::{Jid, Node, node};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    adv, content,
    creds::Paired,
    devices::Query,
    iq::Wait,
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
            "delete",
            "devices",
            "blocklist",
            "link_code_companion_reg",
        ],
        "iq" => &["list", "group", "usync", "error", "count", "digest", "item", "pair-device", "pair-success"],
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
        "create" => &["group"],
        "group" | "add" | "remove" | "leave" | "modify" => &["participant", "device", "key-index-list"],
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
/// Ids of the requests that are under way.
const REQUESTS: [&str; 9] = ["q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8"];

fn group() -> Jid {
    "120363000000000001@g.us".parse().expect("a JID")
}

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

/// A session that is logged in, and waits for answers.
async fn actor() -> Actor {
    let mut actor = Actor::for_tests().await;
    actor.creds.paired = Some(Paired {
        pn: Jid::pn("15550001111").with_device(3),
        lid: Jid::lid("100000000000001").with_device(3),
        account: Vec::new(),
        platform: String::new(),
        lid_migrated: true,
    });
    let other = Jid::lid("100000000000002");
    let query = Query { users: vec![other.clone(), Jid::pn("15550002222")], numbers: vec!["15550003333".into()] };
    let waits = [
        Wait::PreKeyCount,
        Wait::Active,
        Wait::Digest,
        Wait::Rotation(2),
        Wait::Devices(query),
        Wait::Bundles(vec![other.clone(), other.with_device(7)]),
        Wait::Group(group()),
        Wait::Blocklist,
        Wait::Resolve(0, other),
    ];
    for (id, wait) in REQUESTS.into_iter().zip(waits) {
        actor.requests.expect(id.into(), wait, Instant::now() + Duration::from_secs(60));
    }
    actor
}

fn envelope(from: Jid, participant: Option<Jid>, from_me: bool) -> Envelope {
    Envelope {
        nodes: Vec::new(),
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

fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
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
                match actor.dispatch(stanza).await {
                    Ok(()) | Err(Fault::End(_)) => {}
                    Err(Fault::Store(error)) => panic!("{error} after {stanza:?}"),
                }
                actor.settle().await;
            }
            assert!(actor.retries.len() <= actor.retries.cap());
            assert!(actor.groups.len() <= actor.groups.cap());
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
