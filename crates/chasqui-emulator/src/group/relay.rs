//! Messages to many: groups, `status@broadcast` and broadcast lists (03-messages §7, §8 and §19.2).
//!
//! Each device gets the ciphertext that is for it alone, if there is one, and then the one for all. Who is a member is
//! decided when the message is accepted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chasqui_wire::{
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;

use super::{Group, mode};
use crate::{
    account::{AccountId, DeviceRef},
    phone::Bounded,
    queue::{Entry, Kind},
    relay::ENVELOPE,
    requests::{MAX_BATCH, Refused},
    usync::participant_hash,
    world::World,
};

/// Status posts and messages to lists whose audience is remembered.
const MAX_AUDIENCES: usize = 1000;

/// Whom a status post or a message to a list went to.
#[derive(Clone)]
struct Audience {
    chat: Jid,
    devices: Arc<BTreeSet<DeviceRef>>,
}

/// The audiences of the last posts, by author and id, and the last one of each author.
pub(crate) struct Audiences {
    posts: Bounded<(AccountId, CompactString), Audience>,
    last: BTreeMap<AccountId, Audience>,
}

impl Default for Audiences {
    fn default() -> Self {
        Self { posts: Bounded::new(MAX_AUDIENCES), last: BTreeMap::new() }
    }
}

/// A message to many that was read and can be relayed.
pub(crate) struct Post<'n> {
    id: CompactString,
    chat: Jid,
    sender: DeviceRef,
    /// Whether its sender is shown by LID.
    by_lid: bool,
    /// Each device with the ciphertext that is for it alone.
    targets: BTreeMap<DeviceRef, Option<&'n Node<'static>>>,
    /// The ciphertext for all.
    shared: Option<&'n Node<'static>>,
    /// A copy that a device asked for: a duplicate id is meant.
    resend: bool,
    /// Answer of the service if the sender's idea of the devices differs from its own.
    pub hash: Option<String>,
}

/// What a message to many holds.
struct Parts<'n> {
    /// The ciphertext for all.
    shared: Option<&'n Node<'static>>,
    /// A ciphertext for one device outside the list: a resend.
    single: Option<&'n Node<'static>>,
    /// The device that alone is meant.
    only: Option<DeviceRef>,
    listed: BTreeMap<DeviceRef, &'n Node<'static>>,
    /// People that are named without a ciphertext of their own.
    people: BTreeSet<AccountId>,
    /// Whether somebody is listed who does not exist.
    stale: bool,
}

impl World {
    fn parts<'n>(&self, sender: DeviceRef, node: &'n Node<'static>) -> Parts<'n> {
        let mut parts = Parts {
            shared: node.all("enc").find(|enc| enc.is("type", "skmsg")),
            single: node.all("enc").find(|enc| !enc.is("type", "skmsg")),
            only: node.get_jid("participant").and_then(|jid| self.accounts.device_ref(&jid)),
            listed: BTreeMap::new(),
            people: BTreeSet::new(),
            stale: false,
        };
        let listed = node.find("participants").map(Node::nodes).unwrap_or_default();
        for entry in listed.iter().take(MAX_BATCH * 4) {
            let target = entry.get_jid("jid").and_then(|jid| self.accounts.device_ref(&jid));
            match (target, entry.find("enc")) {
                // Some clients list the sending device itself.
                (Some(target), _) if target == sender => {}
                (Some(target), Some(enc)) if self.accounts.get(target.account).has_device(target.device) => {
                    parts.listed.entry(target).or_insert(enc);
                }
                (Some(target), None) => drop(parts.people.insert(target.account)),
                _ => parts.stale = true,
            }
        }
        parts
    }

