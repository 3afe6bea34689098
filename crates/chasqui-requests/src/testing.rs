//! A service of one answer, for tests of methods.

use std::sync::{Arc, Mutex};

use chasqui_wire::{Jid, Node};
use serde_json::{Value, json};

use crate::{Result, Session, Wish, person::Person, session::Me};

#[derive(Default)]
struct Seen {
    asked: Vec<Node<'static>>,
    sent: Vec<Node<'static>>,
    learnt: Vec<(Jid, Jid)>,
}

impl Seen {
    /// The other address of somebody, once it was learnt.
    fn counterpart(&self, jid: &Jid) -> Option<Jid> {
        let pair = self.learnt.iter().find(|(a, b)| a.same_user(jid) || b.same_user(jid))?;
        Some(if pair.0.same_user(jid) { pair.1.clone() } else { pair.0.clone() })
    }
}

pub(crate) struct Service {
    pub session: Session,
    seen: Arc<Mutex<Seen>>,
}

impl Service {
    pub fn new(answer: impl Fn(&Node<'static>) -> Node<'static> + Send + Sync + 'static) -> Self {
        Self::with_contacts(Vec::new(), answer)
    }

    /// The same for an account with an address book.
    pub fn with_contacts(
        contacts: Vec<Person>,
        answer: impl Fn(&Node<'static>) -> Node<'static> + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let kept = seen.clone();
        let me = Me { pn: Jid::pn("15550001111").with_device(1), lid: Jid::lid("100000000000001").with_device(1) };
        let session = Session::new(me, move |wish| {
            let mut seen = kept.lock().expect("whole");
            match wish {
                Wish::Query(node, outcome) => {
                    drop(outcome.send(Ok(answer(&node))));
                    seen.asked.push(node);
                }
                Wish::Send(node, outcome) => {
                    seen.sent.push(node);
                    drop(outcome.send(Ok(())));
                }
                Wish::Counterparts(people, outcome) => {
                    drop(outcome.send(Ok(people.iter().map(|jid| seen.counterpart(jid)).collect())));
                }
                Wish::Describe(messages, outcome) => drop(outcome.send(Ok(vec![json!({}); messages.len()]))),
                Wish::Contacts(_, outcome) => drop(outcome.send(Ok(Some(contacts.clone())))),
                Wish::Learn(pairs) => seen.learnt.extend(pairs),
                Wish::Tokens(people, outcome) => drop(outcome.send(Ok(vec![None; people.len()]))),
                Wish::Privacy(_, outcome) => drop(outcome.send(Ok(()))),
                _ => {}
            }
            true
        });
        Self { session, seen }
    }

    pub async fn call(&self, name: &str, args: Value) -> Result {
        crate::call(&self.session, name, args).await
    }

    pub fn asked(&self) -> Vec<Node<'static>> {
        self.seen.lock().expect("whole").asked.clone()
    }

    pub fn sent(&self) -> Vec<Node<'static>> {
        self.seen.lock().expect("whole").sent.clone()
    }

    pub fn learnt(&self) -> Vec<(Jid, Jid)> {
        self.seen.lock().expect("whole").learnt.clone()
    }
}

/// An answer that is an error.
pub(crate) fn error(code: u16) -> Node<'static> {
    Node::new("iq").attr("type", "error").child(Node::new("error").attr("code", code))
}

/// An answer without content.
pub(crate) fn empty() -> Node<'static> {
    Node::new("iq").attr("type", "result")
}
