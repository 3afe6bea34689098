//! The account's state is changed by the program: `client.change()`.
//!
//! A call becomes mutations, by collection. They wait until their collection is complete and quiet, are built into one
//! patch onto what is known, and are stored and told when the server has taken that. When it has newer patches instead,
//! those are worked off first, and the patch is built anew. Source: 04-app-state §9, §11.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use chasqui_appstate::{
    Applied, BuildError, Change, Collection, IndexMac, LocalMutation, ValueMac, build, build_patch, plain::PlainError,
};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    apply::{self, Step},
    query,
};
use crate::{
    Reply,
    actor::{Actor, Fault, Link},
    connection::unix_now_ms,
    error,
    event::ChangeSource,
    iq::{self, Wait},
    number,
};

/// Changes of one call.
const MAX_CHANGES: usize = 1000;
/// Calls that wait at once.
const MAX_CALLS: usize = 1024;
/// Mutations of one patch.
const MAX_MUTATIONS: usize = 1000;
/// How often a patch is built anew because the server had newer ones.
const MAX_CONFLICTS: u32 = 5;

/// Calls, and what of them the server does not have yet.
#[derive(Default)]
pub(super) struct Uploads {
    calls: HashMap<Reply, Call>,
    /// In the order of the calls.
    parts: VecDeque<Part>,
}

struct Call {
    /// Parts that the server does not have yet.
    left: usize,
    deadline: Instant,
}

/// What a call changes in one collection.
struct Part {
    reply: Reply,
    collection: Collection,
    mutations: Vec<LocalMutation>,
    conflicts: u32,
}

/// A patch that the server was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    collection: Collection,
    applied: Applied,
    /// Whose it is.
    replies: Vec<Reply>,
}

impl Uploads {
    pub fn next_expiry(&self) -> Option<Instant> {
        self.calls.values().map(|call| call.deadline).min()
    }

    /// Forgets a call; `false` when there is none.
    fn remove(&mut self, reply: Reply) -> bool {
        self.parts.retain(|part| part.reply != reply);
        self.calls.remove(&reply).is_some()
    }

    /// A part is done; `true` when it was the last one of its call.
    fn finish(&mut self, reply: Reply, collection: Collection) -> bool {
        self.parts.retain(|part| part.reply != reply || part.collection != collection);
        let Some(call) = self.calls.get_mut(&reply) else { return false };
        call.left = call.left.saturating_sub(1);
        call.left == 0 && self.calls.remove(&reply).is_some()
    }

    fn of(&self, collection: Collection) -> Vec<Reply> {
        self.parts.iter().filter(|part| part.collection == collection).map(|part| part.reply).collect()
    }
}

fn invalid(message: impl Into<String>) -> PublicError {
    PublicError::new(ErrorCode::InvalidChange, message)
}

/// `INVALID_CHANGE`
fn not_made(error: &PlainError) -> PublicError {
    invalid(format!("The change cannot be made: {error}."))
}

/// What a program wrote; `INVALID_CHANGE` when it is no list of changes.
fn read(changes: Value) -> Result<Vec<Change>, PublicError> {
    let Value::Array(changes) = changes else { return Err(invalid("There is no list of changes.")) };
    if changes.is_empty() || changes.len() > MAX_CHANGES {
        return Err(invalid(format!("A call makes 1 to {MAX_CHANGES} changes.")).with("limit", MAX_CHANGES));
    }
    let read = |(at, change): (usize, Value)| {
        serde_json::from_value(change).map_err(|error| invalid(format!("Not a change: {error}.")).with("at", at))
    };
    changes.into_iter().enumerate().map(read).collect()
}

impl Actor {
    pub(crate) async fn on_change(&mut self, reply: Reply, changes: Value, timeout: Option<u64>) -> Result<(), Fault> {
        let changes = match read(changes) {
            Ok(_) if matches!(self.link, Link::Down) || !self.was_open => Err(error::not_connected()),
            Ok(_) if self.app_state.uploads.calls.len() >= MAX_CALLS => {
                Err(PublicError::new(ErrorCode::QueueFull, format!("{MAX_CALLS} changes wait already.")))
            }
            other => other,
        };
        let changes = match changes {
            Ok(changes) => changes,
            Err(error) => {
                self.answer(reply, Err(error));
                return Ok(());
            }
        };
        let now = self.clock_offset.saturating_mul(1000).saturating_add(i64::try_from(unix_now_ms()).unwrap_or(0));
        let mut by_collection: HashMap<Collection, Vec<LocalMutation>> = HashMap::new();
        for (at, mut change) in changes.into_iter().enumerate() {
            if matches!(change, Change::Made { .. }) && !self.options.wire {
                self.answer(reply, Err(not_made(&PlainError::ReadOnly).with("at", at)));
                return Ok(());
            }
            if let Err(error) = self.address_change(&mut change).await? {
                self.answer(reply, Err(error.with("at", at)));
                return Ok(());
            }
            match change.mutation(now) {
                Ok(mutation) => {
                    let mutations = by_collection.entry(mutation.collection).or_default();
                    // Who changes the same twice means the last.
                    mutations.retain(|earlier| earlier.data.index() != mutation.data.index());
                    mutations.push(mutation);
                }
                Err(error) => {
                    self.answer(reply, Err(not_made(&error).with("at", at)));
                    return Ok(());
                }
            }
        }
        let broken = |collection| self.app_state.slots.get(collection).and_then(|slot| slot.broken.clone());
        if let Some(error) = by_collection.keys().find_map(broken) {
            self.answer(reply, Err(error));
            return Ok(());
        }
        let timeout = timeout.map_or(self.options.send_timeout, Duration::from_millis);
        let call = Call { left: by_collection.len(), deadline: Instant::now() + timeout };
        self.app_state.uploads.calls.insert(reply, call);
        for collection in Collection::ALL {
            if let Some(mutations) = by_collection.remove(&collection) {
                self.app_state.uploads.parts.push_back(Part { reply, collection, mutations, conflicts: 0 });
            }
        }
        self.advance_sync().await
    }

