//! Device lists as they are stored, and the two things that change them: answers to usync and `devices` notifications.
//!
//! A list of companions is believed as far as the account's phone has signed it. A notification changes the list that
//! is known only if the outcome has the hash that it names; otherwise the list is asked for anew.
//! Source: 03-messages §3.2 to §3.5, 02-pairing-and-keys §5.4.

use chasqui_proto::ProtoMessage;
use chasqui_signal::SignalAddress;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node};

use crate::{
    actor::{Actor, Fault},
    adv::{self, AdvError, KeyIndexList},
    fanout::phash,
};

/// More devices than the service allows, so that a list cannot grow without bound.
const MAX_DEVICES: usize = 100;

/// A user's devices.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DeviceList {
    /// Device numbers.
    #[prost(uint32, repeated, tag = "1")]
    numbers: Vec<u32>,
    /// When the phone signed it, Unix seconds; 0 when there was nothing to sign.
    #[prost(uint64, tag = "2")]
    signed: u64,
    /// Another number: the phone was registered anew.
    #[prost(uint32, tag = "3")]
    raw_id: u32,
}

impl DeviceList {
    /// From its row.
    pub fn read(row: &[u8]) -> Option<Self> {
        Self::decode(row).ok()
    }

    /// Device numbers.
    pub fn devices(&self) -> Vec<u16> {
        self.numbers.iter().filter_map(|number| u16::try_from(*number).ok()).collect()
    }
}

/// A device of a list that is not verified yet.
struct Listed {
    number: u16,
    key_index: u32,
}

fn device_hash(user: &Jid, numbers: &[u16]) -> String {
    let devices: Vec<Jid> = numbers.iter().map(|number| user.with_device(*number)).collect();
    phash(&devices)
}

fn listed(list: &Node<'_>) -> impl Iterator<Item = Listed> {
    let device = |node: &Node<'_>| {
        let number = u16::try_from(node.get_u64("id")?).ok()?;
        let key_index = node.get_u64("key-index").and_then(|index| u32::try_from(index).ok()).unwrap_or(0);
        // A companion without a key index is none.
        (!node.is("is_hosted", "true") && (number == 0 || key_index > 0)).then_some(Listed { number, key_index })
    };
    list.all("device").take(MAX_DEVICES).filter_map(device).collect::<Vec<_>>().into_iter()
}

impl Actor {
    /// The list in a `<user>` of a usync answer, as far as it is signed. `None` when there is none in it.
    pub(crate) async fn verified_list(
        &mut self,
        canonical: &Jid,
        user: &Node<'_>,
    ) -> Result<Option<DeviceList>, Fault> {
        let Some(devices) = user.find("devices") else { return Ok(None) };
        let Some(list) = devices.find("device-list") else { return Ok(None) };
        let (phones, companions): (Vec<_>, Vec<_>) = listed(list).partition(|device| device.number == 0);
        let mut verified =
            DeviceList { numbers: phones.iter().map(|phone| u32::from(phone.number)).collect(), ..Default::default() };
        if companions.is_empty() {
            return Ok(Some(verified));
        }
        let signed = devices.find("key-index-list").and_then(Node::content_bytes);
        let Some(list) = self.signed_list(canonical, signed).await? else { return Ok(Some(verified)) };
        if let Some(known) = self.stored_list(canonical).await? {
            if known.raw_id == list.raw_id && known.signed > list.timestamp {
                tracing::warn!(session = %self.name, "a device list of {canonical} is older than the one that is known");
                return Ok(Some(known));
            }
            if known.raw_id != 0 && known.raw_id != list.raw_id {
                for number in known.devices().into_iter().filter(|number| *number != 0) {
                    self.drop_session(&SignalAddress::from_jid(&canonical.with_device(number)));
                }
            }
        }
        let linked = companions.iter().filter(|device| list.has(device.key_index));
        verified.numbers.extend(linked.map(|device| u32::from(device.number)));
        (verified.signed, verified.raw_id) = (list.timestamp, list.raw_id);
        Ok(Some(verified))
    }

