//! Nodes as plain JSON: `{ tag, attrs, content }`, contents as a list of nodes or `{ base64 }`. And what programs do with
//! them: any request (`node.query`), and patterns of stanzas that they want to see.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Content, Jid, Node, Value};
use serde::{Deserialize, Serialize};

use crate::{Result, Session, methods};

/// Most bytes of names, values and contents that are shown of one stanza ...
const MAX_BYTES: usize = 1 << 20;
/// ... in so many elements, so deep.
const MAX_NODES: usize = 20_000;
const MAX_DEPTH: usize = 32;

/// A node as a program sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {
    /// Its name.
    pub tag: String,
    /// Its attributes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub attrs: BTreeMap<String, String>,
    /// What is in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<Inside>,
}

/// What is in a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Inside {
    /// Further nodes.
    Nodes(Vec<Plain>),
    /// What stands as a text on the wire.
    Text {
        /// It.
        text: String,
    },
    /// Bytes; the wire does not say whether they are text.
    Bytes {
        /// Them, in base64.
        base64: String,
    },
}

/// How much may still be shown.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Elements.
    pub nodes: usize,
    /// Bytes of names, values and contents.
    pub bytes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { nodes: MAX_NODES, bytes: MAX_BYTES }
    }
}

impl Plain {
    /// A node as a program sees it; `None` when there is not room enough.
    pub fn of(node: &Node<'_>, room: &mut Room) -> Option<Self> {
        let attrs: BTreeMap<_, _> =
            node.attrs.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_text().into_owned())).collect();
        let inside = node.content_bytes();
        let bytes = attrs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
            + node.tag.as_str().len()
            + inside.map_or(0, <[u8]>::len);
        (room.nodes, room.bytes) = (room.nodes.checked_sub(1)?, room.bytes.checked_sub(bytes)?);
        let content = match &node.content {
            Content::None => None,
            Content::Nodes(nodes) => {
                Some(Inside::Nodes(nodes.iter().map(|node| Self::of(node, room)).collect::<Option<_>>()?))
            }
            Content::Text(text) => Some(Inside::Text { text: text.as_str().to_owned() }),
            Content::Bytes(_) => Some(Inside::Bytes { base64: STANDARD.encode(inside.unwrap_or_default()) }),
        };
        Some(Self { tag: node.tag.as_str().to_owned(), attrs, content })
    }

    /// The node. Values that look like JIDs are JIDs on the wire, too.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: too deep, or bytes that are not base64.
    pub fn to_node(&self) -> Result<Node<'static>> {
        self.to_node_within(MAX_DEPTH)
    }

    fn to_node_within(&self, depth: usize) -> Result<Node<'static>> {
        let wrong = |why: &str| PublicError::new(ErrorCode::InvalidArgument, format!("The node is not one: {why}."));
        if self.tag.is_empty() {
            return Err(wrong("it has no tag"));
        }
        let mut node = Node::new(compact_str::CompactString::from(&*self.tag));
        for (name, value) in &self.attrs {
            let value: Value<'static> = match value.parse::<Jid>() {
                Ok(jid) if value.contains('@') => Value::from(jid),
                _ => Value::from(compact_str::CompactString::from(&**value)),
            };
            node = node.attr(compact_str::CompactString::from(&**name), value);
        }
        Ok(match &self.content {
            None => node,
            Some(Inside::Nodes(_)) if depth == 0 => return Err(wrong("it is too deep")),
            Some(Inside::Nodes(nodes)) => {
                let children: Result<Vec<_>> = nodes.iter().map(|child| child.to_node_within(depth - 1)).collect();
                node.children(children?)
            }
            Some(Inside::Text { text }) => node.bytes(text.clone().into_bytes()),
            Some(Inside::Bytes { base64 }) => {
                node.bytes(STANDARD.decode(base64).map_err(|_| wrong("its bytes are not base64"))?)
            }
        })
    }
}

/// Which stanzas are meant: everything that is named has to be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The tag.
    pub tag: Option<String>,
    /// Attributes and their values.
    #[serde(default)]
    pub attrs: BTreeMap<String, String>,
    /// The tag of one of its children.
    pub child: Option<String>,
}

