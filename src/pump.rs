//! Carries events from a client's task to JavaScript: few calls, bounded, in order.
//!
//! A batch is one JSON array and one buffer. Each message's object ends with `"rawAt":[start,end]`, its place in the
//! buffer. At most [`EVENTS_PER_BATCH`] events or about [`BYTES_PER_BATCH`] bytes go in one call, and a call is made
//! only for a permit of the window, which JavaScript gives back after it has dispatched a batch.

use std::sync::Arc;

use chasqui_client::{Event, event::EventReceiver};
use tokio::sync::Semaphore;

use crate::{guard::fault, log::LogSink};

const EVENTS_PER_BATCH: usize = 128;
const BYTES_PER_BATCH: usize = 1 << 20;

/// One call to JavaScript.
#[derive(Debug)]
pub(crate) struct Batch {
    /// JSON array of events.
    pub(crate) events: String,
    /// The protobufs of the messages among them, one after the other.
    pub(crate) raw: Vec<u8>,
}

impl Batch {
    fn new() -> Self {
        Self { events: String::from("["), raw: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.events.len() == 1
    }

    fn is_full(&self) -> bool {
        self.events.len() + self.raw.len() >= BYTES_PER_BATCH
    }

    fn push(&mut self, event: &Event) {
        // Every field of an event is a plain text, number, list or object: this cannot fail.
        let Ok(mut json) = serde_json::to_string(event) else { return };
        if let Some(raw) = event.raw() {
            let start = self.raw.len();
            self.raw.extend_from_slice(raw);
            json.pop();
            json.push_str(&format!(",\"rawAt\":[{start},{}]}}", self.raw.len()));
        }
        self.push_json(&json);
    }

    fn push_json(&mut self, json: &str) {
        if !self.is_empty() {
            self.events.push(',');
        }
        self.events.push_str(json);
    }

    fn finish(mut self) -> Self {
        self.events.push(']');
        self
    }
}

/// Runs until the client's task is gone or JavaScript's environment is (`call` is false).
pub(crate) async fn run(
    mut events: EventReceiver,
    logs: Option<LogSink>,
    window: Arc<Semaphore>,
    call: impl Fn(Batch) -> bool,
) {
    loop {
        let Ok(permit) = window.acquire().await else { return };
        permit.forget();
        let mut batch = Batch::new();
        let mut gone = false;
        tokio::select! {
            biased;
            next = events.next_batch(EVENTS_PER_BATCH) => match next {
                Some(next) => {
                    for event in next {
                        if batch.is_full() {
                            if !call(std::mem::replace(&mut batch, Batch::new()).finish()) {
                                return;
                            }
                            let Ok(permit) = window.acquire().await else { return };
                            permit.forget();
                        }
                        batch.push(&event);
                    }
                }
                None => {
                    gone = true;
                    let last = serde_json::json!({ "t": "gone", "error": fault() });
                    batch.push_json(&last.to_string());
                }
            },
            () = LogSink::ready(logs.as_ref()) => {}
        }
        if let Some(logs) = &logs {
            logs.drain(|json| batch.push_json(json));
        }
        if !call(batch.finish()) || gone {
            return;
        }
    }
}
