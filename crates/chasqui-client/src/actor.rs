//! The session's task: one loop that owns everything. What each wake of it does is a [`Turn`].

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use chasqui_requests::Wish;
use chasqui_signal::{SessionRecord, SignalAddress};
use chasqui_store::{BoxFuture, SessionStore, StoreError};
use chasqui_wire::Jid;
use compact_str::CompactString;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use crate::{
    Command, Reply, Shared,
    app_state::{AppState, Outcome},
    archive::Archive,
    blocklist::Blocklist,
    cache::Cache,
    calls::Calls,
    channels::Live,
    connection::{Connection, Established, Failed, Stanza},
    creds::Creds,
    devices::Known,
    event::{EventSender, State},
    groups::Groups,
    history::{self, History},
    inbox::Inbox,
    iq::Requests,
    media::{Inputs, Media, News, Piece},
    offline::Backlog,
    options::Options,
    outbox::Outbox,
    pairing::Codes,
    peer_data::Wanted,
    prekeys::Uploads,
    presence::{self, Presence},
    props::Props,
    reason::End,
    recent::{self, Recent},
    requests::Methods,
    retry::Retries,
    secrets::Secrets,
    send::Job,
    sender_keys::SenderKeys,
    tokens::{self, Tokens},
    told_creds::Told,
};

mod turn;

pub(crate) use turn::{Effect, Turn};

use turn::{Submitted, next_commit};

/// Signal sessions held in memory.
const SESSIONS_CAP: usize = 1024;
/// Device lists, mappings and numbers held in memory.
const DIRECTORY_CAP: usize = 2048;
/// Turns whose commit is under way; further ones wait for the disk.
const MAX_COMMITS: usize = 256;
/// Stanzas handled in one turn.
const STANZAS_PER_TURN: usize = 64;
/// How often time-outs are looked at.
const TICK: Duration = Duration::from_secs(1);

/// What ends a turn early.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The connection has to end.
    End(End),
    /// The store failed: memory is thrown away.
    Store(StoreError),
}

