//! Work on thousands of records, spread over the cores.
//!
//! Records are independent of each other, and the hash does not depend on their order. A first sync brings them by the
//! thousand, and a critical collection holds up everything else until it is done.

use std::{num::NonZero, thread};

/// Fewer items than this are not worth a thread each: they take about half a millisecond.
const MIN_CHUNK: usize = 256;
const MAX_THREADS: usize = 8;

/// Works on the items in chunks and gives what came of each, in order. A few items are one chunk, on this thread.
pub(crate) fn in_chunks<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a [T]) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(MAX_THREADS);
    let chunk_len = items.len().div_ceil(cores).max(MIN_CHUNK);
    let mut chunks = items.chunks(chunk_len);
    let (Some(first), work) = (chunks.next(), &work) else { return Vec::new() };
    thread::scope(|scope| {
        let others: Vec<_> =
            chunks.map(|chunk| (chunk, thread::Builder::new().spawn_scoped(scope, move || work(chunk)))).collect();
        let mut results = vec![work(first)];
        results.extend(others.into_iter().map(|(chunk, thread)| match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => work(chunk), // No thread to be had.
        }));
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_in_order() {
        for count in [0, 1, MIN_CHUNK, MIN_CHUNK + 1, 5_000] {
            let items: Vec<usize> = (0..count).collect();
            let results = in_chunks(&items, <[usize]>::to_vec);
            assert_eq!(results.concat(), items);
            assert!(results.len() <= MAX_THREADS);
        }
    }
}
