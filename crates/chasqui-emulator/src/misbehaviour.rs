//! Misbehaviour on request: rules that bend what crosses connections, until they are cleared or used up.
//!
//! A rule sees the stanzas that fit it one after the other, passes over the first few if it is told to, and strikes each
//! of the others, or a part of them that its seed decides. The first rule that strikes decides about a stanza.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use chasqui_wire::{
    Jid,
    node::{Content, Node},
};
use serde::{Deserialize, Serialize};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use crate::{
    account::{Accounts, DeviceRef},
    app_state::AppStateFault,
    capture::Direction,
    connection::{ConnectionId, Outbound},
    error::EmulatorError,
    requests::Refused,
    world::World,
};

/// Most rules at a time.
const MAX_RULES: usize = 1000;
/// How long a stanza waits at most for the next one, to come after it.
const REORDER_WAIT: Duration = Duration::from_millis(100);

/// What happens to a stanza that a rule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// It never arrives. What has to be acknowledged comes again at the next login.
    Drop,
    /// It arrives later, after others.
    Delay,
    /// It arrives twice.
    Duplicate,
    /// It arrives after the next one, or alone when none comes within 100 ms.
    Reorder,
    /// A bit of its frame is wrong.
    Corrupt,
    /// The socket ends instead.
    Close,
    /// It is answered with an error number instead of being handled: requests and messages.
    Refuse,
    /// The acknowledgement of a message tells a hash of devices that is none.
    Phash,
    /// The service takes stanzas slowly, one after the other, and reads no further.
    SlowReader,
    /// A message of a person names its author by the other address alone: the phone number for the LID, or the LID.
    OtherAddress,
    /// The keys that others fetch are not what they should be.
    Prekeys,
    /// A device is served an app-state collection that is not what it should be.
    AppState,
    /// New connections are taken, and then nothing is said or heard.
    HalfOpen,
}

/// What is wrong with keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PrekeyFault {
    /// There is no one-time key.
    Missing,
    /// The one-time key was handed out, and used, before.
    Stale,
    /// The signature of the signed prekey does not verify.
    Forged,
    /// The device is said not to exist (406).
    Refused,
}

/// A rule. What is left out fits everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultRule {
    /// What it does.
    pub what: What,
    /// Name, number or JID of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// One of its devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<u16>,
    /// `in`: to the client, the default for most; `out`: from the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Way>,
    /// The stanza's tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Its attribute `type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Its attribute `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its attribute `xmlns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xmlns: Option<String>,
    /// How many fitting stanzas are left alone first; 0.
    #[serde(default)]
    pub skip: u64,
    /// How often it strikes at most; without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The part of the fitting stanzas that it strikes, from 0 to 1; 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Decides which; the same seed strikes the same ones. 0.
    #[serde(default)]
    pub seed: u64,
    /// For `delay`, and for `slowReader` per stanza.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// For `refuse`; 503.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// For `refuse`: the pause that it asks for, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backoff: Option<u64>,
    /// For `prekeys`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<PrekeyFault>,
    /// For `appState`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong: Option<AppStateFault>,
    /// For `appState`: the name of one collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
}

/// Which way stanzas go, seen from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    /// To the client.
    In,
    /// From the client.
    Out,
}

/// A rule as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultInfo {
    /// Names it.
    pub id: u64,
    /// What it says.
    pub rule: FaultRule,
    /// How many stanzas fitted it.
    pub seen: u64,
    /// How many it struck.
    pub hits: u64,
}

struct Rule {
    info: FaultInfo,
    random: fastrand::Rng,
}

impl Rule {
    /// Counts a stanza, or another occasion, that fits; tells whether it is struck.
    fn strikes(&mut self) -> bool {
        let FaultInfo { rule, seen, hits, .. } = &mut self.info;
        *seen += 1;
        if *seen <= rule.skip || rule.times.is_some_and(|times| *hits >= times) {
            return false;
        }
        let struck = rule.rate.is_none_or(|rate| self.random.f64() < rate);
        *hits += u64::from(struck);
        struck
    }

    fn fits_device(&self, accounts: &Accounts, at: Option<DeviceRef>) -> bool {
        let rule = &self.info.rule;
        let account = rule
            .account
            .as_ref()
            .is_none_or(|account| at.is_some_and(|at| accounts.resolve(account) == Some(at.account)));
        account && rule.device.is_none_or(|device| at.is_some_and(|at| at.device == device))
    }

