//! App-state collections: a version and the encrypted patches, which the service never reads (the contract, §9.11).

use chasqui_wire::{jid::Jid, node::Node};
use compact_str::CompactString;

use crate::{account::DeviceRef, prekeys::bytes, requests::Answer, world::World};

const COLLECTIONS: [&str; 5] = ["critical_block", "critical_unblock_low", "regular_high", "regular_low", "regular"];
/// Most patches that one collection keeps.
const MAX_PATCHES: usize = 10_000;

impl World {
    /// Queries and uploads share their shape; each collection is answered on its own.
    pub fn answer_app_state(&mut self, at: DeviceRef, sync: &Node<'static>) -> Answer {
        let mut changed = Vec::new();
        let mut answers = Vec::new();
        for collection in sync.all("collection").take(COLLECTIONS.len() * 2) {
            let Some(name) = collection.get_str("name") else { continue };
            let answer = Node::new("collection").attr("name", name.to_string());
            if !COLLECTIONS.contains(&&*name) {
                let error = Node::new("error").attr("code", "400").attr("text", "bad-request");
                answers.push(answer.attr("type", "error").child(error));
                continue;
            }
            let known = collection.get_u64("version").unwrap_or(0);
            let patches = self.accounts.get_mut(at.account).collections.entry(CompactString::from(&*name)).or_default();
            let upload = collection.find("patch").and_then(Node::content_bytes);
            let current = patches.len() as u64;
            match upload {
                Some(patch) if known == current && patches.len() < MAX_PATCHES => {
                    patches.push(with_version(patch, current + 1));
                    changed.push(name.to_string());
                    answers.push(answer.attr("type", "result").attr("version", current + 1));
                }
                Some(_) => {
                    let error = Node::new("error").attr("code", "409").attr("text", "conflict");
                    let missing = missing(patches, known);
                    answers.push(
                        answer
                            .attr("type", "error")
                            .attr("version", current)
                            .attr("has_more_patches", "false")
                            .children([error, missing]),
                    );
                }
                None => {
                    let answer =
                        answer.attr("type", "result").attr("version", current).attr("has_more_patches", "false");
                    answers.push(if known < current { answer.child(missing(patches, known)) } else { answer });
                }
            }
        }
        for name in changed {
            self.tell_siblings(at, &name);
        }
        Answer::Result(vec![Node::new("sync").children(answers)])
    }

    fn tell_siblings(&mut self, at: DeviceRef, name: &str) {
        let account = self.accounts.get(at.account);
        let version = account.collections.get(name).map_or(0, Vec::len);
        let siblings: Vec<u16> = account.devices.keys().copied().filter(|device| *device != at.device).collect();
        for device in siblings {
            let collection = Node::new("collection").attr("name", name.to_owned()).attr("version", version);
            self.notify(DeviceRef { device, ..at }, "server_sync", Jid::SERVER, collection);
        }
    }
}

fn missing(patches: &[Vec<u8>], known: u64) -> Node<'static> {
    let skip = usize::try_from(known).unwrap_or(usize::MAX);
    Node::new("patches").children(patches.iter().skip(skip).map(|patch| bytes("patch", patch)))
}

/// Adds field 1, `version { 1 version }`, to a SyncdPatch: protobuf lets a later occurrence of a field win, so the
/// patch need not be understood.
fn with_version(patch: &[u8], version: u64) -> Vec<u8> {
    let mut inner = vec![0x08];
    prost::encoding::encode_varint(version, &mut inner);
    let mut out = patch.to_vec();
    out.push(0x0a);
    prost::encoding::encode_varint(inner.len() as u64, &mut out);
    out.extend(inner);
    out
}

#[cfg(test)]
mod tests {
    use chasqui_proto::{ProtoMessage, SyncdPatch};

    use super::*;

    #[test]
    fn a_stored_patch_carries_the_version_that_it_was_given() {
        let patch = SyncdPatch { patch_mac: Some(vec![7; 32]), ..Default::default() }.encode_to_vec();
        let stored = SyncdPatch::decode(&*with_version(&patch, 300)).unwrap();
        assert_eq!(stored.version.unwrap().version, Some(300));
        assert_eq!(stored.patch_mac, Some(vec![7; 32]));
    }
}
