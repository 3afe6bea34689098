//! What is particular to files: damage, strangers, failed commits, fencing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::{Options, SqliteStore};
use crate::{Batch, Holder, Key, Namespace, SessionStore, Store, StoreError, open_store};

crate::conformance_tests!({
    let folder = tempfile::tempdir().unwrap();
    (url_store(&folder.path().join("store.db"), ""), folder)
});

fn url_store(path: &Path, query: &str) -> Arc<dyn Store> {
    open_store(&format!("sqlite:{}{query}", path.display())).unwrap()
}

async fn open(store: &Arc<dyn Store>) -> Result<Arc<dyn SessionStore>, StoreError> {
    store.open("a", Holder::current()).await
}

fn put(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Batch {
    let mut batch = Batch::new();
    batch.put(Namespace::Meta, key, value.as_ref());
    batch
}

async fn get(session: &Arc<dyn SessionStore>, key: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    session.get_many(&[Key::new(Namespace::Meta, key)]).await.unwrap().remove(0)
}

/// A folder with a store in which session "a" has 200 records, closed in good order.
async fn filled() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let session = open(&url_store(&path, "")).await.unwrap();
    for n in 0..200_u8 {
        drop(session.apply(put([n], [n; 500])));
    }
    session.close().await.unwrap();
    drop(session);
    closed(&path);
    (folder, path)
}

/// Waits until this process has let go of the file: its next opener would.
fn closed(path: &Path) {
    if let Some(registered) = crate::lock(&super::FILES).remove(&path.canonicalize().unwrap()) {
        assert!(registered.backend.upgrade().is_none(), "a handle is still open");
        registered.writer.join().unwrap();
    }
}

/// Everything in a folder, byte for byte.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

async fn is_refused_and_untouched(path: &Path) -> String {
    let before = contents(path.parent().unwrap());
    let error = open(&url_store(path, "")).await.map(drop).unwrap_err();
    closed(path);
    assert!(contents(path.parent().unwrap()) == before, "something changed beside {}", path.display());
    match &error {
        StoreError::Corrupt { path: named, .. } => assert_eq!(*named, path.canonicalize().unwrap()),
        other => panic!("{other:?}"),
    }
    error.to_string()
}

#[tokio::test]
async fn a_closed_store_is_one_file() {
    let (folder, path) = filled().await;
    assert_eq!(contents(folder.path()).into_iter().map(|(path, _)| path).collect::<Vec<_>>(), [path]);
}

#[tokio::test]
async fn files_that_are_no_database_are_refused_and_untouched() {
    for bytes in [&b"x"[..], &[0; 5000], b"SQLite format 3\0", &b"{\"creds\":true}".repeat(100)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, bytes).unwrap();
        is_refused_and_untouched(&path).await;
    }
}

#[tokio::test]
async fn databases_of_other_programs_are_refused_and_untouched() {
    for sql in [
        "CREATE TABLE kv (a)",
        "PRAGMA application_id = 7",
        "PRAGMA application_id = -7; CREATE TABLE kv (a)",
        "PRAGMA user_version = 3",
        "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        is_refused_and_untouched(&path).await;
    }
}

#[tokio::test]
async fn a_database_of_another_program_in_use_is_refused_and_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
    is_refused_and_untouched(&path).await;
    let rows: i64 = foreign.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn an_empty_file_and_an_empty_database_become_stores() {
    for sql in ["", "CREATE TABLE t (a); DROP TABLE t; VACUUM"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        std::fs::write(&path, "").unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        open(&url_store(&path, "")).await.unwrap().apply(put("k", "v")).await.unwrap();
    }
}

#[tokio::test]
async fn a_damaged_store_is_refused_and_untouched() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [Damage; 5] = [
        |bytes| bytes.truncate(bytes.len() - 4096),
        |bytes| bytes.truncate(bytes.len() / 2 + 100),
        |bytes| bytes.truncate(60),
        |bytes| bytes[..16].fill(0),
        |bytes| bytes[4096 * 6..4096 * 8].fill(0xEE),
    ];
    for damage in damages {
        let (_folder, path) = filled().await;
        let mut bytes = std::fs::read(&path).unwrap();
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        is_refused_and_untouched(&path).await;
    }
}

