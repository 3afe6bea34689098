//! Companions seen from outside: listed, and unlinked by the phone or by themselves (02-pairing §6).

use chasqui_wire::node::Node;
use serde::Serialize;

use crate::{account::DeviceRef, error::EmulatorError, world::World};

/// An account as the administration shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountInfo {
    /// The push name that chose the account.
    pub name: String,
    /// The push name that others are shown.
    pub push_name: String,
    /// The phone-number JID, bare.
    pub jid: String,
    /// The LID, bare.
    pub lid: String,
    /// Whether its phone acts as a person.
    pub contact: bool,
    /// Its companions.
    pub devices: Vec<DeviceInfo>,
}

/// A companion as the administration shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceInfo {
    /// Its number.
    pub device: u16,
    /// Its key index.
    pub key_index: u32,
    /// Whether it is connected.
    pub connected: bool,
    /// Whether it is connected and has asked for its queue.
    pub active: bool,
    /// Stanzas that it has not acknowledged.
    pub queued: usize,
    /// One-time keys that were not handed out.
    pub prekeys: usize,
}

impl World {
    /// Every account with its companions.
    pub fn account_infos(&self) -> Vec<AccountInfo> {
        let info = |account: &crate::account::Account| AccountInfo {
            name: account.name.clone(),
            push_name: account.push_name.clone(),
            jid: account.jid(false).to_string(),
            lid: account.jid(true).to_string(),
            contact: account.phone.active,
            devices: account
                .devices
                .values()
                .map(|device| DeviceInfo {
                    device: device.number,
                    key_index: device.key_index,
                    connected: device.connection.is_some(),
                    active: device
                        .connection
                        .and_then(|id| self.connections.get(&id))
                        .is_some_and(|connection| connection.active),
                    queued: device.queue.len(),
                    prekeys: device.bundle.count(),
                })
                .collect(),
        };
        self.accounts.iter().map(|(_, account)| info(account)).collect()
    }

    /// The devices that a caller names: one, all companions of an account, or everybody's.
    pub fn named_devices(&self, account: Option<&str>, device: Option<u16>) -> Result<Vec<DeviceRef>, EmulatorError> {
        let Some(account) = account else {
            let all = self.accounts.iter().flat_map(|(id, account)| {
                account.devices.keys().map(move |device| DeviceRef { account: id, device: *device })
            });
            return Ok(all.collect());
        };
        let id = self.accounts.resolve(account).ok_or_else(|| EmulatorError::NotFound(format!("account {account}")))?;
        let known = &self.accounts.get(id).devices;
        match device {
            Some(device) if !known.contains_key(&device) => {
                Err(EmulatorError::NotFound(format!("device {device} of {account}")))
            }
            Some(device) => Ok(vec![DeviceRef { account: id, device }]),
            None => Ok(known.keys().map(|device| DeviceRef { account: id, device: *device }).collect()),
        }
    }

    /// Removes a companion for good: it is told if it is connected, and its next login fails.
    pub fn unlink(&mut self, at: DeviceRef) {
        let Some(device) = self.accounts.device(at) else { return };
        if let Some(id) = device.connection {
            let conflict = Node::new("conflict").attr("type", "device_removed");
            self.end(id, Some(Node::new("stream:error").attr("code", "401").child(conflict)));
        }
        let now = self.clock.now().seconds();
        let account = self.accounts.get_mut(at.account);
        account.devices.remove(&at.device);
        account.phone.forget(at);
        account.renew_key_index_list(now);
        self.announce_devices(at.account, at.device, false);
    }
}
