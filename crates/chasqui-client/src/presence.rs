//! Whether the account is there on this device, and whose presence is to be told. Both hold after the next login, too:
//! the service forgets them with the connection.
//!
//! Source: 07-requests-and-notifications §8.

use std::collections::VecDeque;

use chasqui_wire::{Jid, Node};

use crate::{
    actor::{Actor, Fault},
    connection::unix_now_ms,
    props,
};

/// People and groups whose presence is wanted; of more the oldest go.
pub(crate) const MAX_WANTED: usize = 5000;
/// Milliseconds of three days and of seven, of which the unified session's id is made.
const THREE_DAYS_MS: i64 = 3 * 86_400_000;
const WEEK_MS: i64 = 7 * 86_400_000;

#[derive(Default)]
pub(crate) struct Presence {
    /// The program said so, or wants to say when it is not.
    away: bool,
    /// Whose presence is wanted, as they were addressed.
    wanted: VecDeque<Jid>,
}

impl Presence {
    /// `there`: the account is there as soon as it is connected.
    pub fn new(there: bool) -> Self {
        Self { away: !there, wanted: VecDeque::new() }
    }

    /// How many people's presence is wanted.
    pub fn wanted(&self) -> usize {
        self.wanted.len()
    }
}

impl Actor {
    /// Whether the account is there on this device. Where it is not, what arrives here is no delivery to its sender: our
    /// receipts say that they are of a device in the background (03-messages §15).
    pub(crate) fn is_there(&self) -> bool {
        !self.presence.away && self.creds.push_name.is_some()
    }

    /// Tells whether the account is there. "Available" makes our receipts count as delivery; it needs a name.
    pub(crate) fn announce_presence(&mut self) {
        if let Some(name) = self.creds.push_name.clone() {
            let kind = if self.is_there() { "available" } else { "unavailable" };
            self.send(Node::new("presence").attr("type", kind).attr("name", name));
        }
    }

    /// The program says whether the account is there.
    pub(crate) fn set_available(&mut self, available: bool) {
        self.presence.away = !available;
        if available {
            self.send_unified_session();
        }
        self.announce_presence();
    }

    /// What the service counts sessions by.
    pub(crate) fn send_unified_session(&mut self) {
        let ours = i64::try_from(unix_now_ms()).unwrap_or(0).saturating_add(THREE_DAYS_MS);
        let shifted = self.clock_offset.saturating_mul(1000).saturating_add(ours);
        self.send(Node::new("ib").child(Node::new("unified_session").attr("id", shifted.rem_euclid(WEEK_MS))));
    }

    /// Somebody's presence is wanted, or no more.
    pub(crate) async fn subscribe(&mut self, to: &Jid, wanted: bool) -> Result<(), Fault> {
        let to = if to.is_user() { self.addressed(to).await? } else { to.to_bare() };
        self.presence.wanted.retain(|known| *known != to);
        if !wanted {
            self.send(Node::new("presence").attr("type", "unsubscribe").attr("to", to));
            return Ok(());
        }
        self.send_subscription(&to).await?;
        self.presence.wanted.push_back(to);
        if self.presence.wanted.len() > MAX_WANTED {
            self.presence.wanted.pop_front();
        }
        Ok(())
    }

    async fn send_subscription(&mut self, to: &Jid) -> Result<(), Fault> {
        let token = if to.is_user() && !self.props.is_off(props::TOKEN_WITH_MESSAGES) {
            self.usable_token(to).await?
        } else {
            None
        };
        let id = self.requests.id();
        let node = Node::new("presence").attr("type", "subscribe").attr("to", to).attr("id", id).into_owned();
        self.send(node.children(token.map(|token| Node::new("tctoken").bytes(token))));
        Ok(())
    }

    /// After a login.
    pub(crate) async fn subscribe_again(&mut self) -> Result<(), Fault> {
        for to in self.presence.wanted.clone() {
            self.send_subscription(&to).await?;
        }
        Ok(())
    }
}
