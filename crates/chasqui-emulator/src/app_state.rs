//! App-state collections as the service has them: a version and the encrypted patches, which it never reads (the contract,
//! §9.11; 04-app-state §7, §9, §16.1).

use chasqui_appstate::{Collection, Patch, build::stored_patch};
use chasqui_proto::{ProtoMessage as _, SyncdPatch};
use chasqui_wire::{jid::Jid, node::Node};
use serde::{Deserialize, Serialize};

use crate::{
    account::{AccountId, DeviceRef},
    prekeys::bytes,
    requests::Answer,
    world::World,
};

/// Most patches that one collection keeps.
const MAX_PATCHES: usize = 10_000;
/// Patches in one answer.
const PAGE: usize = 100;

/// What is wrong with what a device is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AppStateFault {
    /// The MAC of the last patch does not verify.
    PatchMac,
    /// The last patch says that its writer has another map.
    SnapshotMac,
    /// The MAC of a record does not verify; that of the patch does not either.
    ValueMac,
    /// The first of the patches is missing.
    Gap,
    /// The patches come in the wrong order.
    Order,
    /// The last patch is under a key that nobody has.
    UnknownKey,
    /// An upload is answered as if somebody else had been faster; queries are answered with error 503.
    Conflict,
    /// The collection is refused with error 404.
    Refused,
}

/// One collection: a snapshot, if there is one, and the patches after it.
#[derive(Default)]
pub(crate) struct Patches {
    /// Version of the snapshot; 0 without.
    base: u64,
    /// An `ExternalBlobReference`.
    snapshot: Option<Vec<u8>>,
    patches: Vec<Vec<u8>>,
}

/// What a device is told of a collection.
#[derive(Default)]
struct Page {
    snapshot: Option<Vec<u8>>,
    patches: Vec<Vec<u8>>,
    more: bool,
}

impl Patches {
    /// The newest version.
    pub fn head(&self) -> u64 {
        self.base + self.patches.len() as u64
    }

    /// Takes an upload, and gives it as it is stored; `None` when it is not what the service takes.
    pub fn push(&mut self, upload: &[u8]) -> Option<&[u8]> {
        let sound = Patch::parse(upload).is_ok_and(|patch| patch.has_macs());
        if !sound || self.patches.len() >= MAX_PATCHES {
            return None;
        }
        self.patches.push(stored_patch(upload, self.head() + 1).ok()?);
        self.patches.last().map(Vec::as_slice)
    }

    /// A snapshot of a version takes the place of the patches up to there.
    pub fn compact(&mut self, version: u64, reference: Vec<u8>) {
        let gone = usize::try_from(version.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.patches.drain(..gone.min(self.patches.len()));
        (self.base, self.snapshot) = (version, Some(reference));
    }

    /// Another form of the patch with this version.
    pub fn replace(&mut self, version: u64, patch: Vec<u8>) {
        let at = version.checked_sub(self.base + 1).and_then(|at| usize::try_from(at).ok());
        if let Some(place) = at.and_then(|at| self.patches.get_mut(at)) {
            *place = patch;
        }
    }

    /// The patches that hold their mutations, with their versions.
    pub fn inline(&self) -> impl Iterator<Item = (u64, Vec<u8>)> {
        let inline = |patch: &Vec<u8>| Patch::parse(patch).is_ok_and(|patch| patch.external().is_none());
        (self.base + 1..)
            .zip(&self.patches)
            .filter(move |(_, patch)| inline(patch))
            .map(|(at, patch)| (at, patch.clone()))
    }

    /// A page of what came after a version.
    fn after(&self, known: u64) -> Page {
        let snapshot = self.snapshot.clone().filter(|_| known < self.base);
        let skipped = usize::try_from(known.saturating_sub(self.base)).unwrap_or(usize::MAX);
        let rest = self.patches.get(skipped..).unwrap_or_default();
        Page { snapshot, patches: rest.iter().take(PAGE).cloned().collect(), more: rest.len() > PAGE }
    }
}

impl World {
    /// Queries and uploads share their shape; each collection is answered on its own.
    pub fn answer_app_state(&mut self, at: DeviceRef, sync: &Node<'static>) -> Answer {
        self.seed_app_state(at.account);
        let asked = sync.all("collection").take(Collection::ALL.len() * 2);
        let answers: Vec<_> = asked.filter_map(|node| self.answer_collection(at, node)).collect();
        Answer::Result(vec![Node::new("sync").children(answers)])
    }

