//! Commit, then speak.
//!
//! What one wake of the loop does is a [`Turn`]: changes for the store, and effects that wait for them. The changes are
//! submitted as one batch; the effects (stanzas, events, replies) run when it is durable, in order. A failed commit
//! throws the session's memory away and starts from what the store holds.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::{Batch, Commit, Key, SessionStore, StoreError};
use chasqui_wire::Node;
use compact_str::CompactString;
use tokio::time::Instant;

use super::{Actor, Fault, Link};
use crate::{
    Reply,
    blocklist::Blocklist,
    error,
    event::Event,
    groups::Groups,
    history,
    iq::Wait,
    reason::{End, Next},
    recent::Recent,
    secrets::Secrets,
    sender_keys::SenderKeys,
};

/// Whether the session is somebody else's, or nobody's, now.
fn is_lost(failure: &StoreError) -> bool {
    matches!(failure, StoreError::LeaseLost { .. } | StoreError::Closed { .. })
}

/// When the store has failed: how long the program has to take what it was given, so that it is not given again.
const TAKING: Duration = Duration::from_millis(250);

/// What follows a commit.
pub(crate) enum Effect {
    /// A stanza leaves, if the connection it was made for still stands.
    Send(Node<'static>),
    /// An event that is no inbox row.
    Event(Event),
    /// An inbox row.
    Inbox(Event),
    /// A part of the history.
    History(Box<history::Ready>),
    /// This message of the outbox is stored.
    Stored(u64),
    /// This row of the inbox, which the program has confirmed, is deleted.
    Confirmed(u64),
    /// The answer to a command; with the deadline of its call, if it sends.
    Reply(Reply, Result<Option<serde_json::Value>, PublicError>, Option<Instant>),
}

/// What one wake of the loop does.
#[derive(Default)]
pub(crate) struct Turn {
    pub batch: Batch,
    pub effects: Vec<Effect>,
}

/// A turn whose commit is under way.
pub(super) struct Submitted {
    commit: Commit,
    effects: Vec<Effect>,
    generation: u64,
}

impl Actor {
    /// Queues a stanza for after the commit.
    pub fn send(&mut self, node: Node<'static>) {
        self.turn.effects.push(Effect::Send(node));
    }

    /// Queues a request for after the commit, and remembers what its answer is for.
    pub fn request(&mut self, id: CompactString, node: Node<'static>, wait: Wait) {
        self.requests.expect(id, wait, Instant::now() + self.options.connect_timeout);
        self.send(node);
    }

    /// Queues an event for after the commit.
    pub fn emit(&mut self, event: Event) {
        self.turn.effects.push(Effect::Event(event));
    }

    /// Queues the answer to a command for after the commit.
    pub fn reply(&mut self, reply: Reply, result: Result<Option<serde_json::Value>, PublicError>) {
        self.reply_to_send(reply, None, result);
    }

    /// The same for a call that sends: its message may be in the outbox again when the commit fails, and the call then
    /// waits until its deadline.
    pub fn reply_to_send(
        &mut self,
        reply: Reply,
        deadline: Option<Instant>,
        result: Result<Option<serde_json::Value>, PublicError>,
    ) {
        self.turn.effects.push(Effect::Reply(reply, result, deadline));
    }

    /// The open store.
    pub fn store(&self) -> Result<Arc<dyn SessionStore>, Fault> {
        self.store.clone().ok_or_else(|| Fault::Store(StoreError::Closed { session: self.name.clone() }))
    }