#[tokio::test]
async fn an_emptied_store_whose_log_remains_is_refused_and_untouched() {
    let (_folder, path) = filled().await;
    let mut log = path.clone().into_os_string();
    log.push("-wal");
    std::fs::write(&log, [7; 100]).unwrap();
    std::fs::write(&path, "").unwrap();
    let message = is_refused_and_untouched(&path).await;
    assert!(message.contains("log"), "{message}");
}

#[tokio::test]
async fn a_newer_store_is_refused_and_untouched() {
    let (folder, path) = filled().await;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
    let before = contents(folder.path());
    let error = open(&url_store(&path, "")).await.map(drop).unwrap_err();
    closed(&path);
    assert!(matches!(error, StoreError::NewerSchema { found: 9, supported: 2, .. }), "{error:?}");
    assert!(contents(folder.path()) == before);
}

#[tokio::test]
async fn a_refused_store_can_be_put_right_and_opened_through_the_same_handle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, "not a database").unwrap();
    let store = url_store(&path, "");
    assert!(matches!(open(&store).await, Err(StoreError::Corrupt { .. })));
    std::fs::remove_file(&path).unwrap();
    open(&store).await.unwrap().apply(put("k", "v")).await.unwrap();
}

#[test]
fn migrations_run_from_every_earlier_version_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let steps = ["CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)"];
    for earlier in 0..=steps.len() {
        let place = super::Place { path: folder.path().join(earlier.to_string()), options: Options::default() };
        let mut connection = Connection::open(&place.path).unwrap();
        for known in [earlier, steps.len(), steps.len()] {
            super::schema::migrate(&place, &mut connection, &steps[..known]).unwrap().unwrap();
        }
        let sum: i64 = connection.query_row("SELECT sum(x) FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(sum, 3);
        let older = super::schema::migrate(&place, &mut connection, &steps[..2]).unwrap();
        assert!(matches!(older, Err(StoreError::NewerSchema { found: 3, .. })), "{older:?}");
    }
}

#[test]
fn a_failing_migration_leaves_the_version_that_was() {
    let folder = tempfile::tempdir().unwrap();
    let place = super::Place { path: folder.path().join("store.db"), options: Options::default() };
    let mut connection = Connection::open(&place.path).unwrap();
    super::schema::migrate(&place, &mut connection, &["CREATE TABLE a (x)"]).unwrap().unwrap();
    let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x)", "nonsense"];
    assert!(super::schema::migrate(&place, &mut connection, &steps).is_err());
    super::schema::migrate(&place, &mut connection, &steps[..2]).unwrap().unwrap();
}

#[tokio::test]
async fn a_missing_folder_and_bad_urls_have_clear_errors() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/absent/store.db", folder.path().display());
    let error = open_store(&url).map(drop).unwrap_err();
    assert!(matches!(&error, StoreError::Failed { cause } if cause.contains("absent")), "{error:?}");
    assert!(matches!(open_store("sqlite:").map(drop), Err(StoreError::BadUrl { .. })));
    assert!(matches!(open_store("sqlite:x.db?sync=off").map(drop), Err(StoreError::BadUrl { .. })));
    assert!(matches!(open_store("sqlite:x.db?max_pages=0").map(drop), Err(StoreError::BadUrl { .. })));
    for query in ["lease=0", "lease=x", "sync_delay=0", "sync_delay=60001"] {
        assert!(matches!(open_store(&format!("sqlite:x.db?{query}")).map(drop), Err(StoreError::BadUrl { .. })));
    }
    let error = open_store("mongodb://user:hunter2@localhost").map(drop).unwrap_err();
    assert_eq!(error, StoreError::UnknownScheme { scheme: "mongodb".to_owned() });
    let folder_itself = url_store(folder.path(), "");
    assert!(matches!(open(&folder_itself).await, Err(StoreError::Failed { .. })));
}

