//! What the protocol's primitives cost, as JSON: `cargo run --release -p chasqui-client --example primitives`.
//!
//! Microseconds per operation, median of short batches; inputs are made outside the clock. Signal records are read from
//! bytes before every operation and written to bytes after it, as a session at rest asks for. `bench/` puts the figures
//! beside those of another client.
//!
//! With the arguments `session-size TURNS`: the bytes of a stored session after so many ratchet turns of each side.
#![allow(clippy::print_stdout)]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use chasqui_signal::{
    Ciphertext, Kind, PreKey, PreKeyBundle, PreKeyMessage, SessionRecord, SignedPreKey, decrypt, decrypt_prekey,
    encrypt, initiate,
};
use chasqui_wire::{Jid, KeyPair, Node, codec, noise::Transport};

const BATCHES: usize = 31;
const PLAINTEXT: [u8; 160] = [1; 160];

type Figures = BTreeMap<&'static str, f64>;

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("session-size") {
        let turns = arguments.next().and_then(|turns| turns.parse().ok()).expect("how many turns");
        let (mut a, mut b) = acquainted();
        (0..turns).for_each(|_: u32| there_and_back(&mut a, &mut b));
        println!("{}", serde_json::json!({ "bytes": a.stored.len() }));
        return;
    }
    let mut figures = Figures::new();
    stanzas(&mut figures);
    frames(&mut figures);
    signal(&mut figures);
    println!("{}", serde_json::json!(figures));
}

/// Median time of one `work`, in microseconds.
fn measure<T>(per_batch: usize, mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) -> f64 {
    let mut batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let inputs: Vec<T> = (0..per_batch).map(|_| prepare()).collect();
            let start = Instant::now();
            inputs.into_iter().for_each(&mut work);
            start.elapsed().as_secs_f64() * 1e6 / per_batch as f64
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    batches[BATCHES / 2]
}

/// The stanzas whose bytes the wire crate's tests hold against other encoders'.
fn stanzas(figures: &mut Figures) {
    let content = |len: usize| (0..len).map(|at| (at * 131 + 17) as u8).collect::<Vec<_>>();
    let enc = |kind: &'static str, len| Node::new("enc").attr("v", "2").attr("type", kind).bytes(content(len));
    let message = Node::new("message")
        .attr("from", Jid::pn("5511987654321"))
        .attr("type", "text")
        .attr("id", "3EB0A1B2C3D4E5F60718")
        .attr("t", "1700000000")
        .attr("notify", "Someone")
        .attr("sender_lid", Jid::lid("123456789012345"))
        .attr("addressing_mode", "pn")
        .child(enc("msg", 200));
    let to = |at: u64| {
        let device = Jid::lid((100_000_000_000_000 + at).to_string()).with_device((at % 5) as u16);
        Node::new("to").attr("jid", device).child(enc("pkmsg", 330))
    };
    let group: Jid = "120363000000000001@g.us".parse().expect("a JID");
    let fan_out = Node::new("message")
        .attr("to", group)
        .attr("type", "text")
        .attr("id", "3EB0A1B2C3D4E5F60718")
        .attr("phash", "2:abcdefgh")
        .attr("addressing_mode", "lid")
        .child(enc("skmsg", 250))
        .child(Node::new("participants").children((0..100).map(to)));

    for (node, per_batch, encoding, decoding) in
        [(&message, 2000, "encodeMessage", "decodeMessage"), (&fan_out, 50, "encodeFanOut", "decodeFanOut")]
    {
        let bytes = codec::encode(node).expect("a stanza");
        figures.insert(
            encoding,
            measure(per_batch, || (), |()| drop(black_box(codec::encode(black_box(node)).expect("a stanza")))),
        );
        figures.insert(
            decoding,
            measure(
                per_batch,
                || (),
                |()| {
                    let plain = codec::unpack(black_box(&bytes), codec::MAX_INFLATED).expect("flags");
                    drop(black_box(codec::decode(&plain).expect("a stanza")));
                },
            ),
        );
    }
}

