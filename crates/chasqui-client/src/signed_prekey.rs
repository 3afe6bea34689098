//! The signed prekey: renewed about every four weeks, the older ones kept for messages that are under way.
//!
//! The next one is stored before the server hears of it, so that whatever is encrypted with it can be read; it becomes
//! the current one when the server has confirmed it. Source: 02-pairing-and-keys §8.5.

use chasqui_requests::session::Outcome;
use chasqui_signal::SignedPreKey;
use chasqui_store::{Key, Namespace};
use chasqui_wire::Node;

use crate::{
    actor::{Actor, Fault},
    connection::unix_now,
    iq::{self, Wait},
    prekeys::{following, signed_key_node, taken},
};

/// Seconds between two renewals.
pub(crate) const LIFE: u64 = 27 * 86_400;
/// Seconds until the next attempt after one that failed.
const PAUSE: u64 = 86_400;
/// Former keys that are kept.
const KEPT: u32 = 3;

fn key(id: u32) -> Key {
    Key::new(Namespace::SignedPreKey, &id.to_be_bytes()[1..])
}

impl Actor {
    /// Our signed prekey with this id: the current one, a former one, or the one that the server is being told of.
    pub(crate) async fn signed_prekey(&mut self, id: u32) -> Result<Option<SignedPreKey>, Fault> {
        if self.creds.signed_prekey.id == id {
            return Ok(Some(self.creds.signed_prekey.clone()));
        }
        let stored = self.read(key(id)).await?;
        Ok(stored.and_then(|bytes| SignedPreKey::from_bytes(&bytes).ok()))
    }

    /// Renews the signed prekey when its time has come.
    pub(crate) async fn renew_signed_prekey(&mut self) -> Result<(), Fault> {
        let now = unix_now();
        if !self.is_open() || now < self.creds.signed_prekey_until {
            return Ok(());
        }
        if self.creds.signed_prekey_until == 0 {
            // Its age is not known.
            self.next_renewal(now + LIFE);
            return Ok(());
        }
        self.offer_signed_prekey(now).await
    }

    /// A program wants it to be renewed.
    pub(crate) async fn want_rotation(&mut self, outcome: Outcome<()>) -> Result<(), Fault> {
        self.uploads.renewing.push(outcome);
        if self.uploads.renewing.len() > 1 {
            return Ok(());
        }
        self.offer_signed_prekey(unix_now()).await
    }

    async fn offer_signed_prekey(&mut self, now: u64) -> Result<(), Fault> {
        let id = following(self.creds.signed_prekey.id);
        // An attempt without an answer may have reached the server: its key is offered again, and no other under its id.
        let next = match self.signed_prekey(id).await? {
            Some(next) => next,
            None => {
                let next = SignedPreKey::generate(id, &self.creds.identity);
                self.turn.batch.put(Namespace::SignedPreKey, key(id).bytes, next.to_bytes());
                next
            }
        };
        self.next_renewal(now + PAUSE);
        let request = self.requests.id();
        let node = iq::request(&request, "set", "encrypt").child(Node::new("rotate").child(signed_key_node(&next)));
        self.request(request, node, Wait::Rotation(id));
        Ok(())
    }

    /// The server's answer, or `None` when there is none.
    pub(crate) async fn on_rotation(&mut self, id: u32, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        for outcome in self.uploads.renewing.drain(..) {
            let _ = outcome.send(taken(answer));
        }
        let Some(answer) = answer else { return Ok(()) };
        if let Some(code) = iq::error_code(answer) {
            tracing::warn!(session = %self.name, code, "the server refused a new signed prekey");
            if matches!(code, 406 | 409) {
                self.turn.batch.delete(Namespace::SignedPreKey, key(id).bytes);
            }
            if code == 409 {
                self.ask_digest();
            }
            return Ok(());
        }
        let Some(next) = self.signed_prekey(id).await?.filter(|next| next.id != self.creds.signed_prekey.id) else {
            return Ok(());
        };
        let former = std::mem::replace(&mut self.creds.signed_prekey, next);
        self.turn.batch.put(Namespace::SignedPreKey, key(former.id).bytes, former.to_bytes());
        self.turn.batch.delete(Namespace::SignedPreKey, key(id).bytes);
        if let Some(oldest) = former.id.checked_sub(KEPT).filter(|id| *id > 0) {
            self.turn.batch.delete(Namespace::SignedPreKey, key(oldest).bytes);
        }
        self.next_renewal(unix_now() + LIFE);
        Ok(())
    }

    fn next_renewal(&mut self, time: u64) {
        self.creds.signed_prekey_until = time;
        self.save_creds();
    }
}