#[tokio::test]
async fn two_paths_to_one_file_share_its_writer_and_its_options() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let session = open(&url_store(&path, "")).await.unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    let around = folder.path().join("sub/../store.db");
    assert!(matches!(open(&url_store(&around, "")).await, Err(StoreError::Held { .. })));
    let other = open_store(&format!("sqlite:{}?sync=normal", around.display())).map(drop);
    assert!(matches!(other, Err(StoreError::BadUrl { .. })), "{other:?}");
    drop(session);
}

#[tokio::test]
async fn a_folder_deleted_after_its_sessions_were_closed_is_begun_anew_through_the_same_handle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner/store.db");
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let store = url_store(&path, "");
    let session = open(&store).await.unwrap();
    session.apply(put("k", "old")).await.unwrap();
    session.close().await.unwrap();
    drop(session);
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    std::fs::create_dir(path.parent().unwrap()).unwrap();

    let session = open(&store).await.unwrap();
    assert_eq!(get(&session, "k").await, None);
    session.apply(put("k", "new")).await.unwrap();
    session.close().await.unwrap();
    drop(session);
    closed(&path);
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    assert_eq!(get(&open(&url_store(&copy, "")).await.unwrap(), "k").await.unwrap(), b"new");
}

#[tokio::test]
async fn a_full_disk_fails_the_transaction_and_poisons_until_resync() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = url_store(&path, "?max_pages=60");
    let session = open(&store).await.unwrap();
    session.apply(put("k", "good")).await.unwrap();
    let mut big = put("k", "ahead");
    big.put(Namespace::Archive, "big", vec![1; 400_000]);
    let (failing, queued) = (session.apply(big), session.apply(put("queued", "x")));
    assert!(matches!(failing.await, Err(StoreError::Failed { .. })));
    // In the same transaction, or behind it: never applied.
    assert!(matches!(queued.await, Err(StoreError::Failed { .. } | StoreError::Poisoned { .. })));
    assert!(matches!(session.apply(put("later", "x")).await, Err(StoreError::Poisoned { .. })));
    assert!(matches!(session.scan(Namespace::Meta, None, 9).await, Err(StoreError::Poisoned { .. })));
    session.resync().await.unwrap();
    let records = session.scan(Namespace::Meta, None, 9).await.unwrap();
    assert_eq!(records, [(b"k".to_vec(), b"good".to_vec())]);
    session.apply(put("k", "on again")).await.unwrap();
    assert_eq!(get(&session, "k").await.unwrap(), b"on again");
}

#[tokio::test]
async fn on_a_slow_disk_a_commit_takes_its_time_and_a_read_of_something_else_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = url_store(&folder.path().join("store.db"), "?sync_delay=300");
    let session = open(&store).await.unwrap();
    let begun = std::time::Instant::now();
    let commit = session.apply(put("k", "v"));
    assert_eq!(get(&session, "another").await, None);
    let read = begun.elapsed();
    commit.await.unwrap();
    let delay = Duration::from_millis(300);
    assert!(read < delay && begun.elapsed() >= delay, "{read:?} of {:?}", begun.elapsed());
}

#[tokio::test]
async fn submitting_without_end_is_refused_instead_of_filling_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let session = open(&url_store(&path, "")).await.unwrap();
    let blocker = Connection::open(&path).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    let commits: Vec<_> = (0..8).map(|n| session.apply(put([n], vec![0; 60 << 20]))).collect();
    blocker.execute_batch("ROLLBACK").unwrap();
    let mut refused = 0;
    for commit in commits {
        refused +=
            usize::from(matches!(commit.await, Err(StoreError::Overloaded { .. } | StoreError::Poisoned { .. })));
    }
    assert!((3..8).contains(&refused), "{refused}");
    session.resync().await.unwrap();
    session.wipe().await.unwrap();
}

