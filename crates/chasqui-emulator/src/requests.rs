//! The requests (`iq`) of logged-in devices. Large ones have modules of their own; the small ones are answered here.

use chasqui_wire::{
    jid::Jid,
    node::{Node, Text},
};

use crate::{
    account::DeviceRef,
    connection::ConnectionId,
    misbehaviour::PrekeyFault,
    prekeys::{LOW_WATER, OneTimeKey, PrekeyBundle},
    queue::{Entry, Kind},
    world::World,
};

/// Most devices in one prekey fetch and most users in one usync.
pub(crate) const MAX_BATCH: usize = 4096;

/// What a request is answered with.
pub(crate) enum Answer {
    /// `type=result` with these children.
    Result(Vec<Node<'static>>),
    /// `type=error`.
    Error(u16, &'static str),
}

/// Why something is refused: a number that clients know (07 §0.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub u16);

impl From<Refused> for Answer {
    fn from(Refused(code): Refused) -> Self {
        let text = match code {
            304 => "not-modified",
            400 => "bad-request",
            401 => "not-authorized",
            403 => "forbidden",
            404 => "item-not-found",
            405 => "not-allowed",
            406 => "not-acceptable",
            409 => "conflict",
            410 => "gone",
            419 => "resource-limit",
            429 => "rate-overlimit",
            501 => "feature-not-implemented",
            503 => "service-unavailable",
            _ => "internal-server-error",
        };
        Self::Error(code, text)
    }
}

impl Answer {
    fn empty() -> Self {
        Self::Result(Vec::new())
    }

    pub fn one(node: Node<'static>) -> Self {
        Self::Result(vec![node])
    }

    pub const BAD_REQUEST: Self = Self::Error(400, "bad-request");
}

impl World {
    /// Answers a request. None is ever dropped: clients wait up to a minute for an answer.
    pub fn on_iq(&mut self, id: ConnectionId, at: DeviceRef, iq: &Node<'static>) {
        if !(iq.is("type", "get") || iq.is("type", "set")) {
            return;
        }
        let answer = self.answer_iq(id, at, iq);
        let reply = self.reply_to(iq, answer);
        self.send(id, reply);
        self.after_iq(id, at, iq);
    }

    /// The stanza that answers a request.
    pub fn reply_to(&self, iq: &Node<'static>, answer: Answer) -> Node<'static> {
        let from = iq.get_jid("to").filter(|to| !to.is_server()).unwrap_or(Jid::SERVER);
        let reply = Node::new("iq").attr("from", from).attr_opt("id", iq.get_str("id").map(String::from));
        match answer {
            Answer::Result(children) if children.is_empty() => reply.attr("type", "result"),
            Answer::Result(children) => reply.attr("type", "result").children(children),
            Answer::Error(code, text) => {
                let error = Node::new("error").attr("code", code).attr("text", text);
                reply.attr("type", "error").child(error)
            }
        }
    }

    fn answer_iq(&mut self, id: ConnectionId, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let xmlns = iq.get_str("xmlns").unwrap_or_default();
        let child = iq.nodes().first();
        let tag = child.map_or("", |child| child.tag.as_str());
        let set = iq.is("type", "set");
        match (&*xmlns, tag) {
            ("urn:xmpp:whatsapp:dirty", "clean") => self.answer_clean(at, iq),
            ("w:p" | "passive" | "urn:xmpp:whatsapp:dirty" | "w:stats" | "tos", _) => Answer::empty(),
            ("encrypt", _) => self.answer_encrypt(at, iq, tag, set),
            ("usync", "usync") => child.map_or(Answer::BAD_REQUEST, |usync| self.answer_usync(at, usync)),
            ("status", "privacy") if !set => self.answer_status_privacy(at),
            ("w:biz" | "w:biz:catalog" | "fb:thrift_iq", _) => self.answer_business(at, iq),
            ("w:qr", "qr") => child.map_or(Answer::BAD_REQUEST, |qr| self.answer_links(at, qr, set)),
            ("bot", "bot") => Self::answer_bots(),
            ("w:mex", "query") => self.answer_graph(at, iq),
            ("newsletter", _) => self.answer_channel(at, iq),
            ("w:g2", _) => self.answer_groups(at, iq),
            ("abt", "props") => Answer::one(ab_props()),
            ("privacy", "privacy") => self.answer_privacy(at, iq, set),
            ("privacy", "tokens") => self.answer_tokens(at, iq),
            ("w:profile:picture", _) => self.answer_picture(at, iq, set),
            ("status", _) => self.answer_status(at, iq, set),
            ("disappearing_mode", _) => self.answer_timer(at, iq),
            ("blocklist", _) => self.answer_blocklist(at, iq, set),
            ("w:sync:app:state", "sync") => child.map_or(Answer::BAD_REQUEST, |sync| self.answer_app_state(at, sync)),
            ("w:m", "media_conn") => Answer::one(self.media_conn()),
            ("md", "remove-companion-device") => {
                let who = child.and_then(|child| child.get_jid("jid"));
                match who.and_then(|jid| self.accounts.device_ref(&jid)) {
                    Some(gone) if gone.account == at.account && self.accounts.device(gone).is_some() => Answer::empty(),
                    _ => Answer::Error(404, "item-not-found"),
                }
            }
            (xmlns, tag) => {
                tracing::info!(connection = id.0, "a request that has no answer of its own: {xmlns} <{tag}>");
                Answer::empty()
            }
        }
    }

    /// What a request sets in motion once its answer is on the way.
    fn after_iq(&mut self, id: ConnectionId, at: DeviceRef, iq: &Node<'static>) {
        let Some(child) = iq.nodes().first() else { return };
        if iq.is("xmlns", "passive") && child.tag == "active" {
            if self.connections.get(&id).is_some_and(|connection| !connection.active) {
                self.flush(id, at);
            }
            self.greet(at);
        } else if iq.is("xmlns", "encrypt") && iq.is("type", "set") {
            self.greet(at);
        } else if child.tag == "remove-companion-device"
            && let Some(gone) = child.get_jid("jid").and_then(|jid| self.accounts.device_ref(&jid))
            && gone.account == at.account
        {
            self.unlink(gone);
        }
    }

    fn answer_encrypt(&mut self, at: DeviceRef, iq: &Node<'static>, tag: &str, set: bool) -> Answer {
        if !set && let Some(key) = iq.find("key") {
            return Answer::one(self.fetch_keys(key));
        }
        let Some(device) = self.accounts.device_mut(at) else { return Answer::Error(404, "item-not-found") };
        let bundle = &mut device.bundle;
        match (set, tag) {
            (false, "count") => Answer::one(Node::new("count").attr("value", bundle.count())),
            (false, "digest") if bundle.uploaded => Answer::one(bundle.digest()),
            (false, "digest") => Answer::Error(404, "item-not-found"),
            (true, "rotate") => match iq.find("rotate").map(|rotate| bundle.rotate(rotate)) {
                Some(Ok(())) => Answer::empty(),
                _ => Answer::BAD_REQUEST,
            },
            (true, _) if iq.find("list").is_some() => match bundle.upload(iq) {
                Ok(()) => Answer::empty(),
                Err(error) => {
                    tracing::debug!("prekey upload refused: {error}");
                    Answer::BAD_REQUEST
                }
            },
            _ => Answer::Error(501, "feature-not-implemented"),
        }
    }

    /// `<list>` with a bundle, or an error, for each device asked for.
    fn fetch_keys(&mut self, key: &Node<'_>) -> Node<'static> {
        let asked: Vec<Jid> = key.all("user").take(MAX_BATCH).filter_map(|user| user.get_jid("jid")).collect();
        let users = asked.into_iter().map(|jid| {
            let at = self.accounts.device_ref(&jid);
            let user = Node::new("user").attr("jid", jid);
            let fault = at.and_then(|at| self.faults.strike_prekeys(&self.accounts, at));
            match at.and_then(|at| self.bundle_nodes(at, fault)) {
                Some(_) if fault == Some(PrekeyFault::Refused) => {
                    user.child(Node::new("error").attr("code", "406").attr("text", "not-acceptable"))
                }
                Some(nodes) => user.children(nodes),
                None => user.child(Node::new("error").attr("code", "404").attr("text", "item-not-found")),
            }
        });
        let users: Vec<_> = users.collect();
        Node::new("list").children(users)
    }

    fn bundle_nodes(&mut self, at: DeviceRef, fault: Option<PrekeyFault>) -> Option<Vec<Node<'static>>> {
        let spoil = |mut bundle: PrekeyBundle| {
            if fault == Some(PrekeyFault::Forged) {
                bundle.signed.signature[0] ^= 1;
            }
            bundle
        };
        let kept = |key: Option<OneTimeKey>| key.filter(|_| fault != Some(PrekeyFault::Missing));
        if at.device == 0 {
            let (bundle, key) = self.accounts.get_mut(at.account).phone.publish();
            return Some(spoil(bundle).to_nodes(kept(Some(key))));
        }
        let key = match fault {
            None | Some(PrekeyFault::Forged) => self.take_prekey(at),
            Some(PrekeyFault::Stale) => self.accounts.device_mut(at).and_then(|device| device.bundle.take_again()),
            Some(PrekeyFault::Missing | PrekeyFault::Refused) => None,
        };
        let device = self.accounts.device(at)?;
        let mut nodes = match fault {
            None => device.bundle.to_nodes(key),
            Some(_) => spoil(device.bundle.clone()).to_nodes(key),
        };
        nodes.push(crate::prekeys::bytes("device-identity", &device.identity));
        Some(nodes)
    }

    /// Hands out one of a companion's one-time keys, and tells the companion when few are left.
    pub fn take_prekey(&mut self, at: DeviceRef) -> Option<OneTimeKey> {
        let device = self.accounts.device_mut(at)?;
        let key = device.bundle.take();
        let (left, uploaded) = (device.bundle.count(), device.bundle.uploaded);
        // Once per key below the mark would flood the queue of a device that is away.
        if uploaded && key.is_some() && (left + 1 == LOW_WATER || left == 4 || left == 0) {
            let count = Node::new("count").attr("value", left);
            self.notify(at, "encrypt", Jid::SERVER, count);
        }
        key
    }

    /// Queues a notification for a device.
    pub fn notify(&mut self, to: DeviceRef, kind: impl Into<Text<'static>>, from: Jid, child: Node<'static>) {
        self.notify_with(to, kind, from, None, child);
    }

    /// The same, with the LID of the user that it is about.
    pub fn notify_with(
        &mut self,
        to: DeviceRef,
        kind: impl Into<Text<'static>>,
        from: Jid,
        lid: Option<Jid>,
        child: Node<'static>,
    ) {
        let id = self.fresh_id();
        let node = Node::new("notification")
            .attr("from", from)
            .attr_opt("lid", lid)
            .attr("type", kind.into())
            .attr("id", id.clone())
            .attr("t", self.clock.now().seconds())
            .child(child);
        let entry = Entry {
            kind: Kind::Notification,
            id: id.into(),
            author: None,
            own_copy: false,
            expires: None,
            node: node.into(),
        };
        self.deliver(to, entry);
    }
}

fn ab_props() -> Node<'static> {
    let prop = |code: &'static str, value: &'static str| {
        Node::new("prop").attr("config_code", code).attr("config_value", value)
    };
    Node::new("props")
        .attr("protocol", "1")
        .attr("hash", "chasqui1")
        .attr("refresh", "86400")
        .attr("refresh_id", "1")
        .attr("delta_update", "false")
        // 9435: chats are addressed by LID.
        .children([prop("9435", "1")])
}
