//! Whom the account has blocked: nothing is sent to them.
//!
//! The list is asked for after each login and stored; `account_sync` notifications change it. Until the first list has come
//! messages to people wait for it; when the server gives none, nobody counts as blocked.
//! Source: 07-requests-and-notifications §7.2 and §13.2.

use std::collections::BTreeSet;

use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node};

use crate::{
    actor::{Actor, Fault},
    iq::{self, Wait},
};

/// People on a list; the rest is not read.
const MAX_PEOPLE: usize = 10_000;

pub(crate) fn key() -> Key {
    Key::new(Namespace::Meta, b"blocklist")
}

/// `BLOCKED`
pub(crate) fn blocked(chat: &Jid) -> PublicError {
    PublicError::new(ErrorCode::Blocked, "The account has blocked this person.").with("jid", chat.to_string())
}

#[derive(Clone, PartialEq, prost::Message)]
struct Stored {
    #[prost(string, repeated, tag = "1")]
    people: Vec<String>,
    #[prost(string, tag = "2")]
    hash: String,
}

/// The query of the list.
pub(crate) fn request(id: &str) -> Node<'static> {
    iq::request(id, "get", "blocklist")
}

/// The list as far as it is known.
#[derive(Default)]
pub(crate) struct Blocklist {
    /// Bare JIDs, each person in every form that the server named; `None` before the first look.
    people: Option<BTreeSet<Jid>>,
    /// The server's hash of it.
    hash: String,
}

/// Every form in which an `<item>` names its person.
fn forms(item: &Node<'_>) -> impl Iterator<Item = Jid> {
    ["jid", "pn_jid"].into_iter().filter_map(|attr| item.get_jid(attr)).filter(Jid::is_user).map(|jid| jid.to_bare())
}

fn hash_of(node: &Node<'_>, attr: &str) -> String {
    node.get_str(attr).filter(|hash| hash.len() <= 64).map(String::from).unwrap_or_default()
}

impl Blocklist {
    fn parse(answer: &Node<'_>) -> Self {
        // Older servers list the people without a list around them.
        let list = answer.find("list").unwrap_or(answer);
        let people = list.all("item").take(MAX_PEOPLE).flat_map(forms).collect();
        Self { people: Some(people), hash: hash_of(list, "dhash") }
    }

    /// Applies a notification; `false` when the list has to be asked for.
    fn change(&mut self, change: &Node<'_>) -> bool {
        let Some(people) = &mut self.people else { return false };
        let mut items = change.all("item").take(MAX_PEOPLE).peekable();
        if items.peek().is_none() || change.is("action", "modify") {
            return false;
        }
        for item in items {
            for jid in forms(item) {
                if item.is("action", "unblock") {
                    people.remove(&jid);
                } else if people.len() < 2 * MAX_PEOPLE {
                    people.insert(jid);
                }
            }
        }
        let follows = hash_of(change, "prev_dhash") == self.hash;
        self.hash = hash_of(change, "dhash");
        follows
    }

    fn to_bytes(&self) -> Vec<u8> {
        let people = self.people.iter().flatten().map(Jid::to_string).collect();
        Stored { people, hash: self.hash.clone() }.encode_to_vec()
    }

    /// Nobody counts as blocked until there is a list.
    pub fn assume_empty(&mut self) {
        self.people.get_or_insert_default();
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let Stored { people, hash } = Stored::decode(bytes).ok()?;
        Some(Self { people: Some(people.iter().filter_map(|jid| jid.parse().ok()).collect()), hash })
    }
}

impl Actor {
    /// Asks for the list; what is known stays known until the answer.
    pub(crate) fn ask_blocklist(&mut self) {
        self.query(Wait::Blocklist);
    }

    /// The list, or `None` when there will be none.
    pub(crate) async fn on_blocklist(&mut self, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        match answer.filter(|answer| iq::error_code(answer).is_none()) {
            Some(answer) => {
                self.learn_members(answer).await?;
                self.keep_blocklist(Blocklist::parse(answer));
            }
            None => self.blocklist.assume_empty(),
        }
        self.advance_jobs().await
    }

    /// `<notification type=account_sync><blocklist>`: the account has blocked or unblocked somebody.
    pub(crate) async fn on_blocklist_change(&mut self, change: &Node<'_>) -> Result<(), Fault> {
        self.learn_members(change).await?;
        let mut list = std::mem::take(&mut self.blocklist);
        if !list.change(change) {
            self.ask_blocklist();
        }
        if list.people.is_some() {
            self.keep_blocklist(list);
        }
        Ok(())
    }

    /// Whether the account has blocked somebody; `None` while that is not known.
    pub(crate) async fn is_blocked(&mut self, person: &Jid) -> Result<Option<bool>, Fault> {
        let Some(people) = &self.blocklist.people else { return Ok(None) };
        if people.is_empty() || people.contains(&person.to_bare()) {
            return Ok(Some(!people.is_empty()));
        }
        let other = self.counterpart(&person.to_bare()).await?;
        Ok(Some(self.blocklist.people.iter().flatten().any(|blocked| other.as_ref() == Some(blocked))))
    }

    pub(crate) fn load_blocklist(&mut self, stored: Option<&[u8]>) {
        self.blocklist = stored.and_then(Blocklist::from_bytes).unwrap_or_default();
    }

    fn keep_blocklist(&mut self, list: Blocklist) {
        let unchanged = list.people == self.blocklist.people && list.hash == self.blocklist.hash;
        if !unchanged {
            self.turn.batch.put(Namespace::Meta, key().bytes, list.to_bytes());
        }
        self.blocklist = list;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(jid: &Jid, action: Option<&'static str>) -> Node<'static> {
        Node::new("item").attr("jid", jid).attr_opt("action", action)
    }

    #[test]
    fn a_list_is_read_with_and_without_its_frame_and_comes_out_of_the_store_as_it_went_in() {
        let (lid, pn) = (Jid::lid("100000000000001"), Jid::pn("15550001111"));
        let people = || [item(&lid, None).attr("pn_jid", &pn), item(&Jid::SERVER, None), Node::new("item")];
        let framed = Node::new("iq").child(Node::new("list").attr("dhash", "one").children(people()));
        for answer in [framed, Node::new("iq").children(people())] {
            let list = Blocklist::parse(&answer);
            assert_eq!(list.people, Some(BTreeSet::from([lid.clone(), pn.clone()])));
            let again = Blocklist::from_bytes(&list.to_bytes()).expect("what was written");
            assert_eq!((again.people, again.hash), (list.people, list.hash));
        }
    }

    #[test]
    fn a_change_that_does_not_follow_what_is_known_has_the_list_asked_for() {
        let (one, two) = (Jid::lid("100000000000001"), Jid::lid("100000000000002"));
        let mut list = Blocklist { people: Some(BTreeSet::from([one.clone()])), hash: "a".into() };
        let change = |previous: &'static str| Node::new("blocklist").attr("prev_dhash", previous).attr("dhash", "b");
        let swap = [item(&one, Some("unblock")), item(&two, Some("block"))];
        assert!(list.change(&change("a").children(swap)));
        assert_eq!(list.people, Some(BTreeSet::from([two.clone()])));
        assert!(!list.change(&change("x").child(item(&one, Some("block")))), "another list came before");
        assert_eq!(list.people, Some(BTreeSet::from([one.clone(), two])), "and what it says holds meanwhile");
        assert!(
            !list.change(&change("b")) && !list.change(&change("b").attr("action", "modify").child(item(&one, None)))
        );
        assert!(!Blocklist::default().change(&change("").child(item(&one, Some("block")))));
    }
}
