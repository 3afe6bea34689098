//! Messages from one device to others: one stanza per target device, in the order in which they were accepted
//! (03-messages §19.2, the contract §9.2). The service routes and rewrites envelopes; it never sees plaintext.

use std::collections::{BTreeMap, BTreeSet};

use chasqui_wire::{
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;

use crate::{
    account::{AccountId, DeviceRef},
    group::Post,
    queue::{Entry, Kind},
    requests::Refused,
    usync::participant_hash,
    world::World,
};

/// Children of a message that are not forwarded as they are.
pub(crate) const ENVELOPE: [&str; 5] = ["participants", "enc", "tctoken", "cstoken", "device-identity"];

/// A message that was read and can be relayed.
struct Outgoing<'n> {
    id: CompactString,
    /// The chat, without device.
    chat: Jid,
    /// The same in the other namespace.
    other_chat_form: Jid,
    by_lid: bool,
    sender: DeviceRef,
    /// Each target with its own ciphertext.
    targets: BTreeMap<DeviceRef, &'n Node<'static>>,
    /// A copy that a device asked for: a duplicate id is meant.
    resend: bool,
    /// Answer of the service if the sender's idea of the devices differs from its own.
    hash: Option<String>,
}

/// Where a message goes.
enum Read<'n> {
    /// To a person's devices and the own others.
    One(Outgoing<'n>),
    /// To a group, the status or a list.
    Many(Post<'n>),
}

impl World {
    /// A message from a device, or from a phone (device 0).
    pub fn on_message(&mut self, from: DeviceRef, node: &Node<'static>) {
        let Some(to) = node.get_jid("to") else { return };
        let Some(id) = node.get_str("id").map(|id| CompactString::from(&*id)) else { return };
        let now = self.clock.now().seconds();
        let ack = Node::new("ack")
            .attr("class", "message")
            .attr("id", id.clone())
            .attr("from", to.clone())
            .attr("t", now)
            .attr_opt("participant", node.get_jid("participant"));
        if to.server == Server::Newsletter {
            let taken = self.on_channel_message(from, &id, &to, node);
            return match taken {
                Ok(number) => self.answer(from, ack.attr("server_id", number)),
                Err(Refused(code)) => self.answer(from, ack.attr("error", code)),
            };
        }
        let refused = self.accounts.device_mut(from).and_then(|device| device.refuse_message.take());
        let read = match refused {
            Some(code) => Err(Refused(code)),
            None => self.read_any(from, id, &to, node),
        };
        match read {
            Err(Refused(code)) => self.answer(from, ack.attr("error", code)),
            Ok(Read::One(outgoing)) => {
                self.answer(from, ack.attr_opt("phash", outgoing.hash.clone()));
                self.relay(&outgoing, node, now);
            }
            Ok(Read::Many(post)) => {
                self.answer(from, ack.attr_opt("phash", post.hash.clone()));
                self.relay_post(&post, node, now);
            }
        }
    }

    fn read_any<'n>(
        &mut self,
        sender: DeviceRef,
        id: CompactString,
        to: &Jid,
        node: &'n Node<'static>,
    ) -> Result<Read<'n>, Refused> {
        if matches!(to.server, Server::Group | Server::Broadcast) {
            return self.read_post(sender, id, to, node).map(Read::Many);
        }
        match self.read_status_resend(sender, &id, to, node) {
            Some(post) => Ok(Read::Many(post)),
            None => self.read_message(sender, id, to, node).map(Read::One),
        }
    }

    fn read_message<'n>(
        &self,
        sender: DeviceRef,
        id: CompactString,
        to: &Jid,
        node: &'n Node<'static>,
    ) -> Result<Outgoing<'n>, Refused> {
        let peer = self.accounts.find(to).ok_or(Refused(404))?;
        let token = node.find("tctoken").and_then(Node::content_bytes);
        if node.find("participants").is_some() && !self.may_write(peer, sender.account, token) {
            return Err(Refused(463));
        }
        let bare = node.find("enc");
        let mut targets = BTreeMap::new();
        let mut stale = false;
        if let Some(enc) = bare {
            // A resend or a peer message: for the one device that `to` names.
            targets.insert(DeviceRef { account: peer, device: to.device }, enc);
        } else {
            let listed = node.find("participants").map(Node::nodes).unwrap_or_default();
            for entry in listed {
                let (Some(jid), Some(enc)) = (entry.get_jid("jid"), entry.find("enc")) else { continue };
                let Some(target) = self.accounts.device_ref(&jid) else {
                    stale = true;
                    continue;
                };
                if target.account != peer && target.account != sender.account {
                    return Err(Refused(400));
                }
                // The same device may be listed again, in the other namespace.
                targets.entry(target).or_insert(enc);
            }
        }
        targets.remove(&sender);
        let listed = targets.len();
        targets.retain(|target, _| self.accounts.get(target.account).has_device(target.device));
        stale |= listed != targets.len();
        if targets.is_empty() && peer != sender.account {
            // Nothing for anybody: the sender knows no device of its peer.
            return Err(Refused(if stale { 404 } else { 400 }));
        }
        let by_lid = to.is_lid();
        let hash = if bare.is_none() { self.expected_hash(sender, peer, by_lid, &targets, stale) } else { None };
        let resend = bare.is_some_and(|enc| enc.get("count").is_some());
        // A resend to an own companion names the chat apart.
        let chat = node.get_jid("recipient").filter(|_| peer == sender.account).unwrap_or_else(|| to.clone()).to_bare();
        let other_chat_form = self.accounts.get(self.accounts.find(&chat).unwrap_or(peer)).jid(!chat.is_lid());
        Ok(Outgoing { id, chat, other_chat_form, by_lid, sender, targets, resend, hash })
    }

    /// The hash of the devices that the sender should have listed, if it listed others.
    fn expected_hash(
        &self,
        sender: DeviceRef,
        peer: AccountId,
        by_lid: bool,
        targets: &BTreeMap<DeviceRef, &Node<'static>>,
        stale: bool,
    ) -> Option<String> {
        let devices_of = |account: AccountId| {
            self.accounts.get(account).all_devices().map(move |device| DeviceRef { account, device })
        };
        let expected: BTreeSet<DeviceRef> =
            devices_of(peer).chain(devices_of(sender.account)).filter(|at| *at != sender).collect();
        let complete = expected.len() == targets.len() && expected.iter().all(|at| targets.contains_key(at));
        (stale || !complete).then(|| participant_hash(expected.into_iter().map(|at| self.jid(at, by_lid))))
    }

    fn relay(&mut self, outgoing: &Outgoing<'_>, node: &Node<'static>, now: u64) {
        let Outgoing { sender, by_lid, .. } = *outgoing;
        let is_peer_message = node.is("category", "peer");
        let author = self.accounts.get(sender.account);
        let other_sender_form = author.jid(!by_lid);
        // A sibling answers a peer message to the LID.
        let from = self.jid(sender, by_lid || is_peer_message);
        let notify = author.push_name.clone();
        let envelope = |tag: &'static str| Node::new(tag).attr("id", outgoing.id.clone()).attr("t", now);
        let common: Vec<Node<'static>> =
            node.nodes().iter().filter(|child| !ENVELOPE.contains(&child.tag.as_str())).cloned().collect();
        let identity = node.find("device-identity");

        let mut entries = Vec::with_capacity(outgoing.targets.len());
        let heard = |target: &DeviceRef| !self.has_blocked(target.account, sender.account);
        for (target, enc) in outgoing.targets.iter().filter(|(target, _)| heard(target)) {
            let own_copy = target.account == sender.account && !is_peer_message;
            let mut stanza = envelope("message")
                .attr("from", from.clone())
                .attr_opt("type", node.get_str("type").map(String::from))
                .attr("notify", notify.clone())
                .attr_opt("edit", node.get_str("edit").map(String::from))
                .attr_opt("category", node.get_str("category").map(String::from));
            if own_copy {
                let other = if outgoing.chat.is_lid() { "peer_recipient_pn" } else { "peer_recipient_lid" };
                stanza = stanza.attr("recipient", outgoing.chat.clone()).attr(other, outgoing.other_chat_form.clone());
            } else if !is_peer_message {
                let other = if by_lid { "sender_pn" } else { "sender_lid" };
                stanza = stanza
                    .attr("addressing_mode", if by_lid { "lid" } else { "pn" })
                    .attr(other, other_sender_form.clone());
            }
            let mut children = vec![(*enc).clone()];
            children.extend(identity.filter(|_| enc.is("type", "pkmsg")).cloned());
            children.extend(common.iter().cloned());
            let entry = Entry {
                kind: Kind::Message,
                id: outgoing.id.clone(),
                author: Some(sender.account),
                own_copy,
                expires: None,
                node: stanza.children(children).into(),
            };
            entries.push((*target, entry));
        }
        for (target, entry) in entries {
            let known = (sender.account, outgoing.id.clone());
            if !outgoing.resend && self.accounts.device(target).is_some_and(|device| device.seen.contains(&known)) {
                continue;
            }
            self.deliver(target, entry);
        }
    }
}
