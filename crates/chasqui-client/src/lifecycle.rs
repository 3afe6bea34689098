//! From `connect()` to `disconnect()`: commands, login, keepalive, the end of a connection and its return.
//!
//! Source: 01-connection §7 to §11.

use std::{sync::Arc, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_requests::{Plain, notice, plain::Room};
use chasqui_store::{Holder, Namespace, Page, SessionStore, StoreError};
use chasqui_wire::{Jid, Node, codec::DecodeError, noise::Pattern};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    Command, Reply,
    actor::{Actor, Fault, Link, Stage, Up},
    blocklist,
    connection::{self, Attempt, Established, Stanza, unix_now},
    creds::{self, Creds},
    error,
    event::{ConnectionEvent, Event, State, User},
    inbox,
    iq::{self, Wait},
    login, outbox,
    reason::{End, Next},
    requests,
};

/// A ping is sent when nothing came for this long.
const QUIET: Duration = Duration::from_secs(25);
/// The connection is dead when nothing came for this long.
const PATIENCE: Duration = Duration::from_secs(10);

impl Actor {
    pub(crate) async fn on_command(&mut self, reply: Reply, command: Command) -> Result<(), Fault> {
        let outcome = self.obey(reply, command).await;
        // A call that was cut short waits nowhere yet, unless its message is in the outbox.
        if let Err(fault) = &outcome
            && self.outbox.find_reply(reply).is_none()
            && !self.waiting_connect.contains(&reply)
        {
            let reason = match fault {
                Fault::End(end) => end.reason.clone(),
                Fault::Store(failure) => error::store(failure.clone()),
            };
            self.answer(reply, Err(reason));
        }
        outcome
    }

    async fn obey(&mut self, reply: Reply, command: Command) -> Result<(), Fault> {
        match command {
            Command::Connect => self.connect(reply).await,
            Command::TakeOver { timeout } => self.take_over(reply, timeout).await,
            Command::Opened => {
                self.opened(reply);
                Ok(())
            }
            Command::Send { to, content, id, timeout } => self.on_send(reply, &to, &content, id, timeout).await,
            Command::Relay { to, message, more, id, is_new } => {
                self.on_relay(reply, &to, message, &more, id, is_new).await
            }
            Command::Change { changes, timeout } => self.on_change(reply, changes, timeout).await,
            Command::ImportBaileys { folder } => {
                let imported = self.import_baileys(folder).await;
                self.answer(reply, imported.map(|imported| Some(serde_json::json!(imported))));
                Ok(())
            }
            Command::ExportBaileys { folder, version } => {
                let exported = self.export_baileys(folder, version).await;
                self.answer(reply, exported.map(|exported| Some(serde_json::json!(exported))));
                Ok(())
            }
            Command::FlushAuth => self.flush_auth(reply).await,
            Command::GetAuth { files } => {
                let found = self.get_auth(files).await;
                self.answer(reply, found.map(|found| Some(serde_json::json!(found))));
                Ok(())
            }
            Command::SetAuth { values, anyway } => self.set_auth(reply, values, anyway).await,
            Command::WipeAuth => {
                let wiped = self.wipe_auth().await;
                self.answer(reply, wiped.map(|()| None));
                Ok(())
            }
            Command::Read { messages, played } => self.on_read(reply, messages, played).await,
            Command::PairingCode { phone, code } => self.on_pairing_code(reply, &phone, code.as_deref()).await,
            Command::Resolve { who } => self.on_resolve(reply, &who).await,
            Command::Upload { source, about } => {
                self.on_upload(reply, source, about);
                Ok(())
            }
            Command::Download { request } => {
                self.on_download(reply, &request);
                Ok(())
            }
            Command::FetchHistory { request } => self.on_fetch_history(reply, request).await,
            Command::Archive { query } => {
                self.on_archive(reply, query);
                Ok(())
            }
            Command::Request { method, args, timeout } => {
                self.on_request(reply, method, args, timeout);
                Ok(())
            }
            Command::Disconnect => {
                let outcome = self.disconnect().await;
                self.answer(reply, Ok(None));
                outcome
            }
            Command::Logout => self.logout(reply).await,
        }
    }

