use proptest::prelude::*;

use super::*;
use crate::{
    BuildError, Built, LocalMutation, LtHash, Remedy, Replica, Snapshot,
    build::{put_nested, stored_patch, take_mutations, with_reference},
    build_patch, build_snapshot, change,
    record::mutation_bytes,
    vectors::{KEY_ID, key_data, keys, ring},
};
use chasqui_wire::Jid;

const COLLECTION: Collection = Collection::RegularLow;

fn pin(user: &str, pinned: bool) -> LocalMutation {
    change::pin(&Jid::pn(user), pinned, 1_700_000_000_000)
}

fn build(state: &State, mutations: &[LocalMutation], previous: &impl ValueMacs) -> Built {
    build_patch(COLLECTION, state, &ring(), mutations, previous).expect("a patch")
}

/// A first patch as the server has it.
fn genesis(mutations: &[LocalMutation]) -> Vec<u8> {
    stored_patch(&build(&State::EMPTY, mutations, &Lookup::new()).bytes, 1).expect("a patch")
}

fn apply(stored: &[u8], state: &State) -> Result<Applied, SyncError> {
    Patch::parse(stored)?.apply(COLLECTION, state, &ring(), &Lookup::new())
}

fn fault(stored: &[u8], state: &State) -> Fault {
    apply(stored, state).expect_err("a fault").fault
}

fn sealed(mutation: &LocalMutation, operation: Operation, iv: u8) -> (Operation, Record<'static>) {
    (operation, Record::seal(operation, &mutation.data, KEY_ID, &keys(), [iv; 16]))
}

