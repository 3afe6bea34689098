//! A session handed over, as in a deployment that overlaps: what `connect({ takeOver: true })` does, and what it means for
//! the one who has the session.
//!
//! ```text
//! opener   take_over: the store asks the holder ----------- waits --------> the session, as it was left
//! holder             LeaseWanted: nothing more is given out; what handlers run ends; goodbye; the lease is freed
//! ```
//!
//! Until it has left, the holder works on as before: it stores and acknowledges what comes, and sends what is asked for.

use std::{sync::Arc, time::Duration};

use chasqui_store::{Holder, SessionStore, StoreError};
use tokio::time::Instant;

use crate::{
    Reply,
    actor::{Actor, Fault, Link},
    error,
    event::Event,
};

/// How long the program has to finish what it works on: longer than handlers have at `disconnect()`.
const FINISH: Duration = Duration::from_secs(3);

impl Actor {
    /// As `connect`, from whoever has the session.
    pub(crate) async fn take_over(&mut self, reply: Reply, timeout: Option<u64>) -> Result<(), Fault> {
        if self.has_store() || !matches!(self.link, Link::Down) {
            return self.connect(reply).await;
        }
        self.waiting_connect.push(reply);
        let (store, name) = (self.options.store.clone(), self.name.clone());
        let patience = timeout.map(Duration::from_millis);
        let opening = async move { store.take_over(&name, Holder::current(), patience).await };
        self.take_link(Link::Opening(Box::pin(opening)));
        Ok(())
    }

    /// The session is ours, or will not be.
    pub(crate) async fn on_opened(&mut self, opened: Result<Arc<dyn SessionStore>, StoreError>) {
        self.take_link(Link::Down);
        match self.adopt_store(opened).await {
            Ok(()) => self.begin(),
            Err(reason) => self.fail_waiting(&reason),
        }
    }

    /// Somebody else is to have the session.
    pub(crate) fn on_wanted(&mut self) {
        self.lease_wanted = None;
        tracing::info!(session = %self.name, "the session is asked for by another opener");
        self.inbox.hold_back();
        self.events.emit(Event::Wanted);
        self.leaving = Some(Instant::now() + FINISH);
    }

    /// Whether the session is to be handed over and nothing is in the program's hands, or it had its time.
    pub(crate) fn is_time_to_leave(&self) -> bool {
        self.leaving.is_some_and(|until| !self.inbox.awaits_confirmation() || until <= Instant::now())
    }

    pub(crate) async fn hand_over(&mut self) {
        let reason = error::taken_over();
        self.leaving = None;
        self.settle().await;
        // The lease may be lost by now: then that was told, and nothing is ours to hand over.
        if self.has_store() {
            self.leave(&reason, Duration::ZERO).await;
            self.stop(&reason);
        }
    }
}
