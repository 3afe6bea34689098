//! Two to four devices. Whatever is sent, dropped, reordered, repeated and stored in between: every first delivery within
//! the limits decrypts, every repetition is a duplicate, and all records survive their stored form at every step.

mod peers;

use std::collections::HashMap;

use chasqui_signal::{Ciphertext, Kind, PreKeyMessage, SignalError, initiate};
use chasqui_wire::PublicKey;
use peers::Peer;
use proptest::{collection::vec, prelude::*};

/// Which of the ordered pairs of devices: the first writes to the second.
type Link = prop::sample::Index;

#[derive(Debug, Clone)]
enum Step {
    /// How many messages.
    Send(Link, usize),
    /// Which of the messages under way.
    Deliver(Link, prop::sample::Index),
    /// Which of the messages under way.
    Drop(Link, prop::sample::Index),
    /// Which of the messages delivered.
    Repeat(Link, prop::sample::Index),
    /// The first starts a new session.
    Initiate(Link),
    /// The first closes its session.
    Archive(Link),
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<prop::sample::Index>;
    prop_oneof![
        6 => (which(), 1..6usize).prop_map(|(link, count)| Step::Send(link, count)),
        12 => (which(), which()).prop_map(|(link, which)| Step::Deliver(link, which)),
        1 => (which(), which()).prop_map(|(link, which)| Step::Drop(link, which)),
        4 => (which(), which()).prop_map(|(link, which)| Step::Repeat(link, which)),
        1 => which().prop_map(Step::Initiate),
        1 => which().prop_map(Step::Archive),
    ]
}

#[derive(Clone)]
struct Sent {
    text: String,
    message: Ciphertext,
    base_key: PublicKey,
    ratchet_key: Vec<u8>,
}

/// Bytes 3 to 36 of a `msg` are its ratchet key: the first field, 33 bytes long.
fn ratchet_key(message: &Ciphertext) -> Vec<u8> {
    let at = match message.kind {
        Kind::Whisper => 3,
        Kind::PreKey => {
            let header = [0x33, 0x0a, 0x21, 0x05];
            message.bytes.windows(4).position(|bytes| bytes == header).expect("an inner message") + 3
        }
    };
    message.bytes[at..at + 33].to_vec()
}

/// One device's end of a pair, and what comes to it from the other.
struct End {
    peer: Peer,
    under_way: Vec<Sent>,
    delivered: Vec<Sent>,
    /// By session: the ratchet keys seen, newest last.
    seen: HashMap<PublicKey, Vec<Vec<u8>>>,
}

impl End {
    /// Whether the chain of a message is still kept: five of each session are.
    fn has_chain(&self, sent: &Sent) -> bool {
        let Some(seen) = self.seen.get(&sent.base_key) else { return true };
        seen.iter().rev().position(|key| *key == sent.ratchet_key).is_none_or(|age| age < 5)
    }

    fn deliver(&mut self, sent: Sent) {
        if !self.has_chain(&sent) {
            return;
        }
        assert_eq!(self.peer.receive(&sent.message).as_ref(), Ok(&sent.text));
        let seen = self.seen.entry(sent.base_key).or_default();
        if !seen.contains(&sent.ratchet_key) {
            seen.push(sent.ratchet_key.clone());
        }
        self.delivered.push(sent);
    }

    fn repeat(&mut self, sent: &Sent) {
        if self.has_chain(sent) {
            assert_eq!(self.peer.receive(&sent.message), Err(SignalError::Duplicate));
        }
    }
}

struct World {
    /// By device and other device; one's end with itself is not used.
    ends: Vec<Vec<End>>,
    count: usize,
}

impl World {
    fn new(devices: usize) -> Self {
        let ends = (0..devices).map(|number| {
            let device = Peer::new(1 + number as u32);
            let end = |_| End {
                peer: device.towards_another(),
                under_way: Vec::new(),
                delivered: Vec::new(),
                seen: HashMap::new(),
            };
            (0..devices).map(end).collect()
        });
        Self { ends: ends.collect(), count: 0 }
    }

    fn links(&self) -> Vec<(usize, usize)> {
        let devices = 0..self.ends.len();
        devices.clone().flat_map(|from| devices.clone().map(move |to| (from, to))).filter(|(a, b)| a != b).collect()
    }

    fn initiate(&mut self, (from, to): (usize, usize)) {
        let bundle = self.ends[to][from].peer.bundle(true);
        let peer = &mut self.ends[from][to].peer;
        initiate(&peer.identity, &bundle, &mut peer.record).expect("a session");
        peer.store();
    }

    fn send(&mut self, link: (usize, usize)) {
        let (from, to) = link;
        if !self.ends[from][to].peer.record.has_open_session() {
            self.initiate(link);
        }
        self.count += 1;
        let text = format!("message {}", self.count);
        let peer = &mut self.ends[from][to].peer;
        let base_key = *peer.record.base_key().expect("a session");
        let message = peer.send(&text);
        if message.kind == Kind::PreKey {
            assert_eq!(PreKeyMessage::parse(&message.bytes).expect("a pkmsg").base_key, base_key);
        }
        self.ends[to][from].under_way.push(Sent { text, ratchet_key: ratchet_key(&message), message, base_key });
    }

    fn run(&mut self, step: &Step) {
        let links = self.links();
        let (Step::Send(link, _)
        | Step::Deliver(link, _)
        | Step::Drop(link, _)
        | Step::Repeat(link, _)
        | Step::Initiate(link)
        | Step::Archive(link)) = step;
        let (from, to) = *link.get(&links);
        let receiver = &mut self.ends[to][from];
        match step {
            Step::Send(_, count) => (0..*count).for_each(|_| self.send((from, to))),
            Step::Deliver(_, which) | Step::Drop(_, which) if !receiver.under_way.is_empty() => {
                let sent = receiver.under_way.remove(which.index(receiver.under_way.len()));
                if matches!(step, Step::Deliver(..)) {
                    receiver.deliver(sent);
                }
            }
            Step::Repeat(_, which) if !receiver.delivered.is_empty() => {
                let sent = which.get(&receiver.delivered).clone();
                receiver.repeat(&sent);
            }
            Step::Initiate(_) => self.initiate((from, to)),
            Step::Archive(_) => {
                let peer = &mut self.ends[from][to].peer;
                peer.record.archive_current();
                peer.store();
            }
            Step::Deliver(..) | Step::Drop(..) | Step::Repeat(..) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_is_read_twice(devices in 2..=4usize, steps in vec(step(), 1..200)) {
        let mut world = World::new(devices);
        for step in &steps {
            world.run(step);
        }
        for end in world.ends.iter_mut().flatten() {
            while let Some(sent) = end.under_way.pop() {
                end.deliver(sent);
            }
            for sent in end.delivered.clone() {
                end.repeat(&sent);
            }
        }
    }
}
