//! A service for tests of methods: it keeps what it is asked, and answers by a function.

use std::sync::{Arc, Mutex, PoisonError};

use chasqui_wire::{Jid, Node};

use crate::{Session, Wish, session::Me};

/// A session whose requests are answered at once.
pub(crate) struct Service {
    pub session: Session,
    sent: Arc<Mutex<Vec<Node<'static>>>>,
}

impl Service {
    /// Answers every request so.
    pub fn answering(answer: impl Fn(&Node<'static>) -> Node<'static> + Send + Sync + 'static) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&sent);
        let me = Me { pn: Jid::pn("15550001111").with_device(3), lid: Jid::lid("100000000000001").with_device(3) };
        let session = Session::new(me, move |wish| {
            match wish {
                Wish::Query(node, outcome) => {
                    let answer = answer(&node);
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(node);
                    let _ = outcome.send(Ok(answer));
                }
                Wish::Counterparts(people, outcome) => drop(outcome.send(Ok(vec![None; people.len()]))),
                _ => {}
            }
            true
        });
        Self { session, sent }
    }

    /// What it was asked.
    pub fn sent(&self) -> Vec<Node<'static>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
