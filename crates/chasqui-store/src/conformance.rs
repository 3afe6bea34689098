//! What every backend must do, as tests that take an empty store.
//!
//! A backend of another crate enables the feature `conformance` and writes, in a test module:
//!
//! ```text
//! chasqui_store::conformance_tests!({
//!     let folder = tempfile::tempdir().unwrap();
//!     (my_store(folder.path()), folder) // an empty store, and what must outlive it
//! });
//! ```
//!
//! The tests panic where the backend is wrong, as tests do.
#![allow(clippy::unwrap_used, missing_docs)]

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::{Batch, Holder, Key, Namespace, SessionStore, Store, StoreError};

/// Makes one `#[tokio::test]` of each test of the suite. The block gives an empty `Arc<dyn Store>` and a guard.
#[macro_export]
macro_rules! conformance_tests {
    ($make:expr) => {
        $crate::conformance_tests! { $make;
            a_batch_is_applied_in_the_order_of_its_operations
            batches_are_applied_in_the_order_of_submission_though_nobody_awaits_them
            a_read_sees_what_was_submitted_before_it
            get_many_answers_in_the_order_of_the_keys
            keys_and_values_are_any_bytes_and_may_be_empty
            a_scan_gives_pages_in_key_order
            a_namespace_is_deleted_without_its_neighbours
            a_wipe_empties_one_session_and_keeps_its_lease
            sessions_with_records_are_listed
            a_session_that_is_held_can_be_glanced_at
            a_session_is_held_by_one_handle
            a_holder_is_asked_for_its_session_and_who_asked_gets_it_as_it_was_left
            a_holder_that_does_not_let_go_keeps_its_session
            a_wish_for_a_session_falls_with_its_opener
            of_two_who_wish_for_a_session_one_gets_it_and_the_other_is_told
            a_free_session_is_taken_over_at_once
            a_dropped_handle_releases_the_session
            a_closed_handle_is_refused
            closing_waits_for_what_was_submitted
            what_was_committed_is_there_after_reopening
            a_batch_of_ten_thousand_operations_is_one_batch
            an_oversized_batch_poisons_the_handle_until_resync
            a_session_name_must_be_usable
            a_writer_that_awaits_room_gets_everything_through
        }
    };
    ($make:expr; $($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let (store, _guard) = $make;
                $crate::conformance::$name(store).await;
            }
        )*
    };
}

async fn open(store: &Arc<dyn Store>, name: &str) -> Arc<dyn SessionStore> {
    store.open(name, Holder::current()).await.unwrap()
}