    fn fits(&self, way: Way, node: &Node<'_>) -> bool {
        let rule = &self.info.rule;
        let usual = match rule.what {
            What::Refuse | What::SlowReader => Way::Out,
            What::Prekeys | What::AppState | What::HalfOpen => return false,
            _ => Way::In,
        };
        let possible = match rule.what {
            What::Refuse => matches!(node.tag.as_str(), "iq" | "message"),
            What::Phash => node.tag == "ack" && node.is("class", "message"),
            What::OtherAddress => node.tag == "message" && other_sender(node).is_some(),
            _ => true,
        };
        let is = |key: &str, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| node.is(key, wanted));
        possible
            && rule.direction.unwrap_or(usual) == way
            && rule.tag.as_ref().is_none_or(|tag| node.tag == tag.as_str())
            && is("type", &rule.r#type)
            && is("class", &rule.class)
            && is("xmlns", &rule.xmlns)
    }
}

/// Something that is still to come.
enum Later {
    Send(ConnectionId, Arc<Node<'static>>),
    Take(ConnectionId, Arc<Node<'static>>, OwnedSemaphorePermit),
    /// Nothing came after it.
    Release(ConnectionId),
    /// A client that does not ask for the rest of its queue gets it all the same.
    Batch(ConnectionId),
}

/// The rules, and what they hold back.
#[derive(Default)]
pub(crate) struct Misbehaviour {
    rules: Vec<Rule>,
    next_rule: u64,
    later: BTreeMap<(Instant, u64), Later>,
    next_later: u64,
    /// Stanzas to clients that wait for the next one.
    held_in: HashMap<ConnectionId, Arc<Node<'static>>>,
    /// The same from clients.
    held_out: HashMap<ConnectionId, (Arc<Node<'static>>, OwnedSemaphorePermit)>,
    /// When the last stanza of a connection that is read slowly will be taken.
    slow: HashMap<ConnectionId, Instant>,
}

impl Misbehaviour {
    /// When something is due next.
    pub fn due(&self) -> Option<Instant> {
        self.later.first_key_value().map(|((due, _), _)| *due)
    }

    /// Forgets what concerns a connection.
    pub fn forget(&mut self, id: ConnectionId) {
        self.held_in.remove(&id);
        self.held_out.remove(&id);
        self.slow.remove(&id);
    }

    fn wait(&mut self, due: Instant, later: Later) {
        self.next_later += 1;
        self.later.insert((due, self.next_later), later);
    }

    fn strike(&mut self, accounts: &Accounts, at: Option<DeviceRef>, way: Way, node: &Node<'_>) -> Option<FaultRule> {
        let mut fitting = self.rules.iter_mut().filter(|rule| rule.fits(way, node) && rule.fits_device(accounts, at));
        fitting.find_map(|rule| rule.strikes().then(|| rule.info.rule.clone()))
    }

    /// What is wrong with the keys of a device, this time.
    pub fn strike_prekeys(&mut self, accounts: &Accounts, at: DeviceRef) -> Option<PrekeyFault> {
        let mut fitting = self
            .rules
            .iter_mut()
            .filter(|rule| rule.info.rule.what == What::Prekeys && rule.fits_device(accounts, Some(at)));
        fitting.find_map(|rule| if rule.strikes() { rule.info.rule.how } else { None })
    }

    /// What is wrong with an app-state collection, this time.
    pub fn strike_app_state(&mut self, accounts: &Accounts, at: DeviceRef, collection: &str) -> Option<AppStateFault> {
        let mut fitting = self.rules.iter_mut().filter(|rule| {
            let wanted = &rule.info.rule;
            wanted.what == What::AppState
                && wanted.collection.as_ref().is_none_or(|wanted| wanted == collection)
                && rule.fits_device(accounts, Some(at))
        });
        fitting.find_map(|rule| if rule.strikes() { rule.info.rule.wrong } else { None })
    }

    /// Whether a new connection is taken and then forgotten.
    pub fn strike_connection(&mut self) -> bool {
        self.rules.iter_mut().any(|rule| rule.info.rule.what == What::HalfOpen && rule.strikes())
    }

    /// Adds a rule.
    fn add(&mut self, rule: FaultRule) -> Result<u64, EmulatorError> {
        let needs_time = matches!(rule.what, What::Delay | What::SlowReader);
        if needs_time != rule.milliseconds.is_some() {
            return Err(EmulatorError::option("milliseconds", "goes with delay and slowReader, and only with them"));
        }
        if (rule.what == What::Prekeys) != rule.how.is_some() {
            return Err(EmulatorError::option("how", "goes with prekeys, and only with it"));
        }
        if (rule.what == What::AppState) != rule.wrong.is_some() {
            return Err(EmulatorError::option("wrong", "goes with appState, and only with it"));
        }
        if rule.collection.is_some() && rule.what != What::AppState {
            return Err(EmulatorError::option("collection", "goes with appState"));
        }
        if rule.backoff.is_some() && rule.what != What::Refuse {
            return Err(EmulatorError::option("backoff", "goes with refuse"));
        }
        if rule.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err(EmulatorError::option("rate", "must be from 0 to 1"));
        }
        if self.rules.len() >= MAX_RULES {
            return Err(EmulatorError::Failed("there are too many faults".to_owned()));
        }
        self.next_rule += 1;
        let random = fastrand::Rng::with_seed(rule.seed);
        let info = FaultInfo { id: self.next_rule, rule, seen: 0, hits: 0 };
        self.rules.push(Rule { info, random });
        Ok(self.next_rule)
    }
}

impl World {
    /// Adds a rule; gives the number that names it.
    pub fn add_fault(&mut self, rule: FaultRule) -> Result<u64, EmulatorError> {
        self.faults.add(rule)
    }

    /// Takes a rule away, or all of them; what they hold back still comes.
    pub fn clear_faults(&mut self, id: Option<u64>) {
        self.faults.rules.retain(|rule| id.is_some_and(|id| rule.info.id != id));
    }

    /// The rules as they stand.
    pub fn list_faults(&self) -> Vec<FaultInfo> {
        self.faults.rules.iter().map(|rule| rule.info.clone()).collect()
    }

    /// Writes a stanza to a connection, as far as the rules let it.
    pub fn transmit(&mut self, id: ConnectionId, node: Arc<Node<'static>>) {
        if self.faults.rules.is_empty() && self.faults.held_in.is_empty() {
            return self.write(id, node);
        }
        let at = self.device_of(id);
        let Some(rule) = self.faults.strike(&self.accounts, at, Way::In, &node) else {
            self.write(id, node);
            return self.release_in(id);
        };
        match rule.what {
            What::Drop => {}
            What::Delay => {
                let due = Instant::now() + Duration::from_millis(rule.milliseconds.unwrap_or(0));
                self.faults.wait(due, Later::Send(id, node));
            }
            What::Duplicate => {
                self.write(id, node.clone());
                self.write(id, node);
            }
            What::Reorder if !self.faults.held_in.contains_key(&id) => {
                self.faults.held_in.insert(id, node);
                self.faults.wait(Instant::now() + REORDER_WAIT, Later::Release(id));
                return;
            }
            What::Corrupt => drop(self.transmit_raw(id, Outbound::Corrupt(node))),
            What::Close => self.abort(id),
            What::Phash => self.write(id, Arc::new(with_wrong_hash(&node))),
            What::OtherAddress => self.write(id, Arc::new(by_other_address(&node))),
            _ => self.write(id, node),
        }
        self.release_in(id);
    }

    fn release_in(&mut self, id: ConnectionId) {
        if let Some(node) = self.faults.held_in.remove(&id) {
            self.write(id, node);
        }
    }

    /// A stanza from a client, as far as the rules let it come.
    pub fn take(&mut self, id: ConnectionId, node: Node<'static>, permit: OwnedSemaphorePermit) {
        if !self.hears(id) {
            return;
        }
        let at = self.device_of(id);
        let node = Arc::new(node);
        self.capture.push(self.clock.now(), Direction::Out, id, at, &node);
        if self.faults.rules.is_empty() && self.faults.held_out.is_empty() && self.faults.slow.is_empty() {
            return self.on_stanza(id, &node);
        }
        let now = Instant::now();
        let rule = self.faults.strike(&self.accounts, at, Way::Out, &node);
        let what = rule.as_ref().map(|rule| rule.what);
        let millis = Duration::from_millis(rule.as_ref().and_then(|rule| rule.milliseconds).unwrap_or(0));
        let behind = self.faults.slow.get(&id).copied().filter(|last| *last > now);
        if what == Some(What::SlowReader) || (what.is_none() && behind.is_some()) {
            let due = behind.unwrap_or(now) + millis;
            self.faults.slow.insert(id, due);
            return self.faults.wait(due, Later::Take(id, node, permit));
        }
        match what {
            Some(What::Drop) => {}
            Some(What::Delay) => self.faults.wait(now + millis, Later::Take(id, node, permit)),
            Some(What::Duplicate) => {
                self.on_stanza(id, &node);
                self.on_stanza(id, &node);
            }
            Some(What::Reorder) if !self.faults.held_out.contains_key(&id) => {
                self.faults.held_out.insert(id, (node, permit));
                self.faults.wait(now + REORDER_WAIT, Later::Release(id));
                return;
            }
            Some(What::Corrupt) => self.on_malformed(id),
            Some(What::Close) => self.abort(id),
            Some(What::Refuse) => {
                let (code, backoff) = rule.map_or((None, None), |rule| (rule.code, rule.backoff));
                self.refuse_stanza(id, &node, code.unwrap_or(503), backoff);
            }
            _ => self.on_stanza(id, &node),
        }
        self.release_out(id);
    }

    fn release_out(&mut self, id: ConnectionId) {
        if let Some((node, _permit)) = self.faults.held_out.remove(&id) {
            self.on_stanza(id, &node);
        }
    }

    fn refuse_stanza(&mut self, id: ConnectionId, node: &Node<'static>, code: u16, backoff: Option<u64>) {
        let reply = match node.tag.as_str() {
            "iq" => {
                let mut reply = self.reply_to(node, Refused(code).into());
                if let (Some(seconds), Content::Nodes(children)) = (backoff, &mut reply.content) {
                    children.iter_mut().for_each(|error| error.attrs.push(("backoff".into(), seconds.into())));
                }
                reply
            }
            _ => Node::new("ack")
                .attr("class", "message")
                .attr_opt("id", node.get_str("id").map(String::from))
                .attr_opt("from", node.get_jid("to"))
                .attr("t", self.clock.now().seconds())
                .attr("error", code),
        };
        self.send(id, reply);
    }

    /// Does what is due.
    pub fn catch_up(&mut self) {
        let now = Instant::now();
        while let Some(entry) = self.faults.later.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Later::Send(id, node) => self.write(id, node),
                Later::Take(id, node, _permit) if self.hears(id) => self.on_stanza(id, &node),
                Later::Take(..) => {}
                Later::Release(id) => {
                    self.release_in(id);
                    self.release_out(id);
                }
                Later::Batch(id) => self.grant_batch(id, usize::MAX),
            }
        }
    }

