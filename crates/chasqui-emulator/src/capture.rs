//! The last decrypted stanzas, for tests that assert what was sent and for the comparison of clients.

use std::{collections::VecDeque, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::node::{self as wire, Content, Node};
use serde_json::{Map, Value, json};

use crate::{
    account::{Accounts, DeviceRef},
    clock::Millis,
    connection::ConnectionId,
    error::EmulatorError,
};

/// Most stanzas that one query gives.
const MAX_RESULTS: usize = 10_000;

/// Which way a stanza went, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client to the service.
    Out,
    /// From the service to the client.
    In,
}

impl Direction {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
        }
    }
}

struct Captured {
    sequence: u64,
    time: Millis,
    direction: Direction,
    connection: ConnectionId,
    device: Option<DeviceRef>,
    node: Arc<Node<'static>>,
}

/// A ring of stanzas.
pub(crate) struct Capture {
    limit: usize,
    next: u64,
    ring: VecDeque<Captured>,
}

/// Which stanzas are wanted. Empty fields match all.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Filter {
    /// Name, number or JID of the account.
    account: Option<String>,
    device: Option<u16>,
    connection: Option<u64>,
    /// `out`: what the client sent; `in`: what it got.
    direction: Option<String>,
    tag: Option<String>,
    id: Option<String>,
    r#type: Option<String>,
    xmlns: Option<String>,
    /// Tag of a child.
    child: Option<String>,
    /// Only stanzas after this sequence number.
    after: Option<u64>,
    /// Only the last so many.
    limit: Option<usize>,
    /// Also tell which attributes crossed in the form of a JID.
    forms: bool,
}

impl Capture {
    pub fn new(limit: usize) -> Self {
        Self { limit, next: 1, ring: VecDeque::new() }
    }

    /// Keeps a stanza.
    pub fn push(
        &mut self,
        time: Millis,
        direction: Direction,
        connection: ConnectionId,
        device: Option<DeviceRef>,
        node: &Arc<Node<'static>>,
    ) {
        if self.limit == 0 {
            return;
        }
        if self.ring.len() == self.limit {
            self.ring.pop_front();
        }
        let sequence = self.next;
        self.next += 1;
        self.ring.push_back(Captured { sequence, time, direction, connection, device, node: node.clone() });
    }

    /// Tells whose connection it was; called when a connection that pairs gets its device.
    pub fn assign(&mut self, connection: ConnectionId, device: DeviceRef) {
        for captured in self.ring.iter_mut().filter(|captured| captured.connection == connection) {
            captured.device = Some(device);
        }
    }

    /// Forgets everything; sequence numbers go on.
    pub fn clear(&mut self) {
        self.ring.clear();
    }

    /// The stanzas that match, oldest first, as
    /// `{ sequence, time, direction, connection, account?, device?, stanza: { tag, attrs, content } }`.
    pub fn query(&self, filter: &Filter, accounts: &Accounts) -> Result<Vec<Value>, EmulatorError> {
        let account = match &filter.account {
            None => None,
            Some(text) => {
                Some(accounts.resolve(text).ok_or_else(|| EmulatorError::NotFound(format!("account {text}")))?)
            }
        };
        let limit = filter.limit.unwrap_or(MAX_RESULTS).min(MAX_RESULTS);
        let matches = |captured: &&Captured| {
            let node = &captured.node;
            let is = |key: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| node.is(key, wanted));
            account.is_none_or(|account| captured.device.is_some_and(|at| at.account == account))
                && filter.device.is_none_or(|device| captured.device.is_some_and(|at| at.device == device))
                && filter.connection.is_none_or(|connection| captured.connection.0 == connection)
                && filter.direction.as_ref().is_none_or(|direction| captured.direction.as_str() == direction)
                && filter.tag.as_ref().is_none_or(|tag| node.tag == tag.as_str())
                && filter.child.as_ref().is_none_or(|tag| node.find(tag).is_some())
                && is("id", &filter.id)
                && is("type", &filter.r#type)
                && is("xmlns", &filter.xmlns)
                && filter.after.is_none_or(|after| captured.sequence > after)
        };
        let mut found: Vec<&Captured> = self.ring.iter().rev().filter(matches).take(limit).collect();
        found.reverse();
        Ok(found.into_iter().map(|captured| to_json(captured, accounts, filter.forms)).collect())
    }
}

fn to_json(captured: &Captured, accounts: &Accounts, forms: bool) -> Value {
    let mut json = json!({
        "sequence": captured.sequence,
        "time": captured.time.0,
        "direction": captured.direction.as_str(),
        "connection": captured.connection.0,
        "stanza": node_to_json(&captured.node, forms),
    });
    if let Some(at) = captured.device {
        json["account"] = Value::from(accounts.get(at.account).name.as_str());
        json["device"] = Value::from(at.device);
    }
    json
}

/// `{ tag, attrs, content }`; content is absent, a list of nodes, a text, or `{ base64 }`. With `forms` also `jids`: the
/// names of the attributes whose values crossed in the form of a JID and not as text.
pub(crate) fn node_to_json(node: &Node<'_>, forms: bool) -> Value {
    let attrs: Map<String, Value> = node
        .attrs
        .iter()
        .map(|(key, value)| (key.as_str().to_owned(), Value::from(value.to_text().into_owned())))
        .collect();
    let mut json = json!({ "tag": node.tag.as_str(), "attrs": attrs });
    if forms {
        let jids = node.attrs.iter().filter(|(_, value)| matches!(value, wire::Value::Jid(_)));
        json["jids"] = jids.map(|(key, _)| key.as_str()).collect();
    }
    match &node.content {
        Content::None => {}
        Content::Nodes(nodes) => json["content"] = nodes.iter().map(|node| node_to_json(node, forms)).collect(),
        Content::Text(text) => json["content"] = Value::from(text.as_str()),
        Content::Bytes(bytes) => json["content"] = json!({ "base64": BASE64.encode(bytes) }),
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(limit: usize, tags: &[&'static str]) -> Capture {
        let mut capture = Capture::new(limit);
        for tag in tags {
            let node = Arc::new(Node::new(*tag).attr("id", "7").child(Node::new("x").bytes(vec![1])));
            capture.push(Millis(5), Direction::Out, ConnectionId(3), None, &node);
        }
        capture
    }

    #[test]
    fn the_oldest_stanzas_make_room() {
        let found = capture(2, &["a", "b", "c"]).query(&Filter::default(), &Accounts::default()).unwrap();
        let tags: Vec<_> = found.iter().map(|entry| entry["stanza"]["tag"].as_str().unwrap()).collect();
        assert_eq!(tags, ["b", "c"]);
        assert_eq!(found[1]["stanza"]["content"][0]["content"]["base64"], "AQ==");
    }

    #[test]
    fn a_filter_names_what_it_wants() {
        let capture = capture(9, &["a", "b", "a"]);
        let count = |json: &str| {
            let filter: Filter = serde_json::from_str(json).unwrap();
            capture.query(&filter, &Accounts::default()).unwrap().len()
        };
        assert_eq!(count(r#"{"tag":"a"}"#), 2);
        assert_eq!(count(r#"{"tag":"a","after":1}"#), 1);
        assert_eq!(count(r#"{"direction":"in"}"#), 0);
        assert_eq!(count(r#"{"child":"x","id":"7","limit":1}"#), 1);
        assert!(serde_json::from_str::<Filter>(r#"{"tga":"a"}"#).is_err());
    }
}