fn put(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Batch {
    let mut batch = Batch::new();
    batch.put(Namespace::Meta, key, value.as_ref());
    batch
}

async fn get(session: &Arc<dyn SessionStore>, key: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    session.get_many(&[Key::new(Namespace::Meta, key)]).await.unwrap().remove(0)
}

pub async fn a_batch_is_applied_in_the_order_of_its_operations(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    session.apply(put("kept", "old")).await.unwrap();
    let mut batch = Batch::new();
    batch.put(Namespace::Meta, "twice", "first").put(Namespace::Meta, "twice", "second");
    batch.put(Namespace::Meta, "gone", "x").delete(Namespace::Meta, "gone").delete(Namespace::Meta, "never there");
    batch.delete(Namespace::Meta, "kept").put(Namespace::Meta, "kept", "new");
    batch.put(Namespace::Dedup, "swept", "x").delete_namespace(Namespace::Dedup).put(Namespace::Dedup, "after", "y");
    session.apply(batch).await.unwrap();
    assert_eq!(get(&session, "twice").await.unwrap(), b"second");
    assert_eq!(get(&session, "gone").await, None);
    assert_eq!(get(&session, "kept").await.unwrap(), b"new");
    let dedup = session.scan(Namespace::Dedup, None, 10).await.unwrap();
    assert_eq!(dedup, [(b"after".to_vec(), b"y".to_vec())]);
}

pub async fn batches_are_applied_in_the_order_of_submission_though_nobody_awaits_them(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    for n in 0..500_u32 {
        let mut batch = put("last", n.to_be_bytes());
        batch.put(Namespace::Outbox, n.to_be_bytes(), []);
        drop(session.apply(batch));
    }
    session.apply(Batch::new()).await.unwrap();
    assert_eq!(get(&session, "last").await.unwrap(), 499_u32.to_be_bytes());
    assert_eq!(session.scan(Namespace::Outbox, None, 1000).await.unwrap().len(), 500);
}

pub async fn a_session_that_is_held_can_be_glanced_at(store: Arc<dyn Store>) {
    let keys = [Key::new(Namespace::Meta, "k"), Key::new(Namespace::Meta, "none")];
    let session = open(&store, "a").await;
    session.apply(put("k", "v")).await.unwrap();
    // A store that cannot tell says so.
    let Some(values) = store.glance("a", &keys).await.unwrap() else { return };
    assert_eq!(values, [Some(b"v".to_vec()), None]);
    assert_eq!(store.glance("b", &keys).await.unwrap().unwrap(), [None, None]);
    session.close().await.unwrap();
    assert_eq!(store.glance("a", &keys).await.unwrap().unwrap()[0].as_deref(), Some(&b"v"[..]));
}

pub async fn a_read_sees_what_was_submitted_before_it(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    for n in 0..50_u8 {
        drop(session.apply(put("k", [n])));
        assert_eq!(get(&session, "k").await.unwrap(), [n]);
        drop(session.apply(put([n], [n])));
        assert_eq!(session.scan(Namespace::Meta, None, 1000).await.unwrap().len(), usize::from(n) + 2);
    }
    let mut batch = Batch::new();
    batch.delete_namespace(Namespace::Meta);
    drop(session.apply(batch));
    assert_eq!(get(&session, "k").await, None);
    drop(session.apply(put("k", "again")));
    let wiped = session.wipe();
    assert_eq!(get(&session, "k").await, None);
    wiped.await.unwrap();
}

pub async fn get_many_answers_in_the_order_of_the_keys(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    let mut batch = put("b", "2");
    batch.put(Namespace::Meta, "a", "1").put(Namespace::Dedup, "a", "3");
    session.apply(batch).await.unwrap();
    let keys = [("b", Namespace::Meta), ("c", Namespace::Meta), ("a", Namespace::Dedup), ("a", Namespace::Meta)];
    let keys: Vec<_> = keys.iter().map(|(key, namespace)| Key::new(*namespace, key)).collect();
    let values = session.get_many(&keys).await.unwrap();
    assert_eq!(values, [Some(b"2".to_vec()), None, Some(b"3".to_vec()), Some(b"1".to_vec())]);
    assert!(session.get_many(&[]).await.unwrap().is_empty());
}

pub async fn keys_and_values_are_any_bytes_and_may_be_empty(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    let all: Vec<u8> = (0..=255).collect();
    let long = vec![0xA5; 1 << 20];
    let mut batch = put([], all.clone());
    batch.put(Namespace::Meta, &all, long.clone()).put(Namespace::Meta, [0], []).put(Namespace::Meta, [0, 0], "'\";--");
    batch.put(Namespace::Meta, [0xFF, 0xFE], [0]);
    session.apply(batch).await.unwrap();
    assert_eq!(get(&session, []).await.unwrap(), all);
    assert_eq!(get(&session, &all).await.unwrap(), long);
    assert_eq!(get(&session, [0]).await.unwrap(), b"");
    assert_eq!(get(&session, [0, 0]).await.unwrap(), b"'\";--");
    assert_eq!(get(&session, [0xFF, 0xFE]).await.unwrap(), [0]);
}

pub async fn a_scan_gives_pages_in_key_order(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    // Lexicographic, which is neither by length nor by number.
    let mut keys: Vec<Vec<u8>> = (0..25_u8).map(|n| [n * 10].repeat(usize::from(n % 3) + 1)).collect();
    keys.push(Vec::new());
    let mut batch = Batch::new();
    for key in keys.iter().rev() {
        batch.put(Namespace::Inbox, key, key.as_slice());
    }
    batch.put(Namespace::SentMessage, "before", "x").put(Namespace::Dedup, "after", "x");
    session.apply(batch).await.unwrap();
    open(&store, "b").await.apply(put("of another session", "x")).await.unwrap();
    keys.sort();
    let mut seen: Vec<Vec<u8>> = Vec::new();
    loop {
        let page = session.scan(Namespace::Inbox, seen.last().map(Vec::as_slice), 7).await.unwrap();
        assert!(page.iter().all(|(key, value)| key == value));
        let last = page.len() < 7;
        seen.extend(page.into_iter().map(|(key, _)| key));
        if last {
            break;
        }
    }
    assert_eq!(seen, keys);
    // `after` need not exist, and nothing is asked for sometimes.
    assert_eq!(session.scan(Namespace::Inbox, Some(&[239, 255]), 7).await.unwrap().len(), 1);
    assert!(session.scan(Namespace::Inbox, Some(&[255]), 7).await.unwrap().is_empty());
    assert!(session.scan(Namespace::Inbox, None, 0).await.unwrap().is_empty());
}

pub async fn a_namespace_is_deleted_without_its_neighbours(store: Arc<dyn Store>) {
    let (session, other) = (open(&store, "a").await, open(&store, "b").await);
    let mut batch = Batch::new();
    for &namespace in Namespace::ALL {
        batch.put(namespace, "k", "v");
    }
    drop(other.apply(batch.clone()));
    batch.delete_namespace(Namespace::SenderKey);
    session.apply(batch).await.unwrap();
    for &namespace in Namespace::ALL {
        let count = session.scan(namespace, None, 10).await.unwrap().len();
        assert_eq!(count, usize::from(namespace != Namespace::SenderKey), "{namespace:?}");
    }
    assert_eq!(other.scan(Namespace::SenderKey, None, 10).await.unwrap().len(), 1);
}

pub async fn a_wipe_empties_one_session_and_keeps_its_lease(store: Arc<dyn Store>) {
    let (session, other) = (open(&store, "a").await, open(&store, "b").await);
    drop(session.apply(put("k", "v")));
    drop(other.apply(put("k", "v")));
    session.wipe().await.unwrap();
    assert_eq!(get(&session, "k").await, None);
    assert_eq!(get(&other, "k").await.unwrap(), b"v");
    assert!(matches!(store.open("a", Holder::current()).await, Err(StoreError::Held { .. })));
    session.apply(put("k", "new")).await.unwrap();
    assert_eq!(get(&session, "k").await.unwrap(), b"new");
}

pub async fn sessions_with_records_are_listed(store: Arc<dyn Store>) {
    assert!(store.sessions().await.unwrap().is_empty());
    let sessions = [open(&store, "b").await, open(&store, "a").await, open(&store, "empty").await];
    sessions[0].apply(put("k", "v")).await.unwrap();
    sessions[1].apply(put("k", "v")).await.unwrap();
    assert_eq!(store.sessions().await.unwrap(), ["a", "b"]);
    sessions[0].wipe().await.unwrap();
    sessions[0].close().await.unwrap();
    assert_eq!(store.sessions().await.unwrap(), ["a"]);
}

pub async fn a_session_is_held_by_one_handle(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    for holder in [Holder::current(), Holder::fresh()] {
        let error = store.open("a", holder).await.map(drop).unwrap_err();
        let us = Holder::current();
        let expected = StoreError::Held { session: "a".to_owned(), host: us.host().to_owned(), pid: us.pid() };
        assert_eq!(error, expected);
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    }
    session.close().await.unwrap();
    open(&store, "a").await;
}

/// Both to their ends, side by side.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(|cx| {
        if first.is_none() {
            first = ready(a.as_mut().poll(cx));
        }
        if second.is_none() {
            second = ready(b.as_mut().poll(cx));
        }
        match (first.take(), second.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            unfinished => {
                (first, second) = unfinished;
                Poll::Pending
            }
        }
    })
    .await
}

