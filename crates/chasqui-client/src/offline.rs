//! The backlog after a login: how much the server has kept, and how far its delivery is.
//!
//! ```text
//! <- <ib><offline_preview count=N …/></ib>
//! -> <ib><offline_batch count=100/></ib>            and again whenever so many have come
//! <- message, receipt, notification, call           each with offline=k
//! <- <ib><offline count=N/></ib>                    also for 0
//! ```
//!
//! Source: 01-connection §8.5, 03-messages §14.

use std::time::Duration;

use chasqui_wire::Node;
use tokio::time::Instant;

use crate::{actor::Actor, event::Event};

/// Stanzas asked for at once.
const BATCH: u64 = 100;
/// Between two events about the progress.
const PACE: Duration = Duration::from_millis(250);

/// A delivery under way.
pub(crate) struct Backlog {
    total: u64,
    received: u64,
    told: Instant,
}

impl Actor {
    /// The server announces what it has kept.
    pub(crate) fn on_offline_preview(&mut self, preview: &Node<'_>) {
        let total = preview.get_u64("count").unwrap_or(0);
        self.backlog = Some(Backlog { total, received: 0, told: Instant::now() });
        self.ask_for_batch();
        if total > 0 {
            self.emit(Event::Offline { total, received: 0, done: false });
        }
    }

    fn ask_for_batch(&mut self) {
        self.send(Node::new("ib").child(Node::new("offline_batch").attr("count", BATCH)));
    }

    /// Counts a stanza of the backlog. The event follows the commit of what it brought.
    pub(crate) fn count_offline(&mut self, stanza: &Node<'_>) {
        let Some(backlog) = self.backlog.as_mut().filter(|_| stanza.get("offline").is_some()) else { return };
        backlog.received += 1;
        let Backlog { total, received, told } = *backlog;
        if told.elapsed() >= PACE {
            backlog.told = Instant::now();
            self.emit(Event::Offline { total: total.max(received), received, done: false });
        }
        if received % BATCH == 0 && received < total {
            self.ask_for_batch();
        }
    }

    /// That was all.
    pub(crate) fn on_offline_end(&mut self, end: &Node<'_>) {
        let (total, received) = self.backlog.take().map_or((0, 0), |backlog| (backlog.total, backlog.received));
        let total = end.get_u64("count").unwrap_or(total).max(received);
        self.emit(Event::Offline { total, received, done: true });
    }
}
