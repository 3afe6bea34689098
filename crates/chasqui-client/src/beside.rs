//! What stands in a message's stanza beside its content: given to the program as it came (`business`, `bot`, `meta`, and
//! what nobody knows yet).

use chasqui_requests::{Plain, plain::Room};
use chasqui_wire::Node;

/// Children that the engine deals with itself.
const OWN: [&str; 7] = ["enc", "plaintext", "unavailable", "participants", "device-identity", "reporting", "multicast"];
/// At most so many bytes of names, values and contents are given with one message ...
const MAX_BYTES: usize = 64 << 10;
/// ... in so many elements.
const MAX_NODES: usize = 1000;

/// The elements beside a message's content; none when they are too many.
pub(crate) fn beside(stanza: &Node<'_>) -> Vec<Plain> {
    let others = stanza.nodes().iter().filter(|child| !OWN.contains(&child.tag.as_str()));
    let mut room = Room { nodes: MAX_NODES, bytes: MAX_BYTES };
    let nodes: Option<Vec<_>> = others.map(|child| Plain::of(child, &mut room)).collect();
    nodes.unwrap_or_else(|| {
        tracing::warn!("more stands beside a message than is given to programs; it was left out");
        Vec::new()
    })
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
        let again: Vec<Plain> = serde_json::from_value(shown).expect("is read again");
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
