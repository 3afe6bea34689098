//! The vectors of 04-app-state, and what tests share.

mod baileys;

use crate::{
    Action, Collection, KeyData, KeyId, KeyRing, LocalMutation, MutationKeys, Operation, Patch, Replica, Snapshot,
    SnapshotCheck, State,
    build::{build_patch_with, stored_patch},
    state::Lookup,
};
use chasqui_proto::sync_action_value::{ArchiveChatAction, PinAction, SyncActionMessageRange};

pub(crate) const KEY_ID: KeyId = KeyId::new(0, 1);

pub(crate) fn key_data() -> KeyData {
    KeyData::new(std::array::from_fn(|at| at as u8))
}

pub(crate) fn keys() -> MutationKeys {
    MutationKeys::expand(&key_data())
}

pub(crate) fn ring() -> KeyRing {
    let mut ring = KeyRing::new();
    ring.insert(KEY_ID, &key_data());
    ring
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

const CHAT: &str = "5511999990001@s.whatsapp.net";

fn archive(archived: bool, at: i64, range: Option<i64>) -> LocalMutation {
    let message_range =
        range.map(|at| Box::new(SyncActionMessageRange { last_message_timestamp: Some(at), ..Default::default() }));
    let value = Box::new(ArchiveChatAction { archived: Some(archived), message_range });
    Action::Archive { chat: CHAT.into(), value }.local(Operation::Set, at)
}

fn pin(operation: Operation, at: i64) -> LocalMutation {
    let value = Box::new(PinAction { pinned: Some(true) });
    Action::Pin { chat: CHAT.into(), value }.local(operation, at)
}

/// The three patches of the document and their IVs.
fn patches() -> [Vec<(LocalMutation, u8)>; 3] {
    [
        vec![(archive(true, 1_700_000_000_000, Some(1_700_000_000)), 0x11)],
        vec![
            (archive(false, 1_700_000_001_000, Some(1_700_000_000)), 0x22),
            (pin(Operation::Set, 1_700_000_001_000), 0x33),
        ],
        vec![(pin(Operation::Remove, 1_700_000_002_000), 0x44)],
    ]
}

/// Hashes after each patch, then the snapshot MACs and patch MACs in it.
const HASHES: [&str; 3] = [
    "bc3785c38bffb52670d8e61bc08e2ed7713d2a0f012e77eb356aaa44932048dd6d0e3327b91a14e42c136d897b1cd422b889be3c2f938d570e32c70414b85a35\
     50faf517f25a87d281571d830a0ed22f2a37ab698363b7ba909a329ddcf62d821c6e2f45a2924a5ccd3c1e6e626597c2493e049d54117ad9bcba3396daf45890",
    "50fade1431aa69af0ba3fc0541bede448e64366c056868dd2e84c847aea0fdfd990c922057a04610d2df33b3cb06a224a37162438cafe587249d65c6edd4b5e8\
     3ab431a384ea210f8da81e09d11c5410cbde9e88f815d260b7ce3ebeb7cb503f8ce83acb09928951a531d34a9624a349df3ac867555b2399796d5d243718ead7",
    "527392ffe94ac1625f09f2c3543aaab23a1be762f20bad9b1299cd0dec280112acce93b8749e25e275ba2ea0154593ee42694e05cf2488ecef891b14b553a6d9\
     d4e475eb10a470d3fdbfcadb9fae501ec9d2f5d0c25a12f5ddc82b2dc992308d464ad3791853f65e4d0ad75ecbfa6ec756b724cdebe06af0ebaa2109423f9789",
];
const MACS: [[&str; 2]; 3] = [
    [
        "2b1e5cbb5f5f1c103b6dab190b10254355cae5595e5d37df6e0d5e7495a4388e",
        "1fd9b54304f4f0e9d2600ad7bab69c76aea74d2d69a31231980e243895d826a0",
    ],
    [
        "2c0b676f777ba33d6407b8026570db802721f706d230054048d2c282d39fa93a",
        "2985016452bde9a1d92b978956c34cb92396e7345c0ae84970f4e2555d8cbc20",
    ],
    [
        "f07eaefd98b43a9b5ffb69145961efe955d3b6e469fd018890aff580ed84da7b",
        "bf6be6eef80471cd0784593350df2445965b301aa69e3703a7ad85c98cd867c3",
    ],
];
const FIRST_UPLOAD: &str = "12b901080012b4010a220a20e1239050162a73a63467786142cc5aea97b16327d90da0dfb4deffc0120d86081283010a800111111111111111111111111111111111b4901c9e330e6136ea30342ba8ae4f34b74d4e3cdc9653978a0ebbe1014087342d62531fd9e96a028c7a5841f4720b2e144c90d48f15979305e5c6cb40c22affecbef85e4bb7d8b5c068e51a834011bb15547b76fa8ed72ef0ff6a5ff60ec6a0ea449644d424b02172257fd8f63caed01a080a0600000000000122202b1e5cbb5f5f1c103b6dab190b10254355cae5595e5d37df6e0d5e7495a4388e2a201fd9b54304f4f0e9d2600ad7bab69c76aea74d2d69a31231980e243895d826a032080a06000000000001";

#[test]
fn an_action_is_the_plaintext_of_the_vector() {
    let [first, ..] = patches();
    let expected = "0a2a5b2261726368697665222c223535313139393939393030303140732e77686174736170702e6e6574225d12140880d095ffbc318a010a080112060880e2cfaa061a002003";
    assert_eq!(first[0].0.data.as_bytes(), hex(expected));
}

#[test]
fn three_patches_are_built_and_applied_as_in_the_vectors() {
    let (ring, collection) = (ring(), Collection::RegularLow);
    let (mut writer, mut lookup) = (State::EMPTY, Lookup::new());
    let mut reader = Replica::new(collection);
    for (at, changes) in patches().into_iter().enumerate() {
        let (mutations, ivs): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
        let mut ivs = ivs.into_iter();
        let iv = || [ivs.next().expect("an IV"); 16];
        let built = build_patch_with(collection, &writer, &ring, &mutations, &lookup, iv).expect("a patch");
        if at == 0 {
            assert_eq!(built.bytes, hex(FIRST_UPLOAD));
        }
        for mac in MACS[at] {
            let mac = hex(mac);
            assert!(built.bytes.windows(mac.len()).any(|window| window == mac), "patch {}", at + 1);
        }
        writer = built.applied.state.clone();
        built.applied.update(&mut lookup);
        assert_eq!(writer.hash.to_bytes().to_vec(), hex(HASHES[at]), "patch {}", at + 1);

        let stored = stored_patch(&built.bytes, at as u64 + 1).expect("a patch");
        assert_eq!(stored, [&[0x0a, 2, 8, at as u8 + 1], &built.bytes[..]].concat());
        let patch = Patch::parse(&stored).expect("a patch");
        let applied = reader.apply_patch(&patch, &ring).expect("applied");
        assert_eq!(applied.snapshot_check, SnapshotCheck::Matches);
        assert_eq!(applied.mutations, built.applied.mutations);
        assert_eq!(reader.state(), &writer);
    }
    assert_eq!(lookup.len(), 1, "the pin is gone");

    let bytes = reader.snapshot(&ring).expect("a snapshot");
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
    assert_eq!(bytes.len(), 231);
    assert_eq!(digest[..], hex("93a20d6b14533d2b545145837b55d90620fa31ee1f29dfc15b610c761a148527"));
    let mut fresh = Replica::new(collection);
    fresh.apply_snapshot(&Snapshot::parse(&bytes).expect("a snapshot"), &ring).expect("applied");
    assert_eq!(fresh.state(), reader.state());
}