fn ready<T>(polled: Poll<T>) -> Option<T> {
    match polled {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Whether the holder knows of a wish for its session.
async fn is_wanted(session: &Arc<dyn SessionStore>) -> bool {
    // It learns of one with its next transaction.
    session.apply(put("look", "")).await.unwrap();
    let mut wanted = session.wanted();
    poll_fn(|cx| Poll::Ready(wanted.as_mut().poll(cx).is_ready())).await
}

fn is_held<T>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Held { .. }))
}

pub async fn a_holder_is_asked_for_its_session_and_who_asked_gets_it_as_it_was_left(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    assert!(!is_wanted(&session).await);
    let handing = async {
        session.wanted().await;
        // The wish takes nothing away.
        assert!(is_held(store.open("a", Holder::current()).await));
        session.apply(put("k", "last")).await.unwrap();
        session.close().await.unwrap();
        // Whoever comes between the two is too late.
        assert!(is_held(store.open("a", Holder::current()).await));
    };
    let (taken, ()) = both(store.take_over("a", Holder::fresh(), None), handing).await;
    let taken = taken.unwrap();
    assert_eq!(get(&taken, "k").await.unwrap(), b"last");
    assert!(!is_wanted(&taken).await);
    taken.close().await.unwrap();
    open(&store, "a").await;
}