impl From<End> for Fault {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The connection, or what stands in its place.
pub(crate) enum Link {
    /// Not wanted.
    Down,
    /// The store is opened as soon as its holder lets go.
    Opening(BoxFuture<'static, Result<Arc<dyn SessionStore>, StoreError>>),
    /// Comes back at this time.
    Waiting(Instant),
    /// Handshake under way.
    Connecting(BoxFuture<'static, Result<Established, Failed>>),
    /// There.
    Up(Box<Up>),
}

/// A connection and how far its login is.
pub(crate) struct Up {
    pub connection: Connection,
    pub stage: Stage,
    pub since: Instant,
    /// When the unanswered ping was sent.
    pub pinged: Option<Instant>,
}

/// How far a login is.
pub(crate) enum Stage {
    /// The server has not answered the payload yet.
    Greeting,
    /// QR codes are shown.
    Pairing(Box<Codes>),
    /// `<success>` has come; prekeys and `<active/>` follow.
    LoggedIn,
    /// `<active/>` is answered.
    Open,
}

/// The session's task.
pub(crate) struct Actor {
    pub name: String,
    pub options: Options,
    pub events: EventSender,
    pub shared: Arc<Shared>,
    inputs: mpsc::UnboundedReceiver<Input>,
    /// For what works beside this task and reports to it.
    pub own_inputs: Inputs,
    store: Option<Arc<dyn SessionStore>>,
    lease_lost: Option<BoxFuture<'static, ()>>,
    pub lease_wanted: Option<BoxFuture<'static, ()>>,
    /// The session is to be handed over: at this time at the latest.
    pub leaving: Option<Instant>,
    pub creds: Creds,
    /// For a program that keeps an auth state of Baileys.
    pub told: Option<Box<Told>>,
    pub link: Link,
    /// Counts connections: a stanza made for one never leaves on another.
    generation: u64,
    pub attempts: u32,
    pub distrust_resumption: bool,
    pub new_login: bool,
    /// Whether the connection was open since `connect()`: from then on messages are taken while it is away.
    pub was_open: bool,
    /// Server time minus ours, seconds.
    pub clock_offset: i64,
    pub waiting_connect: Vec<Reply>,
    pub waiting_open: Vec<Reply>,
    pub requests: Requests,
    pub turn: Turn,
    commits: VecDeque<Submitted>,
    pub sessions: Cache<SignalAddress, SessionRecord>,
    pub mappings: Cache<Jid, Option<CompactString>>,
    pub devices: Cache<Jid, Known<Option<Vec<u16>>>>,
    pub numbers: Cache<CompactString, Known<Option<Jid>>>,
    pub asking_users: HashSet<Jid>,
    pub asking_numbers: HashSet<CompactString>,
    pub asking_bundles: HashSet<Jid>,
    pub no_bundle: Cache<Jid, Instant>,
    pub jobs: VecDeque<Job>,
    pub outbox: Outbox,
    pub inbox: Inbox,
    /// What the server kept while the session was away, while it is being delivered.
    pub backlog: Option<Backlog>,
    pub recent: Recent,
    pub retries: Retries,
    pub groups: Groups,
    pub sender_keys: SenderKeys,
    pub wanted: Wanted,
    pub uploads: Uploads,
    /// Whether a newer version was asked for since `connect()`.
    pub refreshed_version: bool,
    pub secrets: Secrets,
    pub blocklist: Blocklist,
    pub media: Media,
    pub app_state: AppState,
    pub history: History,
    pub archive: Archive,
    pub methods: Methods,
    pub tokens: Tokens,
    pub presence: Presence,
    pub props: Props,
    pub calls: Calls,
    pub live: Live,
    /// Nobody is told what is read, outside groups.
    pub quiet_reader: bool,
}

/// What comes from the program.
pub(crate) enum Input {
    Command(Reply, Command),
    Abort(u64),
    /// The answer to a question.
    Told(String, Option<serde_json::Value>),
    /// The next piece of a file, or its end.
    Piece(u64, Piece),
    /// A piece of a file was taken.
    Taken(u64),
    /// From a transfer.
    Transfer(Reply, News),
    /// From a method that runs beside the session.
    Wish(Wish),
    /// A method has ended.
    Called(Reply, chasqui_requests::Result),
}

enum Wake {
    Input(Option<Input>),
    Committed(Result<(), StoreError>),
    Connected(Box<Result<Established, Failed>>),
    Received(Result<(), End>),
    Reconnect,
    Tick,
    Freed,
    LeaseLost,
    LeaseWanted,
    Opened(Result<Arc<dyn SessionStore>, StoreError>),
    Worked(Box<Outcome>),
    History(Box<history::Done>),
}

impl Actor {
    pub fn new(
        options: Options,
        events: EventSender,
        shared: Arc<Shared>,
        inputs: mpsc::UnboundedReceiver<Input>,
        own_inputs: Inputs,
    ) -> Self {
        Self {
            name: options.session.clone(),
            told: options.told.clone().map(Box::new),
            options,
            events,
            shared,
            inputs,
            own_inputs,
            store: None,
            lease_lost: None,
            lease_wanted: None,
            leaving: None,
            creds: Creds::generate(),
            link: Link::Down,
            generation: 0,
            attempts: 0,
            distrust_resumption: false,
            new_login: false,
            was_open: false,
            clock_offset: 0,
            waiting_connect: Vec::new(),
            waiting_open: Vec::new(),
            requests: Requests::default(),
            turn: Turn::default(),
            commits: VecDeque::new(),
            sessions: Cache::new(SESSIONS_CAP),
            mappings: Cache::new(DIRECTORY_CAP),
            devices: Cache::new(DIRECTORY_CAP),
            numbers: Cache::new(DIRECTORY_CAP),
            asking_users: HashSet::new(),
            asking_numbers: HashSet::new(),
            asking_bundles: HashSet::new(),
            no_bundle: Cache::new(DIRECTORY_CAP),
            jobs: VecDeque::new(),
            outbox: Outbox::default(),
            inbox: Inbox::default(),
            backlog: None,
            recent: Recent::default(),
            retries: Retries::default(),
            groups: Groups::default(),
            sender_keys: SenderKeys::default(),
            wanted: Wanted::default(),
            uploads: Uploads::default(),
            refreshed_version: false,
            secrets: Secrets::default(),
            blocklist: Blocklist::default(),
            media: Media::default(),
            app_state: AppState::default(),
            history: History::default(),
            archive: Archive::default(),
            methods: Methods::default(),
            calls: Calls::default(),
            live: Live::default(),
            tokens: Tokens::default(),
            presence: Presence::default(),
            props: Props::default(),
            quiet_reader: false,
        }
    }

    /// An actor with an open store in memory, and nobody around it.
    #[cfg(any(test, feature = "fuzzing"))]
    pub async fn for_tests() -> Self {
        let store = chasqui_store::open_store("memory:").expect("a store");
        let (events, _) = crate::event::channel();
        let (own, inputs) = mpsc::unbounded_channel();
        let mut actor = Self::new(Options::new("test", store), events, Arc::default(), inputs, own.downgrade());
        let opened = actor.options.store.open("test", chasqui_store::Holder::current()).await.expect("opens");
        actor.hold_store(opened);
        actor
    }

    /// Runs until every handle is dropped.
    pub async fn run(mut self: Box<Self>) {
        loop {
            let wake = self.wake().await;
            let done = matches!(wake, Wake::Input(None));
            let outcome = if done { self.disconnect().await } else { self.handle(wake).await };
            if let Err(fault) = outcome {
                self.on_fault(fault).await;
            }
            self.flush();
            if let Err(fault) = self.advance_history().await {
                self.on_fault(fault).await;
            }
            if self.is_time_to_leave() {
                self.hand_over().await;
            }
            self.publish_stats();
            if done {
                return;
            }
            while self.commits.len() >= MAX_COMMITS {
                let result = next_commit(&mut self.commits).await;
                self.on_committed(result).await;
            }
        }
    }

    async fn wake(&mut self) -> Wake {
        // A session that is closed or merely open and idle needs no more than a keepalive's wake.
        let deadline = self.next_deadline();
        tokio::select! {
            input = self.inputs.recv() => Wake::Input(input),
            result = next_commit(&mut self.commits), if !self.commits.is_empty() => Wake::Committed(result),
            wake = drive(&mut self.link) => wake,
            () = sleep_until(deadline) => Wake::Tick,
            () = self.events.freed() => Wake::Freed,
            () = told(&mut self.lease_lost) => Wake::LeaseLost,
            () = told(&mut self.lease_wanted) => Wake::LeaseWanted,
            outcome = told(&mut self.app_state.work) => Wake::Worked(outcome),
            done = told(&mut self.history.work) => Wake::History(done),
        }
    }

    async fn handle(&mut self, wake: Wake) -> Result<(), Fault> {
        match wake {
            Wake::Input(Some(Input::Command(reply, command))) => self.on_command(reply, command).await,
            Wake::Input(Some(Input::Abort(ticket))) => self.on_abort(ticket),
            Wake::Input(Some(Input::Told(ask, answer))) => self.on_told(&ask, answer).await,
            Wake::Input(Some(Input::Piece(ticket, piece))) => {
                self.on_piece(ticket, piece);
                Ok(())
            }
            Wake::Input(Some(Input::Taken(ticket))) => {
                self.on_taken(ticket);
                Ok(())
            }
            Wake::Input(Some(Input::Transfer(reply, news))) => self.on_transfer(reply, news).await,
            Wake::Input(Some(Input::Wish(wish))) => self.on_wish(wish).await,
            Wake::Input(Some(Input::Called(reply, result))) => self.on_called(reply, result).await,
            Wake::Input(None) => Ok(()),
            Wake::Committed(result) => {
                self.on_committed(result).await;
                Ok(())
            }
            Wake::Connected(outcome) => match *outcome {
                Ok(established) => self.on_established(established),
                Err(failed) => {
                    if failed.forget_chain {
                        self.distrust_resumption = true;
                        self.creds.server_chain = None;
                        self.save_creds();
                    }
                    Err(failed.end.into())
                }
            },
            Wake::Received(Ok(())) => self.on_received().await,
            Wake::Received(Err(end)) => {
                // What came before the end still counts.
                self.on_received().await?;
                Err(end.into())
            }
            Wake::Reconnect => {
                self.connect_now();
                Ok(())
            }
            Wake::Tick => self.on_tick().await,
            Wake::Freed => self.on_freed().await,
            Wake::LeaseLost => Err(StoreError::LeaseLost { session: self.name.clone() }.into()),
            Wake::LeaseWanted => {
                self.on_wanted();
                Ok(())
            }
            Wake::Opened(opened) => {
                self.on_opened(opened).await;
                Ok(())
            }
            Wake::Worked(outcome) => {
                self.app_state.work = None;
                self.on_worked(*outcome).await
            }
            Wake::History(done) => self.on_history_done(*done).await,
        }
    }

    pub(crate) async fn on_received(&mut self) -> Result<(), Fault> {
        for at in 1.. {
            let Link::Up(up) = &mut self.link else { return Ok(()) };
            let Some(stanza) = up.connection.next_stanza()? else { return Ok(()) };
            up.pinged = None;
            self.on_stanza(stanza).await?;
            if at % STANZAS_PER_TURN == 0 {
                self.flush();
                while self.commits.len() >= MAX_COMMITS {
                    let result = next_commit(&mut self.commits).await;
                    self.on_committed(result).await;
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn on_stanza(&mut self, stanza: Stanza) -> Result<(), Fault> {
        match stanza.node() {
            Ok(node) => {
                tracing::trace!(session = %self.name, "<- {node:?}");
                self.dispatch(&node).await
            }
            Err(failure) if failure.is_excess() => self.on_excess(&stanza, &failure).await,
            Err(failure) => Err(End::protocol(failure).into()),
        }
    }

    /// Whether the login is complete.
    pub fn is_open(&self) -> bool {
        matches!(&self.link, Link::Up(up) if matches!(up.stage, Stage::Open))
    }

    /// Takes the connection away; nothing that was made for it leaves any more.
    pub fn take_link(&mut self, next: Link) -> Link {
        self.generation += 1;
        std::mem::replace(&mut self.link, next)
    }

    fn next_deadline(&self) -> Instant {
        let now = Instant::now();
        let idle = match &self.link {
            Link::Up(up) => self.keepalive_deadline(up),
            _ => now + Duration::from_secs(3600),
        };
        let busy = [
            self.requests.next_deadline(),
            self.outbox.next_deadline(),
            self.retries.next_deadline(),
            self.uploads.next_deadline(),
            self.wanted.next_deadline().filter(|_| self.is_open()),
            self.leaving,
            self.inbox.next_deadline(),
            self.app_state.next_deadline().filter(|_| self.is_open()),
            self.app_state.next_expiry(),
            self.history_deadline(),
            self.archive.next_deadline(),
            (!self.jobs.is_empty()).then(|| now + TICK),
        ];
        busy.into_iter().flatten().chain([idle]).min().unwrap_or(idle)
    }

    /// State as users see it.
    pub fn set_state(&self, state: State) {
        self.shared.set_state(state);
    }

    fn publish_stats(&self) {
        self.shared.set_depths(
            self.inbox.depth(),
            self.outbox.depth(),
            self.events.missed(),
            [
                ("sessions", self.sessions.len(), self.sessions.cap()),
                ("mappings", self.mappings.len(), self.mappings.cap()),
                ("devices", self.devices.len(), self.devices.cap()),
                ("numbers", self.numbers.len(), self.numbers.cap()),
                ("bundles", self.no_bundle.len(), self.no_bundle.cap()),
                ("receivedIds", self.recent.len(), usize::from(recent::CAP)),
                ("sentIds", self.outbox.acked.len(), self.outbox.acked.cap()),
                ("retries", self.retries.len(), self.retries.cap()),
                ("groups", self.groups.len(), self.groups.cap()),
                ("senderKeys", self.sender_keys.len(), self.sender_keys.cap()),
                ("wantedFromPhone", self.wanted.len(), self.wanted.cap()),
                ("privacyTokens", self.tokens.len(), tokens::CAP),
                ("presences", self.presence.wanted(), presence::MAX_WANTED),
            ],
        );
    }
}

/// What is waited for, when it comes; for ever when nothing is.
async fn told<T>(news: &mut Option<BoxFuture<'static, T>>) -> T {
    match news {
        Some(news) => news.await,
        None => std::future::pending().await,
    }
}

async fn drive(link: &mut Link) -> Wake {
    match link {
        Link::Down => std::future::pending().await,
        Link::Opening(opening) => Wake::Opened(opening.await),
        Link::Waiting(until) => {
            sleep_until(*until).await;
            Wake::Reconnect
        }
        Link::Connecting(attempt) => Wake::Connected(Box::new(attempt.await)),
        Link::Up(up) => Wake::Received(up.connection.io().await),
    }
}
