//! A client under test, driven as the addon drives it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chasqui_client::{
    Client, Command, Event, Options, State,
    event::{self, Confirm, EventReceiver},
    message::Message,
    options::Endpoint,
};
use chasqui_emulator::Emulator;
use chasqui_error::PublicError;
use chasqui_store::{Store, open_store};
use chasqui_wire::PublicKey;
use serde_json::Value;
use tokio::time::timeout;

/// Longer than anything here takes, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Program {
    pub client: Client,
    events: EventReceiver,
    pub confirm: Confirm,
    seen: VecDeque<Event>,
    ticket: u64,
    /// Whether events are confirmed as they are taken.
    pub confirming: bool,
    /// How long an event is waited for.
    pub patience: Duration,
}

pub fn endpoint(emulator: &Emulator) -> Endpoint {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let info = emulator.info();
    let key = BASE64_STANDARD.decode(&info.root_key).expect("base64");
    Endpoint {
        url: info.ws_url.clone(),
        root_key: PublicKey::from_raw(&key).expect("32 bytes"),
        ca: Some(info.ca_pem.clone()),
    }
}

pub fn memory() -> Arc<dyn Store> {
    open_store("memory:").expect("a store in memory")
}

impl Program {
    pub fn new(emulator: &Emulator, name: &str, store: Arc<dyn Store>) -> Self {
        Self::with(Options {
            endpoint: endpoint(emulator),
            push_name: Some(name.to_owned()),
            connect_timeout: Duration::from_secs(10),
            ..Options::new(name, store)
        })
    }

    pub fn with(options: Options) -> Self {
        let (sender, events) = event::channel();
        let confirm = events.confirm();
        Self {
            client: Client::new(options, sender),
            events,
            confirm,
            seen: VecDeque::new(),
            ticket: 0,
            confirming: true,
            patience: PATIENCE,
        }
    }

    /// Hands in a command; its answer is awaited with [`Self::answer`].
    pub fn submit(&mut self, command: Command) -> u64 {
        self.ticket += 1;
        self.client.submit(self.ticket, command).expect("accepted");
        self.ticket
    }

    pub async fn call(&mut self, command: Command) -> Result<Option<Value>, PublicError> {
        let ticket = self.submit(command);
        self.answer(ticket).await
    }

    pub async fn answer(&mut self, wanted: u64) -> Result<Option<Value>, PublicError> {
        let event = self
            .wait(
                "an answer",
                |event| matches!(event, Event::Done { ticket, .. } | Event::Failed { ticket, .. } if *ticket == wanted),
            )
            .await;
        match event {
            Event::Done { value, .. } => Ok(value),
            Event::Failed { error, .. } => Err(error),
            _ => unreachable!(),
        }
    }

    /// Takes the first event of this kind, now or when it comes; others are kept.
    pub async fn wait(&mut self, what: &str, wanted: impl Fn(&Event) -> bool) -> Event {
        let found = timeout(self.patience, async {
            loop {
                if let Some(at) = self.seen.iter().position(&wanted) {
                    return self.seen.remove(at).expect("it is there");
                }
                let batch = self.events.next_batch(256).await.expect("the client lives");
                let rows: Vec<u64> = batch.iter().filter_map(Event::seq).collect();
                if let Some(last) = rows.last().filter(|_| self.confirming) {
                    self.confirm.delivered(*last, rows.len());
                }
                self.seen.extend(batch);
            }
        })
        .await;
        found.unwrap_or_else(|_| panic!("{what} did not come; seen: {:#?}", self.seen))
    }

    /// What was taken and not waited for, one at a time.
    pub fn seen_or_none(&mut self) -> Option<Event> {
        self.seen.pop_front()
    }

    pub async fn message(&mut self, text: &str) -> Message {
        let event = self
            .wait(
                text,
                |event| matches!(event, Event::Message { message, .. } if message.text.as_deref() == Some(text)),
            )
            .await;
        let Event::Message { message, .. } = event else { unreachable!() };
        *message
    }

    pub async fn state(&mut self, state: State) {
        self.wait("a state", |event| matches!(event, Event::Connection(change) if change.state == state)).await;
    }

    /// Pairs by QR code and waits until the login is complete.
    pub async fn pair(&mut self, emulator: &Emulator, account: &str) {
        let answer = self.call(Command::Connect).await.expect("connects");
        assert_eq!(answer.expect("a value")["state"], "qr");
        let Event::Qr(code) = self.wait("a QR code", |event| matches!(event, Event::Qr(_))).await else {
            unreachable!()
        };
        emulator.scan(&code.text, Some(account)).await.expect("scanned");
        self.call(Command::Opened).await.expect("opened");
    }

    pub async fn send(&mut self, to: &str, text: &str) -> Result<Option<Value>, PublicError> {
        let content = serde_json::json!({ "text": text });
        self.call(Command::Send { to: to.to_owned(), content, id: None, timeout: None }).await
    }
}
