//! The stanzas of app-state sync: queries, uploads, and what the server answers. Source: 04-app-state §7, §9.

use std::collections::HashMap;

use chasqui_appstate::Collection;
use chasqui_proto::{ExternalBlobReference, ProtoMessage};
use chasqui_wire::Node;

use crate::iq;

const XMLNS: &str = "w:sync:app:state";

/// What the server says of one collection.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// The newest version.
    pub version: Option<u64>,
    pub error: Option<u64>,
    /// The reference of the snapshot's blob as it came.
    pub snapshot: Option<Vec<u8>>,
    /// Encoded `SyncdPatch`es, oldest first.
    pub patches: Vec<Vec<u8>>,
    /// There are further patches.
    pub more: bool,
}

impl Answer {
    /// Nothing is newer than what was asked from.
    pub fn is_empty(&self) -> bool {
        self.snapshot.is_none() && self.patches.is_empty()
    }

    fn parse(node: &Node<'_>) -> Self {
        let bytes = |node: &Node<'_>| node.content_bytes().map(<[u8]>::to_vec);
        // Some servers leave the list away.
        let patches = node.find("patches").unwrap_or(node);
        Self {
            version: node.get_u64("version"),
            error: (node.is("type", "error") || node.find("error").is_some())
                .then(|| node.find("error").map_or(500, iq::code_of)),
            snapshot: node.find("snapshot").and_then(bytes),
            patches: patches.all("patch").filter_map(bytes).collect(),
            more: node.is("has_more_patches", "true"),
        }
    }
}

/// Whether an error means that there is no use in asking again.
pub(super) fn is_final(code: u64) -> bool {
    matches!(code, 400 | 404 | 405 | 406)
}

/// The query of collections, each from the version that is known.
pub(super) fn request(id: &str, collections: &[(Collection, u64)]) -> Node<'static> {
    let collection = |(collection, version): &(Collection, u64)| head(*collection, *version, *version == 0);
    sync(id, collections.iter().map(collection))
}

/// The upload of a patch onto a version.
pub(super) fn upload(id: &str, collection: Collection, base: u64, patch: Vec<u8>) -> Node<'static> {
    sync(id, [head(collection, base, false).child(Node::new("patch").bytes(patch))])
}

fn sync(id: &str, collections: impl IntoIterator<Item = Node<'static>>) -> Node<'static> {
    iq::request(id, "set", XMLNS).child(Node::new("sync").children(collections))
}

fn head(collection: Collection, version: u64, snapshot: bool) -> Node<'static> {
    Node::new("collection")
        .attr("name", collection.name())
        .attr("version", version)
        .attr("return_snapshot", if snapshot { "true" } else { "false" })
}

/// The answers by collection; what is no collection of ours is left out.
pub(super) fn answers(answer: &Node<'_>) -> HashMap<Collection, Answer> {
    let sync = answer.find("sync").into_iter().flat_map(|sync| sync.all("collection"));
    let named = sync
        .take(2 * Collection::ALL.len())
        .filter_map(|node| Some((Collection::from_name(&node.get_str("name")?)?, Answer::parse(node))));
    named.collect()
}

/// Reads a reference to a blob.
pub(super) fn reference(bytes: &[u8]) -> Option<ExternalBlobReference> {
    ExternalBlobReference::decode(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_patches_in_a_list_or_without() {
        let patch = |byte: u8| Node::new("patch").bytes(vec![byte]);
        let listed = Node::new("collection")
            .attr("name", "regular")
            .attr("version", "7")
            .attr("has_more_patches", "true")
            .children([Node::new("snapshot").bytes(vec![9]), Node::new("patches").children([patch(1), patch(2)])]);
        let bare = Node::new("collection").attr("name", "regular_low").child(patch(3));
        let failed = Node::new("collection")
            .attr("name", "regular_high")
            .attr("type", "error")
            .child(Node::new("error").attr("code", "409"));
        let other = Node::new("collection").attr("name", "holograms").child(patch(4));
        let sync = Node::new("sync").children([listed, bare, failed, other]);
        let mut read = answers(&Node::new("iq").child(sync));
        assert_eq!(read.len(), 3);
        let regular = read.remove(&Collection::Regular).expect("there");
        assert_eq!((regular.version, regular.more, regular.error), (Some(7), true, None));
        assert_eq!((regular.snapshot, regular.patches), (Some(vec![9]), vec![vec![1], vec![2]]));
        assert_eq!(read[&Collection::RegularLow].patches, [[3]]);
        assert_eq!(read[&Collection::RegularHigh].error, Some(409));
    }
}
