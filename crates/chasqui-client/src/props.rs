//! The service's switches ("props"): asked for after each login with the hash of what is known, and stored.
//!
//! Source: 07-requests-and-notifications §7.4 and §12.5.

use std::collections::BTreeMap;

use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::Node;

use crate::{
    actor::{Actor, Fault},
    iq::{self, Wait},
};

/// Whether messages to people carry their privacy tokens; so by default.
pub(crate) const TOKEN_WITH_MESSAGES: &str = "10518";
/// Whether what stands for a privacy token goes with messages; not by default.
pub(crate) const STAND_IN_WITH_MESSAGES: &str = "24941";
/// Whether privacy tokens are given to LIDs; to phone numbers by default.
pub(crate) const TOKENS_TO_LIDS: &str = "14303";

/// Switches that are kept, and the longest name and value.
const MAX_PROPS: usize = 20_000;
const MAX_NAME: usize = 128;
const MAX_VALUE: usize = 4096;

fn key() -> Key {
    Key::new(Namespace::Meta, b"props")
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(string, tag = "1")]
    hash: String,
    #[prost(btree_map = "string, string", tag = "2")]
    values: BTreeMap<String, String>,
}

/// The switches as far as they are known.
#[derive(Default)]
pub(crate) struct Props {
    known: Stored,
}

impl Props {
    /// Whether a switch is known to be on.
    pub fn is_on(&self, code: &str) -> bool {
        matches!(self.known.values.get(code).map(String::as_str), Some("1" | "true"))
    }

    /// Whether a switch is known to be off.
    pub fn is_off(&self, code: &str) -> bool {
        matches!(self.known.values.get(code).map(String::as_str), Some("0" | "false"))
    }

    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.known.values
    }

    /// Takes over an answer. `false` when it says nothing new.
    fn take(&mut self, props: &Node<'_>) -> bool {
        let hash = props.get_str("hash").filter(|hash| hash.len() <= MAX_NAME).map(String::from).unwrap_or_default();
        let value = |prop: &Node<'_>| {
            let name = prop.get_str("config_code").or_else(|| prop.get_str("name"))?;
            let value = prop.get_str("config_value").or_else(|| prop.get_str("value"))?;
            let short = (1..=MAX_NAME).contains(&name.len()) && value.len() <= MAX_VALUE;
            short.then(|| (name.into_owned(), value.into_owned()))
        };
        let told: BTreeMap<String, String> = props.all("prop").take(MAX_PROPS).filter_map(value).collect();
        if told.is_empty() && (hash.is_empty() || hash == self.known.hash) {
            return false;
        }
        let mut values = if props.is("delta_update", "true") || told.is_empty() {
            std::mem::take(&mut self.known.values)
        } else {
            BTreeMap::new()
        };
        values.extend(told);
        while values.len() > MAX_PROPS {
            values.pop_last();
        }
        self.known = Stored { hash, values };
        true
    }
}

impl Actor {
    /// Reads what is stored.
    pub(crate) async fn load_props(&mut self) -> Result<(), Fault> {
        let stored = self.read(key()).await?;
        let known = stored.and_then(|bytes| Stored::decode(bytes.as_slice()).ok()).unwrap_or_default();
        self.props = Props { known };
        Ok(())
    }

    /// Asks for what has changed.
    pub(crate) fn ask_props(&mut self) {
        let hash = Some(self.props.known.hash.clone()).filter(|hash| !hash.is_empty());
        let id = self.requests.id();
        let props = Node::new("props").attr("protocol", "1").attr_opt("hash", hash);
        let node = iq::request(&id, "get", "abt").child(props);
        self.request(id, node, Wait::Props);
    }

    pub(crate) fn on_props(&mut self, answer: &Node<'_>) {
        if iq::error_code(answer).is_some() {
            return;
        }
        let Some(props) = answer.find("props") else { return };
        if self.props.take(props) {
            self.turn.batch.put(Namespace::Meta, key().bytes, self.props.known.encode_to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prop(code: &'static str, value: &'static str) -> Node<'static> {
        Node::new("prop").attr("config_code", code).attr("config_value", value)
    }

    #[test]
    fn an_answer_replaces_what_is_known_or_adds_to_it() {
        let mut props = Props::default();
        let answer = |hash: &'static str, delta: &'static str, list: Vec<Node<'static>>| {
            Node::new("props").attr("hash", hash).attr("delta_update", delta).children(list)
        };
        assert!(props.take(&answer("a", "false", vec![prop("10518", "0"), prop("7", "x"), Node::new("prop")])));
        assert!(props.is_off(TOKEN_WITH_MESSAGES) && !props.is_on(TOKEN_WITH_MESSAGES));
        assert!(!props.take(&answer("a", "false", vec![])), "the same");
        assert!(props.take(&answer("b", "true", vec![prop("10518", "1")])));
        assert!(props.is_on(TOKEN_WITH_MESSAGES) && props.values().contains_key("7"));
        assert!(props.take(&answer("c", "false", vec![prop("8", "1")])));
        assert_eq!(props.values().keys().collect::<Vec<_>>(), ["8"]);
        let named = Node::new("prop").attr("name", "x").attr("value", "y");
        assert!(props.take(&answer("d", "false", vec![named])) && props.values().contains_key("x"));
    }
}
