//! One-time prekeys: made, stored, uploaded, counted and checked.
//!
//! A key is stored before it is uploaded; it is deleted in the commit of the message that used it. The counter of the
//! next id lies with the credentials and only grows, so no id is used twice. Source: 02-pairing-and-keys §8.

use std::time::Duration;

use chasqui_error::PublicError;
use chasqui_requests::{answer::accepted_here, session::Outcome};
use chasqui_signal::{PreKey, SignedPreKey, prekey::MAX_PREKEY_ID};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Node, curve::DJB_TYPE};
use sha1::{Digest, Sha1};
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    creds::{self, Creds},
    iq::{self, Wait},
    requests,
};

/// How many keys the server gets when it has none.
pub(crate) const FIRST_UPLOAD: u32 = 812;
/// How many it gets when it runs low.
const REFILL: u32 = 50;
/// When it runs low.
const LOW: u64 = 5;
/// The pause after a failed upload, doubled by each further one, and its end.
const PAUSE: Duration = Duration::from_secs(2);
const MAX_PAUSE: Duration = Duration::from_secs(600);

/// The stored place of a one-time prekey.
pub(crate) fn key(id: u32) -> Key {
    Key::new(Namespace::PreKey, &id.to_be_bytes()[1..])
}

fn id_node(id: u32) -> Node<'static> {
    Node::new("id").bytes(id.to_be_bytes()[1..].to_vec())
}

/// The children of an upload.
fn upload_content(creds: &Creds, keys: &[PreKey]) -> Vec<Node<'static>> {
    let list = keys.iter().map(|key| {
        Node::new("key").children([id_node(key.id), Node::new("value").bytes(key.pair.public.as_bytes().to_vec())])
    });
    vec![
        Node::new("registration").bytes(creds.registration_id.to_be_bytes().to_vec()),
        Node::new("type").bytes(vec![DJB_TYPE]),
        Node::new("identity").bytes(creds.identity.public.as_bytes().to_vec()),
        Node::new("list").children(list),
        signed_key_node(&creds.signed_prekey),
    ]
}

/// `<skey>`, as uploads and rotations have it.
pub(crate) fn signed_key_node(signed: &SignedPreKey) -> Node<'static> {
    Node::new("skey").children([
        id_node(signed.id),
        Node::new("value").bytes(signed.pair.public.as_bytes().to_vec()),
        Node::new("signature").bytes(signed.signature.to_vec()),
    ])
}

/// The upload under way, and the one that follows after a failure.
#[derive(Default)]
pub(crate) struct Uploads {
    under_way: bool,
    failures: u32,
    /// When the server is asked again how many it has.
    again: Option<Instant>,
    /// Who waits for the upload under way, and for the renewal of the signed prekey.
    waiting: Vec<Outcome<()>>,
    pub renewing: Vec<Outcome<()>>,
}

impl Uploads {
    /// What was under way is asked for by the next login.
    pub fn connection_ended(&mut self) {
        (self.under_way, self.again) = (false, None);
        self.waiting.clear();
        self.renewing.clear();
    }

    /// When the next attempt is due.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.again
    }
}

impl Actor {
    /// Asks how many keys the server has; the first step after `<success>`.
    pub(crate) fn ask_prekey_count(&mut self) {
        let id = self.requests.id();
        let node = iq::request(&id, "get", "encrypt").child(Node::new("count"));
        self.request(id, node, Wait::PreKeyCount);
    }

    /// The server's count: uploads when it is low, then goes active.
    pub(crate) fn on_prekey_count(&mut self, answer: &Node<'_>) {
        let count = answer.find("count").and_then(|node| node.get_u64("value")).unwrap_or(0);
        match count {
            0 => self.upload_prekeys(FIRST_UPLOAD),
            1..=LOW => self.upload_prekeys(REFILL),
            _ => {}
        }
        if !self.is_open() {
            self.go_active();
        }
    }

    /// Makes, stores and then uploads `count` new keys.
    pub(crate) fn upload_prekeys(&mut self, count: u32) {
        if std::mem::replace(&mut self.uploads.under_way, true) {
            return;
        }
        let first = self.creds.next_prekey_id;
        let keys: Vec<_> = (0..count).map(|at| PreKey::generate(wrap(first + at))).collect();
        for prekey in &keys {
            self.turn.batch.put(Namespace::PreKey, key(prekey.id).bytes, prekey.to_bytes());
        }
        self.creds.next_prekey_id = wrap(first + count);
        self.save_creds();
        let id = self.requests.id();
        let node = iq::request(&id, "set", "encrypt").children(upload_content(&self.creds, &keys));
        self.request(id, node, Wait::PreKeyUpload);
    }

    /// A program wants new keys to be there.
    pub(crate) fn want_upload(&mut self, count: u32, outcome: Outcome<()>) {
        self.uploads.waiting.push(outcome);
        self.upload_prekeys(count);
    }

