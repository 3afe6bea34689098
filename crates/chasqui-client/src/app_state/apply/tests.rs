use chasqui_appstate::{
    KeyData, LocalMutation, Replica,
    build::{stored_patch, take_mutations, with_reference},
    change,
};
use chasqui_proto::{ExternalBlobReference, ProtoMessage};
use chasqui_store::{Batch, Holder, open_store};
use chasqui_wire::Jid;

use super::*;
use crate::app_state::blob::Given;

const COLLECTION: Collection = Collection::RegularLow;
const VERIFY: VerifySettings = VerifySettings { patches: true, snapshots: true };

/// A phone, what it has put into files, and a client's store.
struct World {
    phone: Replica,
    keys: Arc<KeyRing>,
    blobs: Given,
    store: Arc<dyn SessionStore>,
    state: State,
}

fn chat(number: u32) -> Jid {
    Jid::pn(format!("1555000{number:04}"))
}

fn pin(number: u32, pinned: bool) -> LocalMutation {
    change::pin(&chat(number), pinned, i64::from(number))
}

impl World {
    async fn new() -> Self {
        let mut keys = KeyRing::new();
        keys.insert(KeyId::new(0, 7), &KeyData::generate());
        let store = open_store("memory:").expect("a store").open("test", Holder::current()).await.expect("opens");
        let phone = Replica::new(COLLECTION);
        Self { phone, keys: Arc::new(keys), blobs: Given::default(), store, state: State::EMPTY }
    }

    /// The phone changes something; gives the patch as the server has it.
    fn patch(&mut self, mutations: &[LocalMutation]) -> Vec<u8> {
        let built = self.phone.build(&self.keys, mutations).expect("a patch");
        self.phone.accept(&built);
        stored_patch(&built.bytes, self.phone.state().version).expect("stored")
    }

    fn put(&mut self, bytes: Vec<u8>) -> ExternalBlobReference {
        let path = format!("/blob/{}", self.blobs.0.len());
        self.blobs.0.insert(path.clone(), bytes);
        ExternalBlobReference { direct_path: Some(path), ..Default::default() }
    }

    fn snapshot(&mut self) -> Vec<u8> {
        let bytes = self.phone.snapshot(&self.keys).expect("a snapshot");
        self.put(bytes).encode_to_vec()
    }

    async fn run(&self, answer: Answer, rebuild: bool) -> Outcome {
        run(Task {
            collection: COLLECTION,
            state: self.state.clone(),
            rebuild: rebuild.then(Box::default),
            keys: self.keys.clone(),
            store: self.store.clone(),
            blobs: Blobs::Given(self.blobs.clone()),
            answer,
            verify: VERIFY,
        })
        .await
    }

    /// Works an answer off, as the session does; gives what is told.
    async fn take(&mut self, answer: Answer, rebuild: bool) -> Vec<serde_json::Value> {
        let outcome = self.run(answer, rebuild).await;
        assert!(outcome.end.is_ok(), "{}", trouble(&outcome));
        let mut told = Vec::new();
        for step in outcome.steps {
            let mut batch = Batch::new();
            for (index, record) in step.puts {
                batch.put(Namespace::AppStateMac, record_key(COLLECTION, &index), record);
            }
            for index in step.deletes {
                batch.delete(Namespace::AppStateMac, record_key(COLLECTION, &index));
            }
            self.store.apply(batch).await.expect("stored");
            self.state = step.state;
            told.extend(step.told.iter().map(|told| serde_json::to_value(told).expect("JSON")));
        }
        told
    }
}

fn trouble(outcome: &Outcome) -> String {
    match &outcome.end {
        Ok(()) => "none".to_owned(),
        Err(Trouble::Sync(error)) => error.to_string(),
        Err(Trouble::Keys(keys)) => format!("{keys:?}"),
        Err(Trouble::Blob(error)) => error.to_string(),
        Err(Trouble::Store(error)) => error.to_string(),
    }
}

fn patches(patches: Vec<Vec<u8>>) -> Answer {
    Answer { patches, ..Answer::default() }
}

#[tokio::test]
async fn a_snapshot_of_thousands_is_one_step_and_the_patches_after_it_belong_to_it() {
    let mut world = World::new().await;
    let many: Vec<_> = (0..3000).map(|number| pin(number, true)).collect();
    world.patch(&many);
    let snapshot = world.snapshot();
    let later = world.patch(&[pin(7, false)]);
    let answer = Answer { snapshot: Some(snapshot), patches: vec![later], ..Answer::default() };
    let outcome = world.run(answer, true).await;
    assert_eq!(outcome.steps.len(), 1);
    let step = &outcome.steps[0];
    assert_eq!((step.told.len(), step.puts.len(), step.source), (3000, 3000, ChangeSource::Snapshot));
    assert_eq!(&step.state, world.phone.state());
}

