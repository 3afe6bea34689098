//! Logging in: who may, what success tells, and what happens to an older connection of the same device
//! (01-connection §7.2, §8, §9).

use chasqui_proto::ClientPayload;
use chasqui_wire::{jid::Jid, node::Node};
use compact_str::{CompactString, format_compact};
use std::sync::Arc;
use tokio::sync::mpsc;

use crate::{
    account::DeviceRef,
    capture::Direction,
    connection::{ConnectionId, Hello, Outbound},
    prekeys::bytes,
    world::{Stage, World, ib},
};

/// What clients put in front of their next connection's intro; it means nothing here.
const ROUTING: &[u8] = b"chasqui";

/// Why somebody may not log in: the attributes of `<failure>` (01-connection §9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoginFailure {
    pub reason: u16,
    /// Why the account is banned.
    pub code: Option<u16>,
    /// Seconds until a ban ends.
    pub expire: Option<u64>,
    /// How many logins it meets.
    pub times: u32,
}

impl From<u16> for LoginFailure {
    fn from(reason: u16) -> Self {
        Self { reason, code: None, expire: None, times: 1 }
    }
}

impl World {
    /// A login payload: the device must exist and its noise key must be the one that it paired with.
    pub fn on_login(&mut self, id: ConnectionId, hello: &Hello, out: mpsc::Sender<Outbound>) {
        let Some(at) = self.who(&hello.payload) else { return self.refuse(id, hello, out, 401) };
        let failure = match self.accounts.device_mut(at) {
            Some(device) if device.noise == hello.noise => {
                let failure = device.refuse_login.take();
                device.refuse_login = failure
                    .filter(|failure| failure.times > 1)
                    .map(|failure| LoginFailure { times: failure.times - 1, ..failure });
                failure
            }
            _ => Some(401.into()),
        };
        let failure = failure.or_else(|| self.is_outdated(&hello.payload).then_some(405.into()));
        if let Some(failure) = failure {
            return self.refuse(id, hello, out, failure);
        }
        self.replace(at);
        self.attach(id, Stage::Session(at), out);
        if let Some(device) = self.accounts.device_mut(at) {
            device.connection = Some(id);
        }
        self.capture_hello(id, Some(at), hello);
        let success = Node::new("success")
            .attr("t", self.clock.now().seconds())
            .attr("props", "27")
            .attr("companion_enc_static", "NULL")
            .attr("location", "frc")
            .attr("abprops", "9")
            .attr("group_abprops", "11")
            .attr("lid", self.jid(at, true))
            .attr("display_name", "")
            .attr("creation", self.accounts.get(at.account).key_index_list.timestamp);
        self.send(id, success);
        self.send(id, ib(Node::new("edge_routing").child(bytes("routing_info", ROUTING))));
    }

    fn who(&self, payload: &ClientPayload) -> Option<DeviceRef> {
        let user: CompactString = format_compact!("{}", payload.username?);
        let device = u16::try_from(payload.device.unwrap_or(0)).ok()?;
        Some(DeviceRef { account: self.accounts.find(&Jid::pn(user))?, device })
    }

    /// Whether the client is older than the oldest version that is accepted.
    pub fn is_outdated(&self, payload: &ClientPayload) -> bool {
        let version = payload.user_agent.as_ref().and_then(|agent| agent.app_version.as_ref());
        match (self.options.min_version, version) {
            (Some(minimum), Some(version)) => {
                let version = [version.primary, version.secondary, version.tertiary].map(|part| part.unwrap_or(0));
                version < minimum
            }
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// Answers a handshake with `<failure>` and closes.
    pub fn refuse(
        &mut self,
        id: ConnectionId,
        hello: &Hello,
        out: mpsc::Sender<Outbound>,
        failure: impl Into<LoginFailure>,
    ) {
        let LoginFailure { reason, code, expire, .. } = failure.into();
        let at = self.who(&hello.payload);
        self.capture_hello(id, at, hello);
        let failure = Node::new("failure")
            .attr("reason", reason)
            .attr_opt("code", code)
            .attr_opt("expire", expire)
            .attr("location", "frc");
        let failure = Arc::new(failure);
        self.capture.push(self.clock.now(), Direction::In, id, at, &failure);
        // The channel is new and empty; nothing to do if the client is gone.
        let _ = out.try_send(Outbound::Stanza(failure));
        let _ = out.try_send(Outbound::Finish);
    }

    /// Ends the connection that a device has, because it opens another one.
    fn replace(&mut self, at: DeviceRef) {
        if let Some(old) = self.accounts.device(at).and_then(|device| device.connection) {
            self.end(old, Some(Node::new("stream:error").child(Node::new("conflict").attr("type", "replaced"))));
        }
    }

    /// Keeps the handshake's payload among the captured stanzas, as `<client-payload pattern=XX|IK|XXfallback>`.
    pub fn capture_hello(&mut self, id: ConnectionId, at: Option<DeviceRef>, hello: &Hello) {
        let node =
            Node::new("client-payload").attr("pattern", hello.pattern.as_str()).bytes(hello.payload_bytes.clone());
        self.capture.push(self.clock.now(), Direction::Out, id, at, &Arc::new(node));
    }
}
