//! A commit that fails, whichever it is: what one stanza changes is one commit, and nothing leaves before it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use chasqui_client::{Command, Event, State};
use chasqui_emulator::{ContactEvent, Emulator};
use chasqui_error::ErrorCode;
use chasqui_store::{Batch, BoxFuture, Commit, Found, Holder, Key, Page, SessionStore, Store, StoreError};

use crate::harness::{Program, memory};

/// A store whose n-th commit from now fails, and as many as `width` in a row.
struct Failing {
    inner: Arc<dyn Store>,
    left: Arc<AtomicI64>,
    width: i64,
}

struct FailingSession {
    inner: Arc<dyn SessionStore>,
    left: Arc<AtomicI64>,
    width: i64,
    poisoned: AtomicBool,
}

fn failed() -> StoreError {
    StoreError::Failed { cause: "no space left on device".into() }
}

impl Store for Failing {
    fn open(&self, session: &str, holder: Holder) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        let (opening, left, width) = (self.inner.open(session, holder), self.left.clone(), self.width);
        Box::pin(async move {
            let inner = opening.await?;
            Ok(Arc::new(FailingSession { inner, left, width, poisoned: AtomicBool::new(false) })
                as Arc<dyn SessionStore>)
        })
    }

    fn take_over(
        &self,
        session: &str,
        holder: Holder,
        _: Option<std::time::Duration>,
    ) -> BoxFuture<'_, Result<Arc<dyn SessionStore>, StoreError>> {
        self.open(session, holder)
    }

    fn sessions(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.inner.sessions()
    }

    fn describe(&self) -> String {
        "failing".to_owned()
    }
}

impl FailingSession {
    fn check(&self) -> Result<(), StoreError> {
        if self.poisoned.load(Ordering::SeqCst) { Err(failed()) } else { Ok(()) }
    }
}

impl SessionStore for FailingSession {
    fn read(&self, keys: &[Key], pages: &[Page]) -> BoxFuture<'_, Result<Found, StoreError>> {
        match self.check() {
            Ok(()) => self.inner.read(keys, pages),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    fn apply(&self, batch: Batch) -> Commit {
        if (2 - self.width..=1).contains(&self.left.fetch_sub(1, Ordering::SeqCst)) {
            self.poisoned.store(true, Ordering::SeqCst);
        }
        match self.check() {
            Ok(()) => self.inner.apply(batch),
            Err(error) => Commit::done(Err(error)),
        }
    }

    fn ready(&self) -> BoxFuture<'_, ()> {
        self.inner.ready()
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.wipe()
    }

    fn resync(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.poisoned.store(false, Ordering::SeqCst);
        self.inner.resync()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.close()
    }

    fn lost(&self) -> BoxFuture<'static, ()> {
        self.inner.lost()
    }

    fn wanted(&self) -> BoxFuture<'static, ()> {
        self.inner.wanted()
    }
}

/// A conversation from its first message on, in which the n-th commit fails, and `width` in a row. Gives whether there were
/// so many.
async fn conversation(n: i64, width: i64) -> bool {
    let running = Emulator::start(chasqui_emulator::Options::default()).await.expect("starts");
    let emulator = running.handle();
    let maria = emulator.contact("María").await.expect("a person");
    let left = Arc::new(AtomicI64::new(i64::MAX));
    let store: Arc<dyn Store> = Arc::new(Failing { inner: memory(), left: left.clone(), width });
    let mut bot = Program::new(&emulator, "bot", store);
    bot.pair(&emulator, "bot").await;
    bot.state(State::Open).await;
    let user = bot.client.status().user.expect("paired").jid;
    left.store(n, Ordering::SeqCst);

    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.push(emulator.contact_send("María", &user, text, None).await.expect("written"));
        let message = bot.message(text).await;
        assert_eq!(Some(&message.id), ids.last(), "commit {n}");
        // With the same id until it is confirmed, as the error says.
        let id = format!("RE-{text}");
        let sent = loop {
            let content = serde_json::json!({ "text": id });
            let send = Command::Send { to: maria.jid.clone(), content, id: Some(id.clone()), timeout: None };
            match bot.call(send).await {
                Ok(sent) => break sent,
                Err(error) => assert_eq!(error.code, ErrorCode::StoreFailed, "commit {n}"),
            }
        };
        assert_eq!(sent.expect("a value")["id"], id.as_str());
    }
    bot.call(Command::Disconnect).await.expect("disconnects");
    let mut again = Vec::new();
    while let Some(event) = bot.seen_or_none() {
        if let Event::Message { message, again: times, .. } = event {
            assert_eq!(times, 0, "commit {n}: the program did not fail");
            if !message.redelivered {
                again.push(message.id);
            }
        }
    }
    assert!(again.is_empty(), "commit {n}: given twice unsaid: {again:?}");

    let events = emulator.events(0, Some("María".into())).await.expect("events");
    let mut answers = Vec::new();
    for event in events {
        match event.event {
            ContactEvent::Message { text: Some(text), .. } => answers.push(text),
            ContactEvent::Receipt { receipt, ids, .. } => {
                assert_ne!(receipt, "retry", "commit {n}: asked again for {ids:?}");
            }
            _ => {}
        }
    }
    answers.dedup();
    assert_eq!(answers, ["RE-one", "RE-two", "RE-three"], "commit {n}");
    left.load(Ordering::SeqCst) < 1
}

async fn conversations(width: i64) {
    let conversations: Vec<_> = (1..=24).map(|n| tokio::spawn(conversation(n, width))).collect();
    let mut reached = 0;
    for conversation in conversations {
        reached += usize::from(conversation.await.expect("it goes on"));
    }
    assert!(reached >= 12, "only {reached} commits were there to fail");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_commit_of_a_conversation_fails_every_message_arrives_once_and_none_is_asked_for_again() {
    conversations(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_takes_nothing_for_a_while_ends_nothing_either() {
    conversations(2).await;
    conversations(3).await;
}