/// Takes session "a" from its holder as another process would after the lease's expiry.
fn steal(path: &Path) {
    let thief = Connection::open(path).unwrap();
    thief.busy_timeout(Duration::from_secs(10)).unwrap();
    thief.execute("UPDATE sessions SET token = token + 1, holder = NULL WHERE name = 'a'", []).unwrap();
}

#[tokio::test]
async fn a_holder_that_lost_its_lease_cannot_write() {
    let (_folder, path) = filled().await;
    let store = url_store(&path, "");
    let session = open(&store).await.unwrap();
    let other = store.open("b", Holder::current()).await.unwrap();
    let lost = session.lost();
    session.apply(put("k", "mine")).await.unwrap();
    steal(&path);
    let commits = [session.apply(put("k", "not mine")), session.apply(put("k", "nor this"))];
    other.apply(put("k", "unharmed")).await.unwrap();
    for commit in commits {
        assert_eq!(commit.await, Err(StoreError::LeaseLost { session: "a".to_owned() }));
    }
    lost.await;
    assert!(matches!(session.resync().await, Err(StoreError::LeaseLost { .. })));
    session.close().await.unwrap();
    let session = open(&store).await.unwrap();
    assert_eq!(get(&session, "k").await.unwrap(), b"mine");
}

#[tokio::test]
async fn an_idle_holder_learns_of_its_loss_with_the_next_heartbeat() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let options = Options { heartbeat: Duration::from_millis(20), ..Options::default() };
    let store: Arc<dyn Store> = Arc::new(SqliteStore::with(&path, options).unwrap());
    let session = open(&store).await.unwrap();
    let expires = |connection: &Connection| {
        connection.query_row("SELECT expires_ms FROM holders", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let watcher = Connection::open(&path).unwrap();
    let first = expires(&watcher);
    while expires(&watcher) == first {
        tokio::task::yield_now().await;
    }
    steal(&path);
    session.lost().await;
    assert!(matches!(get_error(&session).await, StoreError::LeaseLost { .. }));
}

async fn get_error(session: &Arc<dyn SessionStore>) -> StoreError {
    session.get_many(&[Key::new(Namespace::Meta, "k")]).await.unwrap_err()
}

/// Puts a holder of another machine into the file, with session "a" in its hands.
fn hold_elsewhere(path: &Path, host: &str, boot_id: &str, expires_in_ms: i64) {
    let elsewhere = Connection::open(path).unwrap();
    let expires = super::lease::now_ms() + expires_in_ms;
    let sql = "INSERT INTO holders (id, nonce, host, boot_id, pid, expires_ms) VALUES (77, x'01', ?1, ?2, 4242, ?3)
               ON CONFLICT DO UPDATE SET expires_ms = ?3";
    elsewhere.execute(sql, rusqlite::params![host, boot_id, expires]).unwrap();
    elsewhere.execute("UPDATE holders SET nonce = zeroblob(16) WHERE id = 77", []).unwrap();
    elsewhere.execute("UPDATE sessions SET holder = 77, token = token + 1 WHERE name = 'a'", []).unwrap();
}

#[tokio::test]
async fn a_holder_on_another_machine_keeps_its_session_until_its_lease_expires() {
    let (_folder, path) = filled().await;
    hold_elsewhere(&path, "faraway", "another boot", 9_000);
    let store = url_store(&path, "");
    let error = open(&store).await.map(drop).unwrap_err();
    let expected = StoreError::Held { session: "a".to_owned(), host: "faraway".to_owned(), pid: 4242 };
    assert_eq!(error, expected);
    hold_elsewhere(&path, "faraway", "another boot", -1);
    open(&store).await.unwrap();
}

#[tokio::test]
async fn a_holder_of_an_earlier_boot_of_this_host_is_dead() {
    let (_folder, path) = filled().await;
    hold_elsewhere(&path, Holder::current().host(), "an earlier boot", 9_000);
    open(&url_store(&path, "")).await.unwrap();
}

/// Writes another process's claim on session "a": against its lease as many leases ago, good for so long.
fn claim_elsewhere(path: &Path, leases_ago: i64, expires_in_ms: i64) {
    let sql =
        "INSERT INTO claims SELECT id, zeroblob(16), token - ?1, 'faraway', 4242, ?2 FROM sessions WHERE name = 'a'";
    let expires = super::lease::now_ms() + expires_in_ms;
    Connection::open(path).unwrap().execute(sql, [leases_ago, expires]).unwrap();
}

fn claims(path: &Path) -> i64 {
    Connection::open(path).unwrap().query_row("SELECT count(*) FROM claims", [], |row| row.get(0)).unwrap()
}

async fn is_wanted(session: &Arc<dyn SessionStore>) -> bool {
    tokio::select! {
        biased;
        () = session.wanted() => true,
        () = std::future::ready(()) => false,
    }
}

#[tokio::test]
async fn another_processes_claim_is_found_with_the_next_transaction_and_when_idle_with_the_next_heartbeat() {
    for heartbeat in [Duration::from_secs(3600), Duration::from_millis(20)] {
        let (_folder, path) = filled().await;
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::with(&path, Options { heartbeat, ..Options::default() }).unwrap());
        let session = open(&store).await.unwrap();
        let other = store.open("b", Holder::current()).await.unwrap();
        claim_elsewhere(&path, 0, 9_000);
        if heartbeat > Duration::from_secs(1) {
            session.apply(put("k", "v")).await.unwrap();
        }
        session.wanted().await;
        assert!(!is_wanted(&other).await);
        // It goes to who claimed it.
        session.close().await.unwrap();
        let expected = StoreError::Held { session: "a".to_owned(), host: "faraway".to_owned(), pid: 4242 };
        assert_eq!(open(&store).await.map(drop), Err(expected));
    }
}

