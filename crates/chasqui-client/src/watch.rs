//! `onNode()`: stanzas that the program wants to see as they come.
//!
//! They are not stored, and what the program does not keep up with is let go: nothing waits for it.

use std::collections::BTreeMap;

use chasqui_requests::{
    Plain, args,
    plain::{Pattern, Room},
};
use chasqui_wire::Node;
use serde_json::Value;

use crate::{Reply, actor::Actor, event::Event};

/// Patterns at once.
const MAX_PATTERNS: usize = 256;

/// What is wanted, by the program's numbers.
pub(crate) type Watched = BTreeMap<u32, Pattern>;

impl Actor {
    /// Begins or ends to show stanzas.
    pub(crate) fn on_watch(&mut self, reply: Reply, number: u32, pattern: Option<Value>) {
        let Some(pattern) = pattern else {
            self.watched.remove(&number);
            return self.answer(reply, Ok(None));
        };
        let result = match args::read(pattern) {
            Ok(_) if self.watched.len() >= MAX_PATTERNS => {
                let why = format!("is one too many: {MAX_PATTERNS} are looked for already");
                Err(args::invalid("pattern", &why).with("limit", MAX_PATTERNS))
            }
            Ok(pattern) => {
                self.watched.insert(number, pattern);
                Ok(None)
            }
            Err(error) => Err(error),
        };
        self.answer(reply, result);
    }

    /// Shows a stanza to who wants to see it.
    pub(crate) fn show_watched(&self, node: &Node<'_>) {
        if self.watched.is_empty() {
            return;
        }
        let numbers: Vec<_> =
            self.watched.iter().filter(|(_, pattern)| pattern.fits(node)).map(|(number, _)| *number).collect();
        if let Some(plain) = (!numbers.is_empty()).then(|| Plain::of(node, &mut Room::default())).flatten() {
            self.events.pass(None, Event::Node { numbers, node: Box::new(plain) });
        }
    }
}
