//! The service on localhost, for tests: accounts, virtual phones, pairing, relay, queues, faults.
//!
//! One port serves `ws`, `wss` and HTTP(S) administration. It shares wire, signal and schema with the client and
//! none of the client's session code; independent clients are its judges.
//!
//! | module | keeps |
//! |---|---|
//! | [`options`], [`error`] | what goes in, what can go wrong |
//! | `listener`, `http`, `tls`, `connection` | the port: sockets, administration, handshake, frames |
//! | `world` | the whole state, in one task; sending, queues, flush |
//! | `account`, `companions`, `key_index`, `prekeys`, `queue` | accounts and devices |
//! | `pairing`, `qr`, `pairing_code`, `login` | how a connection becomes a device's |
//! | `requests`, `usync`, `app_state`, `app_state_blobs` | what is asked |
//! | `group` | groups, the status and lists: requests, changes, relay, phones as members |
//! | `channel` | channels: GraphQL, posts, followers |
//! | `status` | who sees status posts |
//! | `business` | shops, orders, bots |
//! | `call` | calls, as far as the service hears of them |
//! | [`history`] | what phones have of the past, and how companions get it |
//! | [`media`] | the media hosts: files up, down, and up again |
//! | `relay`, `receipts`, `presence` | what is passed on |
//! | `phone`, `phone_requests`, `phone_state`, `contact`, `inbox`, `greeting`, [`events`] | virtual phones and people |
//! | `capture`, [`faults`], `misbehaviour`, `control` | what tests look at and break |

#![forbid(unsafe_code)]

mod account;
mod app_state;
mod app_state_blobs;
mod blocklist;
mod business;
mod call;
mod capture;
mod channel;
mod clock;
mod companions;
mod connection;
mod contact;
mod control;
mod dirty;
pub mod error;
pub mod events;
pub mod faults;
mod greeting;
mod group;
pub mod history;
mod http;
mod inbox;
mod key_index;
mod links;
mod listener;
mod login;
pub mod media;
mod misbehaviour;
pub mod options;
mod pairing;
mod pairing_code;
mod people;
mod phone;
mod phone_requests;
mod phone_state;
mod prekeys;
mod presence;
mod qr;
mod queue;
mod receipts;
mod relay;
mod requests;
mod status;
mod tls;
mod usync;
mod world;

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::{
    cert::{CertAuthority, Validity},
    curve::KeyPair,
    node::Node,
};
use serde::Serialize;
use tokio::sync::{mpsc, watch};

pub use app_state::AppStateFault;
pub use business::{NewOrder, OrderInfo, OrderItem, ShopCollection, ShopSetting};
pub use call::{CallAct, CallInfo, NewCall};
pub use companions::{AccountInfo, DeviceInfo};
pub use contact::{ContactInfo, Destination};
pub use error::EmulatorError;
pub use events::{ContactEvent, Numbered};
pub use faults::{BrokenFrame, Disconnect, Injection, Notification};
pub use group::admin::{Addressing, GroupChange, GroupInfo, MemberInfo, NewGroup};
pub use history::PhoneHistory;
pub use media::{MediaInfo, MediaOptions, StoredMedia};
pub use misbehaviour::{FaultInfo, FaultRule, PrekeyFault, Way, What};
pub use options::{Options, TlsAuthority};
pub use pairing::Scanned;
pub use people::PersonChange;

use connection::Gate;
use world::{Command, World};

/// Messages that may wait for the world.
const COMMANDS: usize = 1024;
const DAY: u64 = 86_400;

/// Where and how an emulator is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// The address it listens on.
    pub host: String,
    /// The port it listens on.
    pub port: u16,
    /// `wss://…/ws/chat`.
    pub wss_url: String,
    /// `ws://…/ws/chat`.
    pub ws_url: String,
    /// `http://…`, for administration.
    pub http_url: String,
    /// `https://…`, the same.
    pub https_url: String,
    /// The TLS authority's certificate.
    pub ca_pem: String,
    /// The Noise root's public key in base64.
    pub root_key: String,
}

