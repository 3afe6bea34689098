//! Measures commits to a fresh SQLite store: `cargo run --release -p chasqui-store --example measure [FOLDER [SESSIONS]]`.
//!
//! Each session keeps some batches on the way and waits for the oldest.

use std::collections::VecDeque;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chasqui_store::{Batch, Holder, Namespace, SessionStore, open_store};

const TIME: Duration = Duration::from_secs(3);

/// What receiving a message writes: a ratchet of one of 64 peers, a dedup mark in, an old one out. (SQLite does not
/// write what does not change, so everything does.)
fn stanza(n: u64) -> Batch {
    let id = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let mut batch = Batch::new();
    batch.put(Namespace::Session, (n % 64).to_be_bytes(), id(n).repeat(25));
    batch.put(Namespace::Dedup, id(n), id(n).repeat(2));
    if let Some(old) = n.checked_sub(1000) {
        batch.delete(Namespace::Dedup, id(old));
    }
    batch
}

async fn submit(session: Arc<dyn SessionStore>, on_the_way: usize, until: Instant) -> (u64, Duration) {
    let mut commits = VecDeque::new();
    let (mut done, mut slowest) = (0_u64, Duration::ZERO);
    while Instant::now() < until || !commits.is_empty() {
        while commits.len() < on_the_way && Instant::now() < until {
            let n = done + commits.len() as u64;
            let batch = stanza(n);
            session.ready().await;
            commits.push_back((Instant::now(), session.apply(batch)));
        }
        if let Some((since, commit)) = commits.pop_front() {
            commit.await.expect("commits");
            slowest = slowest.max(since.elapsed());
            done += 1;
        }
    }
    (done, slowest)
}

async fn measure(folder: &Path, sync: &str, sessions: usize, on_the_way: usize) {
    let path = folder.join(format!("measure-{}-{sync}-{sessions}-{on_the_way}.db", std::process::id()));
    let store = open_store(&format!("sqlite:{}?sync={sync}", path.display())).expect("store");
    let mut open = Vec::new();
    for n in 0..sessions {
        open.push(store.open(&n.to_string(), Holder::current()).await.expect("session"));
    }
    let begun = Instant::now();
    let tasks: Vec<_> =
        open.into_iter().map(|session| tokio::spawn(submit(session, on_the_way, begun + TIME))).collect();
    let (mut done, mut slowest) = (0, Duration::ZERO);
    for task in tasks {
        let (count, time) = task.await.expect("task");
        done += count;
        slowest = slowest.max(time);
    }
    let rate = done as f64 / begun.elapsed().as_secs_f64();
    let line = format!(
        "sync={sync:6} sessions={sessions:<4} on the way={on_the_way:<4} {rate:>8.0} batches/s, slowest {slowest:?}"
    );
    writeln!(std::io::stdout(), "{line}").expect("stdout");
    drop(store);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let only = std::env::args().nth(2).and_then(|sessions| sessions.parse::<usize>().ok());
    let cases =
        [("full", 1, 1), ("full", 1, 64), ("full", 1, 512), ("full", 100, 1), ("full", 100, 32), ("normal", 100, 32)];
    for (sync, sessions, on_the_way) in
        cases.into_iter().filter(|(_, sessions, _)| only.is_none_or(|only| only == *sessions))
    {
        measure(Path::new(&folder), sync, sessions, on_the_way).await;
    }
}
