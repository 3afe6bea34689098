//! What commits to a fresh SQLite store cost, as JSON for `bench/`:
//! `cargo run --release -p chasqui-store --example commits FOLDER SECONDS`.
//!
//! `rate`: per second, with 100 sessions that each have 32 on the way, as while a backlog comes in. `latency`,
//! `latency99`: milliseconds until one is durable that is alone, as when a message comes now and then.
#![allow(clippy::print_stdout)]

use std::{
    collections::VecDeque,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chasqui_store::{Batch, Holder, Namespace, SessionStore, Store, open_store};

const SESSIONS: usize = 100;
const ON_THE_WAY: usize = 32;
/// Between two messages of a session under light load.
const REST: Duration = Duration::from_millis(20);

/// What a message that comes in writes: the ratchet of one of 64 peers, its row in the inbox, a dedup mark in the place of
/// an old one; and with it goes the row of the message before, which the program has taken.
fn message(n: u64) -> Batch {
    let id = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let mut batch = Batch::new();
    batch.put(Namespace::Session, (n % 64).to_be_bytes(), id(n).repeat(50));
    batch.put(Namespace::Inbox, n.to_be_bytes(), id(n).repeat(40));
    batch.delete(Namespace::Inbox, n.saturating_sub(1).to_be_bytes());
    batch.put(Namespace::Dedup, (n % 1000).to_be_bytes(), id(n).repeat(2));
    batch
}

async fn flood(session: Arc<dyn SessionStore>, until: Instant) -> u64 {
    let mut commits = VecDeque::new();
    let mut done = 0;
    while Instant::now() < until || !commits.is_empty() {
        while commits.len() < ON_THE_WAY && Instant::now() < until {
            session.ready().await;
            commits.push_back(session.apply(message(done + commits.len() as u64)));
        }
        if let Some(commit) = commits.pop_front() {
            commit.await.expect("commits");
            done += 1;
        }
    }
    done
}

async fn session(store: &Arc<dyn Store>, name: usize) -> Arc<dyn SessionStore> {
    store.open(&name.to_string(), Holder::current()).await.expect("session")
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    let time = Duration::from_secs_f64(arguments.next().and_then(|time| time.parse().ok()).expect("seconds"));
    let store = open_store(&format!("sqlite:{}", Path::new(&folder).join("commits.db").display())).expect("store");

    let mut sessions = Vec::new();
    for name in 0..SESSIONS {
        sessions.push(session(&store, name).await);
    }
    let begun = Instant::now();
    let tasks: Vec<_> = sessions.into_iter().map(|session| tokio::spawn(flood(session, begun + time))).collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.expect("task");
    }
    let rate = done as f64 / begun.elapsed().as_secs_f64();

    let alone = session(&store, SESSIONS).await;
    let mut taken = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < time {
        tokio::time::sleep(REST).await;
        let since = Instant::now();
        alone.apply(message(taken.len() as u64)).await.expect("commits");
        taken.push(since.elapsed().as_secs_f64() * 1000.0);
    }
    taken.sort_by(f64::total_cmp);
    let (median, p99) = (taken[taken.len() / 2], taken[taken.len() * 99 / 100]);
    println!(r#"{{"rate":{rate},"latency":{median},"latency99":{p99}}}"#);
}
