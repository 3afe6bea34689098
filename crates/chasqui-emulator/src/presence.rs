//! Presence and chat states (the contract, §9.10; 07-requests-and-notifications §8 and §16.3).
//!
//! An account is there while one of its devices says so. Who asked for it is told at once and at every change, as far as
//! the account's settings allow, in the addressing in which it was asked for; both ends with the connection. Nothing of
//! this is queued.

use std::collections::HashMap;

use chasqui_wire::{
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;

use crate::{
    account::{AccountId, DeviceRef},
    clock::Millis,
    connection::ConnectionId,
    queue::{Entry, Kind},
    world::World,
};

/// Longest push name that is taken, in bytes.
const MAX_NAME: usize = 256;
/// Most subscriptions of one connection.
const MAX_SUBSCRIPTIONS: usize = 10_000;

/// Presence of connections.
#[derive(Default)]
pub(crate) struct Presences {
    /// Connections that said that their account is there.
    available: HashMap<ConnectionId, AccountId>,
    /// Whose presence a connection wants, by the address that it used, with the token that it showed.
    wanted: HashMap<ConnectionId, HashMap<Jid, Option<Vec<u8>>>>,
}

impl World {
    /// A presence: its `name` becomes the account's push name. Without attributes it changes nothing.
    pub fn on_presence(&mut self, from: DeviceRef, node: &Node<'static>) {
        if let Some(name) = node.get_str("name").filter(|name| name.len() <= MAX_NAME) {
            self.accounts.get_mut(from.account).push_name = name.into_owned();
        }
        let Some(id) = self.accounts.device(from).and_then(|device| device.connection) else { return };
        match (node.get_str("type").as_deref(), node.get_jid("to")) {
            (Some("available"), None) => self.change_presence(from.account, |presences| {
                presences.available.insert(id, from.account);
            }),
            (Some("unavailable"), None) => self.change_presence(from.account, |presences| {
                presences.available.remove(&id);
            }),
            (Some("subscribe"), Some(to)) => {
                let token = node.find("tctoken").and_then(Node::content_bytes).map(<[u8]>::to_vec);
                let wanted = self.presences.wanted.entry(id).or_default();
                if wanted.len() < MAX_SUBSCRIPTIONS {
                    wanted.insert(to.to_bare(), token.clone());
                }
                self.show_presence(id, from.account, &to.to_bare(), token.as_deref());
            }
            (Some("unsubscribe"), Some(to)) => {
                if let Some(wanted) = self.presences.wanted.get_mut(&id) {
                    wanted.remove(&to.to_bare());
                }
            }
            _ => {}
        }
    }

    /// Whether an account is there.
    fn is_there(&self, account: AccountId) -> bool {
        self.accounts.get(account).social.phone_available
            || self.presences.available.values().any(|there| *there == account)
    }

    /// The phone shows the app, or no more.
    pub fn set_phone_available(&mut self, account: AccountId, available: bool) {
        let before = self.is_there(account);
        self.accounts.get_mut(account).social.phone_available = available;
        self.presence_changed(account, before);
    }

    fn change_presence(&mut self, account: AccountId, change: impl FnOnce(&mut Presences)) {
        let before = self.is_there(account);
        change(&mut self.presences);
        self.presence_changed(account, before);
    }

    /// A connection has ended.
    pub fn forget_presence(&mut self, id: ConnectionId) {
        self.presences.wanted.remove(&id);
        if let Some(account) = self.presences.available.get(&id).copied() {
            self.change_presence(account, |presences| {
                presences.available.remove(&id);
            });
        }
    }

    fn presence_changed(&mut self, account: AccountId, before: bool) {
        let now = self.is_there(account);
        if before == now {
            return;
        }
        if !now {
            self.accounts.get_mut(account).social.last_seen = Some(self.clock.now().seconds());
        }
        let mut told = Vec::new();
        for (id, wanted) in &self.presences.wanted {
            for (address, token) in wanted {
                let group = self.groups.find(address).is_some_and(|group| group.is_member(account));
                if group || self.accounts.find(address) == Some(account) {
                    told.push((*id, address.clone(), token.clone()));
                }
            }
        }
        for (id, address, token) in told {
            if let Some(asker) = self.device_of(id).map(|at| at.account) {
                self.show_presence(id, asker, &address, token.as_deref());
            }
        }
    }

    /// Tells a connection who is there now.
    fn show_presence(&mut self, id: ConnectionId, asker: AccountId, of: &Jid, token: Option<&[u8]>) {
        let presence = Node::new("presence").attr("from", of.clone());
        if of.server == Server::Group {
            let Some(group) = self.groups.find(of).filter(|group| group.is_member(asker)) else { return };
            let count = group.accounts().into_iter().filter(|member| self.is_there(*member)).count();
            return self.send(id, presence.attr("count", count));
        }
        let Some(owner) = self.accounts.find(of) else { return };
        if self.has_blocked(owner, asker) || self.has_blocked(asker, owner) {
            return;
        }
        let shows_last = self.shows(owner, asker, "last", token);
        let shows_online = self.privacy_of(owner, "online") != "match_last_seen" || shows_last;
        let node = if self.is_there(owner) && shows_online {
            presence
        } else {
            let last = self.accounts.get(owner).social.last_seen.filter(|_| shows_last);
            let last = last.map_or_else(|| "deny".to_owned(), |last| last.to_string());
            presence.attr("type", "unavailable").attr("last", last)
        };
        self.send(id, node);
    }

    /// A chat state: for all companions of the person, or the people of the group, in `to`; worthless after a while.
    pub fn on_chatstate(&mut self, from: DeviceRef, node: &Node<'static>) {
        let Some(to) = node.get_jid("to") else { return };
        let (targets, stanza) = match self.groups.find(&to) {
            Some(group) if group.is_member(from.account) => {
                let sender = self.accounts.get(from.account).jid(group.by_lid);
                (group.accounts(), Node::new("chatstate").attr("from", to).attr("participant", sender))
            }
            Some(_) => return,
            None => {
                let Some(target) = self.accounts.find(&to) else { return };
                let sender = self.accounts.get(from.account).jid(to.is_lid());
                let heard = !self.has_blocked(target, from.account);
                (heard.then_some(target).into_iter().collect(), Node::new("chatstate").attr("from", sender))
            }
        };
        let stanza = Node { content: node.content.clone(), ..stanza };
        let ttl = u64::try_from(self.options.chatstate_ttl.as_millis()).unwrap_or(u64::MAX);
        let entry = Entry {
            kind: Kind::Chatstate,
            id: CompactString::default(),
            author: Some(from.account),
            own_copy: false,
            expires: Some(Millis(self.clock.now().0.saturating_add(ttl))),
            node: stanza.into(),
        };
        for target in targets.into_iter().filter(|target| *target != from.account) {
            let devices: Vec<u16> = self.accounts.get(target).devices.keys().copied().collect();
            for device in devices {
                self.deliver(DeviceRef { account: target, device }, entry.clone());
            }
        }
    }
}