/// A running service. It stops when it is told to, or when the last handle is dropped.
pub struct Emulator {
    info: Info,
    world: mpsc::Sender<Command>,
    stop: watch::Sender<bool>,
}

impl Emulator {
    /// Starts a service; must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`EmulatorError::PortInUse`], [`EmulatorError::InvalidOption`], [`EmulatorError::Failed`].
    pub async fn start(options: Options) -> Result<Running, EmulatorError> {
        let (listener, address) = listener::bind(&options.host, options.port).await?;
        let tls = tls::prepare(&options.tls_names, options.tls_authority.as_ref())?;
        let root = options.root_key.clone().unwrap_or_else(|| KeyPair::generate().private);
        let authority = CertAuthority::new(root);
        let now = clock::Clock { offset: options.clock_offset }.now().seconds();
        // From before any clock that is a little slow, until long after any test.
        let validity = Validity { not_before: now.saturating_sub(DAY), not_after: now + 3650 * DAY };

        let (world, commands) = mpsc::channel(COMMANDS);
        let (stop, stopped) = watch::channel(false);
        let gate = Gate {
            chain: authority.chain(Some(validity)),
            refuse_resume: options.refuse_resume,
            world: world.clone(),
            authority,
        };
        let info = describe(address, tls.authority, &gate.authority);
        let authority = format!("{}:{}", info.host, info.port);
        let commands_of_world = world.downgrade();
        let emulator = Arc::new(Self { info, world, stop });
        tokio::spawn(World::new(options, authority, commands_of_world).run(commands));
        let accepting =
            tokio::spawn(listener::accept(listener, tls.acceptor, Arc::new(gate), emulator.clone(), stopped));
        Ok(Running { emulator, accepting })
    }