pub async fn a_holder_that_does_not_let_go_keeps_its_session(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    let refused = store.take_over("a", Holder::fresh(), Some(Duration::ZERO)).await;
    let us = Holder::current();
    let expected = StoreError::Held { session: "a".to_owned(), host: us.host().to_owned(), pid: us.pid() };
    assert_eq!(refused.map(drop), Err(expected));
    session.apply(put("k", "still mine")).await.unwrap();
    session.close().await.unwrap();
    let next = open(&store, "a").await;
    assert!(!is_wanted(&next).await, "the wish was for the end of an earlier lease");
}

pub async fn a_wish_for_a_session_falls_with_its_opener(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    {
        let mut wish = store.take_over("a", Holder::fresh(), None);
        let mut wanted = session.wanted();
        poll_fn(|cx| {
            assert!(wish.as_mut().poll(cx).is_pending());
            wanted.as_mut().poll(cx)
        })
        .await;
    }
    session.close().await.unwrap();
    let next = open(&store, "a").await;
    assert!(!is_wanted(&next).await);
}

pub async fn of_two_who_wish_for_a_session_one_gets_it_and_the_other_is_told(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    let handing = async {
        session.wanted().await;
        assert!(is_held(store.take_over("a", Holder::fresh(), None).await));
        session.close().await.unwrap();
    };
    let (first, ()) = both(store.take_over("a", Holder::fresh(), None), handing).await;
    assert!(!is_wanted(&first.unwrap()).await);
}

pub async fn a_free_session_is_taken_over_at_once(store: Arc<dyn Store>) {
    let session = store.take_over("a", Holder::current(), Some(Duration::ZERO)).await.unwrap();
    session.apply(put("k", "v")).await.unwrap();
    assert!(is_held(store.open("a", Holder::current()).await));
    for name in ["", "a\nb"] {
        assert_eq!(store.take_over(name, Holder::current(), None).await.map(drop), Err(StoreError::BadName));
    }
}

pub async fn a_dropped_handle_releases_the_session(store: Arc<dyn Store>) {
    for n in 0..5_u8 {
        let session = open(&store, "a").await;
        assert_eq!(get(&session, "k").await, n.checked_sub(1).map(|n| vec![n]));
        drop(session.apply(put("k", [n])));
    }
}

