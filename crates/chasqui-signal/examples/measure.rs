//! What the operations cost: `cargo run --release -p chasqui-signal --example measure`.
//!
//! Microseconds per operation, 160-byte plaintexts, median of batches. "Stored" writes the record to bytes and reads it
//! again around every operation.
#![allow(clippy::print_stdout)]

use std::{hint::black_box, time::Instant};

use chasqui_signal::{
    Ciphertext, Kind, PreKey, PreKeyBundle, PreKeyMessage, SessionRecord, SignedPreKey, decrypt, decrypt_prekey,
    encrypt, initiate,
};
use chasqui_wire::KeyPair;

const BATCHES: usize = 15;
const PLAINTEXT: [u8; 160] = [1; 160];

struct Peer {
    identity: KeyPair,
    signed_prekey: SignedPreKey,
    prekey: PreKey,
    record: SessionRecord,
}

impl Peer {
    fn new() -> Self {
        let identity = KeyPair::generate();
        let signed_prekey = SignedPreKey::generate(1, &identity);
        Self { identity, signed_prekey, prekey: PreKey::generate(7), record: SessionRecord::new() }
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

    fn encrypt(&mut self) -> Ciphertext {
        encrypt(&mut self.record, &self.identity.public, 1, &PLAINTEXT).expect("a session")
    }

    fn decrypt(&mut self, message: &Ciphertext) {
        match message.kind {
            Kind::Whisper => {
                black_box(decrypt(&mut self.record, &message.bytes, &self.identity.public).expect("a message"));
            }
            Kind::PreKey => {
                let message = PreKeyMessage::parse(&message.bytes).expect("a pkmsg");
                let (signed, one_time) = (Some(&self.signed_prekey), Some(&self.prekey));
                black_box(
                    decrypt_prekey(&mut self.record, &message, &self.identity, signed, one_time).expect("a message"),
                );
            }
        }
    }

    fn store(&mut self) {
        self.record = SessionRecord::from_bytes(&self.record.to_bytes()).expect("a record");
    }
}

fn acquainted() -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(), Peer::new());
    initiate(&a.identity, &b.bundle(), &mut a.record).expect("a session");
    b.decrypt(&a.encrypt());
    a.decrypt(&b.encrypt());
    (a, b)
}

/// Runs `work` over inputs made outside the clock, and prints the median batch.
fn measure<T>(name: &str, per_batch: usize, mut prepare: impl FnMut() -> T, mut work: impl FnMut(T)) {
    let mut batches: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let inputs: Vec<T> = (0..per_batch).map(|_| prepare()).collect();
            let start = Instant::now();
            inputs.into_iter().for_each(&mut work);
            start.elapsed().as_secs_f64() * 1e6 / per_batch as f64
        })
        .collect();
    batches.sort_by(f64::total_cmp);
    println!("{name:<48} {:>9.2} (best {:.2})", batches[BATCHES / 2], batches[0]);
}

fn main() {
    measure("generate a key pair", 200, || (), |()| drop(black_box(KeyPair::generate())));
    let (us, them) = (KeyPair::generate(), KeyPair::generate());
    measure("agreement", 200, || (), |()| drop(black_box(us.private.agree(&them.public))));
    measure("XEdDSA sign", 200, || (), |()| drop(black_box(us.private.sign(&PLAINTEXT).to_vec())));
    let signature = us.private.sign(&PLAINTEXT);
    measure("XEdDSA verify", 200, || (), |()| us.public.verify(&PLAINTEXT, &signature).expect("a signature"));

    let (a, b) = (Peer::new(), Peer::new());
    let bundle = b.bundle();
    measure("set-up from a bundle, verified", 50, SessionRecord::new, |mut record| {
        initiate(&a.identity, &bundle, &mut record).expect("a session");
    });
    let first = || {
        let (mut a, b) = (Peer::new(), Peer::new());
        initiate(&a.identity, &b.bundle(), &mut a.record).expect("a session");
        (a, b)
    };
    measure("first encrypt (pkmsg)", 50, first, |(mut a, _)| drop(black_box(a.encrypt())));
    let arrived = || {
        let (mut a, b) = first();
        (b, a.encrypt())
    };
    measure("set-up from a pkmsg", 50, arrived, |(mut b, message)| b.decrypt(&message));

    let (mut a, _) = acquainted();
    measure("encrypt, same chain", 2000, || (), |()| drop(black_box(a.encrypt())));
    measure(
        "encrypt, same chain, stored",
        2000,
        || (),
        |()| {
            drop(black_box(a.encrypt()));
            a.store();
        },
    );
    let (mut a, mut b) = acquainted();
    measure("decrypt, in order", 2000, || a.encrypt(), |message| b.decrypt(&message));
    measure(
        "decrypt, in order, stored",
        2000,
        || a.encrypt(),
        |message| {
            b.decrypt(&message);
            b.store();
        },
    );

    let mut round = |stored: bool| {
        let message = a.encrypt();
        b.decrypt(&message);
        let message = b.encrypt();
        a.decrypt(&message);
        if stored {
            a.store();
            b.store();
        }
    };
    measure("ping-pong round", 100, || (), |()| round(false));
    measure("ping-pong round, stored", 100, || (), |()| round(true));

    let far = || {
        let (mut a, b) = acquainted();
        let skipped: Vec<Ciphertext> = (0..1000).map(|_| a.encrypt()).collect();
        (b, a.encrypt(), skipped)
    };
    measure("decrypt that skips 1000", 5, far, |(mut b, message, _)| b.decrypt(&message));
    let late = || {
        let (mut b, message, skipped) = far();
        b.decrypt(&message);
        (b, skipped)
    };
    measure("1000 late decrypts, newest first, in all", 5, late, |(mut b, skipped)| {
        skipped.iter().rev().for_each(|message| b.decrypt(message));
    });
    measure("1000 late decrypts, oldest first, stored, in all", 5, late, |(mut b, skipped)| {
        for message in &skipped {
            b.decrypt(message);
            b.store();
        }
    });

    let mut devices: Vec<Peer> = (0..500).map(|_| acquainted().0).collect();
    measure(
        "encrypt to 500 devices, in all",
        1,
        || (),
        |()| {
            devices.iter_mut().for_each(|device| drop(black_box(device.encrypt())));
        },
    );
    measure("812 prekeys, in all", 1, || (), |()| (1..=812).for_each(|id| drop(black_box(PreKey::generate(id)))));

    let (fresh, _) = first();
    println!("record: {} bytes new, {} bytes after turns", fresh.record.to_bytes().len(), a.record.to_bytes().len());
}
