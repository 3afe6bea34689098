//! Which devices a user has: usync queries, their cache, and the notifications that keep it current.
//!
//! A list is kept under the user's canonical JID (LID where known), since it is the same for both forms.
//! Source: 03-messages §3.

use std::time::Duration;

use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Node};
use compact_str::CompactString;
use tokio::time::Instant;

use crate::{
    actor::{Actor, Fault},
    device_list::DeviceList,
    iq::{self, Wait},
};

/// What a usync asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Users by JID, bare.
    pub users: Vec<Jid>,
    /// Phone numbers, digits.
    pub numbers: Vec<CompactString>,
}

impl Query {
    /// Takes out what a `<user>` of the answer, with this JID, was asked for.
    fn take(&mut self, user: &Node<'_>, jid: &Jid) -> Self {
        let asked = user.find("contact").and_then(Node::content_str).map(|text| text.trim_start_matches('+'));
        // The answer to a number need not repeat how the number was written.
        let number = self.numbers.iter().position(|number| Some(number.as_str()) == asked || *number == jid.user);
        Self {
            users: self.users.extract_if(.., |user| user.same_user(jid)).collect(),
            numbers: number.map(|at| self.numbers.swap_remove(at)).into_iter().collect(),
        }
    }
}

/// A remembered answer.
#[derive(Debug, Clone)]
pub(crate) struct Known<T> {
    pub value: T,
    until: Instant,
}

/// A list is believed for a day; notifications and the server's phash keep it current meanwhile.
const LIST_LIFE: Duration = Duration::from_secs(24 * 3600);
/// That a user or number does not exist is believed for a minute.
const ABSENCE_LIFE: Duration = Duration::from_secs(60);
/// Users asked about in one request.
const USERS_AT_ONCE: usize = 256;

/// The user of a `<user>` in an answer, bare; `None` when there is no such account.
fn listed_user(user: &Node<'_>) -> Option<Jid> {
    let absent = user.find("contact").is_some_and(|contact| contact.is("type", "out"));
    user.get_jid("jid").map(|jid| jid.to_bare()).filter(|jid| jid.is_user() && !absent)
}

fn life(found: bool) -> Instant {
    Instant::now() + if found { LIST_LIFE } else { ABSENCE_LIFE }
}

/// The usync of a query.
pub(crate) fn request(id: &str, query: &Query) -> Node<'static> {
    let users = query.users.iter().map(|user| Node::new("user").attr("jid", user)).chain(
        query
            .numbers
            .iter()
            .map(|number| Node::new("user").child(Node::new("contact").bytes(format!("+{number}").into_bytes()))),
    );
    let mut asked = vec![Node::new("devices").attr("version", "2"), Node::new("lid")];
    if !query.numbers.is_empty() {
        asked.insert(0, Node::new("contact"));
    }
    let usync = Node::new("usync")
        .attr("sid", id.to_owned())
        .attr("mode", "query")
        .attr("last", "true")
        .attr("index", "0")
        .attr("context", "message")
        .children([Node::new("query").children(asked), Node::new("list").children(users)]);
    iq::request(id, "get", "usync").child(usync).into_owned()
}

impl Actor {
    /// The device numbers of a user; `Some(None)`: the user does not exist; `None`: not known, ask.
    pub(crate) async fn device_list(&mut self, user: &Jid) -> Result<Option<Option<Vec<u16>>>, Fault> {
        Ok(self.device_lists(std::slice::from_ref(user)).await?.pop().flatten())
    }

    /// The device numbers of many users, each as [`Self::device_list`] gives them.
    pub(crate) async fn device_lists(&mut self, users: &[Jid]) -> Result<Vec<Option<Option<Vec<u16>>>>, Fault> {
        let now = Instant::now();
        let mut lists = Vec::with_capacity(users.len());
        let mut unread = Vec::new();
        for user in users {
            let canonical = self.canonical(&user.to_bare()).await?;
            lists.push(match self.devices.get(&canonical) {
                Some(known) => (known.until > now).then(|| known.value.clone()),
                None => {
                    unread.push((lists.len(), canonical));
                    None
                }
            });
        }
        if unread.is_empty() {
            return Ok(lists);
        }
        let key = |(_, user): &(usize, Jid)| Key::new(Namespace::DeviceList, user.to_string());
        let stored = self.store()?.get_many(&unread.iter().map(key).collect::<Vec<_>>()).await?;
        for ((at, user), stored) in unread.into_iter().zip(stored) {
            let Some(stored) = stored.and_then(|row| DeviceList::decode(row.as_slice()).ok()) else { continue };
            let devices = stored.devices();
            if let Some(list) = lists.get_mut(at) {
                *list = Some(Some(devices.clone()));
            }
            self.devices.put(user, Known { value: Some(devices), until: life(true) });
        }
        Ok(lists)
    }

    /// The JID of a phone number; `Some(None)`: it has no account; `None`: not known, ask.
    pub(crate) fn number(&mut self, digits: &str) -> Option<Option<Jid>> {
        let known = self.numbers.get(digits)?;
        (known.until > Instant::now()).then(|| known.value.clone())
    }

    /// Forgets a user's list, so that the next message asks for it.
    pub(crate) async fn forget_devices(&mut self, user: &Jid) -> Result<(), Fault> {
        let canonical = self.canonical(&user.to_bare()).await?;
        self.turn.batch.delete(Namespace::DeviceList, canonical.to_string());
        self.devices.remove(&canonical);
        Ok(())
    }