fn frames(figures: &mut Figures) {
    for (len, per_batch, sealing, opening) in
        [(300, 2000, "sealSmallFrame", "openSmallFrame"), (65_536, 50, "sealLargeFrame", "openLargeFrame")]
    {
        let plaintext = vec![5; len];
        let mut client = Transport::from_keys(&[1; 32], &[2; 32]);
        let mut server = Transport::from_keys(&[2; 32], &[1; 32]);
        figures.insert(
            sealing,
            measure(
                per_batch,
                || Vec::with_capacity(len + 32),
                |mut frame| {
                    client.seal_frame(&plaintext, &mut frame).expect("a frame");
                    black_box(frame);
                },
            ),
        );
        let mut client = Transport::from_keys(&[1; 32], &[2; 32]);
        let sealed = || {
            let mut frame = plaintext.clone();
            client.encrypt(&mut frame).expect("a frame");
            frame
        };
        figures.insert(
            opening,
            measure(per_batch, sealed, |mut frame| {
                black_box(server.decrypt_in_place(&mut frame).expect("a frame"));
            }),
        );
    }
}

/// One device; its session with the other one is kept as bytes.
struct Device {
    identity: KeyPair,
    signed_prekey: SignedPreKey,
    prekey: PreKey,
    stored: Vec<u8>,
}

impl Device {
    fn new() -> Self {
        let identity = KeyPair::generate();
        let signed_prekey = SignedPreKey::generate(1, &identity);
        let stored = SessionRecord::new().to_bytes();
        Self { identity, signed_prekey, prekey: PreKey::generate(7), stored }
    }

    fn bundle(&self) -> PreKeyBundle {
        PreKeyBundle {
            registration_id: 1,
            identity: self.identity.public,
            signed_prekey_id: 1,
            signed_prekey: self.signed_prekey.pair.public,
            signed_prekey_signature: self.signed_prekey.signature,
            prekey: Some((7, self.prekey.pair.public)),
        }
    }

    fn with_record<T>(&mut self, act: impl FnOnce(&Self, &mut SessionRecord) -> T) -> T {
        let mut record = SessionRecord::from_bytes(&self.stored).expect("a record");
        let result = act(self, &mut record);
        self.stored = record.to_bytes();
        result
    }

    fn start(&mut self, bundle: &PreKeyBundle) {
        self.with_record(|device, record| initiate(&device.identity, bundle, record).expect("a session"));
    }

    fn encrypt(&mut self) -> Ciphertext {
        self.with_record(|device, record| encrypt(record, &device.identity.public, 1, &PLAINTEXT).expect("a session"))
    }

    fn decrypt(&mut self, message: &Ciphertext) {
        self.with_record(|device, record| match message.kind {
            Kind::Whisper => {
                black_box(decrypt(record, &message.bytes, &device.identity.public).expect("a message"));
            }
            Kind::PreKey => {
                let message = PreKeyMessage::parse(&message.bytes).expect("a pkmsg");
                let (signed, one_time) = (Some(&device.signed_prekey), Some(&device.prekey));
                black_box(decrypt_prekey(record, &message, &device.identity, signed, one_time).expect("a message"));
            }
        });
    }
}

fn acquainted() -> (Device, Device) {
    let (mut a, mut b) = (Device::new(), Device::new());
    a.start(&b.bundle());
    b.decrypt(&a.encrypt());
    a.decrypt(&b.encrypt());
    (a, b)
}

fn there_and_back(a: &mut Device, b: &mut Device) {
    b.decrypt(&a.encrypt());
    a.decrypt(&b.encrypt());
}

fn signal(figures: &mut Figures) {
    let bundle = Device::new().bundle();
    figures.insert("sessionFromBundle", measure(20, Device::new, |mut a| a.start(&bundle)));
    let arrived = || {
        let (mut a, b) = (Device::new(), Device::new());
        a.start(&b.bundle());
        (b, a.encrypt())
    };
    figures.insert("sessionFromMessage", measure(20, arrived, |(mut b, message)| b.decrypt(&message)));

    let (mut a, _) = acquainted();
    figures.insert("encrypt", measure(1000, || (), |()| drop(black_box(a.encrypt()))));
    let (mut a, mut b) = acquainted();
    figures.insert("decrypt", measure(1000, || a.encrypt(), |message| b.decrypt(&message)));
    figures.insert("ratchetTurns", measure(50, || (), |()| there_and_back(&mut a, &mut b)));
    figures.insert("prekeys", measure(1, || (), |()| (1..=812).for_each(|id| drop(black_box(PreKey::generate(id))))));
}
