//! What sealing adds: keys, rotation, the way from plain to sealed, and tampering.

use std::path::Path;
use std::sync::Arc;

use super::{Keyring, seal};
use crate::{Batch, Holder, Key, Namespace, SessionStore, Store, StoreError, open_store};

mod in_memory {
    crate::conformance_tests!({ (super::with(&crate::open_store("memory:").unwrap(), &[7]), ()) });
}

mod in_sqlite {
    crate::conformance_tests!({
        let folder = tempfile::tempdir().unwrap();
        (super::with(&super::file(&folder.path().join("store.db")), &[7]), folder)
    });
}

/// The store, sealed with keys that are one byte repeated; the first is the present one.
fn with(store: &Arc<dyn Store>, keys: &[u8]) -> Arc<dyn Store> {
    let bytes: Vec<u8> = keys.iter().flat_map(|key| [*key; 32]).collect();
    seal(store.clone(), Keyring::from_bytes(&bytes).unwrap())
}

fn file(path: &Path) -> Arc<dyn Store> {
    open_store(&format!("sqlite:{}", path.display())).unwrap()
}

async fn open(store: &Arc<dyn Store>) -> Result<Arc<dyn SessionStore>, StoreError> {
    store.open("a", Holder::current()).await
}

const SECRET: &str = "a secret that must not be readable";

/// Records in several namespaces, more than one page of them in one.
fn records() -> Batch {
    let mut batch = Batch::new();
    batch.put(Namespace::Meta, "creds", SECRET).put(Namespace::Session, "", SECRET).put(Namespace::Seal, "x", SECRET);
    for n in 0..600_u32 {
        batch.put(Namespace::PreKey, n.to_be_bytes(), SECRET);
    }
    batch
}

async fn is_whole(store: &Arc<dyn Store>) {
    let session = open(store).await.unwrap();
    for (namespace, count) in
        [(Namespace::Meta, 1), (Namespace::Session, 1), (Namespace::PreKey, 600), (Namespace::Seal, 1)]
    {
        let found = session.scan(namespace, None, usize::MAX).await.unwrap();
        assert_eq!(found.len(), count, "{namespace:?}");
        assert!(found.iter().all(|(_, value)| value == SECRET.as_bytes()), "{namespace:?}");
    }
    session.close().await.unwrap();
}

/// Everything that a session has below the seal.
async fn below(store: &Arc<dyn Store>) -> Vec<(Key, Vec<u8>)> {
    let session = open(store).await.unwrap();
    let mut all = Vec::new();
    for &namespace in Namespace::ALL {
        let records = session.scan(namespace, None, usize::MAX).await.unwrap();
        all.extend(records.into_iter().map(|(key, value)| (Key::new(namespace, key), value)));
    }
    session.close().await.unwrap();
    all
}

async fn put_below(store: &Arc<dyn Store>, key: &Key, value: Vec<u8>) {
    let session = open(store).await.unwrap();
    let mut batch = Batch::new();
    batch.put(key.namespace, &key.bytes, value);
    session.apply(batch).await.unwrap();
    session.close().await.unwrap();
}

async fn filled(keys: &[u8]) -> Arc<dyn Store> {
    let store = open_store("memory:").unwrap();
    let session = open(&with(&store, keys)).await.unwrap();
    session.apply(records()).await.unwrap();
    session.close().await.unwrap();
    store
}

fn readable(values: &[(Key, Vec<u8>)]) -> usize {
    values.iter().filter(|(_, value)| value.windows(SECRET.len()).any(|part| part == SECRET.as_bytes())).count()
}

#[tokio::test]
async fn no_value_is_readable_below_the_seal_and_equal_values_look_different() {
    let values = below(&filled(&[1]).await).await;
    assert_eq!((values.len(), readable(&values)), (604, 0));
    let bodies: std::collections::BTreeSet<_> = values.iter().map(|(_, value)| &value[11..]).collect();
    assert_eq!(bodies.len(), 604);
}