#[tokio::test]
async fn a_claim_of_the_dead_or_against_an_earlier_holder_moves_nobody() {
    for (leases_ago, expires_in_ms) in [(0, -1), (0, 3_600_000), (1, 4000)] {
        let (_folder, path) = filled().await;
        let store = url_store(&path, "");
        let session = open(&store).await.unwrap();
        claim_elsewhere(&path, leases_ago, expires_in_ms);
        session.apply(put("k", "v")).await.unwrap();
        assert!(!is_wanted(&session).await, "{leases_ago} {expires_in_ms}");
        assert_eq!(claims(&path), leases_ago, "what is over is swept");
        session.close().await.unwrap();
        open(&store).await.unwrap();
        assert_eq!(claims(&path), 0);
    }
}

#[tokio::test]
async fn a_claimant_whose_session_went_to_somebody_else_is_told_and_asks_them_nothing() {
    let (_folder, path) = filled().await;
    let store = url_store(&path, "");
    let session = open(&store).await.unwrap();
    let claiming = tokio::spawn({
        let store = store.clone();
        async move { store.take_over("a", Holder::fresh(), None).await.map(drop) }
    });
    session.wanted().await;
    hold_elsewhere(&path, "faraway", "another boot", 9_000);
    let expected = StoreError::Held { session: "a".to_owned(), host: "faraway".to_owned(), pid: 4242 };
    assert_eq!(claiming.await.unwrap(), Err(expected));
}

#[tokio::test]
async fn the_session_of_a_holder_that_says_nothing_is_taken_over_when_its_lease_expires() {
    let (_folder, path) = filled().await;
    hold_elsewhere(&path, "faraway", "another boot", 9_000);
    let store = url_store(&path, "");
    let taking = tokio::spawn({
        let store = store.clone();
        async move { store.take_over("a", Holder::current(), None).await }
    });
    while claims(&path) == 0 {
        tokio::task::yield_now().await;
    }
    hold_elsewhere(&path, "faraway", "another boot", -1);
    taking.await.unwrap().unwrap().apply(put("k", "v")).await.unwrap();
}

