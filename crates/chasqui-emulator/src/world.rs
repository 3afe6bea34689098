//! The service's whole state, owned by one task.
//!
//! Connections and callers reach it through one bounded channel. Whatever it does in answer to one message is done
//! before the next is taken, so that the order in which stanzas are accepted is the order in which they are delivered.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use chasqui_wire::{jid::Jid, node::Node};
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep_until,
};

use crate::{
    account::{Accounts, DeviceRef},
    business::Shops,
    call::Calls,
    capture::{Capture, Direction},
    channel::Channels,
    clock::{Clock, Millis},
    connection::{ConnectionId, Inbound, Outbound, RESERVED},
    error::EmulatorError,
    events::EventLog,
    group::{Audiences, Groups},
    links::Links,
    media::Media,
    misbehaviour::Misbehaviour,
    options::Options,
    pairing::Pairing,
    people::Picture,
    presence::Presences,
    queue::{Entry, Kind},
};

/// How long a chat state that was written into a dying connection is taken for lost.
const CHATSTATE_RACE_MS: u64 = 1000;

/// What a client gets of its backlog before it asks for batches, where they are on; and how long it is waited for.
const PRIMER: usize = 5;
const BATCH_WAIT: Duration = Duration::from_secs(1);

/// A message to the world.
pub(crate) enum Command {
    /// From a connection.
    Inbound(Inbound),
    /// Something to do, from the library's interface.
    Run(Box<dyn FnOnce(&mut World) + Send>),
}

impl From<Inbound> for Command {
    fn from(inbound: Inbound) -> Self {
        Self::Inbound(inbound)
    }
}

/// What a connection is to the world.
pub(crate) enum Stage {
    /// It shows a QR code.
    Pairing(Box<Pairing>),
    /// It is a companion's.
    Session(DeviceRef),
}

/// A connection, seen from the world.
pub(crate) struct Connection {
    out: mpsc::Sender<Outbound>,
    pub stage: Stage,
    /// Whether the client has asked for its queue.
    pub active: bool,
    /// The queue position at which the backlog of this login ends, with the numbers given out so far.
    pub flush: Option<Flush>,
    /// The socket is behind; a mark is on its way.
    stalled: bool,
    /// A fault: nothing is sent or heard any more.
    pub silent: bool,
    /// Chat states written lately.
    chatstates: VecDeque<(Millis, Entry)>,
}

/// The delivery of a device's backlog after its login.
pub(crate) struct Flush {
    end: u64,
    number: usize,
    total: usize,
    /// How much of it the client may get before it asks for more.
    credit: usize,
}

/// Lets the world do something, and waits for it.
pub(crate) async fn ask<T: Send + 'static>(
    world: &mpsc::Sender<Command>,
    what: impl FnOnce(&mut World) -> T + Send + 'static,
) -> Result<T, EmulatorError> {
    let (reply, answer) = oneshot::channel();
    let run = move |world: &mut World| drop(reply.send(what(world)));
    world.send(Command::Run(Box::new(run))).await.map_err(|_| EmulatorError::Stopped)?;
    answer.await.map_err(|_| EmulatorError::Stopped)
}

/// Nobody is left to give commands.
struct Stopped;

/// The service.
pub(crate) struct World {
    pub clock: Clock,
    pub options: Options,
    pub accounts: Accounts,
    pub groups: Groups,
    pub audiences: Audiences,
    pub calls: Calls,
    pub shops: Shops,
    pub channels: Channels,
    pub links: Links,
    pub connections: HashMap<ConnectionId, Connection>,
    /// Which connection shows which ref.
    pub refs: HashMap<String, ConnectionId>,
    pub faults: Misbehaviour,
    pub capture: Capture,
    pub events: EventLog,
    pub media: Media,
    pub presences: Presences,
    pub group_pictures: HashMap<Jid, Picture>,
    /// Counts pictures that were set.
    pub pictures: u64,
    /// For what is made beside the world and comes back to it.
    pub commands: mpsc::WeakSender<Command>,
    /// Stanzas for virtual phones, taken in order after the stanza that caused them.
    phone_inbox: VecDeque<(DeviceRef, Entry)>,
    /// What goes out when the request that caused it is answered.
    pub deferred: VecDeque<(DeviceRef, Entry)>,
    next_id: u64,
}

