//! Presence and chat states (the contract, §9.10).

use chasqui_wire::node::Node;
use compact_str::CompactString;

use crate::{
    account::DeviceRef,
    clock::Millis,
    queue::{Entry, Kind},
    world::World,
};

/// Longest push name that is taken, in bytes.
const MAX_NAME: usize = 256;

impl World {
    /// A presence: its `name` becomes the account's push name. Without attributes it changes nothing.
    pub fn on_presence(&mut self, from: DeviceRef, node: &Node<'static>) {
        if let Some(name) = node.get_str("name").filter(|name| name.len() <= MAX_NAME) {
            self.accounts.get_mut(from.account).push_name = name.into_owned();
        }
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