    /// Reads one value, as this turn leaves it.
    pub async fn read(&mut self, key: Key) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.read_many(std::slice::from_ref(&key)).await?.pop().flatten())
    }

    /// Reads values as this turn leaves them. (To flush the turn for that in the middle of a stanza would tear what the
    /// stanza changes into two commits.)
    pub async fn read_many(&mut self, keys: &[Key]) -> Result<Vec<Option<Vec<u8>>>, Fault> {
        let mut values = self.store()?.get_many(keys).await?;
        for (key, value) in keys.iter().zip(&mut values) {
            if let Some(outcome) = self.turn.batch.outcome(key) {
                *value = outcome.map(<[u8]>::to_vec);
            }
        }
        Ok(values)
    }

    /// Submits the turn: its changes as one batch, its effects for when that is durable.
    pub fn flush(&mut self) {
        self.store_sender_keys();
        self.tell_creds();
        if !self.turn.batch.is_empty() {
            self.delete_confirmed();
        }
        let Turn { batch, effects } = std::mem::take(&mut self.turn);
        if batch.is_empty() && effects.is_empty() {
            return;
        }
        let commit = match &self.store {
            Some(store) if !batch.is_empty() => store.apply(batch),
            _ if self.commits.is_empty() => return self.run_effects(effects, self.generation),
            _ => Commit::done(Ok(())),
        };
        self.commits.push_back(Submitted { commit, effects, generation: self.generation });
        self.sessions.trim();
        self.mappings.trim();
        self.devices.trim();
        self.numbers.trim();
        self.no_bundle.trim();
        self.groups.trim();
        self.sender_keys.trim();
        self.tokens.trim();
    }

    pub(super) async fn on_committed(&mut self, result: Result<(), StoreError>) {
        let Some(submitted) = self.commits.pop_front() else { return };
        match result {
            Ok(()) => self.run_effects(submitted.effects, submitted.generation),
            Err(error) => {
                self.commits.push_front(Submitted { commit: Commit::done(Err(error.clone())), ..submitted });
                self.on_fault(Fault::Store(error)).await;
            }
        }
    }

    fn run_effects(&mut self, effects: Vec<Effect>, generation: u64) {
        for effect in effects {
            match effect {
                Effect::Send(node) if generation == self.generation => self.transmit(&node),
                Effect::Send(_) => {}
                Effect::Event(event) => self.events.emit(event),
                Effect::Inbox(event) => self.inbox.offer(&self.events, event),
                Effect::History(part) => self.on_part_stored(part),
                Effect::Stored(seq) => self.outbox.is_stored(seq),
                Effect::Confirmed(row) => self.inbox.is_deleted(row),
                Effect::Reply(reply, result, _) => self.answer(reply, result),
            }
        }
    }

    fn transmit(&mut self, node: &Node<'_>) {
        let Link::Up(up) = &mut self.link else { return };
        tracing::trace!(session = %self.name, "-> {node:?}");
        if let Err(end) = up.connection.queue(node) {
            // The reader finds the socket closed; a stanza of ours that cannot be written must not end the session.
            tracing::error!(session = %self.name, "a stanza could not be written: {}", end.reason);
        }
    }

    /// Gives a command its answer at once.
    pub fn answer(&self, reply: Reply, result: Result<Option<serde_json::Value>, PublicError>) {
        if let Some(ticket) = self.shared.settle(reply) {
            self.events.emit(match result {
                Ok(value) => Event::Done { ticket, value },
                Err(error) => Event::Failed { ticket, error },
            });
        }
    }

    /// Waits until everything submitted is durable and its effects have run.
    pub async fn settle(&mut self) {
        self.flush();
        while !self.commits.is_empty() {
            let result = next_commit(&mut self.commits).await;
            let failed = result.is_err();
            self.on_committed(result).await;
            if failed {
                return;
            }
            self.flush();
        }
    }

    pub(super) async fn on_fault(&mut self, fault: Fault) {
        match fault {
            Fault::End(end) => self.on_end(end).await,
            Fault::Store(error) => self.on_store_failed(error).await,
        }
    }

    /// Memory may be ahead of the disk: everything is thrown away, and read again if the store still is ours.
    async fn on_store_failed(&mut self, failure: StoreError) {
        let lost = is_lost(&failure);
        let reason = error::store(failure);
        tracing::error!(session = %self.name, "the store failed: {}", reason.message);
        if !lost {
            self.drain_inbox(TAKING).await;
        }
        let undone = std::mem::take(&mut self.turn).effects;
        let undone: Vec<_> = self.commits.drain(..).flat_map(|commit| commit.effects).chain(undone).collect();
        self.forget_memory();
        let confirmed = undone.iter().filter_map(|effect| match effect {
            Effect::Confirmed(row) => Some(*row),
            _ => None,
        });
        self.inbox.keep_confirmed(confirmed);
        let recovered = !lost && self.resync().await.is_ok();
        for effect in undone {
            if let Effect::Reply(reply, result, deadline) = effect {
                self.take_back(reply, &result, deadline, &reason);
            }
        }
        let next = if recovered { Next::Backoff } else { Next::Stop };
        if !recovered {
            self.close_store().await;
        }
        self.on_end(End { reason, next }).await;
    }

    async fn resync(&mut self) -> Result<(), Fault> {
        let store = self.store()?;
        store.resync().await?;
        let deletion = self.inbox.deletion();
        if !deletion.is_empty() {
            match store.apply(deletion).await {
                Ok(()) => self.inbox.are_deleted(),
                Err(failure) if is_lost(&failure) => return Err(failure.into()),
                // It takes nothing still. What it does take later takes that along.
                Err(_) => store.resync().await?,
            }
        }
        self.load().await
    }

    /// Keys may have been changed from outside.
    pub fn forget_keys(&mut self) {
        self.sessions.clear();
        self.mappings.clear();
        self.tokens.forget();
        self.devices.clear();
        self.no_bundle.clear();
        self.sender_keys = SenderKeys::default();
    }

    fn forget_memory(&mut self) {
        self.sessions.clear();
        self.mappings.clear();
        self.tokens.forget();
        self.devices.clear();
        self.numbers.clear();
        self.no_bundle.clear();
        self.recent = Recent::default();
        self.groups = Groups::default();
        self.sender_keys = SenderKeys::default();
        self.secrets = Secrets::default();
        self.blocklist = Blocklist::default();
        self.forget_uploads();
        self.app_state.forget();
        self.history.forget();
    }

    /// Takes a store that was opened.
    pub fn hold_store(&mut self, store: Arc<dyn SessionStore>) {
        self.lease_lost = Some(store.lost());
        self.lease_wanted = Some(store.wanted());
        self.store = Some(store);
    }

    /// Lets the store go, after what was submitted.
    pub async fn close_store(&mut self) {
        self.lease_lost = None;
        self.lease_wanted = None;
        self.leaving = None;
        self.forget_memory();
        if let Some(store) = self.store.take()
            && let Err(failure) = store.close().await
        {
            tracing::warn!(session = %self.name, "the session's lease was not freed: {failure}");
        }
    }

    /// Whether the store is open.
    pub fn has_store(&self) -> bool {
        self.store.is_some()
    }

    /// An error that no call waits for.
    pub fn warn(&mut self, code: ErrorCode, message: String) {
        self.emit(Event::Error(PublicError::new(code, message)));
    }
}

pub(super) async fn next_commit(commits: &mut VecDeque<Submitted>) -> Result<(), StoreError> {
    match commits.front_mut() {
        Some(submitted) => (&mut submitted.commit).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{Entry, Outgoing};

    #[tokio::test(start_paused = true)]
    async fn a_call_whose_acknowledgement_could_not_be_stored_waits_no_longer_than_it_said() {
        let mut actor = Actor::for_tests().await;
        crate::lock(&actor.shared.waiting).insert(1);
        let deadline = Instant::now() + Duration::from_secs(7);
        actor.enqueue(Entry {
            reply: Some(1),
            deadline: Some(deadline),
            ..Entry::new("ID".to_owned(), "15550001111".to_owned(), Outgoing::default())
        });
        actor.settle().await;
        actor.on_ack(&Node::new("ack").attr("class", "message").attr("id", "ID")).await.expect("taken");
        assert_eq!(actor.outbox.depth(), 0);
        let failure = StoreError::Failed { cause: "no space left on device".into() };
        actor.on_fault(Fault::Store(failure)).await;
        assert_eq!(actor.outbox.expired(deadline - Duration::from_secs(1)), []);
        assert_eq!(actor.outbox.expired(deadline), [(1, "ID".to_owned())]);
    }
}
