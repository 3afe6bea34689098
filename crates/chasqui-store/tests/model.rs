//! Random histories against a map: whatever is submitted, a store shows what a `BTreeMap` would.

use std::collections::BTreeMap;
use std::sync::Arc;

use chasqui_store::{Batch, Holder, Key, Namespace, Op, Record, SessionStore, Store, open_store};
use proptest::collection::vec;
use proptest::prelude::*;

const NAMESPACES: [Namespace; 3] = [Namespace::Meta, Namespace::Session, Namespace::Media];
const SESSIONS: [&str; 2] = ["a", "b"];

#[derive(Debug, Clone)]
enum Step {
    Apply { batch: Batch, awaited: bool },
    Get(Vec<Key>),
    Scan { namespace: Namespace, page: usize },
    Wipe,
    Reopen { closed: bool },
}

fn key() -> impl Strategy<Value = Key> {
    // Few and alike, so that histories meet: prefixes of each other, first and last bytes.
    let byte = prop_oneof![Just(0_u8), Just(1), Just(255)];
    (prop::sample::select(&NAMESPACES[..]), vec(byte, 0..3)).prop_map(|(namespace, bytes)| Key::new(namespace, bytes))
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (key(), vec(any::<u8>(), 0..20)).prop_map(|(key, value)| Op::Put(key, value)),
        3 => key().prop_map(Op::Delete),
        1 => prop::sample::select(&NAMESPACES[..]).prop_map(Op::DeleteNamespace),
        1 => Just(Op::DeleteAll),
    ]
}

fn batch() -> impl Strategy<Value = Batch> {
    vec(op(), 0..12).prop_map(|ops| {
        let mut batch = Batch::new();
        for op in ops {
            batch.push(op);
        }
        batch
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (batch(), any::<bool>()).prop_map(|(batch, awaited)| Step::Apply { batch, awaited }),
        4 => vec(key(), 0..6).prop_map(Step::Get),
        3 => (prop::sample::select(&NAMESPACES[..]), 1..4_usize)
            .prop_map(|(namespace, page)| Step::Scan { namespace, page }),
        1 => Just(Step::Wipe),
        1 => any::<bool>().prop_map(|closed| Step::Reopen { closed }),
    ]
}

type Model = BTreeMap<(Namespace, Vec<u8>), Vec<u8>>;

fn apply(model: &mut Model, batch: &Batch) {
    for op in batch.ops() {
        match op {
            Op::Put(key, value) => drop(model.insert((key.namespace, key.bytes.to_vec()), value.clone())),
            Op::Delete(key) => drop(model.remove(&(key.namespace, key.bytes.to_vec()))),
            Op::DeleteNamespace(namespace) => model.retain(|(of, _), _| of != namespace),
            Op::DeleteAll => model.clear(),
            Op::Archive(_) => unreachable!("none is made"),
        }
    }
}

async fn scan(session: &dyn SessionStore, namespace: Namespace, page: usize) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    loop {
        let after = records.last().map(|(key, _)| key.clone());
        let next = session.scan(namespace, after.as_deref(), page).await.unwrap();
        let last = next.len() < page;
        records.extend(next);
        if last {
            return records;
        }
    }
}

async fn open(store: &dyn Store, name: &str) -> Arc<dyn SessionStore> {
    store.open(name, Holder::current()).await.unwrap()
}

async fn compare(store: Arc<dyn Store>, steps: Vec<(usize, Step)>) {
    let mut models = [Model::new(), Model::new()];
    let mut handles = [open(&*store, SESSIONS[0]).await, open(&*store, SESSIONS[1]).await];
    for (which, step) in steps {
        let (model, session) = (&mut models[which], &handles[which]);
        match step {
            Step::Apply { batch, awaited } => {
                apply(model, &batch);
                let commit = session.apply(batch);
                if awaited {
                    commit.await.unwrap();
                }
            }
            Step::Get(keys) => {
                let expected: Vec<_> =
                    keys.iter().map(|key| model.get(&(key.namespace, key.bytes.to_vec())).cloned()).collect();
                assert_eq!(session.get_many(&keys).await.unwrap(), expected);
            }
            Step::Scan { namespace, page } => {
                let of_namespace = model.iter().filter(|((of, _), _)| *of == namespace);
                let expected: Vec<_> = of_namespace.map(|((_, key), value)| (key.clone(), value.clone())).collect();
                assert_eq!(scan(&**session, namespace, page).await, expected);
            }
            Step::Wipe => {
                model.clear();
                session.wipe().await.unwrap();
            }
            Step::Reopen { closed } => {
                if closed {
                    session.close().await.unwrap();
                }
                // Any other session, so that the array never holds two handles of one.
                handles[which] = open(&*store, "meanwhile").await;
                handles[which] = open(&*store, SESSIONS[which]).await;
            }
        }
    }
    let filled = SESSIONS.iter().zip(&models).filter(|(_, model)| !model.is_empty()).map(|(name, _)| *name);
    assert_eq!(store.sessions().await.unwrap(), filled.collect::<Vec<_>>());
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_is_a_map(steps in vec((0..2_usize, step()), 1..60)) {
        run(compare(open_store("memory:").unwrap(), steps));
    }

    #[test]
    fn sqlite_is_a_map(steps in vec((0..2_usize, step()), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("store.db").display());
        run(compare(open_store(&url).unwrap(), steps));
    }
}
