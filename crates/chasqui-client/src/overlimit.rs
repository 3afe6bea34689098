//! `rate-overlimit` (429): the service is asked too often, and a query is made again after a pause.
//!
//! What waits for the answer goes on waiting, and nobody asks for the same meanwhile; everything else goes on. Only
//! queries are repeated: requests that change something are their caller's to repeat.
//! Source: 07-requests-and-notifications §0.2, §0.3 and §6.

use std::time::Duration;

use chasqui_wire::{Node, curve};
use tokio::time::Instant;

use crate::{
    actor::Actor,
    blocklist, bundles, devices, groups,
    iq::{self, Request, Wait},
    media, privacy, reason, resolve,
};

const RATE_OVERLIMIT: u64 = 429;
/// How often the same is asked for; the pauses between are about 1, 2, 4 and 8 seconds, and what the service names on top.
const MAX_ATTEMPTS: u32 = 5;
/// The longest pause that is waited for, where messages wait, each as long as its call says, and where a call waits that
/// has no time of its own.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
const LONGEST_PAUSE_OF_CALL: Duration = Duration::from_secs(60);

/// The stanza of a query; `None` for requests that are none.
fn query_node(wait: &Wait, id: &str) -> Option<Node<'static>> {
    Some(match wait {
        Wait::Devices(query) => devices::request(id, query),
        Wait::Bundles(devices) => bundles::request(id, devices),
        Wait::Group(group) => groups::request(id, group),
        Wait::Groups => groups::list_request(id),
        Wait::Blocklist => blocklist::request(id),
        Wait::Privacy => privacy::request(id),
        Wait::MediaHosts => media::hosts_request(id),
        Wait::Resolve(_, jid) => resolve::request(id, jid),
        Wait::Method(asking) => asking.request(id)?,
        _ => return None,
    })
}

/// The pause that an answer asks for; `None` when it is to be taken as it is.
fn pause(request: &Request, answer: &Node<'_>, random: u16) -> Option<Duration> {
    let error = iq::error(answer).filter(|error| iq::code_of(error) == RATE_OVERLIMIT)?;
    let longest = match request.wait {
        Wait::Devices(_) | Wait::Bundles(_) | Wait::Group(_) | Wait::Blocklist => LONGEST_PAUSE,
        Wait::Resolve(..) | Wait::MediaHosts | Wait::Privacy | Wait::Groups => LONGEST_PAUSE_OF_CALL,
        Wait::Method(ref asking) if asking.is_query() => LONGEST_PAUSE_OF_CALL,
        _ => return None,
    };
    let named = Duration::from_secs(error.get_u64("backoff").unwrap_or(0));
    let again = request.refusals + 1 < MAX_ATTEMPTS && named <= longest;
    again.then(|| named + reason::backoff(request.refusals, random))
}

impl Actor {
    /// Asks for something; the stanza follows from what its answer is for.
    pub(crate) fn query(&mut self, wait: Wait) {
        self.make_query(Request { wait, refusals: 0 });
    }

    pub(crate) fn make_query(&mut self, request: Request) {
        let id = self.requests.id();
        let Some(node) = query_node(&request.wait, &id) else { return };
        self.requests.expect_again(id, request, Instant::now() + self.options.connect_timeout);
        self.send(node);
    }

    /// What an answer is for, unless it only says that the same is to be asked for later.
    pub(crate) fn unless_too_often(&mut self, request: Request, answer: &Node<'_>) -> Option<Wait> {
        let Some(pause) = pause(&request, answer, u16::from_be_bytes(curve::random_bytes())) else {
            return Some(request.wait);
        };
        tracing::info!(session = %self.name, "asked too often: a query is made again in {} ms", pause.as_millis());
        self.requests.put_off(Request { refusals: request.refusals + 1, ..request }, Instant::now() + pause);
        None
    }

    /// Makes the queries whose pause is over.
    pub(crate) fn query_again(&mut self, now: Instant) {
        for request in self.requests.due(now) {
            self.make_query(request);
        }
    }
}

#[cfg(test)]
mod tests {
    use chasqui_wire::Jid;

    use super::*;
    use crate::{
        actor::Effect,
        devices::Query,
        event::{self, Event, EventReceiver},
    };

    fn group() -> Jid {
        "120363000000000001@g.us".parse().expect("a JID")
    }

    async fn actor() -> (Actor, EventReceiver) {
        let mut actor = Actor::for_tests().await;
        let (events, receiver) = event::channel();
        actor.events = events;
        (actor, receiver)
    }

    /// The ids of the requests that leave.
    fn leaving(actor: &mut Actor) -> Vec<String> {
        let effects = std::mem::take(&mut actor.turn.effects).into_iter();
        let requests = effects.filter_map(|effect| match effect {
            Effect::Send(node) if node.tag == "iq" => node.get_str("id").map(String::from),
            _ => None,
        });
        requests.collect()
    }

