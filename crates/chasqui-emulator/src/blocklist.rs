//! Whom an account has blocked: asked for and changed by its devices, which are told of each other's changes.
//!
//! What a blocked person writes to the account alone, or to a list or a status audience that it is in, is acknowledged and
//! goes no further; in groups both go on reading each other. Source: 07-requests-and-notifications §7.2, §13.2 and §16.3.

use chasqui_wire::node::Node;

use crate::{
    account::{AccountId, DeviceRef},
    requests::Answer,
    world::World,
};

impl World {
    /// `<iq xmlns=blocklist>`
    pub fn answer_blocklist(&mut self, at: DeviceRef, iq: &Node<'static>, set: bool) -> Answer {
        let before = self.blocklist_hash(at.account);
        if !set {
            return Answer::one(self.blocklist(at.account, before));
        }
        let mut changed = Vec::new();
        for item in iq.all("item") {
            let Some(who) = item.get_jid("jid").and_then(|jid| self.accounts.device_ref(&jid)) else {
                return Answer::BAD_REQUEST;
            };
            let block = item.is("action", "block");
            let blocked = &mut self.accounts.get_mut(at.account).blocked;
            if block {
                blocked.insert(who.account)
            } else {
                blocked.remove(&who.account)
            };
            let action = if block { "block" } else { "unblock" };
            changed.push(self.blocked_person(who.account).attr("action", action));
        }
        let after = self.blocklist_hash(at.account);
        let account = self.accounts.get(at.account);
        let from = account.jid(false);
        let siblings: Vec<u16> = account.devices.keys().copied().filter(|device| *device != at.device).collect();
        for device in siblings {
            let change = Node::new("blocklist")
                .attr("prev_dhash", before.clone())
                .attr("dhash", after.clone())
                .children(changed.clone());
            self.notify(DeviceRef { device, ..at }, "account_sync", from.clone(), change);
        }
        Answer::one(self.blocklist(at.account, after))
    }

    /// Whether what an author writes does not get to an account, outside groups.
    pub fn has_blocked(&self, account: AccountId, author: AccountId) -> bool {
        account != author && self.accounts.get(account).blocked.contains(&author)
    }

    fn blocklist(&self, account: AccountId, hash: String) -> Node<'static> {
        let blocked = self.accounts.get(account).blocked.iter();
        let people: Vec<_> = blocked.map(|person| self.blocked_person(*person)).collect();
        Node::new("list").attr("dhash", hash).attr("addressing_mode", "lid").children(people)
    }

    fn blocked_person(&self, person: AccountId) -> Node<'static> {
        let account = self.accounts.get(person);
        Node::new("item").attr("jid", account.jid(true)).attr("pn_jid", account.jid(false))
    }

    /// Another one for another list.
    fn blocklist_hash(&self, account: AccountId) -> String {
        let blocked = self.accounts.get(account).blocked.iter();
        let lids: Vec<_> = blocked.map(|person| self.accounts.get(*person).lid.as_str()).collect();
        format!("2:{}", lids.join("+"))
    }
}