    /// Reads a message to a group, to the status or to a list.
    pub fn read_post<'n>(
        &mut self,
        sender: DeviceRef,
        id: CompactString,
        to: &Jid,
        node: &'n Node<'static>,
    ) -> Result<Post<'n>, Refused> {
        let parts = self.parts(sender, node);
        match to.server {
            Server::Group => self.read_group_message(sender, id, to, node, &parts),
            _ => self.read_broadcast(sender, id, to, node, &parts),
        }
    }

    fn read_group_message<'n>(
        &self,
        sender: DeviceRef,
        id: CompactString,
        to: &Jid,
        node: &'n Node<'static>,
        parts: &Parts<'n>,
    ) -> Result<Post<'n>, Refused> {
        let group = self.groups.find(to).ok_or(Refused(404))?;
        let silenced = group.settings.announcement && !group.is_admin(sender.account);
        if !group.is_member(sender.account) || silenced {
            return Err(Refused(403));
        }
        if node.get_str("addressing_mode").is_some_and(|named| named != mode(group.by_lid)) {
            return Err(Refused(421));
        }
        let mut post = self.post(id, group.jid(), sender, group.by_lid, parts);
        if post.resend {
            return Ok(post);
        }
        for account in group.members.keys() {
            for device in self.listeners(*account) {
                let own = parts.listed.get(&device).copied();
                if device != sender && (own.is_some() || parts.shared.is_some()) {
                    post.targets.insert(device, own);
                }
            }
        }
        post.hash = self.expected_group_hash(group, node, parts);
        Ok(post)
    }

    /// A message for nobody yet; or a resend, for the one device that asked.
    fn post<'n>(&self, id: CompactString, chat: Jid, sender: DeviceRef, by_lid: bool, parts: &Parts<'n>) -> Post<'n> {
        let only = parts.only.filter(|only| self.accounts.get(only.account).has_device(only.device));
        let targets = only.map(|only| (only, parts.single.or_else(|| parts.listed.get(&only).copied())));
        let (shared, resend) = (parts.shared, parts.only.is_some());
        Post { id, chat, sender, by_lid, targets: targets.into_iter().collect(), shared, resend, hash: None }
    }

    /// Devices that take messages to many: companions, and phones that have anybody to show them to.
    pub(super) fn listeners(&self, account: AccountId) -> impl Iterator<Item = DeviceRef> {
        let owner = self.accounts.get(account);
        let phone = owner.phone.active || !owner.devices.is_empty();
        let companions = owner.devices.keys().copied();
        phone.then_some(0).into_iter().chain(companions).map(move |device| DeviceRef { account, device })
    }

    /// The hash of all devices of all members, if the sender named another one or listed somebody who is not there.
    fn expected_group_hash(&self, group: &Group, node: &Node<'static>, parts: &Parts<'_>) -> Option<String> {
        let foreign = parts.listed.keys().any(|target| !group.is_member(target.account));
        let named = node.get_str("phash");
        if named.is_none() && !parts.stale && !foreign {
            return None;
        }
        let devices = group.members.keys().flat_map(|account| {
            let owner = self.accounts.get(*account);
            let jid = owner.jid(group.by_lid);
            owner.all_devices().map(move |device| jid.with_device(device))
        });
        let expected = participant_hash(devices);
        (named.as_deref() != Some(expected.as_str())).then_some(expected)
    }

    fn read_broadcast<'n>(
        &mut self,
        sender: DeviceRef,
        id: CompactString,
        to: &Jid,
        node: &'n Node<'static>,
        parts: &Parts<'n>,
    ) -> Result<Post<'n>, Refused> {
        if node.get("addressing_mode").is_some() {
            return Err(Refused(479));
        }
        let mut post = self.post(id.clone(), to.to_bare(), sender, true, parts);
        if post.resend {
            return Ok(post);
        }
        post.targets.extend(parts.listed.iter().map(|(target, enc)| (*target, Some(*enc))));
        for account in &parts.people {
            for device in self.listeners(*account).filter(|device| *device != sender) {
                post.targets.entry(device).or_insert(None);
            }
        }
        let key = (sender.account, id);
        if post.targets.is_empty() && parts.shared.is_some() {
            let known = self.audiences.posts.get(&key).or_else(|| self.audiences.last.get(&sender.account));
            post.targets.extend(known.into_iter().flat_map(|known| known.devices.iter().map(|device| (*device, None))));
        } else {
            let devices = Arc::new(post.targets.keys().copied().collect());
            let audience = Audience { chat: post.chat.clone(), devices };
            self.audiences.last.insert(sender.account, audience.clone());
            self.audiences.posts.insert(key, audience);
        }
        Ok(post)
    }

    /// A message to one device that repeats a status post: some clients forget to say where it belongs.
    pub fn read_status_resend<'n>(
        &self,
        sender: DeviceRef,
        id: &CompactString,
        to: &Jid,
        node: &'n Node<'static>,
    ) -> Option<Post<'n>> {
        let audience = self.audiences.posts.get(&(sender.account, id.clone()))?;
        let target = self.accounts.device_ref(to).filter(|target| audience.devices.contains(target))?;
        let enc = node.find("enc")?;
        Some(Post {
            id: id.clone(),
            chat: audience.chat.clone(),
            sender,
            by_lid: true,
            targets: BTreeMap::from([(target, Some(enc))]),
            shared: None,
            resend: true,
            hash: None,
        })
    }

    /// Passes a message on to everybody it is for.
    pub fn relay_post(&mut self, post: &Post<'_>, node: &Node<'static>, now: u64) {
        let Post { sender, by_lid, .. } = *post;
        let author = self.accounts.get(sender.account);
        let twin = if by_lid { "participant_pn" } else { "participant_lid" };
        let envelope = Node::new("message")
            .attr("id", post.id.clone())
            .attr("t", now)
            .attr("from", post.chat.clone())
            .attr("participant", self.jid(sender, by_lid))
            .attr(twin, author.jid(!by_lid))
            .attr_opt("addressing_mode", post.chat.is_group().then(|| mode(by_lid)))
            .attr_opt("type", node.get_str("type").map(String::from))
            .attr("notify", author.push_name.clone())
            .attr_opt("edit", node.get_str("edit").map(String::from))
            .attr_opt("category", node.get_str("category").map(String::from));
        let common: Vec<Node<'static>> =
            node.nodes().iter().filter(|child| !ENVELOPE.contains(&child.tag.as_str())).cloned().collect();
        let identity = node.find("device-identity");
        let entry = |children: Vec<Node<'static>>| Entry {
            kind: Kind::Message,
            id: post.id.clone(),
            author: Some(sender.account),
            own_copy: false,
            expires: None,
            node: envelope.clone().children(children).into(),
        };
        // Most devices get the same: it is made once.
        let alike = entry(post.shared.into_iter().chain(&common).cloned().collect());
        for (target, own) in &post.targets {
            let known = (sender.account, post.id.clone());
            if !post.resend && self.accounts.device(*target).is_some_and(|device| device.seen.contains(&known)) {
                continue;
            }
            if !post.chat.is_group() && self.has_blocked(target.account, sender.account) {
                continue;
            }
            let entry = match own {
                None => alike.clone(),
                Some(own) => {
                    let identity = identity.filter(|_| own.is("type", "pkmsg"));
                    let children = [*own].into_iter().chain(post.shared).chain(identity).chain(&common);
                    entry(children.cloned().collect())
                }
            };
            self.deliver(*target, entry);
        }
    }
}
