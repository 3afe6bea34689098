//! What syncing costs: `cargo run --release -p chasqui-appstate --example speed [FOLDER]`.
//!
//! Milliseconds, best and median of several rounds, every MAC checked and every action decoded; the medians of some as JSON
//! in the last line. Into the folder goes what another implementation needs for the same work.
#![allow(clippy::print_stdout)]

use std::{fs, hint::black_box, path::Path, time::Instant};

use chasqui_appstate::{
    Collection, KeyData, KeyId, KeyRing, LocalMutation, Mutation, Patch, Replica, Snapshot, build, change,
    state::Lookup,
};
use chasqui_wire::Jid;

const RECORDS: usize = 5_000;
const ROUNDS: usize = 41;
const NOW: i64 = 1_700_000_000_000;

fn archive(at: usize, archived: bool) -> LocalMutation {
    let range = chasqui_proto::sync_action_value::SyncActionMessageRange {
        last_message_timestamp: Some(NOW / 1000),
        ..Default::default()
    };
    change::archive(&Jid::pn(format!("1555{at:08}")), archived, Some(range), NOW)
}

fn decoded(mutations: &[Mutation]) -> usize {
    mutations.iter().filter_map(Mutation::action).map(black_box).count()
}

/// Measures some rounds of what says how many records it went through. Gives the median.
fn measure(what: &str, records: usize, mut work: impl FnMut() -> usize) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(work(), records, "{what}");
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    let median = rounds[ROUNDS / 2];
    println!("{what:<52} best {:7.3} ms   median {median:7.3} ms", rounds[0]);
    median
}

fn main() {
    println!("load {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    let mut ring = KeyRing::new();
    let key = KeyData::generate();
    ring.insert(KeyId::new(0, 1), &key);
    let mut replica = Replica::new(Collection::RegularLow);
    let all: Vec<LocalMutation> = (0..RECORDS).map(|at| archive(at, true)).collect();
    let first = replica.build(&ring, &all).expect("a patch");
    let stored = build::stored_patch(&first.bytes, 1).expect("a patch");
    let empty = replica.clone();
    replica.accept(&first);
    let snapshot = replica.snapshot(&ring).expect("a snapshot");
    let mut lookup = Lookup::new();
    first.applied.update(&mut lookup);
    println!("{RECORDS} records, snapshot of {} bytes", snapshot.len());

    let snapshot_time = measure("snapshot of 5,000", RECORDS, || {
        let snapshot = Snapshot::parse(&snapshot).expect("a snapshot");
        let applied = snapshot.apply(Collection::RegularLow, empty.state(), &ring).expect("applied");
        decoded(&applied.mutations)
    });
    measure("patch of 5,000 onto nothing", RECORDS, || {
        let patch = Patch::parse(&stored).expect("a patch");
        black_box(patch.needed());
        let applied = patch.apply(Collection::RegularLow, empty.state(), &ring, &Lookup::new()).expect("applied");
        decoded(&applied.mutations)
    });
    let folder = std::env::args().nth(1);
    let write = |name: &str, bytes: &[u8]| {
        if let Some(folder) = &folder {
            fs::write(Path::new(folder).join(name), bytes).expect("written");
        }
    };
    write("key", key.as_bytes());
    write("snapshot", &snapshot);
    let (mut patch_times, mut build_times) = (Vec::new(), Vec::new());
    for count in [1, 100, RECORDS] {
        let changed: Vec<LocalMutation> = (0..count).map(|at| archive(at, false)).collect();
        let next = replica.build(&ring, &changed).expect("a patch");
        let stored = build::stored_patch(&next.bytes, 2).expect("a patch");
        write(&format!("patch-{count}"), &stored);
        patch_times.push(measure(&format!("patch of {count} onto 5,000, all replaced"), count, || {
            let patch = Patch::parse(&stored).expect("a patch");
            black_box(patch.needed());
            let applied = patch.apply(Collection::RegularLow, replica.state(), &ring, &lookup).expect("applied");
            decoded(&applied.mutations)
        }));
        build_times.push(measure(&format!("building a patch of {count} onto 5,000"), count, || {
            let state = replica.state();
            let built = build::build_patch(Collection::RegularLow, state, &ring, &changed, &lookup).expect("a patch");
            black_box(built).records.len()
        }));
    }
    measure("building a snapshot of 5,000", RECORDS, || {
        black_box(replica.snapshot(&ring).expect("a snapshot"));
        replica.records().len()
    });
    println!(
        r#"{{"snapshot":{snapshot_time},"patch":{},"patchOfAll":{},"build":{}}}"#,
        patch_times[0], patch_times[2], build_times[0]
    );
}