impl Pattern {
    /// Whether a stanza is meant.
    pub fn fits(&self, node: &Node<'_>) -> bool {
        self.tag.as_ref().is_none_or(|tag| node.tag == tag.as_str())
            && self.attrs.iter().all(|(name, value)| node.is(name, value))
            && self.child.as_ref().is_none_or(|child| node.find(child).is_some())
    }
}

methods! {
    "query" => query,
    "send" => send,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    node: Plain,
}

/// Any stanza that nothing answers.
async fn send(session: &Session, Query { node }: Query) -> Result<()> {
    session.send(node.to_node()?).await
}

/// Any request; what is not one is refused before it leaves.
async fn query(session: &Session, Query { node }: Query) -> Result<Plain> {
    let is_request = node.tag == "iq" && matches!(node.attrs.get("type").map(String::as_str), Some("get" | "set"));
    if !is_request {
        let message = "Only a request is answered: <iq> with type \"get\" or \"set\".";
        return Err(PublicError::new(ErrorCode::InvalidArgument, message));
    }
    let mut node = node;
    node.attrs.remove("id");
    node.attrs.entry("to".into()).or_insert_with(|| Jid::SERVER.to_string());
    let answer = session.query(node.to_node()?).await?;
    Plain::of(&answer, &mut Room::default())
        .ok_or_else(|| PublicError::new(ErrorCode::ProtocolError, "The answer is larger than is given to programs."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_node_goes_to_json_and_back() {
        let shown = json!({
            "tag": "iq",
            "attrs": { "to": "120363000000000001@g.us", "type": "get" },
            "content": [{ "tag": "query", "content": { "base64": "AP8=" } }, { "tag": "empty" }],
        });
        let plain: Plain = serde_json::from_value(shown.clone()).expect("a node");
        let node = plain.to_node().expect("a node");
        assert!(matches!(node.get("to"), Some(Value::Jid(_))) && node.is("type", "get"));
        assert_eq!(node.find("query").and_then(Node::content_bytes), Some(&[0, 255][..]));
        assert_eq!(Plain::of(&node, &mut Room::default()), Some(plain.clone()));
        assert_eq!(serde_json::to_value(&plain).expect("plain"), shown);
    }

    #[test]
    fn what_is_no_node_is_refused() {
        for wrong in
            [json!({}), json!({ "tag": 1 }), json!({ "tag": "x", "content": 1 }), json!({ "tag": "x", "y": 1 })]
        {
            assert!(serde_json::from_value::<Plain>(wrong.clone()).is_err(), "{wrong}");
        }
        for wrong in [json!({ "tag": "" }), json!({ "tag": "x", "content": { "base64": "?" } })] {
            let plain: Plain = serde_json::from_value(wrong.clone()).expect("the shape");
            assert_eq!(plain.to_node().expect_err("no node").code, ErrorCode::InvalidArgument, "{wrong}");
        }
        let deep = (0..40).fold(json!({ "tag": "x" }), |inside, _| json!({ "tag": "x", "content": [inside] }));
        assert!(serde_json::from_value::<Plain>(deep).expect("the shape").to_node().is_err());
    }

    #[test]
    fn a_pattern_names_what_has_to_be_so() {
        let node = Node::new("notification")
            .attr("type", "picture")
            .attr("from", Jid::pn("15550001111"))
            .child(Node::new("set"));
        let pattern = |value| serde_json::from_value::<Pattern>(value).expect("a pattern");
        for (value, fits) in [
            (json!({}), true),
            (json!({ "tag": "notification", "attrs": { "type": "picture" }, "child": "set" }), true),
            (json!({ "attrs": { "from": "15550001111@s.whatsapp.net" } }), true),
            (json!({ "tag": "message" }), false),
            (json!({ "child": "delete" }), false),
            (json!({ "attrs": { "absent": "" } }), false),
        ] {
            assert_eq!(pattern(value.clone()).fits(&node), fits, "{value}");
        }
    }
}
