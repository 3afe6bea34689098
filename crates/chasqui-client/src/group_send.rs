//! Sending to groups: one ciphertext for all, and our sender key for every device that does not have it.
//!
//! The order is that of a message to a person (`send.rs`): what is missing is asked for, then everything is encrypted,
//! committed and sent as one stanza. Source: 03-messages §7.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_signal::Kind;
use chasqui_wire::{Jid, Node};

use crate::{
    actor::{Actor, Fault},
    devices::Query,
    error,
    fanout::{Sealed, phash},
    groups::{Lookup, MAX_MEMBERS, not_in_group, recipient_limit},
    outbox::Outgoing,
    reporting::reporting,
    send::Step,
};

/// Devices of businesses hosted by the provider; they get no group messages.
const HOSTED_DEVICE: u16 = 99;

/// What everybody in a chat needs to read a message.
pub(crate) struct Spread {
    /// Our key, for the devices that lacked it.
    pub keys: Vec<Sealed>,
    /// The content of `<enc type="skmsg">`.
    pub message: Vec<u8>,
}

impl Spread {
    /// `<participants>` and `<device-identity>`, as far as needed, and `<enc>`; `named` are further participants.
    pub fn children(
        &self,
        named: Vec<Node<'static>>,
        outgoing: &Outgoing,
        identity: Option<Node<'static>>,
    ) -> Vec<Node<'static>> {
        let mut children = Vec::with_capacity(3);
        if !self.keys.is_empty() || !named.is_empty() {
            children.push(Node::new("participants").children(self.keys.iter().map(Sealed::to).chain(named)));
        }
        children.extend(identity.filter(|_| self.keys.iter().any(|key| key.kind == Kind::PreKey)));
        let enc = Node::new("enc").attr("v", "2").attr("type", "skmsg").bytes(self.message.clone());
        children.push(outgoing.mark(enc));
        children.extend(outgoing.children());
        children
    }
}

impl Actor {
    pub(crate) async fn advance_group(&mut self, seq: u64, chat: &Jid) -> Result<Step, Fault> {
        let group = match self.group_to_send(chat).await? {
            Lookup::Known(group) => group,
            Lookup::Asked => return Ok(Step::Blocked),
            Lookup::Refused(error) => return self.give_up(seq, error).await,
        };
        let Some(own) = self.own_in(group.by_lid) else { return self.give_up(seq, error::not_connected()).await };
        if group.size > MAX_MEMBERS as u64 {
            return self.give_up(seq, recipient_limit(group.size).with("jid", chat.to_string())).await;
        }
        if !group.has(&own) {
            return self.give_up(seq, not_in_group(chat)).await;
        }
        let members: Vec<Jid> = group.members().collect();
        let Some(devices) = self.audience_devices(&members, &own).await? else { return Ok(Step::Blocked) };
        let Some((id, outgoing)) = self.outbox.get(seq).map(|entry| (entry.id.clone(), entry.outgoing.clone())) else {
            return Ok(Step::Done);
        };
        let Some(spread) = self.spread(chat, &own, &devices, &outgoing.message).await? else {
            return Ok(Step::Blocked);
        };
        if spread.message.is_empty() {
            let error = PublicError::new(
                ErrorCode::RequestFailed,
                "The server gave no usable keys for any device in the group.",
            );
            return self.give_up(seq, error).await;
        }
        let children = spread.children(Vec::new(), &outgoing, self.device_identity());
        let stanza = outgoing
            .stanza(&id, chat)
            .attr("addressing_mode", group.mode())
            .attr("phash", phash(devices.iter().chain([&own])))
            .children(children.into_iter().chain(reporting(&id, &own, chat, &outgoing.message)));
        self.send(stanza.into_owned());
        self.keep_sent(seq, &id, chat, outgoing).await?;
        self.has_left(seq);
        Ok(Step::Done)
    }

    /// Encrypts for everybody in a chat; `None` while sessions have to be waited for. The message is empty when nobody
    /// would be able to read it.
    pub(crate) async fn spread(
        &mut self,
        chat: &Jid,
        own: &Jid,
        devices: &[Jid],
        message: &[u8],
    ) -> Result<Option<Spread>, Fault> {
        let lacking = self.devices_lacking_key(chat, own, devices).await?;
        if self.lacks_sessions(lacking.iter()).await? {
            return Ok(None);
        }
        let mut keys = Vec::new();
        if !lacking.is_empty() {
            let (distribution, key_id) = self.own_distribution(chat, own).await?;
            keys = self.encrypt_for_all(&lacking, &distribution).await?;
            self.mark_shared(chat, key_id, keys.iter().map(|key| key.device.clone())).await?;
        }
        let nobody = keys.is_empty() && !devices.is_empty() && lacking.len() == devices.len();
        let message = if nobody { None } else { self.seal_for_chat(chat, own, message).await? };
        Ok(Some(Spread { keys, message: message.unwrap_or_default() }))
    }

    /// The own device, by LID or by phone number.
    pub(crate) fn own_in(&self, by_lid: bool) -> Option<Jid> {
        self.creds.paired.as_ref().map(|paired| if by_lid { paired.lid.clone() } else { paired.pn.clone() })
    }

    /// All devices of these users but the sending one, as the users are named; `None` while some have to be asked for.
    pub(crate) async fn audience_devices(&mut self, users: &[Jid], own: &Jid) -> Result<Option<Vec<Jid>>, Fault> {
        let lists = self.device_lists(users).await?;
        let named = users.iter().zip(&lists);
        let unknown: Vec<Jid> = named.filter(|(_, list)| list.is_none()).map(|(user, _)| user.clone()).collect();
        if !unknown.is_empty() {
            self.ask_devices(Query { users: unknown, numbers: Vec::new() });
            return Ok(None);
        }
        let devices = users.iter().zip(lists).flat_map(|(user, list)| {
            let list = list.flatten().unwrap_or_default();
            list.into_iter().map(|device| user.with_device(device))
        });
        Ok(Some(devices.filter(|device| device != own && device.device != HOSTED_DEVICE).collect()))
    }
}
