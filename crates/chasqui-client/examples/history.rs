//! What reading a blob of history costs, as JSON: `cargo run --release -p chasqui-client --example history FILE`.
//!
//! From the compressed bytes to decoded messages in parts, on one thread: how many there are, and how many per second (median).
#![allow(clippy::print_stdout)]

use std::{hint::black_box, time::Instant};

use chasqui_client::history::read_blob;

const ROUNDS: usize = 15;

fn main() {
    let file = std::env::args().nth(1).expect("a file");
    let zlib = std::fs::read(file).expect("is read");
    let mut times = Vec::new();
    let mut messages = 0;
    for _ in 0..ROUNDS {
        let bytes = zlib.clone();
        let start = Instant::now();
        let (_, read) = black_box(read_blob(bytes)).expect("a blob");
        times.push(start.elapsed().as_secs_f64());
        messages = read;
    }
    times.sort_by(f64::total_cmp);
    let middle = times[ROUNDS / 2];
    println!(r#"{{"messages":{messages},"decoded":{}}}"#, messages as f64 / middle);
}
