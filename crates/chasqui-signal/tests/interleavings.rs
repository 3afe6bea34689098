//! Whatever is sent, dropped, reordered, repeated and stored in between: every first delivery within the limits
//! decrypts, every repetition is a duplicate, and both sides' records survive their stored form at every step.

mod peers;

use std::collections::HashMap;

use chasqui_signal::{Ciphertext, Kind, PreKeyMessage, SignalError};
use chasqui_wire::PublicKey;
use peers::Peer;
use proptest::{collection::vec, prelude::*};

#[derive(Debug, Clone)]
enum Step {
    /// Side, how many messages.
    Send(usize, usize),
    /// Receiver, which of the messages under way.
    Deliver(usize, prop::sample::Index),
    /// Receiver, which of the messages under way.
    Drop(usize, prop::sample::Index),
    /// Receiver, which of the messages delivered.
    Repeat(usize, prop::sample::Index),
    /// Side that starts a new session.
    Initiate(usize),
    /// Side that closes its session.
    Archive(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let side = 0..2usize;
    prop_oneof![
        6 => (side.clone(), 1..6usize).prop_map(|(side, count)| Step::Send(side, count)),
        12 => (side.clone(), any::<prop::sample::Index>()).prop_map(|(side, which)| Step::Deliver(side, which)),
        1 => (side.clone(), any::<prop::sample::Index>()).prop_map(|(side, which)| Step::Drop(side, which)),
        4 => (side.clone(), any::<prop::sample::Index>()).prop_map(|(side, which)| Step::Repeat(side, which)),
        1 => side.clone().prop_map(Step::Initiate),
        1 => side.prop_map(Step::Archive),
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

struct World {
    peers: [Peer; 2],
    /// By receiver.
    under_way: [Vec<Sent>; 2],
    delivered: [Vec<Sent>; 2],
    /// By receiver and session: the ratchet keys seen, newest last.
    seen: [HashMap<PublicKey, Vec<Vec<u8>>>; 2],
    count: usize,
}

impl World {
    fn new() -> Self {
        Self {
            peers: [Peer::new(1), Peer::new(2)],
            under_way: [Vec::new(), Vec::new()],
            delivered: [Vec::new(), Vec::new()],
            seen: Default::default(),
            count: 0,
        }
    }

    fn initiate(&mut self, side: usize) {
        let [a, b] = &mut self.peers;
        let (peer, other) = if side == 0 { (a, b) } else { (b, a) };
        peer.initiate(other);
        peer.store();
    }

    fn send(&mut self, side: usize) {
        if !self.peers[side].record.has_open_session() {
            self.initiate(side);
        }
        self.count += 1;
        let text = format!("message {}", self.count);
        let base_key = *self.peers[side].record.base_key().expect("a session");
        let message = self.peers[side].send(&text);
        if message.kind == Kind::PreKey {
            assert_eq!(PreKeyMessage::parse(&message.bytes).expect("a pkmsg").base_key, base_key);
        }
        self.under_way[1 - side].push(Sent { text, ratchet_key: ratchet_key(&message), message, base_key });
    }

    /// Whether the receiver still has the chain of a message: five of each session are kept.
    fn has_chain(&self, side: usize, sent: &Sent) -> bool {
        let Some(seen) = self.seen[side].get(&sent.base_key) else { return true };
        seen.iter().rev().position(|key| *key == sent.ratchet_key).is_none_or(|age| age < 5)
    }

    fn deliver(&mut self, side: usize, sent: Sent) {
        if !self.has_chain(side, &sent) {
            return;
        }
        assert_eq!(self.peers[side].receive(&sent.message).as_ref(), Ok(&sent.text));
        let seen = self.seen[side].entry(sent.base_key).or_default();
        if !seen.contains(&sent.ratchet_key) {
            seen.push(sent.ratchet_key.clone());
        }
        self.delivered[side].push(sent);
    }

    fn repeat(&mut self, side: usize, sent: &Sent) {
        if self.has_chain(side, sent) {
            assert_eq!(self.peers[side].receive(&sent.message), Err(SignalError::Duplicate));
        }
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Send(side, count) => (0..*count).for_each(|_| self.send(*side)),
            Step::Deliver(side, which) | Step::Drop(side, which) if !self.under_way[*side].is_empty() => {
                let at = which.index(self.under_way[*side].len());
                let sent = self.under_way[*side].remove(at);
                if matches!(step, Step::Deliver(..)) {
                    self.deliver(*side, sent);
                }
            }
            Step::Repeat(side, which) if !self.delivered[*side].is_empty() => {
                let sent = which.get(&self.delivered[*side]).clone();
                self.repeat(*side, &sent);
            }
            Step::Initiate(side) => self.initiate(*side),
            Step::Archive(side) => {
                self.peers[*side].record.archive_current();
                self.peers[*side].store();
            }
            Step::Deliver(..) | Step::Drop(..) | Step::Repeat(..) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_is_read_twice(steps in vec(step(), 1..120)) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        for side in [0, 1] {
            while let Some(sent) = world.under_way[side].pop() {
                world.deliver(side, sent);
            }
            for sent in world.delivered[side].clone() {
                world.repeat(side, &sent);
            }
        }
    }
}
