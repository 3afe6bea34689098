//! Calls: the service passes their stages on and hears no sound (07 §16.4).

use std::collections::BTreeMap;

use chasqui_wire::{
    curve::random_bytes,
    jid::{Jid, Server},
    node::Node,
};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use crate::{
    account::{AccountId, DeviceRef},
    error::EmulatorError,
    events::ContactEvent,
    group::invite_code,
    queue::{Entry, Kind},
    world::World,
};

/// Most calls at once.
const MAX_CALLS: usize = 1000;

/// A call that goes on.
struct Call {
    caller: DeviceRef,
    /// Whom it is for.
    callees: Vec<AccountId>,
}

/// The calls that go on, by their ids.
#[derive(Default)]
pub(crate) struct Calls(BTreeMap<CompactString, Call>);

/// A call that a contact makes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NewCall {
    /// Who calls.
    pub contact: String,
    /// Whom: a number, JID or name, or a group's JID.
    pub to: String,
    /// To be seen, too.
    pub video: bool,
    /// Companions get no keys: they are only told of the call.
    pub notice: bool,
}

/// What a contact does in a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallAct {
    /// Who does it.
    pub contact: String,
    /// The call's id.
    pub call: String,
    /// `preaccept`, `accept`, `reject` or `terminate`.
    pub action: String,
    /// Why, of the last two.
    pub reason: Option<String>,
}

/// A call that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallInfo {
    /// Its id.
    pub id: String,
}

impl World {
    /// A `<call>` of a device, or of a phone (device 0).
    pub fn on_call(&mut self, from: DeviceRef, node: &Node<'static>) {
        let (Some(to), Some(action)) = (node.get_jid("to"), node.nodes().first()) else { return };
        let tag = action.tag.as_str().to_owned();
        let ack = Node::new("ack")
            .attr("class", "call")
            .attr_opt("id", node.get_str("id").map(String::from))
            .attr("from", to.clone());
        if to.server == Server::Call {
            if tag == "link_create" {
                let media = action.get_str("media").filter(|media| matches!(&**media, "audio" | "video"));
                let answer = match media {
                    Some(media) => ack
                        .child(Node::new("link_create").attr("token", invite_code()).attr("media", media.into_owned())),
                    None => ack.attr("type", tag).attr("error", "400"),
                };
                return self.answer(from, answer);
            }
            return self.answer(from, ack.attr("type", tag).attr("error", "501"));
        }
        let id = action.get_str("call-id").map(|id| CompactString::from(&*id));
        let targets = id.as_ref().and_then(|id| self.call_targets(from, &to, &tag, id));
        let Some((id, targets)) = id.zip(targets) else {
            return self.answer(from, ack.attr("type", tag).attr("error", "404"));
        };
        self.answer(from, ack.attr("type", tag.clone()));
        let by_lid = !to.is_pn();
        for target in targets {
            self.deliver_call(from, target, &to, by_lid, action);
        }
        if matches!(&*tag, "accept" | "reject") {
            // The other devices stop ringing.
            let caller = self.calls.0.get(&id).map(|call| call.caller);
            let reason = if tag == "accept" { "accepted_elsewhere" } else { "rejected_elsewhere" };
            let end = Node::new("terminate")
                .attr("call-id", id.clone())
                .attr_opt("call-creator", caller.map(|caller| self.jid(caller, by_lid)))
                .attr("reason", reason);
            let own = self.accounts.get(from.account).all_devices();
            let others: Vec<_> = own.filter(|device| *device != from.device).collect();
            for device in others.into_iter().filter(|_| caller.is_some_and(|caller| caller.account != from.account)) {
                let own = self.jid(DeviceRef { device: 0, ..from }, by_lid);
                self.deliver_call(from, DeviceRef { device, ..from }, &own, by_lid, &end);
            }
        }
        if matches!(&*tag, "reject" | "terminate") {
            self.calls.0.remove(&id);
        }
    }

    /// The devices that a stage of a call is for; `None` when there is no such call or nobody to be called.
    fn call_targets(&mut self, from: DeviceRef, to: &Jid, tag: &str, id: &CompactString) -> Option<Vec<DeviceRef>> {
        let devices = |world: &Self, account: AccountId| -> Vec<DeviceRef> {
            world.accounts.get(account).all_devices().map(|device| DeviceRef { account, device }).collect()
        };
        if matches!(tag, "offer" | "offer_notice") {
            let callees: Vec<AccountId> = if to.is_group() {
                let group = self.groups.find(to).filter(|group| group.is_member(from.account))?;
                group.accounts().into_iter().filter(|account| *account != from.account).collect()
            } else {
                vec![self.accounts.find(to).filter(|callee| *callee != from.account)?]
            };
            if self.calls.0.len() < MAX_CALLS {
                self.calls.0.insert(id.clone(), Call { caller: from, callees: callees.clone() });
            }
            let hears = |callee: &&AccountId| !self.has_blocked(**callee, from.account);
            return Some(callees.iter().filter(hears).flat_map(|callee| devices(self, *callee)).collect());
        }
        let Some(call) = self.calls.0.get(id) else {
            // Over already: whoever is named hears of it.
            return self.accounts.find(to).map(|account| devices(self, account));
        };
        if call.caller.account != from.account {
            return call.callees.contains(&from.account).then(|| vec![call.caller]);
        }
        Some(call.callees.iter().flat_map(|callee| devices(self, *callee)).collect())
    }

