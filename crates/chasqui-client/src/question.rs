//! Questions to the program: a message that this store does not have (any more), a newer client version.
//!
//! The program is never waited for: its answer is one more input, and after a while there is none.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use chasqui_wire::Jid;
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault, Link},
    content,
    event::{Event, Question},
    iq::Wait,
    reason::End,
    retry::Wish,
    sent::SentMessage,
};

/// How long the program has for a message, and for a version.
const MESSAGE_TIME: Duration = Duration::from_secs(10);
pub(crate) const VERSION_TIME: Duration = Duration::from_secs(60);
/// Questions that may wait for their answer at once.
const MAX_QUESTIONS: usize = 64;
/// The largest message that is taken, bytes.
const MAX_MESSAGE: usize = 1 << 20;

/// What an answer of the program is for.
#[derive(Debug)]
pub(crate) enum Asked {
    /// A message that a device wants again.
    Message(Box<Wish>),
    /// A version that the service does not call outdated.
    Version(Box<End>),
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

    /// Asks the program for a newer version. The connection waits for it.
    pub(crate) fn ask_for_version(&mut self, outdated: End) {
        self.ask(Question::Version { version: self.options.version }, Asked::Version(Box::new(outdated)), VERSION_TIME);
        // The answer comes first, or its absence.
        self.link = Link::Waiting(Instant::now() + 2 * VERSION_TIME);
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
            Asked::Message(wish) => match answer.as_ref().and_then(message) {
                Some(message) => {
                    let chat: Jid = wish.chat();
                    self.grant(*wish, SentMessage { chat, message }).await
                }
                None => Ok(()),
            },
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

/// The protobuf of what the program gave: `{ raw }` in base64, or a content as for `send`.
fn message(answer: &Value) -> Option<Vec<u8>> {
    match answer.get("raw") {
        Some(raw) => BASE64_STANDARD.decode(raw.as_str()?).ok().filter(|raw| (1..=MAX_MESSAGE).contains(&raw.len())),
        None => content::encode(answer).ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_taken_as_bytes_or_as_a_content_and_nothing_else_is() {
        assert_eq!(message(&json!({ "raw": "CgJoaQ==" })), Some(b"\x0a\x02hi".to_vec()));
        assert!(message(&json!({ "text": "hi" })).is_some());
        for answer in [json!(null), json!({ "raw": "" }), json!({ "raw": "~" }), json!({ "raw": 5 }), json!("hi")] {
            assert_eq!(message(&answer), None, "{answer}");
        }
    }
}