    pub(crate) async fn connect(&mut self, reply: Reply) -> Result<(), Fault> {
        if !matches!(self.link, Link::Down) {
            self.answer(
                reply,
                Err(PublicError::new(ErrorCode::AlreadyConnected, "The client is connected or connecting already.")),
            );
            return Ok(());
        }
        if !self.has_store() {
            let opened = self.options.store.open(&self.name, Holder::current()).await;
            if let Err(reason) = self.adopt_store(opened).await {
                self.answer(reply, Err(reason));
                return Ok(());
            }
        }
        self.waiting_connect.push(reply);
        self.begin();
        Ok(())
    }

    /// Takes the store that was opened, and reads the session from it.
    pub(crate) async fn adopt_store(
        &mut self,
        opened: Result<Arc<dyn SessionStore>, StoreError>,
    ) -> Result<(), PublicError> {
        self.hold_store(opened.map_err(error::store)?);
        if let Err(refused) = self.open_archive().await {
            self.close_store().await;
            return Err(refused);
        }
        let Err(fault) = self.load().await else { return Ok(()) };
        self.close_store().await;
        Err(match fault {
            Fault::End(end) => end.reason,
            Fault::Store(failure) => error::store(failure),
        })
    }

    /// The first attempt since `connect()`.
    pub(crate) fn begin(&mut self) {
        self.attempts = 0;
        self.refreshed_version = false;
        self.change(State::Connecting, None);
        self.connect_now();
    }

    /// Reads the session from the store, or makes a new one.
    pub(crate) async fn load(&mut self) -> Result<(), Fault> {
        let keys = [creds::key(), outbox::reservation_key(), blocklist::key()];
        let pages = [Page::first(Namespace::Inbox, inbox::PAGE), Page::first(Namespace::Outbox, outbox::PAGE)];
        let (values, records) = self.store()?.read(&keys, &pages).await?;
        let (mut values, mut records) = (values.into_iter(), records.into_iter());
        match values.next().flatten() {
            Some(bytes) => {
                let unread = || Fault::End(End { reason: error::unreadable(&self.name, &bytes), next: Next::Stop });
                self.creds = Creds::from_bytes(&bytes).ok_or_else(unread)?;
                if let Some(told) = &mut self.told {
                    told.changed = true;
                }
            }
            None => {
                self.creds = self.told.as_ref().map_or_else(Creds::generate, |told| told.device());
                self.save_creds();
            }
        }
        // Before a phone has taken the device, its keys are the program's to choose.
        if let Some(told) = self.told.as_ref().filter(|_| self.creds.paired.is_none())
            && told.seed.identity.public != self.creds.identity.public
        {
            self.creds = told.device();
            self.save_creds();
        }
        self.show_user();
        let reserved = values.next().flatten();
        self.load_blocklist(values.next().flatten().as_deref());
        self.load_inbox(records.next().unwrap_or_default()).await?;
        self.load_outbox(reserved.as_deref(), records.next().unwrap_or_default()).await?;
        self.load_props().await?;
        self.load_group_doubt().await?;
        self.load_privacy().await?;
        self.flush();
        Ok(())
    }

    fn opened(&mut self, reply: Reply) {
        if self.is_open() {
            self.answer(reply, Ok(None));
        } else if matches!(self.link, Link::Down) {
            self.answer(reply, Err(error::not_connected()));
        } else {
            self.waiting_open.push(reply);
        }
    }

    /// Starts an attempt.
    pub(crate) fn connect_now(&mut self) {
        let payload = match &self.creds.paired {
            Some(paired) => login::login(paired, &self.options),
            None => login::registration(&self.creds, &self.options),
        };
        let resume =
            self.creds.server_chain.clone().filter(|_| self.creds.paired.is_some() && !self.distrust_resumption);
        let attempt = Attempt {
            endpoint: self.options.endpoint.clone(),
            proxy: self.options.proxy.clone(),
            noise: self.creds.noise.clone(),
            payload,
            routing_info: self.creds.routing_info.clone(),
            resume,
            timeout: self.options.connect_timeout,
        };
        self.take_link(Link::Connecting(Box::pin(connection::establish(attempt))));
    }