    fn deliver_call(&mut self, from: DeviceRef, to: DeviceRef, chat: &Jid, by_lid: bool, action: &Node<'static>) {
        let id = self.fresh_id();
        let mut action = action.clone();
        if matches!(action.tag.as_str(), "offer" | "offer_notice") && by_lid {
            action = action.attr("caller_pn", self.accounts.get(from.account).jid(false));
        }
        if chat.is_group() && action.get("group-jid").is_none() {
            action = action.attr("group-jid", chat.clone());
        }
        let node = Node::new("call")
            .attr("from", self.jid(from, by_lid))
            .attr("id", id.clone())
            .attr("t", self.clock.now().seconds())
            .attr("notify", self.accounts.get(from.account).push_name.clone())
            .attr("platform", "android")
            .attr("version", "2.24.1")
            .child(action);
        let entry = Entry {
            kind: Kind::Call,
            id: id.into(),
            author: Some(from.account),
            own_copy: false,
            expires: None,
            node: node.into(),
        };
        self.deliver(to, entry);
    }

    /// A phone hears of a call.
    pub fn on_phone_call(&mut self, at: DeviceRef, node: &Node<'static>) {
        let account = self.accounts.get(at.account);
        let (Some(action), Some(from)) = (node.nodes().first(), node.get_jid("from")) else { return };
        let Some(sender) = self.accounts.device_ref(&from).filter(|_| account.phone.active) else { return };
        let text = |name: &str| action.get_str(name).map(String::from);
        self.events.push(ContactEvent::Call {
            contact: account.name.clone(),
            id: text("call-id").unwrap_or_default(),
            action: action.tag.as_str().to_owned(),
            from: self.accounts.get(sender.account).jid(false).to_string(),
            from_device: sender.device,
            video: action.find("video").is_some(),
            group: text("group-jid"),
            reason: text("reason"),
            timestamp: self.clock.now().0,
        });
    }

    /// A contact calls somebody.
    pub fn contact_call(&mut self, new: &NewCall) -> Result<CallInfo, EmulatorError> {
        let from = self.active_contact(&new.contact)?;
        let unknown = || EmulatorError::UnknownRecipient(new.to.clone());
        let group = new.to.parse::<Jid>().ok().filter(Jid::is_group);
        let to = match group {
            Some(group) => group,
            None => self.accounts.resolve(&new.to).map(|id| self.accounts.get(id).jid(true)).ok_or_else(unknown)?,
        };
        let id: String = random_bytes::<16>().iter().map(|byte| format!("{byte:02X}")).collect();
        let offer = Node::new(if new.notice { "offer_notice" } else { "offer" })
            .attr("call-id", id.clone())
            .attr("call-creator", self.jid(from, true));
        let offer = if new.notice {
            offer
                .attr("media", if new.video { "video" } else { "audio" })
                .attr_opt("type", to.is_group().then_some("group"))
        } else {
            let audio = |rate: &'static str| Node::new("audio").attr("enc", "opus").attr("rate", rate);
            let video = new.video.then(|| Node::new("video").attr("enc", "vp8").attr("orientation", "0"));
            let rest = [Node::new("net").attr("medium", "3"), Node::new("encopt").attr("keygen", "2")];
            offer.children([audio("8000"), audio("16000")].into_iter().chain(video).chain(rest))
        };
        let reached = self.call_targets(from, &to, offer.tag.as_str(), &CompactString::from(id.as_str()));
        for target in reached.ok_or_else(unknown)? {
            self.deliver_call(from, target, &to, true, &offer);
        }
        Ok(CallInfo { id })
    }

    /// A contact does something in a call.
    pub fn contact_call_act(&mut self, act: &CallAct) -> Result<(), EmulatorError> {
        let from = self.active_contact(&act.contact)?;
        if !matches!(&*act.action, "preaccept" | "accept" | "reject" | "terminate") {
            return Err(EmulatorError::option("action", "must be preaccept, accept, reject or terminate"));
        }
        let call = self.calls.0.get(act.call.as_str());
        let call = call.ok_or_else(|| EmulatorError::NotFound(format!("call {}", act.call)))?;
        let caller = self.jid(call.caller, true);
        let to = match call.callees.first().filter(|_| call.caller.account == from.account) {
            Some(callee) => self.accounts.get(*callee).jid(true),
            None => caller.clone(),
        };
        let action = Node::new(act.action.clone())
            .attr("call-id", act.call.clone())
            .attr("call-creator", caller)
            .attr_opt("reason", act.reason.clone());
        let id = self.fresh_id();
        self.on_call(from, &Node::new("call").attr("to", to).attr("id", id).child(action));
        Ok(())
    }
}