#[tokio::test]
async fn what_is_fetched_anew_is_told_as_far_as_it_is_different() {
    let mut world = World::new().await;
    let first = world.patch(&[pin(1, true), pin(2, true), pin(3, true)]);
    assert_eq!(world.take(patches(vec![first]), false).await.len(), 3);
    world.patch(&[pin(2, false), LocalMutation { operation: Operation::Remove, ..pin(3, true) }, pin(4, true)]);
    let snapshot = world.snapshot();
    let told = world.take(Answer { snapshot: Some(snapshot), ..Answer::default() }, true).await;
    let of = |number: u32| told.iter().find(|told| told.to_string().contains(&chat(number).to_string()));
    assert_eq!((told.len(), of(1)), (3, None));
    assert_eq!(of(2).expect("changed")["pinned"], false);
    assert_eq!(of(3).expect("gone")["removed"], true);
    assert_eq!(of(4).expect("new")["pinned"], true);
    assert_eq!(&world.state, world.phone.state());
    // The store has the same map: the next patch fits.
    let next = world.patch(&[pin(2, true), pin(4, false)]);
    assert_eq!(world.take(patches(vec![next]), false).await.len(), 2);
    assert!(!world.state.mismatch);
}

#[tokio::test]
async fn mutations_in_a_file_are_fetched_and_without_it_nothing_moves() {
    let mut world = World::new().await;
    let first = world.patch(&[pin(1, true)]);
    let second = world.patch(&[pin(2, true)]);
    let (rest, mutations) = take_mutations(&second).expect("a patch");
    let reference = world.put(mutations);
    let second = with_reference(rest, &reference);
    let third = world.patch(&[pin(1, false)]);
    let all = vec![first, second, third];
    let file = world.blobs.0.remove("/blob/0").expect("there");
    let outcome = world.run(patches(all.clone()), false).await;
    assert!(matches!(outcome.end, Err(Trouble::Blob(_))));
    assert_eq!(outcome.steps.iter().map(|step| step.state.version).collect::<Vec<_>>(), [1], "what came before counts");
    world.blobs.0.insert("/blob/0".to_owned(), file);
    assert_eq!(world.take(patches(all), false).await.len(), 3);
    assert_eq!(&world.state, world.phone.state());
}

#[tokio::test]
async fn a_snapshot_that_is_older_than_what_is_known_changes_nothing() {
    let mut world = World::new().await;
    let first = world.patch(&[pin(1, true)]);
    let old = world.snapshot();
    let second = world.patch(&[pin(1, false)]);
    world.take(patches(vec![first, second]), false).await;
    let answer = || Answer { snapshot: Some(old.clone()), ..Answer::default() };
    assert!(world.take(answer(), false).await.is_empty());
    let outcome = world.run(answer(), true).await;
    assert_eq!(outcome.steps.len(), 0);
    assert!(matches!(&outcome.end, Err(Trouble::Sync(error)) if is_old(error)), "{}", trouble(&outcome));
}

#[tokio::test]
async fn what_is_altered_is_taken_up_to_there_and_all_missing_keys_are_named() {
    let mut world = World::new().await;
    let first = world.patch(&[pin(1, true)]);
    let mut second = world.patch(&[pin(2, true)]);
    let at = second.len() / 2;
    second[at] ^= 1;
    let outcome = world.run(patches(vec![first.clone(), second]), false).await;
    assert!(matches!(outcome.end, Err(Trouble::Sync(_))), "{}", trouble(&outcome));
    assert_eq!(outcome.steps.len(), 1);
    let mut snapshot = world.phone.snapshot(&world.keys).expect("a snapshot");
    let last = snapshot.len() - 20;
    snapshot[last] ^= 1;
    let reference = world.put(snapshot).encode_to_vec();
    let outcome = world.run(Answer { snapshot: Some(reference), ..Answer::default() }, true).await;
    assert!(matches!(outcome.end, Err(Trouble::Sync(_))), "{}", trouble(&outcome));
    world.keys = Arc::new(KeyRing::new());
    let outcome = world.run(patches(vec![first]), false).await;
    assert!(matches!(&outcome.end, Err(Trouble::Keys(keys)) if keys[..] == [KeyId::new(0, 7)]));
}

#[tokio::test]
async fn pages_of_a_new_state_are_one_step_at_the_end() {
    let mut world = World::new().await;
    let [first, second] = [true, false].map(|pinned| world.patch(&[pin(1, pinned)]));
    let outcome = world.run(Answer { more: true, ..patches(vec![first]) }, true).await;
    assert!(outcome.steps.is_empty() && outcome.more);
    let rebuild = outcome.rebuild.expect("to go on with");
    assert_eq!(rebuild.version(), 1);
    let task = Task {
        collection: COLLECTION,
        state: State::EMPTY,
        rebuild: Some(rebuild),
        keys: world.keys.clone(),
        store: world.store.clone(),
        blobs: Blobs::Given(world.blobs.clone()),
        answer: patches(vec![second]),
        verify: VERIFY,
    };
    let outcome = run(task).await;
    assert_eq!((outcome.steps.len(), outcome.steps[0].told.len(), outcome.steps[0].state.version), (1, 1, 2));
}