#[tokio::test]
async fn a_file_of_the_first_version_is_migrated_with_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = super::Place { path: folder.path().join("store.db"), options: Options::default() };
    let mut connection = Connection::open(&place.path).unwrap();
    super::schema::migrate(&place, &mut connection, &super::schema::MIGRATIONS[..1]).unwrap().unwrap();
    let rows = "INSERT INTO sessions (id, name, token) VALUES (7, 'a', 3);
                INSERT INTO kv (session, ns, key, value) VALUES (7, 0, CAST('k' AS BLOB), CAST('v' AS BLOB));";
    connection.execute_batch(rows).unwrap();
    drop(connection);
    let session = open(&url_store(&place.path, "")).await.unwrap();
    assert_eq!(get(&session, "k").await.unwrap(), b"v");
    assert_eq!(claims(&place.path), 0);
}

#[tokio::test]
async fn an_abandoned_opening_leaves_no_lease_behind() {
    let (_folder, path) = filled().await;
    let store = url_store(&path, "");
    for _ in 0..20 {
        let mut opening = std::pin::pin!(open(&store));
        let waker = std::task::Waker::noop();
        let polled = std::future::Future::poll(opening.as_mut(), &mut std::task::Context::from_waker(waker));
        drop(polled);
    }
    // Releases are in the queue before this one, or follow at once.
    while let Err(error) = open(&store).await {
        assert!(matches!(error, StoreError::Held { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_torn_log_shows_an_earlier_state_and_never_garbage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = url_store(&path, "");
    let session = open(&store).await.unwrap();
    session.apply(put("all", [0])).await.unwrap();
    Connection::open(&path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    for n in 1..60_u8 {
        let mut batch = put("all", [n]);
        for key in 0..5_u8 {
            batch.put(Namespace::Archive, [key], vec![n; 300 * usize::from(key)]);
        }
        session.apply(batch).await.unwrap();
    }
    // As the power cut leaves it: the file and its log, copied while in use.
    let image = std::fs::read(&path).unwrap();
    let log = std::fs::read(folder.path().join("store.db-wal")).unwrap();
    assert!(log.len() > 100_000);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..40_usize {
        let torn = tempfile::tempdir().unwrap();
        let path = torn.path().join("store.db");
        let mut log = log.clone();
        let at = log.len() * round / 40 + 31 * round;
        match round % 3 {
            0 => log.truncate(at),
            1 => log[at] ^= 0x40,
            _ => {
                let end = (at + 4096).min(log.len());
                log[at..end].fill(0);
            }
        }
        std::fs::write(&path, &image).unwrap();
        std::fs::write(torn.path().join("store.db-wal"), log).unwrap();
        // The holder that the image names lives: it is this process.
        let connection = Connection::open(&path).unwrap();
        connection.execute("UPDATE holders SET expires_ms = 0", []).unwrap();
        drop(connection);
        let session = open(&url_store(&path, "")).await.unwrap();
        let n = get(&session, "all").await.unwrap()[0];
        let archive = session.scan(Namespace::Archive, None, 9).await.unwrap();
        assert_eq!(archive.len(), if n == 0 { 0 } else { 5 });
        for (key, value) in archive {
            assert_eq!(value, vec![n; 300 * usize::from(key[0])], "batch {n} is whole");
        }
        seen.insert(n);
    }
    assert!(seen.len() > 10, "the damage was in one place: {seen:?}");
}

fn archived(n: u32) -> crate::archive::Op {
    use crate::archive::{Message, Op, Person, Target};
    let key = Target {
        chat: "120363000000000001@g.us".into(),
        id: format!("M{n}"),
        sender: Person::of("a@lid"),
        from_me: false,
    };
    let (kind, text) = ("text".to_owned(), Some("word".to_owned()));
    Op::Message(Box::new(Message { key, timestamp: i64::from(n), kind, text, ..Message::default() }))
}

fn page() -> crate::archive::Query {
    let chat = "120363000000000001@g.us".to_owned();
    crate::archive::Query::Messages { chat, before: None, after: None, limit: Default::default(), cursor: None }
}

async fn archive_size(session: &Arc<dyn SessionStore>) -> usize {
    session.ask_archive(page()).await.unwrap().value["messages"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_goes_into_the_archive_is_there_with_the_batch_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = url_store(&folder.path().join("store.db"), "");
    let session = open(&store).await.unwrap();
    assert_eq!(session.ask_archive(page()).await, Err(StoreError::NoArchive));
    session.open_archive().await.unwrap();
    let mut batch = put("k", "v");
    batch.archive(archived(1)).archive(archived(2));
    assert!(batch.bytes() > 2 * 100);
    drop(session.apply(batch));
    assert_eq!(archive_size(&session).await, 2, "seen by whoever asks behind it");

    // A batch that was refused because another one failed before it.
    let mut large = Batch::new();
    large.put(Namespace::Meta, "large", vec![0; crate::MAX_BATCH_BYTES + 1]);
    let failed = session.apply(large);
    let mut batch = put("k", "w");
    batch.archive(archived(3));
    let behind = session.apply(batch);
    assert!(failed.await.is_err() && behind.await.is_err());
    session.resync().await.unwrap();
    assert_eq!((archive_size(&session).await, get(&session, "k").await), (2, Some(b"v".to_vec())));

    let other = store.open("b", Holder::current()).await.unwrap();
    other.open_archive().await.unwrap();
    other.apply(archive_batch(0..5)).await.unwrap();
    session.wipe().await.unwrap();
    assert_eq!((archive_size(&session).await, archive_size(&other).await), (0, 5));
}

fn archive_batch(numbers: std::ops::Range<u32>) -> Batch {
    let mut batch = Batch::new();
    for n in numbers {
        batch.archive(archived(n));
    }
    batch
}

#[tokio::test]
async fn a_wiped_session_leaves_nothing_in_an_archive_that_it_did_not_open() {
    let (_folder, path) = filled().await;
    let session = open(&url_store(&path, "")).await.unwrap();
    session.open_archive().await.unwrap();
    session.apply(archive_batch(0..3000)).await.unwrap();
    session.close().await.unwrap();
    drop(session);
    closed(&path);
    let session = open(&url_store(&path, "")).await.unwrap();
    assert_eq!(session.apply(archive_batch(0..1)).await, Err(StoreError::NoArchive));
    session.resync().await.unwrap();
    session.wipe().await.unwrap();
    session.close().await.unwrap();
    drop(session);
    closed(&path);
    let connection = Connection::open(&path).unwrap();
    let left =
        |table: &str| connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, i64>(0));
    assert_eq!((left("kv"), left("archive_messages"), left("archive_people")), (Ok(0), Ok(0), Ok(0)));
}

#[tokio::test]
async fn an_archive_of_a_newer_version_is_refused_and_the_session_is_usable_without_it() {
    let (_folder, path) = filled().await;
    let session = open(&url_store(&path, "")).await.unwrap();
    session.open_archive().await.unwrap();
    session.close().await.unwrap();
    drop(session);
    closed(&path);
    let connection = Connection::open(&path).unwrap();
    connection.execute("UPDATE archive_version SET version = 99", []).unwrap();
    drop(connection);
    let session = open(&url_store(&path, "")).await.unwrap();
    let refused = session.open_archive().await;
    assert!(matches!(refused, Err(StoreError::NewerArchive { found: 99, .. })), "{refused:?}");
    assert_eq!(get(&session, [7]).await, Some(vec![7; 500]));
    session.apply(put("k", "v")).await.unwrap();
}

#[tokio::test]
async fn only_a_file_of_plain_values_has_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let keys = crate::Keyring::from_bytes(&[7; 32]).unwrap();
    let sealed = crate::seal(url_store(&folder.path().join("store.db"), ""), keys);
    for store in [sealed, open_store("memory:").unwrap()] {
        let session = open(&store).await.unwrap();
        assert_eq!(session.open_archive().await, Err(StoreError::NoArchive));
        assert_eq!(session.apply(archive_batch(0..1)).await, Err(StoreError::NoArchive));
    }
}