    pub(crate) fn on_established(&mut self, established: Established) -> Result<(), Fault> {
        tracing::debug!(session = %self.name, pattern = established.pattern.as_str(), "handshake done");
        if self.creds.paired.is_some() && established.pattern != Pattern::Ik {
            self.creds.server_chain = Some(established.chain.bytes);
            self.save_creds();
        }
        self.take_link(Link::Up(Box::new(Up {
            connection: established.connection,
            stage: Stage::Greeting,
            since: Instant::now(),
            pinged: None,
        })));
        // The handshake's last bytes may already hold the first stanza; io() finds it with the next wake.
        Ok(())
    }

    /// Finds the one place that handles a stanza.
    pub(crate) async fn dispatch(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        self.count_offline(node);
        self.show_watched(node);
        if matches!(node.tag.as_str(), "receipt" | "notification" | "call" | "presence" | "chatstate") {
            self.learn_from(node).await?;
        }
        match node.tag.as_str() {
            "iq" => self.on_iq(node).await,
            "message" => self.on_message(node).await,
            "receipt" => self.on_receipt(node).await,
            "ack" => self.on_ack(node).await,
            "notification" => self.on_notification(node).await,
            "success" => self.on_success(node).await,
            "ib" => self.on_ib(node).await,
            "failure" => Err(self.ended_by(node, End::from_failure(node))),
            "stream:error" => Err(self.ended_by(node, End::from_stream_error(node))),
            "xmlstreamend" => Err(self.ended_by(node, End::lost("The server ended the stream."))),
            "call" => self.on_call(node).await,
            "presence" | "chatstate" => self.tell_of(node).await,
            _ => {
                self.refuse_unknown(node);
                self.tell_of(node).await
            }
        }
    }