    /// Asks for what no request under way asks already.
    pub(crate) fn ask_devices(&mut self, mut query: Query) {
        query.users.retain(|user| self.asking_users.insert(user.clone()));
        query.numbers.retain(|number| self.asking_numbers.insert(number.clone()));
        while query.users.len() > USERS_AT_ONCE {
            let users = query.users.split_off(query.users.len() - USERS_AT_ONCE);
            self.query(Wait::Devices(Query { users, numbers: Vec::new() }));
        }
        if !query.users.is_empty() || !query.numbers.is_empty() {
            self.query(Wait::Devices(query));
        }
    }

    /// The answer, or `None` when there will be none.
    pub(crate) async fn on_devices(&mut self, query: Query, answer: Option<&Node<'_>>) -> Result<(), Fault> {
        for user in &query.users {
            self.asking_users.remove(user);
        }
        for number in &query.numbers {
            self.asking_numbers.remove(number);
        }
        let list = answer
            .filter(|answer| iq::error_code(answer).is_none())
            .and_then(|answer| answer.find("usync"))
            .and_then(|usync| usync.find("list"));
        let Some(list) = list else {
            let code = answer.and_then(iq::error_code);
            return self.fail_blocked(&query, code).await;
        };
        // Each that was asked for has one answer.
        let asked = query.users.len() + query.numbers.len();
        let listed = || list.all("user").take(asked);
        let pairs = listed().filter_map(|user| {
            let jid = listed_user(user)?;
            let others = [user.get_jid("pn_jid"), user.find("lid").and_then(|lid| lid.get_jid("val"))];
            Some(others.into_iter().flatten().map(move |other| (jid.clone(), other)))
        });
        let pairs: Vec<_> = pairs.flatten().collect();
        self.learn_many(pairs).await?;
        let mut missing = query;
        let (mut refused, mut code) = (Query::default(), None);
        for user in listed() {
            match user.find("devices").and_then(|devices| devices.find("error")) {
                // What is not told of somebody does not mean that there is no such account.
                Some(error) => {
                    code.get_or_insert(iq::code_of(error));
                    let jid = user.get_jid("jid").unwrap_or(Jid::SERVER);
                    let Query { users, numbers } = missing.take(user, &jid);
                    refused.users.extend(users);
                    refused.numbers.extend(numbers);
                }
                None => self.on_listed_user(user, &mut missing).await?,
            }
        }
        for user in missing.users {
            let canonical = self.canonical(&user).await?;
            self.devices.put(canonical, Known { value: None, until: life(false) });
        }
        for number in missing.numbers {
            self.numbers.put(number, Known { value: None, until: life(false) });
        }
        if code.is_some() {
            return self.fail_blocked(&refused, code).await;
        }
        self.advance_jobs().await
    }

    async fn on_listed_user(&mut self, user: &Node<'_>, missing: &mut Query) -> Result<(), Fault> {
        let Some(jid) = listed_user(user) else { return Ok(()) };
        let canonical = self.canonical(&jid).await?;
        let Some(devices) = self.verified_list(&canonical, user).await? else { return Ok(()) };
        let Query { numbers, .. } = missing.take(user, &jid);
        for number in numbers {
            self.numbers.put(number, Known { value: Some(jid.clone()), until: life(true) });
        }
        self.keep_list(canonical, devices);
        Ok(())
    }

    /// Remembers a user's list.
    pub(crate) fn keep_list(&mut self, canonical: Jid, list: DeviceList) {
        self.turn.batch.put(Namespace::DeviceList, canonical.to_string(), list.encode_to_vec());
        self.devices.put(canonical, Known { value: Some(list.devices()), until: life(true) });
    }

    /// Remembers whose a number is, or that it is nobody's.
    pub(crate) fn keep_number(&mut self, number: CompactString, jid: Option<Jid>) {
        let until = life(jid.is_some());
        self.numbers.put(number, Known { value: jid, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn somebody_of_whom_nothing_is_told_is_not_taken_for_nobody() {
        let mut actor = Actor::for_tests().await;
        let [refused, missing] = ["100000000000002", "100000000000003"].map(Jid::lid);
        let error = || Node::new("devices").child(Node::new("error").attr("code", "503"));
        let by_number = Node::new("user").child(Node::new("contact").bytes(b"+15550002222".to_vec())).child(error());
        let users = [Node::new("user").attr("jid", &refused).child(error()), by_number];
        let usync = Node::new("usync").child(Node::new("list").children(users));
        let answer = Node::new("iq").attr("type", "result").child(usync);
        let numbers = ["15550002222", "15550003333"].map(CompactString::from).to_vec();
        let query = Query { users: vec![refused.clone(), missing.clone()], numbers };
        actor.on_devices(query, Some(&answer)).await.expect("taken");
        assert!(matches!(actor.device_list(&refused).await, Ok(None)));
        assert!(matches!(actor.device_list(&missing).await, Ok(Some(None))));
        assert_eq!((actor.number("15550002222"), actor.number("15550003333")), (None, Some(None)));
    }

    #[tokio::test]
    async fn of_an_answer_no_more_is_taken_than_was_asked_for() {
        let mut actor = Actor::for_tests().await;
        let person = |n: usize| Jid::lid((100_000_000_000_000 + n).to_string());
        let user = |n: usize| {
            let list = Node::new("device-list").child(Node::new("device").attr("id", "0"));
            Node::new("user").attr("jid", person(n)).child(Node::new("devices").child(list))
        };
        let usync = Node::new("usync").child(Node::new("list").children((0..5000).map(user)));
        let answer = Node::new("iq").attr("type", "result").child(usync);
        let query = Query { users: vec![person(0), person(1)], numbers: Vec::new() };
        actor.on_devices(query, Some(&answer)).await.expect("taken");
        assert_eq!(actor.devices.len(), 2);
        assert!(matches!(actor.device_list(&person(1)).await, Ok(Some(Some(devices))) if devices == [0]));
    }
}