pub async fn a_closed_handle_is_refused(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    session.close().await.unwrap();
    session.close().await.unwrap();
    let closed = Err(StoreError::Closed { session: "a".to_owned() });
    assert_eq!(session.apply(put("k", "v")).await, closed);
    assert_eq!(session.get_many(&[Key::new(Namespace::Meta, "k")]).await.map(drop), closed);
    assert_eq!(session.scan(Namespace::Meta, None, 1).await.map(drop), closed);
    assert_eq!(session.wipe().await, closed);
    assert_eq!(session.resync().await, closed);
    // Closing twice released once: the next handle is not disturbed by the first one's end.
    let next = open(&store, "a").await;
    session.close().await.unwrap();
    drop(session);
    next.apply(put("k", "v")).await.unwrap();
}

pub async fn closing_waits_for_what_was_submitted(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    let commits: Vec<_> = (0..100_u8).map(|n| session.apply(put("k", [n]))).collect();
    session.close().await.unwrap();
    let session = open(&store, "a").await;
    assert_eq!(get(&session, "k").await.unwrap(), [99]);
    for commit in commits {
        commit.await.unwrap();
    }
}

pub async fn what_was_committed_is_there_after_reopening(store: Arc<dyn Store>) {
    open(&store, "a").await.apply(put("k", "v")).await.unwrap();
    let session = open(&store, "a").await;
    assert_eq!(get(&session, "k").await.unwrap(), b"v");
}

pub async fn a_batch_of_ten_thousand_operations_is_one_batch(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    let mut batch = Batch::new();
    for n in 0..10_000_u32 {
        batch.put(Namespace::PreKey, n.to_be_bytes(), n.to_le_bytes());
    }
    drop(session.apply(batch));
    let mut batch = Batch::new();
    for n in (0..10_000_u32).step_by(2) {
        batch.delete(Namespace::PreKey, n.to_be_bytes());
    }
    let deleted = session.apply(batch);
    assert_eq!(session.get_many(&[Key::new(Namespace::PreKey, 4_u32.to_be_bytes())]).await.unwrap(), [None]);
    deleted.await.unwrap();
    let left = session.scan(Namespace::PreKey, None, usize::MAX).await.unwrap();
    assert_eq!(left.len(), 5000);
    let odd = |(index, (key, value)): (usize, &crate::Record)| {
        let n = index as u32 * 2 + 1;
        key[..] == n.to_be_bytes() && value[..] == n.to_le_bytes()
    };
    assert!(left.iter().enumerate().all(odd));
}

pub async fn an_oversized_batch_poisons_the_handle_until_resync(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    drop(session.apply(put("k", "good")));
    let bytes = crate::MAX_BATCH_BYTES + 1;
    assert_eq!(session.apply(put("k", vec![0; bytes - 1])).await, Err(StoreError::TooLarge { bytes }));
    assert!(matches!(session.apply(put("k", "ahead")).await, Err(StoreError::Poisoned { .. })));
    let read = session.get_many(&[Key::new(Namespace::Meta, "k")]).await;
    assert!(matches!(read, Err(StoreError::Poisoned { .. })), "{read:?}");
    session.resync().await.unwrap();
    assert_eq!(get(&session, "k").await.unwrap(), b"good");
    session.apply(put("k", "on again")).await.unwrap();
}

pub async fn a_session_name_must_be_usable(store: Arc<dyn Store>) {
    for name in ["", "a\nb", &"x".repeat(257)] {
        assert_eq!(store.open(name, Holder::current()).await.map(drop), Err(StoreError::BadName));
    }
    for name in ["+57 300 555 0100", "ñandú/../x", &"x".repeat(256)] {
        open(&store, name).await;
    }
}

pub async fn a_writer_that_awaits_room_gets_everything_through(store: Arc<dyn Store>) {
    let session = open(&store, "a").await;
    for n in 0..200_u32 {
        session.ready().await;
        drop(session.apply(put(n.to_be_bytes(), vec![n as u8; 200_000])));
    }
    session.apply(Batch::new()).await.unwrap();
    assert_eq!(get(&session, 199_u32.to_be_bytes()).await.unwrap().len(), 200_000);
}
