//! Device lists and other facts about users (03-messages §3, the contract §9.5).

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_wire::{jid::Jid, node::Node};
use sha2::{Digest, Sha256};

use crate::{
    account::{Account, AccountId, DeviceRef},
    prekeys::bytes,
    requests::{Answer, MAX_BATCH},
    world::World,
};

impl World {
    /// Answers every user in the order asked, under the JID asked for.
    pub fn answer_usync(&mut self, at: DeviceRef, usync: &Node<'static>) -> Answer {
        let Some(query) = usync.find("query") else { return Answer::Error(400, "bad-request") };
        let protocols: Vec<&str> = query.nodes().iter().map(|node| node.tag.as_str()).collect();
        let asked = usync.find("list").map(Node::nodes).unwrap_or_default();
        let mut users = Vec::new();
        for user in asked.iter().take(MAX_BATCH) {
            let number = user.find("contact").and_then(Node::content_str).map(digits);
            let jid = user.get_jid("jid").or_else(|| number.as_deref().map(Jid::pn));
            let Some(jid) = jid else { continue };
            users.push(match self.accounts.find(&jid) {
                Some(id) => {
                    if protocols.contains(&"devices") {
                        self.accounts.get_mut(id).watchers.insert(at.account);
                    }
                    let described = describe(self.accounts.get(id), &jid, &protocols, user);
                    let business = self.verified_name(id).filter(|_| protocols.contains(&"business"));
                    business.into_iter().fold(described, Node::child)
                }
                None => unknown(&jid, &protocols, user),
            });
        }
        let result = Node::new("result").children(query.nodes().iter().map(|node| Node::new(node.tag.clone())));
        let reply = Node::new("usync")
            .attr_opt("sid", usync.get_str("sid").map(String::from))
            .attr_opt("mode", usync.get_str("mode").map(String::from))
            .attr_opt("context", usync.get_str("context").map(String::from))
            .attr("last", "true")
            .attr("index", "0")
            .children([result, Node::new("list").children(users)]);
        Answer::Result(vec![reply])
    }

    /// Tells everybody who asked for an account's devices, and its own companions, that one came or went.
    pub fn announce_devices(&mut self, owner: AccountId, device: u16, added: bool) {
        let account = self.accounts.get(owner);
        let (pn, lid) = (account.jid(false), account.jid(true));
        let companion = Node::new("device")
            .attr("jid", pn.with_device(device))
            .attr("lid", lid.with_device(device))
            .attr_opt("key-index", account.devices.get(&device).map(|device| device.key_index));
        let mut list = Node::new("key-index-list").attr("ts", account.key_index_list.timestamp);
        if added {
            list = list.bytes(account.key_index_list.bytes.clone());
        }
        let change = Node::new(if added { "add" } else { "remove" })
            .attr("device_hash", device_hash(account, false))
            .attr("device_lid_hash", device_hash(account, true))
            .children([companion, list]);
        let own = Node::new("devices").attr("dhash", device_hash(account, false)).children(account.all_devices().map(
            |number| {
                Node::new("device")
                    .attr("jid", pn.with_device(number))
                    .attr_opt("key-index", account.devices.get(&number).map(|device| device.key_index))
            },
        ));
        let siblings: Vec<u16> = account.devices.keys().copied().filter(|number| *number != device).collect();
        let watchers: Vec<AccountId> = account.watchers.iter().copied().filter(|id| *id != owner).collect();
        for device in siblings {
            let to = DeviceRef { account: owner, device };
            self.notify(to, "account_sync", pn.clone(), own.clone());
            // Some clients look only at this one, for their own account, too.
            self.notify_with(to, "devices", pn.clone(), Some(lid.clone()), change.clone());
        }
        for watcher in watchers {
            let devices: Vec<u16> = self.accounts.get(watcher).devices.keys().copied().collect();
            for device in devices {
                let to = DeviceRef { account: watcher, device };
                self.notify_with(to, "devices", pn.clone(), Some(lid.clone()), change.clone());
            }
        }
    }
}

fn describe(account: &Account, jid: &Jid, protocols: &[&str], asked: &Node<'_>) -> Node<'static> {
    let lid = account.jid(true);
    let answers = protocols.iter().filter_map(|protocol| match *protocol {
        "devices" => Some(devices(account, jid.is_lid())),
        "lid" => Some(Node::new("lid").attr("val", lid.clone())),
        "contact" => Some(contact("in", asked)),
        "status" => Some(Node::new("status").attr("t", account.key_index_list.timestamp)),
        "disappearing_mode" => Some(Node::new("disappearing_mode").attr("duration", "0").attr("t", "0")),
        _ => None,
    });
    let user = Node::new("user").attr("jid", jid);
    let user = if jid.is_lid() { user.attr("pn_jid", account.jid(false)) } else { user };
    user.children(answers)
}

fn unknown(jid: &Jid, protocols: &[&str], asked: &Node<'_>) -> Node<'static> {
    let user = Node::new("user").attr("jid", jid);
    if protocols.contains(&"contact") { user.child(contact("out", asked)) } else { user }
}

fn contact(kind: &'static str, asked: &Node<'_>) -> Node<'static> {
    let node = Node::new("contact").attr("type", kind);
    match asked.find("contact").and_then(Node::content_str) {
        Some(number) => node.bytes(number.as_bytes().to_vec()),
        None => node,
    }
}

/// `<devices>` with the list and, where there are companions, what the phone signed about them.
fn devices(account: &Account, by_lid: bool) -> Node<'static> {
    let list = account.all_devices().map(|number| {
        Node::new("device")
            .attr("id", number)
            .attr_opt("key-index", account.devices.get(&number).map(|device| device.key_index))
    });
    let list = Node::new("device-list").attr("hash", device_hash(account, by_lid)).children(list);
    let signed = bytes("key-index-list", &account.key_index_list.bytes).attr("ts", account.key_index_list.timestamp);
    Node::new("devices").children([list, signed])
}

/// The hash of an account's own devices.
fn device_hash(account: &Account, by_lid: bool) -> String {
    let jid = account.jid(by_lid);
    participant_hash(account.all_devices().map(|device| jid.with_device(device)))
}

/// `2:` and the base64 of six bytes of SHA-256 over the sorted device JIDs (03-messages §3.4).
pub(crate) fn participant_hash(devices: impl Iterator<Item = Jid>) -> String {
    let mut rendered: Vec<String> =
        devices.map(|jid| format!("{}.0:{}@{}", jid.user, jid.device, jid.server.as_str())).collect();
    rendered.sort_unstable();
    let hash = Sha256::digest(rendered.concat().as_bytes());
    format!("2:{}", BASE64.encode(&hash[..6]))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_no_devices_is_the_documented_one() {
        assert_eq!(participant_hash(std::iter::empty()), "2:47DEQpj8");
    }

    #[test]
    fn the_hash_does_not_depend_on_the_order_of_devices() {
        let jid = Jid::pn("15550001111");
        let hash = |devices: &[u16]| participant_hash(devices.iter().map(|device| jid.with_device(*device)));
        assert_eq!(hash(&[0, 2, 10]), hash(&[10, 0, 2]));
        assert_ne!(hash(&[0, 2]), hash(&[0, 10]));
    }
}
