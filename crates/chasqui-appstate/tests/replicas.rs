//! A writer, a server and readers that follow each other through any history.

use chasqui_appstate::{
    Action, Collection, KeyData, KeyId, KeyRing, LocalMutation, LtHash, Operation, Patch, Replica, Snapshot,
    SnapshotCheck, build,
};
use chasqui_proto::sync_action_value::ContactAction;
use proptest::prelude::*;

const COLLECTION: Collection = Collection::CriticalUnblockLow;

/// One change: whose contact, set or removed.
type Change = (u8, bool);

fn contact((user, set): Change, at: usize) -> LocalMutation {
    let value = ContactAction { full_name: Some(format!("Name {at}")), ..Default::default() };
    let action = Action::Contact { pn: format!("155501{user:02}@s.whatsapp.net"), value: value.into() };
    action.local(if set { Operation::Set } else { Operation::Remove }, at as i64)
}

/// Patches of several changes, each index at most once in a patch.
fn histories() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let patch = prop::collection::btree_map(0u8..8, any::<bool>(), 1..6);
    prop::collection::vec(patch.prop_map(|changes| changes.into_iter().collect()), 1..10)
}

fn rebuilt(replica: &Replica) -> LtHash {
    let values: Vec<_> = replica.records().map(|record| record.value_mac()).collect();
    LtHash::sum(&values)
}

proptest! {
    #[test]
    fn both_sides_have_the_same_collection_after_every_patch(
        history in histories(),
        rotate in prop::collection::vec(any::<bool>(), 10),
        external in prop::collection::vec(any::<bool>(), 10),
    ) {
        let mut ring = KeyRing::new();
        ring.insert(KeyId::new(0, 1), &KeyData::generate());
        let (mut writer, mut reader) = (Replica::new(COLLECTION), Replica::new(COLLECTION));
        for (at, changes) in history.into_iter().enumerate() {
            // A new key means new index MACs: the same index is another record from then on.
            if rotate[at] {
                ring.insert(KeyId::new(0, at as u32 + 2), &KeyData::generate());
            }
            let mutations: Vec<_> = changes.into_iter().map(|change| contact(change, at)).collect();
            let built = writer.build(&ring, &mutations).expect("a patch");
            writer.accept(&built);

            let stored = build::stored_patch(&built.bytes, at as u64 + 1).expect("a patch");
            let (rest, blob) = build::take_mutations(&stored).expect("a patch");
            let rest = build::with_reference(rest, &Default::default());
            let patch = if external[at] {
                Patch::parse(&rest).and_then(|patch| patch.with_external(&blob)).expect("a patch")
            } else {
                Patch::parse(&stored).expect("a patch")
            };
            let applied = reader.apply_patch(&patch, &ring).expect("applied");

            prop_assert_eq!(applied.snapshot_check, SnapshotCheck::Matches);
            prop_assert_eq!(applied.mutations, built.applied.mutations);
            prop_assert_eq!(reader.state(), writer.state());
            prop_assert!(reader.records().eq(writer.records()));
            prop_assert_eq!(&reader.state().hash, &rebuilt(&reader));
        }

        let bytes = reader.snapshot(&ring).expect("a snapshot");
        let mut late = Replica::new(COLLECTION);
        let told = late.apply_snapshot(&Snapshot::parse(&bytes).expect("a snapshot"), &ring).expect("applied");
        prop_assert_eq!(late.state(), writer.state());
        prop_assert!(late.data().eq(writer.data()));
        prop_assert_eq!(told.len(), writer.records().len());
    }
}
