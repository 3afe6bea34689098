//! What a device is told to be out of date (`<ib><dirty/>`), at once and at each login, until it cleans it (07 §12 and §14.3).

use chasqui_wire::node::Node;
use compact_str::CompactString;

use crate::{
    account::DeviceRef,
    connection::ConnectionId,
    requests::Answer,
    world::{World, ib},
};

impl World {
    /// A device does not know of a change. It is not told which.
    pub fn mark_dirty(&mut self, at: DeviceRef, kind: &str) {
        let Some(device) = self.accounts.device_mut(at) else { return };
        device.dirty.insert(kind.into());
        let Some(id) = device.connection else { return };
        // While the backlog is delivered it is told at its end.
        if self.connections.get(&id).is_some_and(|connection| connection.active && connection.flush.is_none()) {
            self.send(id, ib(dirty(kind.into(), self.clock.now().seconds())));
        }
    }

    /// Tells everything that is out of date.
    pub fn tell_dirty(&mut self, id: ConnectionId, at: DeviceRef) {
        let kinds = self.accounts.device(at).map(|device| device.dirty.clone()).unwrap_or_default();
        for kind in kinds {
            self.send(id, ib(dirty(kind, self.clock.now().seconds())));
        }
    }

    /// `<clean type=…/>`
    pub fn answer_clean(&mut self, at: DeviceRef, iq: &Node<'static>) -> Answer {
        let kind = iq.find("clean").and_then(|clean| clean.get_str("type"));
        if let (Some(kind), Some(device)) = (kind, self.accounts.device_mut(at)) {
            device.dirty.remove(&*kind);
        }
        Answer::Result(Vec::new())
    }
}

fn dirty(kind: CompactString, now: u64) -> Node<'static> {
    Node::new("dirty").attr("type", kind).attr("timestamp", now)
}
