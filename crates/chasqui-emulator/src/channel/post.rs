//! Posts of channels: they are kept and passed on as they are, and counted.

use std::collections::BTreeMap;

use chasqui_proto::{Message, ProtoMessage as _};
use chasqui_wire::{jid::Jid, node::Node};
use compact_str::CompactString;

use super::{Channel, MAX_POSTS, Post};
use crate::{
    account::{AccountId, DeviceRef},
    queue::{Entry, Kind},
    requests::{Answer, Refused},
    world::World,
};

/// Longest post, in bytes.
const MAX_POST: usize = 1 << 20;
const MAX_PAGE: usize = 300;
/// Seconds for which live updates come.
const LIVE_FOR: u64 = 300;

/// What a change says instead of its content.
enum Change {
    Edit(Vec<u8>),
    Revoke,
}

/// Some clients write the change of a post as they write it to a person.
fn protocol_change(plaintext: &[u8]) -> Option<(String, Change)> {
    let protocol = Message::decode(plaintext).ok()?.protocol_message?;
    let id = protocol.key.as_ref()?.id.clone()?;
    match (protocol.r#type, protocol.edited_message) {
        (Some(14), Some(edited)) => Some((id, Change::Edit(edited.encode_to_vec()))),
        (Some(0), _) => Some((id, Change::Revoke)),
        _ => None,
    }
}

impl Post {
    /// `<message>` with everything that is known of it.
    fn element(&self, number: u64, viewer: AccountId, with_content: bool) -> Node<'static> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for emoji in self.reactions.values() {
            *counts.entry(emoji).or_default() += 1;
        }
        let reactions: Vec<_> = counts
            .into_iter()
            .map(|(code, count)| Node::new("reaction").attr("code", code.to_owned()).attr("count", count))
            .collect();
        let mut children = Vec::new();
        if with_content {
            let plaintext = Node::new("plaintext").attr_opt("mediatype", self.mediatype.clone());
            let content = (!self.plaintext.is_empty()).then(|| plaintext.clone().bytes(self.plaintext.clone()));
            children.push(content.unwrap_or(plaintext));
            children.extend(self.edited.map(|ms| meta(ms, self.at)));
        }
        children.push(Node::new("views_count").attr("count", self.views.len()));
        children.push(Node::new("reactions").children(reactions));
        Node::new("message")
            .attr("id", self.id.clone())
            .attr("server_id", number)
            .attr("t", self.at)
            .attr("type", self.kind.clone())
            .attr_opt("is_sender", (self.author == viewer).then_some("true"))
            .children(children)
    }
}

fn meta(edited: u64, at: u64) -> Node<'static> {
    Node::new("meta").attr("msg_edit_t", edited).attr("original_msg_t", at)
}

impl World {
    /// A message to a channel: a post, a change of one, or a reaction to it. `Ok` with its number.
    pub fn on_channel_message(
        &mut self,
        from: DeviceRef,
        id: &CompactString,
        to: &Jid,
        node: &Node<'static>,
    ) -> Result<u64, Refused> {
        if node.is("type", "reaction") {
            return self.on_channel_reaction(from, to, node);
        }
        let plaintext = node.find("plaintext").ok_or(Refused(400))?;
        let content = plaintext.content_bytes().unwrap_or_default().to_vec();
        if content.len() > MAX_POST {
            return Err(Refused(413));
        }
        let channel = self.channels.find(to).ok_or(Refused(404))?;
        if !channel.keeps(from.account) {
            return Err(Refused(403));
        }
        let change = match node.get_str("edit").as_deref() {
            Some("3") => Some((id.to_string(), Change::Edit(content.clone()))),
            Some("8") => Some((id.to_string(), Change::Revoke)),
            _ => protocol_change(&content),
        };
        let now = self.clock.now();
        let channel = self.channels.find(to).ok_or(Refused(404))?;
        if let Some((original, change)) = change {
            let post = channel.posts.iter_mut().find(|(_, post)| post.id == original.as_str());
            let (number, post) = post.ok_or(Refused(404))?;
            post.edited = Some(now.0);
            let edit = if let Change::Edit(content) = change {
                post.plaintext = content;
                "3"
            } else {
                post.plaintext.clear();
                "8"
            };
            let number = *number;
            self.pass_on(from, to, number, Some(edit));
            return Ok(number);
        }
        if content.is_empty() {
            return Err(Refused(400));
        }
        if let Some((number, _)) = channel.posts.iter().find(|(_, post)| post.id == *id) {
            // It was taken already.
            return Ok(*number);
        }
        let number = channel.next;
        channel.next += 1;
        let post = Post {
            id: id.clone(),
            author: from.account,
            at: now.seconds(),
            kind: node.get_str("type").unwrap_or_default().into_owned(),
            mediatype: plaintext.get_str("mediatype").map(String::from),
            plaintext: content,
            edited: None,
            reactions: BTreeMap::new(),
            views: std::collections::BTreeSet::new(),
        };
        channel.posts.insert(number, post);
        while channel.posts.len() > MAX_POSTS {
            channel.posts.pop_first();
        }
        self.pass_on(from, to, number, None);
        Ok(number)
    }

