//! What the archive costs, as JSON for `bench/`: `cargo run --release -p chasqui-store --example archive FOLDER MESSAGES`.
//!
//! `inserts`: messages per second into a fresh SQLite store, 1,000 chats, in batches of 64 with a few on the way, as while a
//! backlog or history comes in, each with its texts indexed. Then, with all of them there, the median of each question in
//! milliseconds: a page of 50 chats, the newest 50 messages of a chat, 50 from its middle, one by id, the newest 50 with a
//! common word, with one that is unfinished, with a rare one, with a common one in one chat, and the count of what is to be read. `size`: bytes of the
//! file per message.
#![allow(clippy::print_stdout)]

use std::{
    collections::VecDeque,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use chasqui_store::{
    Batch, Holder, SessionStore,
    archive::{Message, Op, Person, Query, Target},
    open_store,
};

const CHATS: u64 = 1000;
const BATCH: u64 = 64;
const ON_THE_WAY: usize = 8;
const ASKED: usize = 101;
const WORDS: [&str; 16] = [
    "mañana", "nos", "vemos", "en", "la", "casa", "de", "siempre", "con", "todos", "los", "papeles", "del", "coche",
    "y", "gracias",
];

fn chat(n: u64) -> String {
    format!("{}@s.whatsapp.net", 15_550_000_000 + n % CHATS)
}

/// A number that looks random and is the same every time.
fn mixed(n: u64) -> u64 {
    n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

fn word(n: u64) -> &'static str {
    WORDS[n as usize % 16]
}

fn message(n: u64) -> Op {
    // Some chats have far more than others.
    let chat = chat(mixed(n) % CHATS * (mixed(n + 7) % CHATS) / CHATS);
    let mut words: Vec<String> = (0..12).map(|at| word(mixed(n * 13 + at)).to_owned()).collect();
    words.push(format!("número{}", mixed(n) % 100_000));
    let text = words.join(" ");
    let key = Target { chat: chat.clone(), id: format!("3EB0{n:018X}"), sender: Person::of(chat), from_me: false };
    let raw = [text.as_bytes(), &[7; 60]].concat();
    Op::Message(Box::new(Message {
        key,
        sender_name: Some("María".into()),
        timestamp: 1_700_000_000_000 + i64::try_from(n / 4).unwrap_or_default() * 1000,
        kind: "text".into(),
        source: "live".into(),
        text: Some(text),
        raw,
        counts: true,
        ..Message::default()
    }))
}

async fn fill(session: &dyn SessionStore, count: u64) -> f64 {
    let begun = Instant::now();
    let mut commits = VecDeque::new();
    let mut next = 0;
    while next < count || !commits.is_empty() {
        while commits.len() < ON_THE_WAY && next < count {
            session.ready().await;
            let mut batch = Batch::new();
            for n in next..(next + BATCH).min(count) {
                batch.archive(message(n));
            }
            next += BATCH;
            commits.push_back(session.apply(batch));
        }
        if let Some(commit) = commits.pop_front() {
            commit.await.expect("commits");
        }
    }
    count as f64 / begun.elapsed().as_secs_f64()
}

/// Median time of a question, milliseconds.
async fn latency(session: &dyn SessionStore, query: impl Fn(u64) -> serde_json::Value) -> f64 {
    let mut times = Vec::new();
    for n in 0..ASKED as u64 {
        let query: Query = serde_json::from_value(query(mixed(n))).expect("a query");
        let begun = Instant::now();
        session.ask_archive(query).await.expect("an answer");
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times.get(ASKED / 2).copied().unwrap_or(Duration::ZERO).as_secs_f64() * 1000.0
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    let count: u64 = arguments.next().and_then(|count| count.parse().ok()).expect("a number of messages");
    let file = Path::new(&folder).join("archive.db");
    let store = open_store(&format!("sqlite:{}", file.display())).expect("store");
    let session: Arc<dyn SessionStore> = store.open("bench", Holder::current()).await.expect("session");
    session.open_archive().await.expect("archive");
    let inserts = fill(&*session, count).await;
    let middle = 1_700_000_000_000 + count / 8 * 1000;
    let of_chat = |n: u64| chat(n % 100);
    let figures = serde_json::json!({
        "inserts": inserts,
        "chats": latency(&*session, |_| serde_json::json!({ "what": "chats" })).await,
        "newest": latency(&*session, |n| serde_json::json!({ "what": "messages", "chat": of_chat(n) })).await,
        "middle": latency(&*session, |n| {
            serde_json::json!({ "what": "messages", "chat": of_chat(n), "before": middle })
        }).await,
        "byId": latency(&*session, |n| {
            let Op::Message(message) = message(n % count) else { return serde_json::Value::Null };
            serde_json::json!({ "what": "message", "chat": message.key.chat, "id": message.key.id })
        }).await,
        "common": latency(&*session, |n| serde_json::json!({ "what": "search", "text": format!("{} ", word(n)) })).await,
        "unfinished": latency(&*session, |n| serde_json::json!({ "what": "search", "text": word(n) })).await,
        "rare": latency(&*session, |n| {
            serde_json::json!({ "what": "search", "text": format!("numero{} ", n % 100_000) })
        }).await,
        "inChat": latency(&*session, |n| {
            serde_json::json!({ "what": "search", "text": format!("{} ", word(n)), "chat": of_chat(n) })
        }).await,
        "unread": latency(&*session, |_| serde_json::json!({ "what": "unread" })).await,
        "size": std::fs::metadata(&file).map_or(0, |file| file.len()) as f64 / count as f64,
    });
    println!("{figures}");
}