    async fn on_iq(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        if node.is("type", "result") || node.is("type", "error") {
            let Some(request) = node.get_str("id").and_then(|id| self.requests.take(&id)) else { return Ok(()) };
            let Some(wait) = self.unless_too_often(request, node) else { return Ok(()) };
            return self.on_answer(wait, node).await;
        }
        let id = node.get_str("id").unwrap_or_default().into_owned();
        match node.nodes().first() {
            Some(child) if child.tag == "pair-device" => self.on_pair_device(&id, child),
            Some(child) if child.tag == "pair-success" => self.on_pair_success(&id, child).await,
            _ if node.is("xmlns", "urn:xmpp:ping") && !id.is_empty() => {
                self.send(Node::new("iq").attr("to", Jid::SERVER).attr("type", "result").attr("id", id));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// A stanza that is larger than is taken. As an answer it is none, for what waits for it; otherwise the connection ends.
    pub(crate) async fn on_excess(&mut self, stanza: &Stanza, failure: &DecodeError) -> Result<(), Fault> {
        let head =
            stanza.head().filter(|head| head.tag == "iq" && (head.is("type", "result") || head.is("type", "error")));
        let id = head.as_ref().and_then(|head| head.get_str("id"));
        let Some(request) = id.and_then(|id| self.requests.take(&id)) else {
            return Err(End::protocol(failure).into());
        };
        tracing::warn!(session = %self.name, "an answer of the server is not read: {failure}");
        self.on_answer(request.wait, &Node::new("iq").attr("type", "error")).await
    }

    pub(crate) async fn on_answer(&mut self, wait: Wait, node: &Node<'_>) -> Result<(), Fault> {
        match wait {
            Wait::PreKeyCount => self.on_prekey_count(node),
            Wait::PreKeyUpload => self.on_uploaded(Some(node)),
            Wait::Rotation(id) => self.on_rotation(id, Some(node)).await?,
            Wait::PairingHello(reply, linking) => self.on_pairing_hello(reply, *linking, node),
            Wait::PairingFinish => self.on_pairing_finish(node),
            Wait::Resolve(reply, jid) => self.on_resolved(reply, &jid, Some(node)).await?,
            Wait::Active => self.on_active(node).await?,
            Wait::Digest => self.on_digest(node).await?,
            Wait::Devices(query) => self.on_devices(query, Some(node)).await?,
            Wait::Bundles(devices) => self.on_bundles(devices, Some(node)).await?,
            Wait::Group(group) => self.on_group(group, Some(node)).await?,
            Wait::Groups => self.on_groups(Some(node)).await?,
            Wait::Blocklist => self.on_blocklist(Some(node)).await?,
            Wait::Token(to, when) => self.on_token_given(to, when, Some(node)).await?,
            Wait::Props => self.on_props(node),
            Wait::Privacy => self.on_privacy(node),
            Wait::MediaHosts => self.on_hosts(Some(node)),
            Wait::AppState(asked) => self.on_app_state(asked, Some(node)).await?,
            Wait::AppStateUpload(sent) => self.on_app_state_upload(*sent, Some(node)).await?,
            Wait::GroupTimer(reply, group, timer) => self.on_group_timer(reply, &group, timer, Some(node)).await?,
            Wait::Logout(reply) => self.finish_logout(reply).await,
            Wait::Method(asking) => {
                // What the answer changes is known before the method goes on.
                self.on_group_answer(asking.node(), node).await?;
                asking.answer(Ok(node));
            }
            Wait::Live(channel) => self.on_live(&channel, node),
            Wait::Ping | Wait::Ignore | Wait::Program(_) => {}
        }
        Ok(())
    }

    /// A request without an answer in time.
    async fn on_no_answer(&mut self, wait: Wait) -> Result<(), Fault> {
        match wait {
            Wait::Devices(query) => self.on_devices(query, None).await,
            Wait::Bundles(devices) => self.on_bundles(devices, None).await,
            Wait::Group(group) => self.on_group(group, None).await,
            Wait::Groups => self.on_groups(None).await,
            Wait::Blocklist => self.on_blocklist(None).await,
            Wait::Token(to, when) => self.on_token_given(to, when, None).await,
            Wait::MediaHosts => {
                self.on_hosts(None);
                Ok(())
            }
            Wait::AppState(asked) => self.on_app_state(asked, None).await,
            Wait::AppStateUpload(sent) => self.on_app_state_upload(*sent, None).await,
            Wait::GroupTimer(reply, group, timer) => self.on_group_timer(reply, &group, timer, None).await,
            Wait::Method(asking) => {
                asking.answer(Err(requests::timeout()));
                Ok(())
            }
            Wait::Logout(reply) => {
                self.finish_logout(reply).await;
                Ok(())
            }
            Wait::PreKeyCount | Wait::Active => {
                Err(End::lost("The server does not answer the login's requests.").into())
            }
            Wait::PreKeyUpload => {
                self.on_uploaded(None);
                Ok(())
            }
            Wait::PairingHello(reply, _) => {
                let error =
                    PublicError::new(ErrorCode::Timeout, "The server did not take up the pairing code in time.");
                self.answer(reply, Err(error));
                Ok(())
            }
            Wait::Resolve(reply, jid) => self.on_resolved(reply, &jid, None).await,
            Wait::Program(asked) => self.on_answered(asked, None).await,
            Wait::Rotation(id) => self.on_rotation(id, None).await,
            Wait::PairingFinish
            | Wait::Digest
            | Wait::Props
            | Wait::Ping
            | Wait::Live(_)
            | Wait::Privacy
            | Wait::Ignore => Ok(()),
        }
    }

    async fn on_success(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        if let Some(t) = node.get_u64("t").and_then(|t| i64::try_from(t).ok()) {
            self.clock_offset = t - i64::try_from(unix_now()).unwrap_or(0);
        }
        if let (Some(paired), Some(lid)) = (&mut self.creds.paired, node.get_jid("lid").filter(Jid::is_lid))
            && paired.lid != lid
        {
            paired.lid = lid;
            self.save_creds();
        }
        if let Link::Up(up) = &mut self.link {
            up.stage = Stage::LoggedIn;
        }
        self.ask_prekey_count();
        Ok(())
    }

    /// Tells the server to deliver.
    pub(crate) fn go_active(&mut self) {
        let id = self.requests.id();
        let node = iq::request(&id, "set", "passive").child(Node::new("active"));
        self.request(id, node, Wait::Active);
    }

    /// The login is complete: `open` follows an answered request.
    async fn on_active(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        if let Some(code) = iq::error_code(node) {
            return Err(End::lost(format!("The server refused to go active with error {code}.")).into());
        }
        let Link::Up(up) = &mut self.link else { return Ok(()) };
        up.stage = Stage::Open;
        let new_login = std::mem::take(&mut self.new_login);
        self.was_open = true;
        self.set_state(State::Open);
        self.emit(Event::Connection(ConnectionEvent {
            is_new_login: Some(new_login),
            ..ConnectionEvent::of(State::Open)
        }));
        for reply in std::mem::take(&mut self.waiting_connect) {
            self.reply(reply, Ok(Some(json!({ "state": "open" }))));
        }
        for reply in std::mem::take(&mut self.waiting_open) {
            self.reply(reply, Ok(None));
        }
        self.ask_digest();
        if self.options.init_queries {
            self.ask_blocklist();
            self.ask_props();
            self.ask_privacy();
        } else {
            self.blocklist.assume_empty();
        }
        self.ask_hosts();
        self.renew_signed_prekey().await?;
        self.send_unified_session();
        self.announce_presence();
        self.subscribe_again().await?;
        self.resend_outbox().await?;
        self.begin_live().await?;
        self.begin_sync().await
    }

    async fn on_ib(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        for child in node.nodes() {
            match child.tag.as_str() {
                "edge_routing" => {
                    let info = child.find("routing_info").and_then(Node::content_bytes);
                    let known = self.creds.routing_info.as_deref();
                    if let Some(info) = info.filter(|info| info.len() <= 4096 && known != Some(*info)) {
                        self.creds.routing_info = Some(info.to_vec());
                        self.save_creds();
                    }
                }
                "offline_preview" => self.on_offline_preview(child),
                "offline" => self.on_offline_end(child),
                _ if self.options.wire && child.tag == "dirty" => {
                    self.deliver_stanza(node);
                    self.on_dirty(child).await?;
                }
                "dirty" => self.on_dirty(child).await?,
                "downgrade_webclient" => {
                    let end =
                        End::new(ErrorCode::ConnectionFailed, "The server wants an older kind of client.", Next::Stop);
                    return Err(self.ended_by(node, end));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Something was not told one by one: it is looked at as a whole, and the note is taken away.
    async fn on_dirty(&mut self, child: &Node<'_>) -> Result<(), Fault> {
        if self.on_dirty_groups(&child.get_str("type").unwrap_or_default()) {
            return Ok(());
        }
        let id = self.requests.id();
        let clean = Node::new("clean")
            .attr("type", child.get_str("type").unwrap_or_default().into_owned())
            .attr_opt("timestamp", child.get_str("timestamp").map(|text| text.into_owned()));
        let node = iq::request(&id, "set", "urn:xmpp:whatsapp:dirty").child(clean);
        self.request(id, node, Wait::Ignore);
        if child.is("type", "syncd_app_state") {
            self.on_dirty_app_state().await?;
        } else if child.is("type", "account_sync") {
            self.refresh_account().await?;
        }
        Ok(())
    }

    /// The end of a connection, with the server's own words for programs that want them.
    fn ended_by(&self, node: &Node<'_>, end: End) -> Fault {
        match Plain::of(node, &mut Room::default()).filter(|_| self.options.wire) {
            Some(plain) => end.with("node", json!(plain)).into(),
            None => end.into(),
        }
    }

    /// What other devices of the account have changed was not told one by one.
    async fn refresh_account(&mut self) -> Result<(), Fault> {
        self.ask_blocklist();
        self.ask_privacy();
        if let Some(own) = self.creds.paired.as_ref().map(|paired| paired.lid.to_bare()) {
            self.forget_devices(&own).await?;
        }
        Ok(())
    }

    async fn on_notification(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        self.acknowledge(node, None);
        let from = node.get_jid("from");
        match node.get_str("type").unwrap_or_default().as_ref() {
            "encrypt" if node.find("count").is_some() => self.on_prekeys_low(),
            "encrypt" if node.find("digest").is_some() => self.ask_digest(),
            "encrypt" if node.find("identity").is_some() => {
                if let Some(user) = from.filter(Jid::is_user) {
                    self.on_identity_notification(&user).await?;
                }
            }
            "devices" => {
                if let Some(user) = from.filter(Jid::is_user) {
                    self.on_devices_notification(&user, node).await?;
                }
            }
            "w:gp2" => {
                self.learn_members(node).await?;
                self.on_group_change(node).await?;
            }
            "blocklist" => self.learn_members(node).await?,
            "privacy_token" => self.on_privacy_token(node).await?,
            "mediaretry" => self.on_media_retry(node),
            "mex" => self.learn_all(notice::pairs(node)).await?,
            "server_sync" => self.on_server_sync(node).await?,
            "link_code_companion_reg" => self.on_link_code(node).await?,
            "account_sync" if node.find("blocklist").is_some() => {
                if let Some(change) = node.find("blocklist") {
                    self.on_blocklist_change(change).await?;
                }
            }
            "account_sync" if node.find("privacy").is_some() => self.on_privacy(node),
            "account_sync" if node.find("devices").is_some() => {
                if let Some(paired) = &self.creds.paired {
                    let own = paired.lid.to_bare();
                    self.forget_devices(&own).await?;
                }
            }
            kind if kind.starts_with("passkey") => self.warn(
                ErrorCode::PasskeyUnsupported,
                "The service asks for a passkey, which this version cannot give: pair by QR code.".into(),
            ),
            _ => {}
        }
        self.tell_of(node).await
    }

    /// How long nothing may come before the server is asked whether it is there ...
    fn quiet(&self) -> Duration {
        self.options.keep_alive.unwrap_or(QUIET)
    }

    /// ... and how long it has to answer.
    fn patience(&self) -> Duration {
        if self.options.keep_alive.is_some() { PATIENCE / 2 } else { PATIENCE }
    }

    /// When the connection needs a look, for the loop's timer.
    pub(crate) fn keepalive_deadline(&self, up: &Up) -> Instant {
        let last = up.connection.last_received;
        match &up.stage {
            Stage::Pairing(codes) => codes.next_change(),
            _ if up.pinged.is_some() => last + self.quiet() + self.patience(),
            _ => last + self.quiet(),
        }
    }

    pub(crate) async fn on_tick(&mut self) -> Result<(), Fault> {
        let now = Instant::now();
        for wait in self.requests.expired(now) {
            self.on_no_answer(wait).await?;
        }
        self.query_again(now);
        self.expire_sends(now);
        self.ask_in_time(now);
        self.ask_phone_in_time(now).await?;
        self.expire_history_requests(now);
        self.upload_in_time(now);
        self.renew_signed_prekey().await?;
        self.retry_refused(now).await?;
        self.feed_in_time(now).await?;
        self.sync_in_time(now).await?;
        self.retain_in_time(now).await?;
        self.renew_live(now);
        let (asked_after, dead_after) = (self.quiet(), self.quiet() + self.patience());
        let Link::Up(up) = &mut self.link else { return Ok(()) };
        if let Stage::Pairing(_) = up.stage {
            return self.rotate_code(now);
        }
        let quiet = now.duration_since(up.connection.last_received);
        if quiet >= dead_after {
            return Err(End::silent().into());
        }
        if quiet >= asked_after && up.pinged.is_none() {
            up.pinged = Some(now);
            let id = self.requests.id();
            let node = iq::request(&id, "get", "w:p").child(Node::new("ping"));
            self.request(id, node, Wait::Ping);
        }
        Ok(())
    }

    /// A state change that needs no reason.
    pub(crate) fn change(&mut self, state: State, reason: Option<PublicError>) {
        self.set_state(state);
        self.events.emit(Event::Connection(ConnectionEvent { reason, ..ConnectionEvent::of(state) }));
    }

    /// Tells who the session is.
    pub(crate) fn show_user(&mut self) {
        let user = self.creds.paired.as_ref().map(|paired| User {
            jid: paired.pn.to_bare().to_string(),
            lid: Some(paired.lid.to_bare().to_string()),
            device: paired.pn.device,
            name: self.creds.push_name.clone(),
        });
        self.shared.set_user(user.clone());
        if let Some(user) = user {
            self.emit(Event::User(user));
        }
    }
}