    /// Where it is.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Lets the world do something, and waits for it.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        what: impl FnOnce(&mut World) -> T + Send + 'static,
    ) -> Result<T, EmulatorError> {
        world::ask(&self.world, what).await
    }

    /// A phone scans a QR code: the one of `account`, or of the push name that the client registered with.
    ///
    /// # Errors
    /// [`EmulatorError::InvalidQr`], [`EmulatorError::QrExpired`], [`EmulatorError::QrScanned`],
    /// [`EmulatorError::QrForged`].
    pub async fn scan(&self, qr: &str, account: Option<&str>) -> Result<Scanned, EmulatorError> {
        let (qr, account) = (qr.to_owned(), account.map(str::to_owned));
        self.ask(move |world| world.scan(&qr, account.as_deref())).await?
    }

    /// The phone's owner types in the code that a client shows: the client that gave the number of `account`, or else the
    /// last one that asked. Without `account` the phone is the one with the number that the client gave.
    ///
    /// # Errors
    /// [`EmulatorError::InvalidOption`], [`EmulatorError::NotFound`], [`EmulatorError::WrongCode`].
    pub async fn enter_code(&self, code: &str, account: Option<&str>) -> Result<Scanned, EmulatorError> {
        let (code, account) = (code.to_owned(), account.map(str::to_owned));
        let linked = self.ask(move |world| world.enter_code(&code, account.as_deref())).await??;
        linked.await.unwrap_or_else(|_| Err(EmulatorError::Failed("the client went away".to_owned())))
    }

    /// The person with this name; made if it is new, a phone that acts from now on.
    ///
    /// # Errors
    /// [`EmulatorError::InvalidOption`] for an empty name.
    pub async fn contact(&self, name: &str) -> Result<ContactInfo, EmulatorError> {
        let name = name.to_owned();
        self.ask(move |world| world.contact(&name)).await?
    }

    /// A contact writes a text to a number, JID or name, to a group, to its status or to a list. Gives the message's id.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`], [`EmulatorError::UnknownRecipient`], [`EmulatorError::InvalidOption`].
    pub async fn contact_send(
        &self,
        contact: &str,
        to: impl Into<Destination>,
        text: &str,
        id: Option<&str>,
    ) -> Result<String, EmulatorError> {
        let (contact, to, text, id) = (contact.to_owned(), to.into(), text.to_owned(), id.map(str::to_owned));
        self.ask(move |world| world.contact_send(&contact, &to, &text, id.as_deref())).await?
    }

    /// A contact writes a message whose protobuf is given, and whose stanza has further children.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`], [`EmulatorError::UnknownRecipient`], [`EmulatorError::InvalidOption`].
    pub async fn contact_send_raw(
        &self,
        contact: &str,
        to: impl Into<Destination>,
        message: Vec<u8>,
        children: Vec<Node<'static>>,
        id: Option<&str>,
    ) -> Result<String, EmulatorError> {
        let (contact, to, id) = (contact.to_owned(), to.into(), id.map(str::to_owned));
        self.ask(move |world| world.contact_send_raw(&contact, &to, message, children, id.as_deref())).await?
    }

    /// A contact writes `count` texts at once, "TEXT 1" and so on; everything is encrypted when this returns.
    ///
    /// # Errors
    /// As [`Self::contact_send`].
    pub async fn contact_burst(
        &self,
        contact: &str,
        to: impl Into<Destination>,
        text: &str,
        count: usize,
    ) -> Result<Vec<String>, EmulatorError> {
        let to = to.into();
        let mut ids = Vec::with_capacity(count);
        for number in 1..=count {
            // One by one, so that others are served in between.
            ids.push(self.contact_send(contact, to.clone(), &format!("{text} {number}"), None).await?);
        }
        Ok(ids)
    }

    /// A contact reads messages that it received.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`].
    pub async fn contact_read(&self, contact: &str, ids: Vec<String>) -> Result<(), EmulatorError> {
        let contact = contact.to_owned();
        self.ask(move |world| world.contact_read(&contact, &ids)).await?
    }

    /// A contact's phone loses its Signal sessions.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`].
    pub async fn contact_forget_sessions(&self, contact: &str) -> Result<(), EmulatorError> {
        let contact = contact.to_owned();
        self.ask(move |world| world.contact_forget_sessions(&contact)).await?
    }

    /// A contact sets the phone up anew: another identity, no companions; whoever knows its devices is told.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`].
    pub async fn contact_renew_identity(&self, contact: &str) -> Result<(), EmulatorError> {
        let contact = contact.to_owned();
        self.ask(move |world| world.contact_renew_identity(&contact)).await?
    }

    /// The phone of an account writes a Message to its companions, or to one, outside any chat; tells to how many.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`].
    pub async fn phone_writes(
        &self,
        account: &str,
        device: Option<u16>,
        message: Vec<u8>,
    ) -> Result<usize, EmulatorError> {
        let account = account.to_owned();
        self.ask(move |world| world.phone_writes(&account, device, &message)).await?
    }

    /// What the phone of an account, which is made if it is new, has of the past: companions that are linked from now on get
    /// it. Gives the number of messages.
    ///
    /// # Errors
    /// [`EmulatorError::InvalidOption`].
    pub async fn set_history(&self, account: &str, history: PhoneHistory) -> Result<usize, EmulatorError> {
        let account = account.to_owned();
        self.ask(move |world| world.set_history(&account, history)).await?
    }

    /// Makes a group; its members' devices are told.
    ///
    /// # Errors
    /// [`EmulatorError::InvalidOption`], [`EmulatorError::UnknownRecipient`].
    pub async fn group(&self, new: NewGroup) -> Result<GroupInfo, EmulatorError> {
        self.ask(move |world| world.new_group(&new)).await?
    }

    /// Changes a group; its members' devices are told.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`], [`EmulatorError::InvalidOption`], [`EmulatorError::UnknownRecipient`].
    pub async fn change_group(&self, change: GroupChange) -> Result<GroupInfo, EmulatorError> {
        self.ask(move |world| world.change(&change)).await?
    }

    /// Every group.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn groups(&self) -> Result<Vec<GroupInfo>, EmulatorError> {
        self.ask(|world| world.group_infos()).await
    }

    /// Up to 1,000 events after a sequence number, oldest first.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn events(&self, after: u64, contact: Option<String>) -> Result<Vec<Numbered>, EmulatorError> {
        self.ask(move |world| world.events.after(after, contact.as_deref())).await
    }

    /// A receiver that always holds the number of the newest event.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn subscribe(&self) -> Result<watch::Receiver<u64>, EmulatorError> {
        self.ask(|world| world.events.subscribe()).await
    }

    /// Every account with its companions.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn accounts(&self) -> Result<Vec<AccountInfo>, EmulatorError> {
        self.ask(|world| world.account_infos()).await
    }

    /// Ends the connections of a device, of all companions of an account, or of everybody; tells how many.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`].
    pub async fn disconnect(
        &self,
        account: Option<&str>,
        device: Option<u16>,
        how: Disconnect,
    ) -> Result<usize, EmulatorError> {
        let account = account.map(str::to_owned);
        self.ask(move |world| world.disconnect(account.as_deref(), device, &how)).await?
    }

    /// Sends something out of turn; tells to how many connections.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`], [`EmulatorError::InvalidOption`].
    pub async fn inject(
        &self,
        account: Option<&str>,
        device: Option<u16>,
        what: Injection,
    ) -> Result<usize, EmulatorError> {
        let account = account.map(str::to_owned);
        self.ask(move |world| world.inject(account.as_deref(), device, &what)).await?
    }

    /// Misbehaves from now on; gives the number that names the rule.
    ///
    /// # Errors
    /// [`EmulatorError::InvalidOption`].
    pub async fn add_fault(&self, rule: FaultRule) -> Result<u64, EmulatorError> {
        self.ask(move |world| world.add_fault(rule)).await?
    }

    /// Ends one misbehaviour, or all; what was held back still comes.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn clear_faults(&self, id: Option<u64>) -> Result<(), EmulatorError> {
        self.ask(move |world| world.clear_faults(id)).await
    }

    /// The rules of misbehaviour, and how often they struck.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn faults(&self) -> Result<Vec<FaultInfo>, EmulatorError> {
        self.ask(|world| world.list_faults()).await
    }

    /// The phone removes a companion, or all of them.
    ///
    /// # Errors
    /// [`EmulatorError::NotFound`].
    pub async fn unlink(&self, account: &str, device: Option<u16>) -> Result<(), EmulatorError> {
        let account = account.to_owned();
        self.ask(move |world| {
            for at in world.named_devices(Some(&account), device)? {
                world.unlink(at);
            }
            Ok(())
        })
        .await?
    }

    /// Forgets every account, contact and captured stanza, and drops every connection.
    ///
    /// # Errors
    /// [`EmulatorError::Stopped`].
    pub async fn reset(&self) -> Result<(), EmulatorError> {
        self.ask(World::reset).await
    }
}