    fn answer_collection(&mut self, at: DeviceRef, asked: &Node<'static>) -> Option<Node<'static>> {
        let name = asked.get_str("name")?;
        let answer = Node::new("collection").attr("name", name.to_string());
        let refused = |code: &'static str, text: &'static str| {
            answer.clone().attr("type", "error").child(Node::new("error").attr("code", code).attr("text", text))
        };
        let Some(collection) = Collection::from_name(&name) else { return Some(refused("404", "item-not-found")) };
        let fault = self.faults.strike_app_state(&self.accounts, at, collection.name());
        let known = asked.get_u64("version").filter(|_| !asked.is("return_snapshot", "true")).unwrap_or(0);
        let upload = asked.find("patch").and_then(Node::content_bytes);
        let patches = self.accounts.get_mut(at.account).patches(collection);
        let head = patches.head();
        match (upload, fault) {
            (_, Some(AppStateFault::Refused)) => return Some(refused("404", "item-not-found")),
            (None, Some(AppStateFault::Conflict)) => return Some(refused("503", "service-unavailable")),
            (Some(_), Some(AppStateFault::Conflict)) => return Some(refused("409", "conflict").attr("version", head)),
            (Some(patch), _) if asked.get_u64("version") == Some(head) => {
                let Some(stored) = patches.push(patch).map(<[u8]>::to_vec) else {
                    return Some(refused("400", "bad-request"));
                };
                self.phone_follows(at.account, collection, &stored);
                self.tell_of_patch(at.account, Some(at.device), collection);
                return Some(answer.attr("type", "result").attr("version", head + 1));
            }
            _ => {}
        }
        let Page { snapshot, patches: mut page, more } = patches.after(known);
        if let Some(fault) = fault {
            spoil(&mut page, fault);
        }
        let conflict = upload.is_some();
        let mut answer = answer
            .attr("type", if conflict { "error" } else { "result" })
            .attr("version", head)
            .attr("has_more_patches", if more { "true" } else { "false" });
        if conflict {
            answer = answer.child(Node::new("error").attr("code", "409").attr("text", "conflict"));
        }
        if let Some(reference) = snapshot {
            answer = answer.child(bytes("snapshot", &reference));
        }
        if !page.is_empty() || conflict {
            answer = answer.child(Node::new("patches").children(page.iter().map(|patch| bytes("patch", patch))));
        }
        Some(answer)
    }

    /// Tells the companions, but for the one that made it, that a collection has a new version.
    pub fn tell_of_patch(&mut self, account: AccountId, by: Option<u16>, collection: Collection) {
        let account_data = self.accounts.get_mut(account);
        let version = account_data.patches(collection).head();
        let others: Vec<u16> = account_data.devices.keys().copied().filter(|device| Some(*device) != by).collect();
        for device in others {
            let child = Node::new("collection").attr("name", collection.name()).attr("version", version);
            self.notify(DeviceRef { account, device }, "server_sync", Jid::SERVER, child);
        }
    }
}

/// Makes a page wrong.
fn spoil(page: &mut Vec<Vec<u8>>, fault: AppStateFault) {
    match fault {
        AppStateFault::Gap if !page.is_empty() => drop(page.remove(0)),
        AppStateFault::Order => page.reverse(),
        _ => {}
    }
    let Some(last) = page.last_mut() else { return };
    let Ok(mut patch) = SyncdPatch::decode(&**last) else { return };
    match fault {
        AppStateFault::PatchMac => flip(patch.patch_mac.as_mut()),
        AppStateFault::SnapshotMac => flip(patch.snapshot_mac.as_mut()),
        AppStateFault::ValueMac => {
            let record = patch.mutations.first_mut().and_then(|mutation| mutation.record.as_mut());
            flip(record.and_then(|record| record.value.as_mut()).and_then(|value| value.blob.as_mut()));
        }
        AppStateFault::UnknownKey => {
            flip(patch.key_id.as_mut().and_then(|id| id.id.as_mut()));
        }
        _ => return,
    }
    *last = patch.encode_to_vec();
}

fn flip(bytes: Option<&mut Vec<u8>>) {
    if let Some(byte) = bytes.and_then(|bytes| bytes.last_mut()) {
        *byte ^= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload() -> Vec<u8> {
        let mac = || Some(vec![7; 32]);
        SyncdPatch { patch_mac: mac(), snapshot_mac: mac(), ..Default::default() }.encode_to_vec()
    }

    #[test]
    fn a_stored_patch_carries_the_version_that_it_was_given() {
        let mut patches = Patches::default();
        for version in 1..=PAGE as u64 + 1 {
            let stored = SyncdPatch::decode(patches.push(&upload()).expect("taken")).expect("a patch");
            assert_eq!(stored.version.and_then(|it| it.version), Some(version));
            assert_eq!(stored.patch_mac, Some(vec![7; 32]));
        }
        assert_eq!((patches.after(0).patches.len(), patches.after(0).more), (PAGE, true));
        assert_eq!((patches.after(1).patches.len(), patches.after(1).more), (PAGE, false));
        assert!(patches.after(u64::MAX).patches.is_empty());
    }

    #[test]
    fn a_snapshot_takes_the_place_of_the_patches_before_it() {
        let mut patches = Patches::default();
        (0..5).for_each(|_| assert!(patches.push(&upload()).is_some()));
        patches.compact(3, vec![9]);
        assert_eq!(patches.head(), 5);
        let page = patches.after(0);
        assert_eq!((page.snapshot, page.patches.len()), (Some(vec![9]), 2));
        let page = patches.after(4);
        assert_eq!((page.snapshot, page.patches.len()), (None, 1));
        assert_eq!(patches.inline().map(|(version, _)| version).collect::<Vec<_>>(), [4, 5]);
        patches.replace(5, vec![7]);
        assert_eq!(patches.after(4).patches, [[7]]);
    }

    #[test]
    fn a_patch_without_its_macs_is_not_taken() {
        let bare = SyncdPatch { patch_mac: Some(vec![7; 32]), ..Default::default() }.encode_to_vec();
        assert!(Patches::default().push(&bare).is_none());
        assert!(Patches::default().push(&[0xff]).is_none());
    }
}