    /// The signed list, if it is the account's. Where no key of the account is known yet there is nothing to verify it
    /// with; the companions then prove themselves with their bundles.
    async fn signed_list(&mut self, canonical: &Jid, signed: Option<&[u8]>) -> Result<Option<KeyIndexList>, Fault> {
        let Some(signed) = signed else {
            tracing::warn!(session = %self.name, "the companions of {canonical} come without a signed list");
            return Ok(None);
        };
        let key = self.account_key(canonical).await?;
        let list = match adv::verify_list(signed, key.as_ref()) {
            Err(AdvError::NoKey) => adv::read_unverified(signed),
            other => other,
        };
        match list {
            Ok(list) => Ok(Some(list)),
            Err(failure) => {
                tracing::warn!(session = %self.name, "the device list of {canonical} was refused: {failure}");
                if matches!(failure, AdvError::OtherAccount | AdvError::Signature) {
                    self.ask_phone_s_identity(canonical).await?;
                }
                Ok(None)
            }
        }
    }

    /// The list that is stored under a canonical JID.
    pub(crate) async fn stored_list(&mut self, canonical: &Jid) -> Result<Option<DeviceList>, Fault> {
        let row = self.read(Key::new(Namespace::DeviceList, canonical.to_string())).await?;
        Ok(row.and_then(|row| DeviceList::decode(row.as_slice()).ok()))
    }

    /// `<notification type=devices>`: somebody linked or unlinked a device.
    pub(crate) async fn on_devices_notification(&mut self, user: &Jid, node: &Node<'_>) -> Result<(), Fault> {
        self.flush();
        let canonical = self.canonical(&user.to_bare()).await?;
        if let Some(known) = self.stored_list(&canonical).await?
            && let Some(changed) = self.changed_list(&canonical, known, node).await?
        {
            self.keep_list(canonical, changed);
            return Ok(());
        }
        self.forget_devices(user).await
    }

    /// The list after the change; `None` when it has to be asked for.
    async fn changed_list(
        &mut self,
        canonical: &Jid,
        mut list: DeviceList,
        node: &Node<'_>,
    ) -> Result<Option<DeviceList>, Fault> {
        let Some((adds, change)) =
            [(false, "remove"), (true, "add")].into_iter().find_map(|(adds, tag)| Some((adds, node.find(tag)?)))
        else {
            return Ok(None);
        };
        let index_list = change.find("key-index-list");
        let signed = index_list.and_then(Node::content_bytes);
        let verified = if adds { self.signed_list(canonical, signed).await? } else { None };
        for device in change.all("device").take(MAX_DEVICES) {
            let numbers = [device.get_jid("jid"), device.get_jid("lid")].into_iter().flatten().map(|jid| jid.device);
            let numbers: Vec<u16> = numbers.collect();
            let Some(number) = numbers.first().copied().filter(|first| numbers.iter().all(|number| number == first))
            else {
                return Ok(None);
            };
            if adds {
                let key_index = device.get_u64("key-index").and_then(|index| u32::try_from(index).ok()).unwrap_or(0);
                let Some(verified) = verified.as_ref().filter(|list| key_index > 0 && list.has(key_index)) else {
                    return Ok(None);
                };
                (list.signed, list.raw_id) = (verified.timestamp, verified.raw_id);
                if !list.numbers.contains(&u32::from(number)) && list.numbers.len() < MAX_DEVICES {
                    list.numbers.push(u32::from(number));
                }
            } else if index_list.and_then(|list| list.get_u64("ts")).unwrap_or(0) == 0 || number == 0 {
                return Ok(None);
            } else {
                list.numbers.retain(|known| *known != u32::from(number));
                self.drop_session(&SignalAddress::from_jid(&canonical.with_device(number)));
            }
        }
        let person = self.person(canonical).await?;
        let devices = list.devices();
        let hashes = [(person.pn, "device_hash"), (person.lid, "device_lid_hash")];
        let compared = hashes
            .into_iter()
            .filter_map(|(jid, attr)| Some(change.get_str(attr)?.as_ref() == device_hash(&jid?, &devices)));
        let same: Vec<bool> = compared.collect();
        Ok((!same.is_empty() && same.iter().all(|same| *same)).then_some(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companions_without_key_index_and_hosted_ones_are_not_listed() {
        let device = |id: u16| Node::new("device").attr("id", id);
        let list = Node::new("device-list").children([
            device(0),
            device(1).attr("key-index", "1"),
            device(2),
            device(3).attr("key-index", "0"),
            device(99).attr("key-index", "4").attr("is_hosted", "true"),
            Node::new("device").attr("id", "70000").attr("key-index", "5"),
        ]);
        let numbers: Vec<u16> = listed(&list).map(|device| device.number).collect();
        assert_eq!(numbers, [0, 1]);
    }
}
