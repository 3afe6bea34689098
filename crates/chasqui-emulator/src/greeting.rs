//! What the phone tells a new companion: the app-state key and the first history (the contract, §10).

use std::io::Write as _;

use chasqui_proto::{
    HistorySync, Message, PhoneNumberToLidMapping, ProtoMessage as _, Pushname, history_sync,
    message::{HistorySyncNotification, HistorySyncType, ProtocolMessage, protocol_message::Type},
};
use flate2::{Compression, write::ZlibEncoder};

use crate::{
    account::{Account, DeviceRef},
    world::World,
};

impl World {
    /// Greets a companion once it listens and its prekeys are there; later calls do nothing.
    pub fn greet(&mut self, at: DeviceRef) {
        let Some(device) = self.accounts.device_mut(at) else { return };
        let active = device.connection.and_then(|id| self.connections.get(&id)).is_some_and(|it| it.active);
        if device.greeted || !device.bundle.uploaded || !active {
            return;
        }
        device.greeted = true;
        self.share_keys(at, None);
        if self.begin_history(at) {
            return;
        }
        let history = first_history(self.accounts.get(at.account));
        self.send_peer_message(at, &history);
    }
}

/// A Message between a phone and its companions.
pub(crate) fn protocol_message(kind: Type, content: ProtocolMessage) -> Vec<u8> {
    let protocol = ProtocolMessage { r#type: Some(kind.into()), ..content };
    Message { protocol_message: Some(Box::new(protocol)), ..Default::default() }.encode_to_vec()
}

fn first_history(account: &Account) -> Vec<u8> {
    let (pn, lid) = (account.jid(false).to_string(), account.jid(true).to_string());
    let history = HistorySync {
        sync_type: history_sync::HistorySyncType::InitialBootstrap.into(),
        chunk_order: Some(1),
        progress: Some(100),
        pushnames: vec![Pushname { id: Some(pn.clone()), pushname: Some(account.push_name.clone()) }],
        phone_number_to_lid_mappings: vec![PhoneNumberToLidMapping { pn_jid: Some(pn), lid_jid: Some(lid) }],
        ..Default::default()
    };
    let notification = HistorySyncNotification {
        sync_type: Some(HistorySyncType::InitialBootstrap.into()),
        chunk_order: Some(1),
        progress: Some(100),
        initial_hist_bootstrap_inline_payload: Some(deflate(&history.encode_to_vec())),
        ..Default::default()
    };
    protocol_message(
        Type::HistorySyncNotification,
        ProtocolMessage { history_sync_notification: Some(Box::new(notification)), ..Default::default() },
    )
}

/// The zlib stream of `bytes`.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail; an empty result would be refused by the client, and be seen.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}