#[tokio::test]
async fn a_wrong_key_is_refused_by_name_and_nothing_is_touched() {
    let store = filled(&[1]).await;
    let before = below(&store).await;
    for keys in [&[2][..], &[2, 3]] {
        let error = open(&with(&store, keys)).await.map(drop).unwrap_err();
        match &error {
            StoreError::WrongKey { session, sealed_with, given } => {
                assert_eq!((session.as_str(), given.len()), ("a", keys.len()));
                assert!(!given.contains(sealed_with));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(below(&store).await == before);
    is_whole(&with(&store, &[1])).await;
}

#[tokio::test]
async fn a_plain_session_is_sealed_when_it_is_opened_with_a_key() {
    let store = open_store("memory:").unwrap();
    let session = open(&store).await.unwrap();
    session.apply(records()).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(readable(&below(&store).await), 603);
    is_whole(&with(&store, &[1])).await;
    assert_eq!(readable(&below(&store).await), 0);
    is_whole(&with(&store, &[1])).await;
}

#[tokio::test]
async fn a_new_key_takes_over_from_an_earlier_one_which_then_opens_nothing() {
    let store = filled(&[1]).await;
    is_whole(&with(&store, &[2, 1])).await;
    assert!(matches!(open(&with(&store, &[1])).await.map(drop), Err(StoreError::WrongKey { .. })));
    is_whole(&with(&store, &[2])).await;
}

#[tokio::test]
async fn a_sealing_that_was_cut_off_goes_on_at_the_next_opening() {
    let plain = open_store("memory:").unwrap();
    let session = open(&plain).await.unwrap();
    session.apply(records()).await.unwrap();
    session.close().await.unwrap();
    drop(session);
    // As a crash leaves them: the mark and one record under the new key, the others as they were.
    for (store, keys, stage) in [(plain, &[1][..], 1), (filled(&[9]).await, &[1, 9], 2)] {
        let bytes: Vec<u8> = keys.iter().flat_map(|key| [*key; 32]).collect();
        let session = Keyring::from_bytes(&bytes).unwrap().for_session("a");
        for (key, value) in
            [(Key::new(Namespace::Seal, "chasqui"), vec![stage]), (Key::new(Namespace::Meta, "creds"), SECRET.into())]
        {
            put_below(&store, &key, session.seal(&key, value).unwrap()).await;
        }
        if stage == 2 {
            // Without the earlier key what is left cannot be read, and says so.
            assert!(matches!(open(&with(&store, &[1])).await.map(drop), Err(StoreError::WrongKey { .. })));
        }
        is_whole(&with(&store, keys)).await;
        is_whole(&with(&store, &[1])).await;
        assert_eq!(readable(&below(&store).await), 0);
    }
}

#[tokio::test]
async fn a_value_that_was_altered_moved_or_replaced_by_a_plain_one_is_refused() {
    let store = filled(&[1]).await;
    let sealed = with(&store, &[1]);
    let values = below(&store).await;
    let place = Key::new(Namespace::Meta, "creds");
    let original = values.iter().find(|(key, _)| *key == place).unwrap().1.clone();
    let elsewhere = values.iter().find(|(key, _)| key.namespace == Namespace::Session).unwrap().1.clone();
    let mut flipped = original.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let cut = original[..original.len() - 1].to_vec();
    for bad in [flipped, cut, elsewhere, SECRET.into(), Vec::new()] {
        put_below(&store, &place, bad).await;
        let session = open(&sealed).await.unwrap();
        let read = session.get_many(std::slice::from_ref(&place)).await;
        assert!(matches!(read, Err(StoreError::Altered { .. })), "{read:?}");
        let scanned = session.scan(Namespace::Meta, None, 9).await;
        assert!(matches!(scanned, Err(StoreError::Altered { .. })), "{scanned:?}");
        session.close().await.unwrap();
    }
    put_below(&store, &place, original).await;
    is_whole(&sealed).await;
}

#[tokio::test]
async fn another_session_cannot_be_given_these_values() {
    let store = filled(&[1]).await;
    let values = below(&store).await;
    let other = store.open("b", Holder::current()).await.unwrap();
    let mut batch = Batch::new();
    for (key, value) in values {
        batch.put(key.namespace, key.bytes, value);
    }
    other.apply(batch).await.unwrap();
    other.close().await.unwrap();
    let opened = with(&store, &[1]).open("b", Holder::current()).await.map(drop);
    assert!(matches!(opened, Err(StoreError::Altered { .. })), "{opened:?}");
}

#[tokio::test]
async fn a_refused_session_is_free_for_the_next_opener() {
    let store = filled(&[1]).await;
    assert!(open(&with(&store, &[2])).await.is_err());
    is_whole(&with(&store, &[1])).await;
}

#[tokio::test]
async fn a_file_that_was_plain_keeps_nothing_readable_once_it_is_sealed_and_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let bytes = || std::fs::read(&path).unwrap();
    let holds_secret = || bytes().windows(SECRET.len()).any(|part| part == SECRET.as_bytes());
    let plain = file(&path);
    let session = open(&plain).await.unwrap();
    session.apply(records()).await.unwrap();
    session.close().await.unwrap();
    drop(session);
    // A new opener waits until the last one has folded its log back.
    plain.sessions().await.unwrap();
    assert!(holds_secret());
    is_whole(&with(&plain, &[1])).await;
    plain.sessions().await.unwrap();
    assert!(!holds_secret());
}

#[test]
fn a_keyring_takes_whole_keys_only_and_does_not_show_them() {
    for length in [0, 1, 31, 33, 63, 32 * 17] {
        assert!(Keyring::from_bytes(&vec![1; length]).is_none(), "{length}");
    }
    let ring = Keyring::from_bytes(&[0xAB; 64]).unwrap();
    assert_eq!(format!("{ring:?}"), "Keyring(2 keys)");
}