/// The handle that stops a service.
pub struct Running {
    emulator: Arc<Emulator>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Running {
    /// The service; further handles keep it usable, but not running.
    pub fn handle(&self) -> Arc<Emulator> {
        self.emulator.clone()
    }

    /// Ends every connection and frees the port.
    pub async fn stop(mut self) {
        self.emulator.stop.send_replace(true);
        // It only fails when it panicked or was aborted; either way it is over.
        let _ = (&mut self.accepting).await;
        // The process may end before the world does, and files would stay.
        let _ = self.emulator.ask(|world| world.media.clear()).await;
    }
}

impl std::ops::Deref for Running {
    type Target = Emulator;

    fn deref(&self) -> &Emulator {
        &self.emulator
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.emulator.stop.send_replace(true);
    }
}

fn describe(address: SocketAddr, ca_pem: String, authority: &CertAuthority) -> Info {
    // Clients cannot connect to "any address"; they reach it through the loopback.
    let host = match address.ip() {
        ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let port = address.port();
    Info {
        wss_url: format!("wss://{host}:{port}/ws/chat"),
        ws_url: format!("ws://{host}:{port}/ws/chat"),
        http_url: format!("http://{host}:{port}"),
        https_url: format!("https://{host}:{port}"),
        ca_pem,
        root_key: BASE64.encode(authority.root().as_bytes()),
        host,
        port,
    }
}
