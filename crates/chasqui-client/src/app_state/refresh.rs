//! Collections are fetched because the program wants it, those too that were given up.

use chasqui_appstate::Collection;
use chasqui_requests::{args::invalid, session::Outcome};

use super::{AppState, Slot};
use crate::actor::{Actor, Fault};

/// Calls that may wait at once.
const MAX_CALLS: usize = 64;

/// A call that waits for collections.
pub(super) struct Awaited {
    collections: Vec<Collection>,
    outcome: Outcome<()>,
}

impl Slot {
    /// It is complete, or cannot be followed now.
    const fn is_settled(&self) -> bool {
        let complete = self.synced && !self.wanted && self.rebuild.is_none();
        complete || self.broken.is_some() || !self.missing.is_empty() || self.due.is_some()
    }
}

impl AppState {
    /// Tells those whose collections are settled.
    pub(super) fn tell_settled(&mut self) {
        if self.awaited.is_empty() {
            return;
        }
        let Self { awaited, slots, .. } = self;
        let settled = |collection: &Collection| slots.get(collection).is_none_or(Slot::is_settled);
        for Awaited { outcome, .. } in awaited.extract_if(.., |awaited| awaited.collections.iter().all(settled)) {
            let _ = outcome.send(Ok(()));
        }
    }
}

impl Actor {
    /// Asks for collections.
    pub(crate) async fn refresh_collections(&mut self, names: &[String], outcome: Outcome<()>) -> Result<(), Fault> {
        self.app_state.awaited.retain(|awaited| !awaited.outcome.is_closed());
        let collections: Option<Vec<Collection>> = names.iter().map(|name| Collection::from_name(name)).collect();
        let Some(collections) = collections.filter(|_| self.app_state.awaited.len() < MAX_CALLS) else {
            let _ = outcome.send(Err(invalid("collections", "must be names of collections, in few calls at once")));
            return Ok(());
        };
        self.load_app_state().await?;
        for collection in &collections {
            let slot = self.app_state.slot(*collection);
            (slot.wanted, slot.due, slot.broken, slot.synced) = (true, None, None, false);
            (slot.resyncs, slot.failures) = (0, 0);
        }
        self.app_state.awaited.push(Awaited { collections, outcome });
        self.advance_sync().await
    }
}
