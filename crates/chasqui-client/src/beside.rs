//! What stands in a message's stanza beside its content: given to the program as it came (`business`, `bot`, `meta`, and
//! what nobody knows yet).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chasqui_wire::{Content, Node};

use crate::message::{Inside, MessageNode};

/// Children that the engine deals with itself.
const OWN: [&str; 7] = ["enc", "plaintext", "unavailable", "participants", "device-identity", "reporting", "multicast"];
/// At most so many bytes of names, values and contents are given with one message ...
const MAX_BYTES: usize = 64 << 10;
/// ... in so many elements.
const MAX_NODES: usize = 1000;

/// The elements beside a message's content; none when they are too many.
pub(crate) fn beside(stanza: &Node<'_>) -> Vec<MessageNode> {
    let others = stanza.nodes().iter().filter(|child| !OWN.contains(&child.tag.as_str()));
    let mut left = (MAX_NODES, MAX_BYTES);
    let nodes: Option<Vec<_>> = others.map(|child| show(child, &mut left)).collect();
    nodes.unwrap_or_else(|| {
        tracing::warn!("more stands beside a message than is given to programs; it was left out");
        Vec::new()
    })
}

fn show(node: &Node<'_>, left: &mut (usize, usize)) -> Option<MessageNode> {
    let attrs: BTreeMap<_, _> =
        node.attrs.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_text().into_owned())).collect();
    let inside = node.content_bytes();
    let bytes = attrs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
        + node.tag.as_str().len()
        + inside.map_or(0, <[u8]>::len);
    *left = (left.0.checked_sub(1)?, left.1.checked_sub(bytes)?);
    let content = match &node.content {
        Content::None => None,
        Content::Nodes(nodes) => Some(Inside::Nodes(nodes.iter().map(|node| show(node, left)).collect::<Option<_>>()?)),
        Content::Bytes(_) | Content::Text(_) => {
            Some(Inside::Bytes { base64: STANDARD.encode(inside.unwrap_or_default()) })
        }
    };
    Some(MessageNode { tag: node.tag.as_str().to_owned(), attrs, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_shown_and_what_the_engine_uses_is_not() {
        let layer = Node::new("layer").attr("v", "7").bytes([0, 255].as_slice());
        let stanza = Node::new("message")
            .child(Node::new("enc").bytes([1].as_slice()))
            .child(Node::new("hologram").child(layer))
            .child(Node::new("meta"));
        let shown = serde_json::to_value(beside(&stanza)).expect("is plain");
        let layer = serde_json::json!({ "tag": "layer", "attrs": { "v": "7" }, "content": { "base64": "AP8=" } });
        assert_eq!(shown, serde_json::json!([{ "tag": "hologram", "content": [layer] }, { "tag": "meta" }]));
        let again: Vec<MessageNode> = serde_json::from_value(shown).expect("is read again");
        assert_eq!(again, beside(&stanza));
    }

    #[test]
    fn too_much_is_left_out() {
        let many = Node::new("message").children((0..=MAX_NODES).map(|_| Node::new("x")));
        assert_eq!(beside(&many), []);
        let large = Node::new("message").child(Node::new("x").bytes(vec![0; MAX_BYTES]));
        assert_eq!(beside(&large), []);
    }
}
