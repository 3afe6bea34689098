//! Receipts and acks: what drains a queue, and what is passed on to whom (03-messages §19.6 and §19.7).

use chasqui_wire::{
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;

use crate::{
    account::DeviceRef,
    queue::{Entry, Kind},
    world::World,
};

/// Most ids in one receipt.
const MAX_IDS: usize = 256;

/// Whom a receipt concerns.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// The author's devices.
    Author,
    /// The author's devices, and the reader's others.
    AuthorAndOwn,
    /// The reader's other devices.
    Own,
    /// The device named in `to`.
    ThatDevice,
    /// Nobody.
    Nobody,
}

fn audience(kind: Option<&str>) -> Audience {
    match kind {
        None | Some("inactive" | "delivery") => Audience::Author,
        Some("read" | "played") => Audience::AuthorAndOwn,
        Some("read-self" | "played-self" | "sender") => Audience::Own,
        Some("retry" | "enc_rekey_retry") => Audience::ThatDevice,
        Some(_) => Audience::Nobody,
    }
}

/// A receipt as it waits for a device, with the children of the one that it passes on.
fn entry(from: DeviceRef, id: &CompactString, stanza: Node<'static>, original: &Node<'static>) -> Entry {
    Entry {
        kind: Kind::Receipt,
        id: id.clone(),
        author: Some(from.account),
        own_copy: false,
        expires: None,
        node: Node { content: original.content.clone(), ..stanza }.into(),
    }
}

impl World {
    /// A receipt from a device, or from a phone (device 0).
    pub fn on_receipt(&mut self, from: DeviceRef, node: &Node<'static>) {
        let Some(id) = node.get_str("id").map(|id| CompactString::from(&*id)) else { return };
        let to = node.get_jid("to");
        let kind = node.get_str("type");
        let ack = Node::new("ack")
            .attr("class", "receipt")
            .attr("id", id.clone())
            .attr("from", to.clone().unwrap_or(Jid::SERVER))
            .attr_opt("type", kind.as_deref().map(String::from))
            .attr_opt("participant", node.get_jid("participant"));
        self.answer(from, ack);
        if let Some(channel) = to.as_ref().filter(|to| to.server == Server::Newsletter) {
            if kind.as_deref() == Some("view") {
                self.on_channel_views(from, channel, node);
            }
            return;
        }
        if kind.as_deref() == Some("server-error") {
            return match node.is("category", "peer") {
                true => self.on_blob_lost(from, &id, node),
                false => self.on_media_retry(from, &id, node),
            };
        }

        let listed = node.find("list").into_iter().flat_map(Node::nodes).filter_map(|item| item.get_str("id"));
        let mut ids: Vec<CompactString> = listed.take(MAX_IDS).map(|id| CompactString::from(&*id)).collect();
        if !ids.contains(&id) {
            ids.push(id.clone());
        }
        let many = to.as_ref().filter(|to| matches!(to.server, Server::Group | Server::Broadcast));
        let author = if many.is_some() { node.get_jid("participant") } else { to.clone() };
        self.drain(from, &ids, author.as_ref(), kind.as_deref());
        match (many, author) {
            (Some(chat), Some(author)) => self.forward_group_receipt(from, &id, chat, &author, node),
            // Nobody wrote it.
            (Some(_), None) => {}
            (None, _) => self.forward_receipt(from, id, to, kind.as_deref(), node),
        }
    }

    fn drain(&mut self, at: DeviceRef, ids: &[CompactString], author: Option<&Jid>, kind: Option<&str>) {
        let author = author.and_then(|author| self.accounts.find(author));
        let Some(device) = self.accounts.device_mut(at) else { return };
        for id in ids {
            let drains = |entry: &Entry| !entry.own_copy || matches!(kind, Some("sender" | "retry"));
            let Some(entry) = device.queue.acknowledge(Kind::Message, id, author, drains) else { continue };
            let Some(author) = entry.author else { continue };
            if kind == Some("retry") {
                // The nack that may follow is about this copy, not about the one that is asked for.
                device.asked_again.insert(id.clone());
                device.seen.remove(&(author, id.clone()));
            } else {
                device.seen.insert((author, id.clone()));
            }
        }
    }