/// A patch whose aggregate MACs are right for any list of records, and whose hash is what `hash` says.
fn forged(records: &[(Operation, Record<'_>)], hash: &LtHash, version: u64) -> Vec<u8> {
    let snapshot_mac = mac::snapshot(&keys(), hash, version, COLLECTION);
    let values: Vec<ValueMac> = records.iter().map(|(_, record)| record.value_mac()).collect();
    let patch_mac = mac::patch(&keys(), &snapshot_mac, values.iter(), version, COLLECTION);
    let mut upload = Vec::new();
    for (operation, record) in records {
        fields::put_bytes(&mut upload, 2, &mutation_bytes(*operation, record));
    }
    fields::put_bytes(&mut upload, 4, &snapshot_mac);
    fields::put_bytes(&mut upload, 5, &patch_mac);
    put_nested(&mut upload, 6, KEY_ID.as_bytes());
    stored_patch(&upload, version).expect("a patch")
}

#[test]
fn a_patch_must_follow_the_applied_version() {
    let first = genesis(&[pin("15550101", true)]);
    let applied = apply(&first, &State::EMPTY).expect("applied");

    let old = apply(&first, &applied.state).expect_err("known");
    assert_eq!((&old.fault, old.remedy()), (&Fault::Old { have: 1, got: 1 }, Remedy::Skip));

    let third = forged(&[], &applied.state.hash, 3);
    let gap = apply(&third, &applied.state).expect_err("a gap");
    assert_eq!((&gap.fault, gap.remedy()), (&Fault::Gap { have: 1, got: 3 }, Remedy::Resync));
    assert_eq!(fault(&third, &State::EMPTY), Fault::Gap { have: 0, got: 3 }, "a snapshot must come first");
}

#[test]
fn an_upload_has_no_version_to_be_applied_at() {
    let upload = build(&State::EMPTY, &[pin("15550101", true)], &Lookup::new()).bytes;
    assert_eq!(fault(&upload, &State::EMPTY), Fault::Malformed("a patch without version"));
    assert!(Patch::parse(&upload).expect("a patch").has_macs());
}

#[test]
fn a_patch_of_another_collection_is_refused() {
    let stored = genesis(&[pin("15550101", true)]);
    let patch = Patch::parse(&stored).expect("a patch");
    let error = patch.apply(Collection::Regular, &State::EMPTY, &ring(), &Lookup::new()).expect_err("refused");
    assert_eq!((&error.fault, error.remedy()), (&Fault::WrongMac(Mac::Patch), Remedy::Resync));
}

#[test]
fn a_patch_without_macs_is_refused() {
    let stored = genesis(&[pin("15550101", true)]);
    for (number, mac) in [(4, Mac::Snapshot), (5, Mac::Patch)] {
        let fields = Fields::new(&stored, "").map(|field| field.expect("a field"));
        let without: Vec<u8> =
            fields.filter(|field| field.number != number).flat_map(|field| field.raw.to_vec()).collect();
        assert_eq!(fault(&without, &State::EMPTY), Fault::WrongMac(mac));
        assert!(!Patch::parse(&without).expect("a patch").has_macs());
        let trusted = Patch::parse(&without).expect("a patch").trusted();
        let applied = trusted.apply(COLLECTION, &State::EMPTY, &ring(), &Lookup::new()).expect("applied");
        assert_eq!((applied.mutations.len(), applied.snapshot_check), (1, SnapshotCheck::NotCompared));
    }
}

#[test]
fn a_missing_key_is_named_and_asked_for() {
    let stored = genesis(&[pin("15550101", true)]);
    let patch = Patch::parse(&stored).expect("a patch");
    assert_eq!(patch.needed().keys, [KEY_ID]);
    let error = patch.apply(COLLECTION, &State::EMPTY, &KeyRing::new(), &Lookup::new()).expect_err("no key");
    assert_eq!(error.remedy(), Remedy::RequestKey(KEY_ID));
}

#[test]
fn records_may_be_under_an_older_key_than_their_patch() {
    let newer = KeyId::new(0, 2);
    let mut ring = ring();
    let old = build(&State::EMPTY, &[pin("15550101", true)], &Lookup::new());
    ring.insert(newer, &crate::KeyData::new([7; 32]));
    let live: Vec<Record<'_>> = old.records.into_iter().map(|(_, record)| record).collect();
    let (bytes, hash) = build_snapshot(COLLECTION, 4, &ring, &live).expect("a snapshot");
    let snapshot = Snapshot::parse(&bytes).expect("a snapshot");
    assert_eq!(snapshot.needed_keys(), [KEY_ID, newer]);
    let applied = snapshot.apply(COLLECTION, &State::EMPTY, &ring).expect("applied");
    assert_eq!(applied.state, State { version: 4, hash, mismatch: false });
}

#[test]
fn an_overwrite_takes_the_old_value_out_of_the_hash() {
    let mut lookup = Lookup::new();
    let mut state = State::EMPTY;
    for pinned in [true, false, true] {
        let applied = build(&state, &[pin("15550101", pinned)], &lookup).applied;
        applied.update(&mut lookup);
        state = applied.state;
    }
    let values: Vec<ValueMac> = lookup.values().copied().collect();
    assert_eq!((values.len(), state.hash), (1, LtHash::sum(&values)));
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    let record = sealed(&pin("15550101", true), Operation::Remove, 1);
    let applied = apply(&forged(&[record], &LtHash::EMPTY, 1), &State::EMPTY).expect("applied");
    assert_eq!((applied.unknown_removals, applied.state.hash), (1, LtHash::EMPTY));
    assert!(applied.puts.is_empty() && applied.deletes.is_empty());
    assert_eq!(applied.mutations.len(), 1);
}

#[test]
fn the_same_operation_on_one_index_twice_is_refused() {
    let change = pin("15550101", true);
    for operation in [Operation::Set, Operation::Remove] {
        let records = [sealed(&change, operation, 1), sealed(&change, operation, 2)];
        let found = fault(&forged(&records, &LtHash::EMPTY, 1), &State::EMPTY);
        assert_eq!(found, Fault::DuplicateIndex(records[0].1.index_mac()));
    }
}

#[test]
fn what_is_set_stays_when_the_same_patch_removes_the_stored_value() {
    let change = pin("15550101", true);
    let stored = sealed(&change, Operation::Set, 1).1;
    let mut state = State { version: 1, ..State::EMPTY };
    state.hash.update(&[], &[stored.value_mac()]);
    let lookup = Lookup::from([(stored.index_mac(), stored.value_mac())]);
    let (set, removal) = (sealed(&change, Operation::Set, 2), sealed(&change, Operation::Remove, 3));
    let hash = LtHash::sum(&[set.1.value_mac()]);
    for records in [[set.clone(), removal.clone()], [removal, set.clone()]] {
        let bytes = forged(&records, &hash, 2);
        let patch = Patch::parse(&bytes).expect("a patch");
        let applied = patch.apply(COLLECTION, &state, &ring(), &lookup).expect("applied");
        assert_eq!(applied.snapshot_check, SnapshotCheck::Matches);
        assert_eq!((applied.puts, applied.deletes), (vec![(stored.index_mac(), set.1.value_mac())], vec![]));
    }
}

#[test]
fn external_mutations_must_be_fetched_and_count_as_inline_ones() {
    let stored = genesis(&[pin("15550101", true), pin("15550102", true)]);
    let (rest, blob) = take_mutations(&stored).expect("a patch");
    let reference = ExternalBlobReference { direct_path: Some("/v/1".into()), ..Default::default() };
    let bytes = with_reference(rest, &reference);
    let patch = Patch::parse(&bytes).expect("a patch");
    assert_eq!(patch.external(), Some(&reference));
    let error = patch.apply(COLLECTION, &State::EMPTY, &ring(), &Lookup::new()).expect_err("not fetched");
    assert_eq!(error.remedy(), Remedy::FetchExternal);

    let patch = patch.with_external(&blob).expect("mutations");
    assert_eq!(patch.needed().index_macs.len(), 2);
    let applied = patch.apply(COLLECTION, &State::EMPTY, &ring(), &Lookup::new()).expect("applied");
    assert_eq!(applied.mutations, apply(&stored, &State::EMPTY).expect("applied").mutations);
}

#[test]
fn another_map_is_remembered_until_a_snapshot_repairs_it() {
    let (first, second) =
        (sealed(&pin("15550101", true), Operation::Set, 1), sealed(&pin("15550102", true), Operation::Set, 2));
    let wrong = forged(&[first], &LtHash::EMPTY, 1);
    let mut replica = Replica::new(COLLECTION);
    let applied = replica.apply_patch(&Patch::parse(&wrong).expect("a patch"), &ring()).expect("applied");
    assert_eq!(applied.snapshot_check, SnapshotCheck::Mismatch);
    assert!(replica.state().mismatch);

    let wrong = forged(&[second], &LtHash::EMPTY, 2);
    let applied = replica.apply_patch(&Patch::parse(&wrong).expect("a patch"), &ring()).expect("applied");
    assert_eq!(applied.snapshot_check, SnapshotCheck::NotCompared);
    assert_eq!(replica.records().len(), 2);

    let (bytes, _) = build_snapshot(COLLECTION, 3, &ring(), replica.records()).expect("a snapshot");
    replica.apply_snapshot(&Snapshot::parse(&bytes).expect("a snapshot"), &ring()).expect("applied");
    assert!(!replica.state().mismatch);
}

#[test]
fn a_terminal_patch_ends_the_collection() {
    let mut stored = genesis(&[pin("15550101", true)]);
    stored.extend_from_slice(&[0x3a, 2, 8, 5]);
    let error = apply(&stored, &State::EMPTY).expect_err("terminal");
    assert_eq!((&error.fault, error.remedy()), (&Fault::Terminal(5), Remedy::Fatal));
    let length = stored.len();
    stored[length - 1] = 0;
    assert!(apply(&stored, &State::EMPTY).is_ok(), "code 0 is none");
}

#[test]
fn an_operation_that_is_neither_set_nor_remove_is_refused() {
    let (_, record) = sealed(&pin("15550101", true), Operation::Set, 1);
    let mut mutation = mutation_bytes(Operation::Set, &record);
    mutation[1] = 2;
    let mut patch = Vec::new();
    fields::put_bytes(&mut patch, 2, &mutation);
    assert_eq!(Patch::parse(&patch).expect_err("refused").fault, Fault::UnknownOperation(2));
    let mut external = Vec::new();
    fields::put_bytes(&mut external, 1, &mutation);
    let patch = Patch::parse(&[]).expect("an empty patch");
    assert_eq!(patch.with_external(&external).expect_err("refused").fault, Fault::UnknownOperation(2));
}

#[test]
fn a_snapshot_that_is_wrong_is_repaired_by_nothing() {
    let built = build(&State::EMPTY, &[pin("15550101", true), pin("15550102", true)], &Lookup::new());
    let live: Vec<Record<'_>> = built.records.into_iter().map(|(_, record)| record).collect();
    let (bytes, _) = build_snapshot(COLLECTION, 2, &ring(), &live).expect("a snapshot");
    let snapshot = Snapshot::parse(&bytes).expect("a snapshot");

    let error = snapshot.apply(Collection::Regular, &State::EMPTY, &ring()).expect_err("another collection");
    assert_eq!((&error.fault, error.remedy()), (&Fault::WrongMac(Mac::Snapshot), Remedy::Fatal));
    let trusted = snapshot.clone().trusted().apply(Collection::Regular, &State::EMPTY, &ring());
    assert_eq!(trusted.expect("applied").mutations.len(), 2, "the records are those of their MACs");
    let error = snapshot.apply(COLLECTION, &State { version: 2, ..State::EMPTY }, &ring()).expect_err("known");
    assert_eq!(error.remedy(), Remedy::Skip);
    let error = snapshot.apply(COLLECTION, &State::EMPTY, &KeyRing::new()).expect_err("no key");
    assert_eq!(error.remedy(), Remedy::RequestKey(KEY_ID));

    let twice = [live[0].clone(), live[0].clone()];
    let (bytes, _) = build_snapshot(COLLECTION, 2, &ring(), &twice).expect("a snapshot");
    let error = Snapshot::parse(&bytes).expect("a snapshot").apply(COLLECTION, &State::EMPTY, &ring());
    assert_eq!(error.expect_err("twice").fault, Fault::DuplicateIndex(live[0].index_mac()));
}

#[test]
fn thousands_of_records_keep_their_order_and_hide_no_bad_one() {
    let changes: Vec<LocalMutation> = (0..2_000).map(|user| pin(&format!("1555{user:04}"), true)).collect();
    let mut stored = genesis(&changes);
    let applied = apply(&stored, &State::EMPTY).expect("applied");
    assert!(applied.mutations.iter().map(|mutation| &mutation.data).eq(changes.iter().map(|change| &change.data)));

    let (_, last) = Patch::parse(&stored).expect("a patch").mutations()[1_999].clone();
    let index_mac = last.index_mac().0;
    let at = stored.windows(32).position(|window| window == index_mac).expect("the record");
    stored[at] ^= 1;
    assert_eq!(fault(&stored, &State::EMPTY), Fault::WrongMac(Mac::Index), "no aggregate MAC covers an index");
}

#[test]
fn a_patch_that_receivers_would_refuse_is_not_built() {
    let attempt = |mutations: &[LocalMutation], ring: &KeyRing| {
        build_patch(COLLECTION, &State::EMPTY, ring, mutations, &Lookup::new()).expect_err("refused")
    };
    let change = pin("15550101", true);
    assert_eq!(attempt(&[], &ring()), BuildError::Empty);
    assert_eq!(attempt(&[change.clone(), change.clone()], &ring()), BuildError::DuplicateIndex);
    assert_eq!(attempt(&[change::push_name("A", 1)], &ring()), BuildError::WrongCollection);
    assert_eq!(attempt(std::slice::from_ref(&change), &KeyRing::new()), BuildError::NoActiveKey);
    let mut expired = ring();
    expired.expire(KEY_ID.epoch());
    assert_eq!(attempt(&[change], &expired), BuildError::NoActiveKey);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_flipped_bit_of_a_patch_is_found_or_means_nothing(at: prop::sample::Index, bit in 0u8..8) {
        let changes = [pin("15550101", true), pin("15550102", false)];
        let mut stored = genesis(&changes);
        let good = apply(&stored, &State::EMPTY).expect("applied");
        let at = at.index(stored.len());
        stored[at] ^= 1 << bit;
        // The tag of an operation that is SET may go: SET is what an absent one means.
        if let Ok(applied) = apply(&stored, &State::EMPTY) {
            prop_assert_eq!(applied.state, good.state);
            prop_assert_eq!(applied.mutations, good.mutations);
        }
    }

    #[test]
    fn any_flipped_bit_of_a_snapshot_is_found(at: prop::sample::Index, bit in 0u8..8) {
        let built = build(&State::EMPTY, &[pin("15550101", true), pin("15550102", false)], &Lookup::new());
        let live: Vec<Record<'_>> = built.records.into_iter().map(|(_, record)| record).collect();
        let (mut bytes, _) = build_snapshot(COLLECTION, 1, &ring(), &live).expect("a snapshot");
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let applied = Snapshot::parse(&bytes).and_then(|read| read.apply(COLLECTION, &State::EMPTY, &ring()));
        prop_assert!(applied.is_err());
    }

    #[test]
    fn arbitrary_bytes_are_no_patch_and_no_panic(bytes: Vec<u8>, blob: Vec<u8>) {
        let mut ring = ring();
        ring.insert(KeyId::new(0, 0), &key_data());
        if let Ok(patch) = Patch::parse(&bytes) {
            let _ = (patch.needed(), patch.apply(COLLECTION, &State::EMPTY, &ring, &Lookup::new()));
            let _ = patch.with_external(&blob).and_then(|patch| patch.apply(COLLECTION, &State::EMPTY, &ring, &Lookup::new()));
        }
        if let Ok(snapshot) = Snapshot::parse(&bytes) {
            let _ = (snapshot.needed_keys(), snapshot.apply(COLLECTION, &State::EMPTY, &ring));
        }
        let _ = (stored_patch(&bytes, u64::MAX), take_mutations(&bytes), State::from_bytes(&bytes));
    }
}