    /// Gives the JIDs of a change the form in which the account's state has them.
    async fn address_change(&mut self, change: &mut Change) -> Result<Result<(), PublicError>, Fault> {
        let of_contact = matches!(change, Change::Contact { .. });
        for address in change.addresses() {
            let jid = match address.parse::<Jid>() {
                Ok(jid) => jid,
                Err(_) => match number::digits(address) {
                    Some(number) => Jid::pn(number),
                    None => return Ok(Err(not_made(&PlainError::Address(address.clone())))),
                },
            };
            let jid = match jid.is_user() {
                // Contacts go by phone number, chats by what they are addressed by.
                true if of_contact => self.shown(&jid).await?,
                true => self.addressed(&jid).await?,
                false => jid,
            };
            *address = jid.to_string();
        }
        if let Change::Contact { jid, lid: lid @ None, removed: false, .. } = change
            && let Ok(pn) = jid.parse::<Jid>()
            && pn.is_pn()
        {
            *lid = self.counterpart(&pn).await?.map(|jid| jid.to_string());
        }
        Ok(Ok(()))
    }

    /// Uploads what waits for a collection that is ready; `false` when there is nothing.
    pub(super) async fn upload_next(&mut self, now: Instant) -> Result<bool, Fault> {
        let app_state = &self.app_state;
        if app_state.keys.active().is_err() {
            return Ok(false);
        }
        let ready = |part: &&Part| app_state.slots.get(&part.collection).is_some_and(|slot| slot.can_be_changed(now));
        let Some(collection) = app_state.uploads.parts.iter().find(ready).map(|part| part.collection) else {
            return Ok(false);
        };
        let (mutations, replies) = self.next_mutations(collection);
        let (state, keys) = (self.app_state.slot(collection).state.clone(), self.app_state.keys.clone());
        let built = match build::needed(&keys, &mutations) {
            Ok(indexes) => {
                let known = self.stored_macs(collection, indexes).await?;
                build_patch(collection, &state, &keys, &mutations, &known)
            }
            Err(error) => Err(error),
        };
        match built {
            Ok(built) => {
                let id = self.requests.id();
                let node = query::upload(&id, collection, state.version, built.bytes);
                self.app_state.busy = true;
                let sent = Sent { collection, applied: built.applied, replies };
                self.request(id, node, Wait::AppStateUpload(Box::new(sent)));
            }
            Err(BuildError::NoActiveKey) => return Ok(false),
            Err(error) => {
                let error = PublicError::new(ErrorCode::Internal, format!("A patch could not be built: {error}."));
                self.fail_parts(&replies, &error);
            }
        }
        Ok(true)
    }

    /// What goes into one patch: of as many calls as fit, as long as no two change the same.
    fn next_mutations(&self, collection: Collection) -> (Vec<LocalMutation>, Vec<Reply>) {
        let (mut mutations, mut replies) = (Vec::new(), Vec::new());
        let mut indexes = HashSet::new();
        for part in self.app_state.uploads.parts.iter().filter(|part| part.collection == collection) {
            let again = part.mutations.iter().any(|mutation| indexes.contains(mutation.data.index()));
            if again || (!mutations.is_empty() && mutations.len() + part.mutations.len() > MAX_MUTATIONS) {
                break;
            }
            indexes.extend(part.mutations.iter().map(|mutation| mutation.data.index().to_vec()));
            mutations.extend(part.mutations.iter().cloned());
            replies.push(part.reply);
        }
        (mutations, replies)
    }