    fn too_often(id: &str, backoff: Option<u64>) -> Node<'static> {
        let error = Node::new("error").attr("code", "429").attr("text", "rate-overlimit").attr_opt("backoff", backoff);
        Node::new("iq").attr("id", id.to_owned()).attr("type", "error").child(error)
    }

    /// Waits for the next query as the loop does; gives its id and how many milliseconds that took.
    async fn next_query(actor: &mut Actor) -> (String, u128) {
        let before = Instant::now();
        let due = actor.requests.next_deadline().expect("something is put off");
        tokio::time::sleep_until(due).await;
        actor.on_tick().await.expect("a tick");
        let [id] = leaving(actor).try_into().expect("one query");
        (id, before.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_query_is_made_again_after_growing_pauses_and_nobody_else_asks_meanwhile() {
        let (mut actor, _events) = actor().await;
        assert!(matches!(actor.group_to_send(&group()).await, Ok(groups::Lookup::Asked)));
        let mut ids = leaving(&mut actor);
        for pause in [1000, 2000, 4000, 8000] {
            let id = ids.pop().expect("a query");
            actor.dispatch(&too_often(&id, None)).await.expect("put off");
            assert!(matches!(actor.group_to_send(&group()).await, Ok(groups::Lookup::Asked)));
            assert!(leaving(&mut actor).is_empty(), "the same is not asked for twice");
            let (next, waited) = next_query(&mut actor).await;
            assert!((pause * 4 / 5..=pause * 6 / 5 + 10).contains(&waited), "{waited} and not about {pause}");
            assert_ne!(next, id);
            ids.push(next);
        }
        // The fifth word is the last one.
        actor.dispatch(&too_often(&ids[0], None)).await.expect("refused");
        assert_eq!(actor.requests.next_deadline(), None);
        let Ok(groups::Lookup::Refused(error)) = actor.group_to_send(&group()).await else { panic!("not refused") };
        assert_eq!((error.code.as_str(), &error.data["error"]), ("REQUEST_FAILED", &429.into()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_that_the_service_names_is_kept_and_one_beyond_measure_is_a_refusal() {
        let (mut actor, _events) = actor().await;
        for (backoff, is_kept) in [(30, true), (3600, true), (3601, false), (u64::MAX, false)] {
            actor.query(Wait::Group(group()));
            let [id] = leaving(&mut actor).try_into().expect("one query");
            actor.dispatch(&too_often(&id, Some(backoff))).await.expect("put off or refused");
            assert_eq!(actor.requests.next_deadline().is_some(), is_kept, "{backoff}");
            if is_kept {
                let (_, waited) = next_query(&mut actor).await;
                let own = waited - u128::from(backoff) * 1000;
                assert!((800..=1210).contains(&own), "{waited}");
                actor.requests.drain();
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn every_kind_of_query_is_put_off_and_made_again_as_it_was() {
        let (mut actor, _events) = actor().await;
        let person = Jid::lid("100000000000002");
        let in_usync = |id: &str| {
            let error = Node::new("devices").child(Node::new("error").attr("code", "429"));
            let usync = Node::new("usync").children([Node::new("result").child(error), Node::new("list")]);
            Node::new("iq").attr("id", id.to_owned()).attr("type", "result").child(usync)
        };
        let query = || Query { users: vec![person.clone()], numbers: vec!["15550002222".into()] };
        for (wait, answer) in [
            (Wait::Devices(query()), &too_often as &dyn Fn(&str, Option<u64>) -> Node<'static>),
            (Wait::Devices(query()), &|id, _| in_usync(id)),
            (Wait::Bundles(vec![person.with_device(7)]), &too_often),
            (Wait::Blocklist, &too_often),
            (Wait::Resolve(1, person.clone()), &too_often),
        ] {
            let shown = format!("{wait:?}");
            actor.query(wait);
            let Some(Effect::Send(first)) = actor.turn.effects.pop() else { panic!("no query of {shown}") };
            let id = first.get_str("id").expect("an id").into_owned();
            actor.dispatch(&answer(&id, None)).await.expect("put off");
            tokio::time::sleep_until(actor.requests.next_deadline().expect("put off")).await;
            actor.query_again(Instant::now());
            let Some(Effect::Send(second)) = actor.turn.effects.pop() else { panic!("{shown} is not made again") };
            let second_id = second.get_str("id").expect("an id").into_owned();
            assert_eq!(format!("{first:?}").replace(&id, ""), format!("{second:?}").replace(&second_id, ""));
            actor.requests.drain();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_put_off_when_the_client_is_disconnected_can_be_asked_for_again() {
        let (mut actor, _events) = actor().await;
        let query = || Query { users: vec![Jid::lid("100000000000002")], numbers: vec!["15550002222".into()] };
        actor.ask_devices(query());
        let [id] = leaving(&mut actor).try_into().expect("one query");
        actor.dispatch(&too_often(&id, None)).await.expect("put off");
        actor.ask_devices(query());
        assert!(leaving(&mut actor).is_empty());
        actor.disconnect().await.expect("disconnected");
        assert_eq!(actor.requests.next_deadline(), None);
        actor.ask_devices(query());
        assert_eq!(leaving(&mut actor).len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_does_not_wait_for_a_long_pause_and_hears_of_the_refusal() {
        let (mut actor, mut events) = actor().await;
        crate::lock(&actor.shared.waiting).insert(1);
        actor.query(Wait::Resolve(1, Jid::lid("100000000000002")));
        let [id] = leaving(&mut actor).try_into().expect("one query");
        actor.dispatch(&too_often(&id, Some(61))).await.expect("refused");
        let batch = events.next_batch(8).await.expect("an answer");
        let [Event::Failed { ticket: 1, error }] = batch.as_slice() else { panic!("{batch:?}") };
        assert_eq!((error.code.as_str(), &error.data["error"]), ("REQUEST_FAILED", &429.into()));
    }
}
