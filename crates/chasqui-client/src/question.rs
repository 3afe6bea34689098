//! Questions to the program: a message that this store does not have (any more), a newer client version, how to go on after
//! the end of a connection.
//!
//! The program is never waited for: its answer is one more input, and after a while there is none.

use std::time::Duration;

use chasqui_signal::SignalError;
use chasqui_wire::Jid;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault, Link},
    content::{self, Refusal},
    event::{Event, Question},
    iq::Wait,
    reason::End,
    receive::Envelope,
    retry::Wish,
    sent::SentMessage,
};

/// How long the program has for a message, for a version, and to say how to go on.
const MESSAGE_TIME: Duration = Duration::from_secs(10);
pub(crate) const VERSION_TIME: Duration = Duration::from_secs(60);
const POLICY_TIME: Duration = Duration::from_secs(10);
/// The longest pause that the program may want, in milliseconds: a year.
const LONGEST_PAUSE: f64 = 365.0 * 86_400_000.0;
/// Questions that may wait for their answer at once.
const MAX_QUESTIONS: usize = 64;

/// What an answer of the program is for.
#[derive(Debug)]
pub(crate) enum Asked {
    /// A message that a device wants again.
    Message(Box<Wish>),
    /// How often a device was given the message that it wants again.
    Given(Box<Wish>),
    /// How often a message was asked for that could not be read.
    Wanted(Box<(Envelope, SignalError)>),
    /// A version that the service does not call outdated.
    Version(Box<End>),
    /// How to go on after this end of a connection (whether one was up), and what is done without an answer: an attempt after
    /// a pause, or none.
    Reconnect { end: Box<End>, was_up: bool, proposed: Option<Duration> },
}

/// What is no number counts as never.
fn count_of(answer: Option<Value>) -> u32 {
    let count = answer.and_then(|answer| answer.as_u64()).unwrap_or(0);
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Actor {
    /// Asks the program for a message that a device wants again.
    pub(crate) async fn ask_for_message(&mut self, wish: Wish) -> Result<(), Fault> {
        if !self.options.get_message || self.requests.questions() >= MAX_QUESTIONS {
            return Ok(());
        }
        let chat = self.shown(&wish.chat()).await?;
        let question = Question::Message { id: wish.id.clone(), chat: chat.to_string() };
        self.ask(question, Asked::Message(Box::new(wish)), MESSAGE_TIME);
        Ok(())
    }

    /// Whether the program can be asked how often something was done.
    pub(crate) fn keeps_counts(&self) -> bool {
        self.options.count_retries && self.requests.questions() < MAX_QUESTIONS
    }

    /// Asks the program how often that was done before this connection.
    pub(crate) fn ask_for_count(&mut self, id: &str, participant: String, asked: Asked) {
        self.ask(Question::Retries { id: id.to_owned(), participant, count: None }, asked, MESSAGE_TIME);
    }

    /// Tells the program how often that was done by now.
    pub(crate) fn tell_count(&mut self, id: &str, participant: String, count: u32) {
        if self.options.count_retries {
            let question = Question::Retries { id: id.to_owned(), participant, count: Some(count) };
            self.emit(Event::Ask { ask: String::new(), question });
        }
    }

    /// Asks the program for a newer version. The connection waits for it.
    pub(crate) fn ask_for_version(&mut self, outdated: End) {
        self.ask(Question::Version { version: self.options.version }, Asked::Version(Box::new(outdated)), VERSION_TIME);
        // The answer comes first, or its absence.
        self.link = Link::Waiting(Instant::now() + 2 * VERSION_TIME);
    }

    /// Asks the program how to go on after a connection has ended.
    pub(crate) fn ask_how_to_go_on(&mut self, end: End, was_up: bool, proposed: Option<Duration>) {
        let pause = proposed.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        let question = Question::Reconnect { reason: end.reason.clone(), attempt: self.attempts, pause };
        self.ask(question, Asked::Reconnect { end: Box::new(end), was_up, proposed }, POLICY_TIME);
        // The answer comes first, or its absence.
        self.link = Link::Waiting(Instant::now() + 2 * POLICY_TIME);
    }

    fn ask(&mut self, question: Question, asked: Asked, time: Duration) {
        let ask = self.requests.id();
        self.requests.expect(ask.clone(), Wait::Program(asked), Instant::now() + time);
        self.emit(Event::Ask { ask: ask.into(), question });
    }

    /// The program's answer.
    pub(crate) async fn on_told(&mut self, ask: &str, answer: Option<Value>) -> Result<(), Fault> {
        match self.requests.take_question(ask) {
            Some(asked) => self.on_answered(asked, answer).await,
            None => Ok(()),
        }
    }

    /// What follows from the program's answer, or from none.
    pub(crate) async fn on_answered(&mut self, asked: Asked, answer: Option<Value>) -> Result<(), Fault> {
        match asked {
            Asked::Message(wish) => {
                let Some(content) = answer.filter(|answer| answer.is_object()) else { return Ok(()) };
                let chat: Jid = wish.chat();
                let outgoing = match content::parse(&content) {
                    Ok(content) => self.compose(&chat, &wish.id, content).await,
                    Err(error) => Err(error.into()),
                };
                match outgoing {
                    Ok(outgoing) => self.grant(*wish, SentMessage { chat, outgoing, left: 0 }).await,
                    Err(Refusal::Fault(fault)) => Err(fault),
                    Err(Refusal::Public(error)) => {
                        self.emit(Event::Error(error.with("id", wish.id.as_str())));
                        Ok(())
                    }
                }
            }
            Asked::Given(wish) => self.give_again(*wish, count_of(answer)).await,
            Asked::Wanted(wanted) => {
                let (envelope, failure) = *wanted;
                self.want_again(envelope, failure, count_of(answer)).await
            }
            Asked::Reconnect { end, was_up, proposed } => {
                // The program may have called `connect()` meanwhile.
                if !matches!(self.link, Link::Waiting(_)) {
                    return Ok(());
                }
                let pause = match answer {
                    Some(Value::Bool(false)) => None,
                    Some(Value::Number(millis)) => {
                        let millis = millis.as_f64().unwrap_or(0.0).clamp(0.0, LONGEST_PAUSE);
                        Some(Duration::from_secs_f64(millis / 1000.0))
                    }
                    _ => proposed,
                };
                self.take_link(Link::Down);
                self.go_on(&end, was_up, pause);
                Ok(())
            }
            Asked::Version(outdated) => {
                let version = answer.and_then(|version| serde_json::from_value::<[u32; 3]>(version).ok());
                match version.filter(|version| *version > self.options.version) {
                    Some(version) => {
                        tracing::info!(session = %self.name, "going on as version {version:?}");
                        self.options.version = version;
                        self.connect_now();
                    }
                    None => {
                        self.take_link(Link::Down);
                        self.stop(&outdated.reason);
                    }
                }
                Ok(())
            }
        }
    }
}
