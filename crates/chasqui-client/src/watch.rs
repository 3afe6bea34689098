//! `onNode()`: stanzas that the program wants to see as they come.
//!
//! They are not stored, and what the program does not keep up with is let go: nothing waits for it.

//! The handle changes the patterns itself: what comes after the call is shown, whatever the session's task is at.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use chasqui_error::PublicError;
use chasqui_requests::{
    Plain, args,
    plain::{Pattern, Room},
};
use chasqui_wire::Node;
use serde_json::Value;

use crate::{actor::Actor, event::Event, lock};

/// Patterns at once.
const MAX_PATTERNS: usize = 256;

/// What is wanted, by the program's numbers.
#[derive(Default)]
pub(crate) struct Watched {
    patterns: Mutex<BTreeMap<u32, Pattern>>,
    any: AtomicBool,
}

impl Watched {
    /// Begins to show stanzas under a number, or ends it.
    pub(crate) fn set(&self, number: u32, pattern: Option<Value>) -> Result<(), PublicError> {
        let pattern = pattern.map(args::read).transpose()?;
        let mut patterns = lock(&self.patterns);
        match pattern {
            Some(_) if patterns.len() >= MAX_PATTERNS => {
                let why = format!("is one too many: {MAX_PATTERNS} are looked for already");
                return Err(args::invalid("pattern", &why).with("limit", MAX_PATTERNS));
            }
            Some(pattern) => drop(patterns.insert(number, pattern)),
            None => drop(patterns.remove(&number)),
        }
        self.any.store(!patterns.is_empty(), Relaxed);
        Ok(())
    }

    /// Under which numbers a stanza is wanted.
    fn wanting(&self, node: &Node<'_>) -> Vec<u32> {
        if !self.any.load(Relaxed) {
            return Vec::new();
        }
        lock(&self.patterns).iter().filter(|(_, pattern)| pattern.fits(node)).map(|(number, _)| *number).collect()
    }
}

impl Actor {
    /// Shows a stanza to who wants to see it.
    pub(crate) fn show_watched(&self, node: &Node<'_>) {
        let numbers = self.shared.watched.wanting(node);
        if let Some(plain) = (!numbers.is_empty()).then(|| Plain::of(node, &mut Room::default())).flatten() {
            self.events.pass(None, Event::Node { numbers, node: Box::new(plain) });
        }
    }
}