    /// Lets a queue that is handed out in batches go on by itself after a while.
    pub fn batch_later(&mut self, id: ConnectionId, wait: Duration) {
        self.faults.wait(Instant::now() + wait, Later::Batch(id));
    }
}

/// The acknowledgement with a hash that no list of devices has.
fn with_wrong_hash(ack: &Node<'static>) -> Node<'static> {
    let mut ack = ack.clone();
    ack.attrs.retain(|(key, _)| *key != "phash");
    ack.attr("phash", "2:AAAAAAAA")
}

/// The other address of the device that wrote a message to a person.
fn other_sender(message: &Node<'_>) -> Option<Jid> {
    let from = message.get_jid("from").filter(Jid::is_user)?;
    let other = ["sender_pn", "sender_lid"].into_iter().find_map(|key| message.get_jid(key))?;
    Some(other.with_device(from.device))
}

fn by_other_address(message: &Node<'static>) -> Node<'static> {
    let Some(other) = other_sender(message) else { return message.clone() };
    let mut message = message.clone();
    message.attrs.retain(|(key, _)| !["from", "sender_pn", "sender_lid", "addressing_mode"].contains(&key.as_str()));
    message.attr("addressing_mode", if other.is_lid() { "lid" } else { "pn" }).attr("from", other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Misbehaviour {
        let mut faults = Misbehaviour::default();
        faults.add(serde_json::from_str(json).unwrap()).unwrap();
        faults
    }

    fn strikes(faults: &mut Misbehaviour, way: Way, node: &Node<'_>, count: usize) -> Vec<bool> {
        let accounts = Accounts::default();
        (0..count).map(|_| faults.strike(&accounts, None, way, node).is_some()).collect()
    }

    #[test]
    fn a_rule_passes_over_some_and_strikes_so_many() {
        let mut faults = rule(r#"{"what":"drop","tag":"ack","skip":2,"times":2}"#);
        assert_eq!(strikes(&mut faults, Way::In, &Node::new("iq"), 3), [false; 3]);
        assert_eq!(strikes(&mut faults, Way::Out, &Node::new("ack"), 3), [false; 3]);
        assert_eq!(strikes(&mut faults, Way::In, &Node::new("ack"), 6), [false, false, true, true, false, false]);
    }

    #[test]
    fn the_same_seed_strikes_the_same_stanzas() {
        let struck = |seed: u32| {
            let mut faults = rule(&format!(r#"{{"what":"drop","rate":0.5,"seed":{seed}}}"#));
            strikes(&mut faults, Way::In, &Node::new("iq"), 200)
        };
        assert_eq!(struck(7), struck(7));
        assert_ne!(struck(7), struck(8));
        let hits = struck(7).into_iter().filter(|hit| *hit).count();
        assert!((60..140).contains(&hits), "{hits}");
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_refused() {
        for json in [
            r#"{"what":"delay"}"#,
            r#"{"what":"drop","milliseconds":1}"#,
            r#"{"what":"prekeys"}"#,
            r#"{"what":"drop","rate":2}"#,
            r#"{"what":"drop","backoff":1}"#,
        ] {
            assert!(Misbehaviour::default().add(serde_json::from_str(json).unwrap()).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<FaultRule>(r#"{"what":"drop","tga":"ack"}"#).is_err());
    }
}