    /// The answer to an upload, or `None` when there is none.
    pub(crate) fn on_uploaded(&mut self, answer: Option<&Node<'_>>) {
        self.uploads.under_way = false;
        for outcome in self.uploads.waiting.drain(..) {
            let _ = outcome.send(taken(answer));
        }
        let refused = answer.map(iq::error_code);
        if refused == Some(None) {
            self.uploads.failures = 0;
            return;
        }
        tracing::warn!(session = %self.name, code = refused.flatten(), "a prekey upload failed");
        let pause = PAUSE.saturating_mul(1 << self.uploads.failures.min(16)).min(MAX_PAUSE);
        self.uploads.failures += 1;
        self.uploads.again = Some(Instant::now() + pause);
    }

    /// After a failed upload: asks what the server has, and goes on from there.
    pub(crate) fn upload_in_time(&mut self, now: Instant) {
        if self.uploads.again.is_some_and(|again| again <= now) {
            self.uploads.again = None;
            if self.is_open() {
                self.ask_prekey_count();
            }
        }
    }

    /// `<notification type=encrypt from=server><count value=N/>`: the server runs low.
    pub(crate) fn on_prekeys_low(&mut self) {
        self.upload_prekeys(REFILL);
    }

    /// Asks what the server holds, to compare it with what we hold.
    pub(crate) fn ask_digest(&mut self) {
        let id = self.requests.id();
        let node = iq::request(&id, "get", "encrypt").child(Node::new("digest"));
        self.request(id, node, Wait::Digest);
    }

    /// Uploads anew when the server's keys are not ours.
    pub(crate) async fn on_digest(&mut self, answer: &Node<'_>) -> Result<(), Fault> {
        match iq::error_code(answer) {
            Some(404) => self.upload_prekeys(FIRST_UPLOAD),
            Some(_) => {}
            None => {
                if !self.digest_matches(answer).await? {
                    tracing::warn!(session = %self.name, "the server holds other prekeys than we do: uploading new ones");
                    self.upload_prekeys(FIRST_UPLOAD);
                }
            }
        }
        Ok(())
    }

    async fn digest_matches(&mut self, answer: &Node<'_>) -> Result<bool, Fault> {
        let Some(digest) = answer.find("digest") else { return Ok(false) };
        let registration = digest.find("registration").map(Node::need_bytes::<4>);
        if registration.is_some_and(|theirs| theirs != Ok(self.creds.registration_id.to_be_bytes())) {
            return Ok(false);
        }
        let theirs = digest.find("hash").and_then(Node::content_bytes).unwrap_or_default();
        // Reading hundreds of keys would be most of what a login costs, and they seldom change between two.
        if self.creds.verified_digest.as_deref() == Some(theirs) {
            return Ok(true);
        }
        let ids: Vec<u32> = digest
            .find("list")
            .map(|list| {
                let three = |node: &Node<'_>| node.need_bytes::<3>().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]));
                list.all("id").filter_map(|id| three(id).ok()).collect()
            })
            .unwrap_or_default();
        let keys: Vec<_> = ids.iter().map(|id| key(*id)).collect();
        let stored = self.store()?.get_many(&keys).await?;
        let signed = &self.creds.signed_prekey;
        let mut hash = Sha1::new()
            .chain_update(self.creds.identity.public.as_bytes())
            .chain_update(signed.pair.public.as_bytes())
            .chain_update(signed.signature);
        for bytes in stored {
            // A key that we have used up meanwhile is no fault; the server forgets it with its next fetch.
            let Some(bytes) = bytes else { return Ok(true) };
            match PreKey::from_bytes(&bytes) {
                Ok(prekey) => hash.update(prekey.pair.public.as_bytes()),
                Err(_) => return Ok(false),
            }
        }
        let matches = theirs == hash.finalize().as_slice();
        if matches {
            self.creds.verified_digest = Some(theirs.to_vec());
            self.save_creds();
        }
        Ok(matches)
    }

    /// Puts the credentials into the turn's batch.
    pub(crate) fn save_creds(&mut self) {
        let bytes = self.creds.to_bytes();
        self.turn.batch.put(Namespace::Meta, creds::key().bytes, bytes);
        if let Some(told) = &mut self.told {
            told.changed = true;
        }
    }
}

/// What an answer says to who waits for it.
pub(crate) fn taken(answer: Option<&Node<'_>>) -> Result<(), PublicError> {
    answer.map_or_else(|| Err(requests::timeout()), accepted_here)
}

/// The id after this one.
pub(crate) fn following(id: u32) -> u32 {
    wrap(id + 1)
}

/// Ids have 24 bits and skip 0.
fn wrap(id: u32) -> u32 {
    if id > MAX_PREKEY_ID { id - MAX_PREKEY_ID } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_wrap_to_one() {
        assert_eq!((wrap(MAX_PREKEY_ID), wrap(MAX_PREKEY_ID + 1)), (MAX_PREKEY_ID, 1));
    }
}