    fn forward_receipt(
        &mut self,
        from: DeviceRef,
        id: CompactString,
        to: Option<Jid>,
        kind: Option<&str>,
        node: &Node<'static>,
    ) {
        let audience = audience(kind);
        // Some clients leave `to` out of a receipt about their own message.
        let to = match (to, audience) {
            (Some(to), _) => to,
            (None, Audience::Own) => self.jid(DeviceRef { device: 0, ..from }, true),
            (None, _) => return,
        };
        let Some(named) = self.accounts.device_ref(&to) else { return };
        // Who tells nobody is told by nobody.
        let quiet = |account| self.privacy_of(account, "readreceipts") == "none";
        let audience = match kind {
            Some("read" | "played") if quiet(from.account) || quiet(named.account) => Audience::Own,
            _ => audience,
        };
        let base = Node::new("receipt")
            .attr("from", self.jid(from, to.is_lid()))
            .attr("id", id.clone())
            .attr("t", self.clock.now().seconds())
            .attr_opt("type", kind.map(String::from));
        let entry = |stanza| entry(from, &id, stanza, node);
        let recipient = node.get_jid("recipient");
        if audience == Audience::ThatDevice {
            let receipt = base.attr_opt("recipient", recipient).attr_opt("participant", node.get_jid("participant"));
            self.deliver(named, entry(receipt));
            return;
        }
        if matches!(audience, Audience::Author | Audience::AuthorAndOwn) {
            let receipt = entry(base.clone().attr_opt("recipient", recipient.clone()));
            let devices: Vec<u16> = self.accounts.get(named.account).all_devices().collect();
            for device in devices {
                let target = DeviceRef { account: named.account, device };
                if target != from {
                    self.deliver(target, receipt.clone());
                }
            }
        }
        let own_done = audience == Audience::AuthorAndOwn && named.account == from.account;
        if matches!(audience, Audience::Own | Audience::AuthorAndOwn) && !own_done {
            let chat = recipient.or_else(|| (named.account != from.account).then(|| to.to_bare()));
            let receipt = entry(base.attr_opt("recipient", chat));
            let devices: Vec<u16> = self.accounts.get(from.account).all_devices().collect();
            for device in devices.into_iter().filter(|device| *device != from.device) {
                self.deliver(DeviceRef { account: from.account, device }, receipt.clone());
            }
        }
    }

    /// A receipt for a message in a group, in the status or in a list: `participant` is who wrote it, and becomes who
    /// read it.
    fn forward_group_receipt(
        &mut self,
        from: DeviceRef,
        id: &CompactString,
        chat: &Jid,
        author: &Jid,
        node: &Node<'static>,
    ) {
        let Some(named) = self.accounts.device_ref(author) else { return };
        let kind = node.get_str("type");
        let by_lid = self.groups.find(chat).is_none_or(|group| group.by_lid);
        let twin = if by_lid { "participant_pn" } else { "participant_lid" };
        let base = Node::new("receipt")
            .attr("from", chat)
            .attr("id", id.clone())
            .attr("t", self.clock.now().seconds())
            .attr("participant", self.jid(from, by_lid))
            .attr(twin, self.accounts.get(from.account).jid(!by_lid))
            .attr_opt("type", kind.as_deref().map(String::from));
        let entry = |stanza| entry(from, id, stanza, node);
        let devices = |world: &Self, account| -> Vec<DeviceRef> {
            let all = world.accounts.get(account).all_devices();
            all.map(|device| DeviceRef { account, device }).filter(|at| *at != from).collect()
        };
        let audience = audience(kind.as_deref());
        match audience {
            Audience::Nobody => {}
            Audience::ThatDevice => drop(self.deliver(named, entry(base))),
            _ => {
                if audience != Audience::Own && named.account != from.account {
                    let receipt = entry(base.clone());
                    for target in devices(self, named.account) {
                        self.deliver(target, receipt.clone());
                    }
                }
                if audience != Audience::Author || named.account == from.account {
                    let receipt = entry(base.attr("recipient", author.to_bare()));
                    for target in devices(self, from.account) {
                        self.deliver(target, receipt.clone());
                    }
                }
            }
        }
    }

    /// An ack from a device: it has taken, or refused, a stanza.
    pub fn on_ack(&mut self, at: DeviceRef, node: &Node<'static>) {
        let kind = match node.get_str("class").as_deref() {
            Some("message") => Kind::Message,
            Some("receipt") => Kind::Receipt,
            Some("notification") => Kind::Notification,
            Some("call") => Kind::Call,
            _ => return,
        };
        let Some(id) = node.get_str("id") else { return };
        let author = node.get_jid("participant").or_else(|| node.get_jid("to"));
        let author = author.and_then(|author| self.accounts.find(&author));
        let refused = node.get("error").is_some();
        let Some(device) = self.accounts.device_mut(at) else { return };
        let key = CompactString::from(&*id);
        if kind == Kind::Message && device.asked_again.contains(&key) {
            device.asked_again.remove(&key);
            return;
        }
        let drains = |entry: &Entry| refused || !entry.own_copy;
        let entry = device.queue.acknowledge(kind, &id, author, drains);
        if let Some(Entry { kind: Kind::Message, author: Some(author), .. }) = entry {
            device.seen.insert((author, key));
        }
    }
}
