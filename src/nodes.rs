//! Stanzas as bytes, for programs that read or make them themselves.
//!
//! A node crosses as JSON: `[tag, [name, value, …], content]`. Content is a list of nodes, `{ "text": … }`, or
//! `{ "at": [offset, length] }` in the bytes that go along, so that bytes are neither copied nor written as text.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{
    codec,
    node::{Content, Node, Value},
};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use serde::{Deserialize, Serialize};

use crate::guard::guard;

#[derive(Serialize, Deserialize)]
struct Item(String, Vec<String>, Option<Inside>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Inside {
    Nodes(Vec<Item>),
    Text { text: String },
    Bytes { at: (usize, usize) },
}

fn refused(error: impl std::fmt::Display) -> PublicError {
    PublicError::new(ErrorCode::InvalidArgument, error.to_string())
}

/// Encodes a node with its flags byte.
#[napi]
pub fn encode_node(json: String, bytes: Uint8Array) -> napi::Result<Uint8Array> {
    guard(|| {
        let item: Item = serde_json::from_str(&json).map_err(refused)?;
        let node = to_node(&item, &bytes)?;
        codec::encode(&node).map(Uint8Array::new).map_err(refused)
    })
}

fn to_node<'a>(Item(tag, attrs, inside): &'a Item, bytes: &'a [u8]) -> Result<Node<'a>, PublicError> {
    let mut node = Node::new(tag.as_str());
    for pair in attrs.chunks_exact(2) {
        if let [name, value] = pair {
            node = node.attr(name.as_str(), Value::from_user_text(value));
        }
    }
    Ok(match inside {
        None => node,
        Some(Inside::Text { text }) => node.text(text.as_str()),
        Some(Inside::Bytes { at: (start, len) }) => {
            let piece = start.checked_add(*len).and_then(|end| bytes.get(*start..end));
            node.bytes(piece.ok_or_else(|| refused("There are no such bytes."))?)
        }
        Some(Inside::Nodes(items)) => {
            let nodes = items.iter().map(|item| to_node(item, bytes)).collect::<Result<Vec<_>, _>>()?;
            node.children(nodes)
        }
    })
}

/// A stanza that was decoded.
#[napi(object)]
pub struct DecodedNode {
    /// The node; its bytes are in what was decoded.
    pub json: String,
    /// How many bytes it took.
    pub length: u32,
}

/// Decodes the stanza, without flags byte, at the beginning of `bytes`.
#[napi]
pub fn decode_node(bytes: Uint8Array) -> napi::Result<DecodedNode> {
    guard(|| {
        let (node, length) = codec::decode_first(&bytes).map_err(refused)?;
        let json = serde_json::to_string(&to_item(&node, &bytes)).map_err(refused)?;
        Ok(DecodedNode { json, length: u32::try_from(length).map_err(refused)? })
    })
}

fn to_item(node: &Node<'_>, whole: &[u8]) -> Item {
    let attrs = node.attrs.iter();
    let attrs = attrs.flat_map(|(name, value)| [name.as_str().to_owned(), value.to_text().into_owned()]).collect();
    let inside = match &node.content {
        Content::None => None,
        Content::Text(text) => Some(Inside::Text { text: text.as_str().to_owned() }),
        Content::Nodes(nodes) => Some(Inside::Nodes(nodes.iter().map(|node| to_item(node, whole)).collect())),
        // They are borrowed from the whole.
        Content::Bytes(bytes) => {
            let start = (bytes.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
            Some(Inside::Bytes { at: (start, bytes.len()) })
        }
    };
    Item(node.tag.as_str().to_owned(), attrs, inside)
}