    async fn stored_macs(
        &mut self,
        collection: Collection,
        indexes: Vec<IndexMac>,
    ) -> Result<HashMap<IndexMac, ValueMac>, Fault> {
        let key = |index: &IndexMac| Key::new(Namespace::AppStateMac, apply::record_key(collection, index));
        let keys: Vec<Key> = indexes.iter().map(key).collect();
        let stored = self.read_many(&keys).await?.into_iter();
        let found = indexes.into_iter().zip(stored);
        Ok(found.filter_map(|(index, stored)| Some((index, apply::value_mac_of(&stored?)?))).collect())
    }

    /// The server's answer to an upload, or none.
    pub(crate) async fn on_app_state_upload(&mut self, sent: Sent, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        self.app_state.busy = false;
        let Sent { collection, applied, replies } = sent;
        let base = applied.state.version.saturating_sub(1);
        let Some(answer) = answer.filter(|answer| iq::error_code(answer).is_none()) else {
            // Whether it was taken is not known: what the server has tells it, and to change the same twice does no harm.
            self.app_state.slot(collection).pause(Instant::now());
            return self.advance_sync().await;
        };
        let named = query::answers(answer).remove(&collection).unwrap_or_default();
        match named.error {
            Some(409) => self.on_conflict(collection, &replies, named).await?,
            Some(code) if query::is_final(code) => {
                let error = PublicError::new(ErrorCode::RequestFailed, "The server refused the change.");
                self.fail_parts(&replies, &error.with("error", code).with("collection", collection.name()));
            }
            Some(_) => self.app_state.slot(collection).pause(Instant::now()),
            None if self.app_state.slot(collection).state.version != base
                || named.version.is_some_and(|version| version != base + 1) =>
            {
                // It has it, among others that are not known here: it comes back with them.
                self.app_state.slot(collection).wanted = true;
                self.finish_parts(collection, &replies);
            }
            None => {
                self.app_state.slot(collection).failures = 0;
                self.commit_step(collection, Step::of(applied, ChangeSource::Echo)).await?;
                self.finish_parts(collection, &replies);
            }
        }
        self.advance_sync().await
    }

    /// Others were faster: what they have done is worked off first.
    async fn on_conflict(
        &mut self,
        collection: Collection,
        replies: &[Reply],
        named: query::Answer,
    ) -> Result<(), Fault> {
        let mut tired = Vec::new();
        for part in &mut self.app_state.uploads.parts {
            if part.collection == collection && replies.contains(&part.reply) {
                part.conflicts += 1;
                if part.conflicts >= MAX_CONFLICTS {
                    tired.push(part.reply);
                }
            }
        }
        let error = PublicError::new(ErrorCode::RequestFailed, "Other devices keep changing the same settings.");
        self.fail_parts(&tired, &error.with("error", 409).with("collection", collection.name()));
        if named.is_empty() {
            self.app_state.slot(collection).wanted = true;
        } else {
            let answer = query::Answer { error: None, ..named };
            self.app_state.answers.push_back((collection, answer));
        }
        Ok(())
    }

    fn finish_parts(&mut self, collection: Collection, replies: &[Reply]) {
        for reply in replies {
            if self.app_state.uploads.finish(*reply, collection) {
                self.reply(*reply, Ok(None));
            }
        }
    }

    fn fail_parts(&mut self, replies: &[Reply], error: &PublicError) {
        for reply in replies {
            if self.app_state.uploads.remove(*reply) {
                self.reply(*reply, Err(error.clone()));
            }
        }
    }

    /// The calls that would change a collection which cannot be followed.
    pub(super) fn fail_changes_of(&mut self, collection: Collection, error: &PublicError) {
        let replies = self.app_state.uploads.of(collection);
        self.fail_parts(&replies, error);
    }

    /// Ends the calls that have waited too long. Nobody knows whether what was sent last is taken.
    pub(super) fn expire_changes(&mut self, now: Instant) {
        let calls = self.app_state.uploads.calls.iter();
        let expired: Vec<Reply> = calls.filter(|(_, call)| call.deadline <= now).map(|(reply, _)| *reply).collect();
        if expired.is_empty() {
            return;
        }
        let error = if self.app_state.loaded && self.app_state.keys.active().is_err() {
            let message = "The phone has not shared the key that the account's settings are encrypted with.";
            PublicError::new(ErrorCode::AppStateKeyMissing, message)
        } else {
            PublicError::new(ErrorCode::Timeout, "The server has not confirmed the change in time.")
        };
        self.fail_parts(&expired, &error);
    }

    /// No connection will come: the calls end.
    pub(crate) fn fail_changes(&mut self, reason: &PublicError) {
        self.app_state.uploads.parts.clear();
        for reply in std::mem::take(&mut self.app_state.uploads.calls).into_keys() {
            self.answer(reply, Err(reason.clone()));
        }
    }

    /// The caller gave up a call.
    pub(crate) fn abort_change(&mut self, reply: Reply) {
        self.app_state.uploads.remove(reply);
    }
}