impl World {
    /// `authority` is the `host:port` that clients reach the service by.
    pub fn new(options: Options, authority: String, commands: mpsc::WeakSender<Command>) -> Self {
        Self {
            commands,
            media: Media::new(authority, &options),
            clock: Clock { offset: options.clock_offset },
            capture: Capture::new(options.capture_limit),
            options,
            accounts: Accounts::default(),
            groups: Groups::default(),
            audiences: Audiences::default(),
            calls: Calls::default(),
            shops: Shops::default(),
            links: Links::default(),
            channels: Channels::default(),
            connections: HashMap::new(),
            refs: HashMap::new(),
            faults: Misbehaviour::default(),
            events: EventLog::default(),
            presences: Presences::default(),
            group_pictures: HashMap::new(),
            pictures: 0,
            phone_inbox: VecDeque::new(),
            deferred: VecDeque::new(),
            next_id: 1,
        }
    }

    /// Serves until every sender is gone.
    pub async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        while let Ok(command) = self.next_command(&mut commands).await {
            match command {
                Some(Command::Inbound(inbound)) => self.on_inbound(inbound),
                Some(Command::Run(run)) => run(&mut self),
                None => self.catch_up(),
            }
            self.settle();
        }
    }

    /// The next command; `None` when something that was held back is due.
    async fn next_command(&self, commands: &mut mpsc::Receiver<Command>) -> Result<Option<Command>, Stopped> {
        match self.faults.due() {
            None => commands.recv().await.map(Some).ok_or(Stopped),
            Some(due) => tokio::select! {
                command = commands.recv() => command.map(Some).ok_or(Stopped),
                () = sleep_until(due) => Ok(None),
            },
        }
    }

    fn on_inbound(&mut self, inbound: Inbound) {
        match inbound {
            Inbound::Knocked(reply) => drop(reply.send(!self.faults.strike_connection())),
            Inbound::Opened(id, hello, out) => self.on_opened(id, *hello, out),
            Inbound::Stanza(id, node, permit) => self.take(id, node, permit),
            Inbound::Malformed(id) => self.on_malformed(id),
            Inbound::Writable(id) => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.stalled = false;
                    if let Stage::Session(at) = connection.stage {
                        self.pump(at);
                    }
                }
            }
            Inbound::Closed(id) => drop(self.detach(id)),
        }
    }

    /// Adds a connection whose handshake is done.
    pub fn attach(&mut self, id: ConnectionId, stage: Stage, out: mpsc::Sender<Outbound>) {
        let connection = Connection {
            out,
            stage,
            active: false,
            flush: None,
            stalled: false,
            silent: false,
            chatstates: VecDeque::new(),
        };
        self.connections.insert(id, connection);
    }

    /// Whether stanzas of a connection still matter.
    pub fn hears(&self, id: ConnectionId) -> bool {
        self.connections.get(&id).is_some_and(|connection| !connection.silent)
    }

    /// Whose connection it is, as far as that is known.
    pub fn device_of(&self, id: ConnectionId) -> Option<DeviceRef> {
        match &self.connections.get(&id)?.stage {
            Stage::Session(at) => Some(*at),
            Stage::Pairing(pairing) => pairing.device(),
        }
    }

    /// Deals with a stanza of a client.
    pub fn on_stanza(&mut self, id: ConnectionId, node: &Node<'static>) {
        let Some(connection) = self.connections.get(&id) else { return };
        match connection.stage {
            Stage::Session(at) => self.on_session_stanza(id, at, node),
            Stage::Pairing(_) => self.on_pairing_stanza(id, node),
        }
    }

    /// A client sent something that is no stanza.
    pub fn on_malformed(&mut self, id: ConnectionId) {
        let error = Node::new("stream:error").child(Node::new("xml-not-well-formed"));
        self.end(id, Some(error));
    }

    fn on_session_stanza(&mut self, id: ConnectionId, at: DeviceRef, node: &Node<'static>) {
        match node.tag.as_str() {
            "iq" => self.on_iq(id, at, node),
            "message" => self.on_message(at, node),
            "receipt" => self.on_receipt(at, node),
            "ack" => self.on_ack(at, node),
            "presence" => self.on_presence(at, node),
            "chatstate" => self.on_chatstate(at, node),
            "call" => self.on_call(at, node),
            "ib" => {
                if let Some(asked) = node.find("offline_batch") {
                    let count = asked.get_u64("count").and_then(|count| usize::try_from(count).ok());
                    self.grant_batch(id, count.unwrap_or(usize::MAX));
                }
            }
            other => tracing::debug!(connection = id.0, "ignored a stanza <{other}>"),
        }
    }

    /// Sends what waited for an answer, and lets the virtual phones act on what they were sent, until nothing moves any
    /// more.
    fn settle(&mut self) {
        while let Some((at, entry)) = self.deferred.pop_front() {
            self.deliver(at, entry);
        }
        while let Some((at, entry)) = self.phone_inbox.pop_front() {
            self.on_phone_stanza(at, &entry);
        }
    }

    /// A fresh id for a stanza of the server's own.
    pub fn fresh_id(&mut self) -> String {
        self.next_id += 1;
        format!("{}-{}", self.clock.now().seconds(), self.next_id)
    }

    /// Answers one connection.
    pub fn send(&mut self, id: ConnectionId, node: Node<'static>) {
        self.transmit(id, Arc::new(node));
    }

    /// Answers a device, if it is connected. The phone needs no answers.
    pub fn answer(&mut self, at: DeviceRef, node: Node<'static>) {
        if let Some(id) = self.accounts.device(at).and_then(|device| device.connection) {
            self.send(id, node);
        }
    }

    /// Hands a stanza to a connection's writer.
    pub fn write(&mut self, id: ConnectionId, node: Arc<Node<'static>>) {
        let at = self.device_of(id);
        let Some(connection) = self.connections.get(&id).filter(|connection| !connection.silent) else { return };
        self.capture.push(self.clock.now(), Direction::In, id, at, &node);
        if connection.out.try_send(Outbound::Stanza(node)).is_err() {
            // The socket is gone, or the window was overrun: the connection cannot go on with a gap.
            tracing::debug!(connection = id.0, "a connection takes nothing more");
            self.detach(id);
        }
    }

    /// Hands raw material to a connection; for faults.
    pub fn transmit_raw(&mut self, id: ConnectionId, item: Outbound) -> bool {
        self.connections.get(&id).is_some_and(|connection| connection.out.try_send(item).is_ok())
    }

    /// Sends a last stanza, if any, and closes the connection in an orderly way.
    pub fn end(&mut self, id: ConnectionId, last: Option<Node<'static>>) {
        if let Some(last) = last {
            self.send(id, last);
        }
        self.transmit_raw(id, Outbound::Finish);
        self.detach(id);
    }

    /// Drops a connection without a word.
    pub fn abort(&mut self, id: ConnectionId) {
        self.transmit_raw(id, Outbound::Abort);
        self.detach(id);
    }

    /// Forgets a connection; what its device has not acknowledged waits for the next one.
    pub fn detach(&mut self, id: ConnectionId) -> Option<Connection> {
        let connection = self.connections.remove(&id)?;
        self.forget_presence(id);
        self.faults.forget(id);
        match &connection.stage {
            Stage::Pairing(pairing) => pairing.refs.iter().for_each(|reference| {
                self.refs.remove(reference);
            }),
            Stage::Session(at) => {
                let now = self.clock.now();
                if let Some(device) = self.accounts.device_mut(*at).filter(|device| device.connection == Some(id)) {
                    device.connection = None;
                    device.queue.rewind();
                    let racing = connection.chatstates.iter().filter(|(sent, _)| sent.0 + CHATSTATE_RACE_MS > now.0);
                    device.queue.restore(racing.map(|(_, entry)| entry.clone()));
                }
            }
        }
        Some(connection)
    }

    /// Queues a stanza for a device and writes it if the device listens. False when its queue is full or the device
    /// does not exist.
    pub fn deliver(&mut self, to: DeviceRef, entry: Entry) -> bool {
        if to.device == 0 {
            self.phone_inbox.push_back((to, entry));
            return true;
        }
        let Some(device) = self.accounts.device_mut(to) else { return false };
        if device.queue.push(entry).is_err() {
            tracing::warn!("the queue of device {} is full", to.device);
            return false;
        }
        self.pump(to);
        true
    }

    /// Starts the delivery of a device's queue: the preview, the backlog, the end marker (the contract, §8).
    pub fn flush(&mut self, id: ConnectionId, at: DeviceRef) {
        let Some(device) = self.accounts.device(at) else { return };
        let counts = device.queue.waiting();
        let end = device.queue.position() + device.queue.waiting_len() as u64;
        let preview = Node::new("offline_preview")
            .attr("count", counts.total())
            .attr("message", counts.message)
            .attr("notification", counts.notification)
            .attr("receipt", counts.receipt)
            .attr("appdata", 0u8)
            .attr("call", counts.call)
            .attr("status", 0u8);
        self.send(id, ib(preview));
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.active = true;
            let credit = if self.options.offline_batches { PRIMER } else { usize::MAX };
            connection.flush = Some(Flush { end, number: 0, total: counts.total(), credit });
        }
        if self.options.offline_batches {
            self.batch_later(id, BATCH_WAIT);
        }
        self.pump(at);
    }

    /// A client wants more of its backlog.
    pub fn grant_batch(&mut self, id: ConnectionId, count: usize) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some(flush) = &mut connection.flush else { return };
        flush.credit = flush.credit.saturating_add(count);
        if count < usize::MAX {
            self.batch_later(id, BATCH_WAIT);
        }
        if let Some(at) = self.device_of(id) {
            self.pump(at);
        }
    }

    /// Writes as much of a device's queue as its socket takes.
    pub fn pump(&mut self, at: DeviceRef) {
        let now = self.clock.now();
        loop {
            let Some(device) = self.accounts.device_mut(at) else { return };
            let Some(id) = device.connection else { return };
            let Some(connection) = self.connections.get_mut(&id) else { return };
            if !connection.active || connection.stalled || connection.silent {
                return;
            }
            if let Some(flush) = connection.flush.take_if(|flush| device.queue.position() >= flush.end) {
                self.send(id, ib(Node::new("offline").attr("count", flush.total)));
                self.tell_dirty(id, at);
                continue;
            }
            if connection.flush.as_ref().is_some_and(|flush| flush.credit == 0) {
                return;
            }
            if connection.out.capacity() <= RESERVED {
                connection.stalled = true;
                if connection.out.try_send(Outbound::Mark).is_err() {
                    self.detach(id);
                }
                return;
            }
            let Some(entry) = device.queue.next(now) else {
                if connection.flush.is_none() {
                    return;
                }
                continue;
            };
            if entry.kind == Kind::Chatstate {
                connection.chatstates.retain(|(sent, _)| sent.0 + CHATSTATE_RACE_MS > now.0);
                connection.chatstates.push_back((now, entry.clone()));
            }
            let node = match &mut connection.flush {
                Some(flush) if entry.kind != Kind::Chatstate => {
                    flush.number += 1;
                    flush.credit -= 1;
                    Arc::new((*entry.node).clone().attr("offline", flush.number))
                }
                _ => entry.node,
            };
            self.transmit(id, node);
        }
    }

    /// Forgets everything; connections are dropped.
    pub fn reset(&mut self) {
        for (_, connection) in self.connections.drain() {
            // Dropping the sender closes it too, only later.
            let _ = connection.out.try_send(Outbound::Abort);
        }
        self.refs.clear();
        self.faults = Misbehaviour::default();
        self.phone_inbox.clear();
        self.deferred.clear();
        self.groups.clear();
        self.audiences = Audiences::default();
        self.calls = Calls::default();
        self.channels.clear();
        self.shops = Shops::default();
        self.links = Links::default();
        self.capture.clear();
        self.events.clear();
        self.media.clear();
        self.presences = Presences::default();
        self.group_pictures.clear();
        self.accounts = Accounts::default();
    }

    /// The address that a device is known by to others.
    pub fn jid(&self, at: DeviceRef, by_lid: bool) -> Jid {
        self.accounts.device_jid(at, by_lid)
    }
}

/// `<ib from=@s.whatsapp.net>` with one child.
pub(crate) fn ib(child: Node<'static>) -> Node<'static> {
    Node::new("ib").attr("from", Jid::SERVER).child(child)
}