    /// Followers' devices and the author's others get it.
    fn pass_on(&mut self, from: DeviceRef, to: &Jid, number: u64, edit: Option<&'static str>) {
        let Some(channel) = self.channels.find(to) else { return };
        let followers: Vec<AccountId> = channel.followers.keys().copied().collect();
        let Some(post) = channel.posts.get(&number) else { return };
        let plaintext = Node::new("plaintext").attr_opt("mediatype", post.mediatype.clone());
        let plaintext = if post.plaintext.is_empty() { plaintext } else { plaintext.bytes(post.plaintext.clone()) };
        let changed = edit.and(post.edited).map(|ms| meta(ms, post.at));
        let stanza = Node::new("message")
            .attr("from", to.clone())
            .attr("id", post.id.clone())
            .attr("server_id", number)
            .attr("t", post.at)
            .attr("type", post.kind.clone())
            .attr_opt("edit", edit)
            .children([plaintext].into_iter().chain(changed));
        let id = post.id.clone();
        for account in followers {
            let devices: Vec<u16> = self.accounts.get(account).devices.keys().copied().collect();
            for device in devices.into_iter().map(|device| DeviceRef { account, device }) {
                if device == from {
                    continue;
                }
                let own = account == from.account;
                let entry = Entry {
                    kind: Kind::Message,
                    id: id.clone(),
                    author: None,
                    own_copy: false,
                    expires: None,
                    node: stanza.clone().attr_opt("is_sender", own.then_some("true")).into(),
                };
                self.deliver(device, entry);
            }
        }
    }

    fn on_channel_reaction(&mut self, from: DeviceRef, to: &Jid, node: &Node<'static>) -> Result<u64, Refused> {
        let number = node.get_u64("server_id").ok_or(Refused(400))?;
        let code = node.find("reaction").ok_or(Refused(400))?.get_str("code").map(|code| code.into_owned());
        let channel = self.channels.find(to).ok_or(Refused(404))?;
        if channel.role(from.account).is_none() || channel.reactions == "NONE" && code.is_some() {
            return Err(Refused(403));
        }
        let post = channel.posts.get_mut(&number).ok_or(Refused(404))?;
        match code {
            Some(code) if !code.is_empty() && code.len() <= 64 => drop(post.reactions.insert(from.account, code)),
            None if node.is("edit", "7") => drop(post.reactions.remove(&from.account)),
            _ => return Err(Refused(400)),
        }
        self.tell_live(to, &[number]);
        Ok(number)
    }

    /// Somebody has seen posts.
    pub fn on_channel_views(&mut self, from: DeviceRef, to: &Jid, node: &Node<'static>) {
        let items = node.find("list").into_iter().flat_map(|list| list.all("item"));
        let numbers: Vec<u64> = items.filter_map(|item| item.get_u64("server_id")).take(MAX_PAGE).collect();
        let Some(channel) = self.channels.find(to) else { return };
        for number in &numbers {
            if let Some(post) = channel.posts.get_mut(number) {
                post.views.insert(from.account);
            }
        }
        self.tell_live(to, &numbers);
    }

    /// Tells the counts of posts to the devices that want to hear of them at once.
    fn tell_live(&mut self, to: &Jid, numbers: &[u64]) {
        let now = self.clock.now().seconds();
        let Some(channel) = self.channels.find(to) else { return };
        channel.live.retain(|_, until| *until > now);
        let devices: Vec<DeviceRef> = channel.live.keys().copied().collect();
        for device in devices {
            let Some(channel) = self.channels.find(to) else { return };
            let posts = numbers.iter().filter_map(|number| Some((*number, channel.posts.get(number)?)));
            let posts = posts.map(|(number, post)| post.element(number, device.account, false));
            let list = Node::new("messages").attr("jid", to.clone()).attr("t", now).children(posts);
            // It counts only now: nobody gets it later.
            if self.accounts.device(device).is_some_and(|device| device.connection.is_some()) {
                self.notify(device, "newsletter", to.clone(), Node::new("live_updates").child(list));
            }
        }
    }

    /// Answers a request about a channel's posts (`xmlns=newsletter`).
    pub fn answer_channel(&mut self, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let Some(child) = iq.nodes().first() else { return Answer::BAD_REQUEST };
        let jid = child.get_jid("jid").or_else(|| iq.get_jid("to"));
        let now = self.clock.now().seconds();
        let Some(channel) = jid.as_ref().and_then(|jid| self.channels.find(jid)) else { return Refused(404).into() };
        let count = child.get_u64("count").and_then(|count| usize::try_from(count).ok()).unwrap_or(50).min(MAX_PAGE);
        match child.tag.as_str() {
            "live_updates" => {
                channel.live.insert(at, now + LIVE_FOR);
                Answer::one(Node::new("live_updates").attr("duration", LIVE_FOR))
            }
            "messages" => {
                let before = child.get_u64("before").unwrap_or(u64::MAX);
                let page: Vec<_> = channel.posts.range(..before).rev().take(count).collect();
                Answer::one(listed(channel, page.into_iter().rev(), at, now))
            }
            "message_updates" => {
                let after = child.get_u64("after").unwrap_or(0);
                let since = child.get_u64("since").unwrap_or(0);
                let page = channel.posts.range(after.saturating_add(1)..).filter(|(_, post)| post.at >= since);
                let page: Vec<_> = page.take(count).collect();
                Answer::one(Node::new("message_updates").child(listed(channel, page.into_iter(), at, now)))
            }
            _ => Refused(501).into(),
        }
    }

    /// Stores a file as it is; gives its path.
    pub fn put_plain(&mut self, kind: &str, content: &[u8]) -> Option<String> {
        crate::media::put_now(self, kind, content)
    }
}

fn listed<'p>(
    channel: &Channel,
    page: impl Iterator<Item = (&'p u64, &'p Post)>,
    at: DeviceRef,
    now: u64,
) -> Node<'static> {
    let messages = page.map(|(number, post)| post.element(*number, at.account, true));
    let messages: Vec<_> = messages.collect();
    let list = Node::new("messages").attr("jid", channel.jid()).attr("t", now);
    if messages.is_empty() { list } else { list.children(messages) }
}
