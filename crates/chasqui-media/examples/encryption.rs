//! How fast files are encrypted and decrypted on one core, beside what the machine gives for the same work when its
//! parts run one after the other. The best of many short runs counts, since other programs can only slow one down.
//!
//! `cargo run --release -p chasqui-media --example encryption`
#![allow(clippy::print_stdout)]

use std::{hint::black_box, time::Instant};

use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use chasqui_media::{Decryptor, Encryptor, Expected, MediaKey, MediaKind};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const LENGTH: usize = 4 << 20;
const STEP: usize = 64 << 10;
const RUNS: usize = 100;

type Work<'a> = (&'static str, Box<dyn FnMut() + 'a>);

/// Runs of one kind follow on each other, so that all of them see every moment of a busy machine.
fn measure(work: &mut [Work<'_>]) {
    let mut best = vec![f64::MAX; work.len()];
    for _ in 0..RUNS {
        for ((_, run), best) in work.iter_mut().zip(&mut best) {
            let start = Instant::now();
            run();
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    for ((name, _), best) in work.iter().zip(best) {
        println!("{name:44} {:6.0} MB/s", LENGTH as f64 / 1e6 / best);
    }
}

fn main() {
    let plain: Vec<u8> = (0..LENGTH).map(|i| (7 * i + (i >> 8)) as u8).collect();
    let keys = MediaKey::new([7; 32]).derive(MediaKind::Video);
    let mut file = Vec::new();
    let encrypted = Encryptor::new(&keys).copy(&plain[..], &mut file).expect("memory does not fail");
    let expected = Expected {
        file_sha256: Some(encrypted.file_sha256),
        file_enc_sha256: Some(encrypted.file_enc_sha256),
        ..Expected::at_most(LENGTH as u64)
    };
    let encryptor = || cbc::Encryptor::<aes::Aes256>::new(keys.cipher_key().into(), keys.iv().into());
    let decryptor = || cbc::Decryptor::<aes::Aes256>::new(keys.cipher_key().into(), keys.iv().into());
    let mac = || <Hmac<Sha256> as KeyInit>::new_from_slice(keys.mac_key()).expect("any length");
    let ring_mac = || {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, keys.mac_key());
        ring::hmac::Context::with_key(&key)
    };
    let ring_hash = || ring::digest::Context::new(&ring::digest::SHA256);

    measure(&mut [
        (
            "encrypt",
            Box::new(|| {
                black_box(Encryptor::new(&keys).copy(&plain[..], std::io::sink()).expect("memory does not fail"));
            }),
        ),
        (
            "encrypt with streaming sidecar",
            Box::new(|| {
                let encryptor = Encryptor::new(&keys).with_sidecar(&keys);
                black_box(encryptor.copy(&plain[..], std::io::sink()).expect("memory does not fail"));
            }),
        ),
        (
            "verify and decrypt",
            Box::new(|| {
                let decryptor = Decryptor::new(&keys, expected.clone());
                black_box(decryptor.copy(&file[..], std::io::sink()).expect("a good file"));
            }),
        ),
        (
            "machine: CBC, then HMAC and 2 SHA-256 (sha2)",
            Box::new(|| {
                let (mut cbc, mut mac, mut enc, mut hash) = (encryptor(), mac(), Sha256::new(), Sha256::new());
                let mut out = vec![0; STEP];
                for piece in plain.chunks(STEP) {
                    out.copy_from_slice(piece);
                    cbc.encrypt_blocks(Array::slice_as_chunks_mut(&mut out).0);
                    hash.update(piece);
                    mac.update(&out);
                    enc.update(&out);
                }
                black_box((mac.finalize(), enc.finalize(), hash.finalize()));
            }),
        ),
        (
            "machine: the same, hashes of ring",
            Box::new(|| {
                let (mut cbc, mut mac, mut enc, mut hash) = (encryptor(), ring_mac(), ring_hash(), ring_hash());
                let mut out = vec![0; STEP];
                for piece in plain.chunks(STEP) {
                    out.copy_from_slice(piece);
                    cbc.encrypt_blocks(Array::slice_as_chunks_mut(&mut out).0);
                    hash.update(piece);
                    mac.update(&out);
                    enc.update(&out);
                }
                black_box((mac.sign(), enc.finish(), hash.finish()));
            }),
        ),
        (
            "machine: HMAC and 2 SHA-256, then CBC (sha2)",
            Box::new(|| {
                let (mut cbc, mut mac, mut enc, mut hash) = (decryptor(), mac(), Sha256::new(), Sha256::new());
                let mut out = vec![0; STEP];
                for piece in plain.chunks(STEP) {
                    mac.update(piece);
                    enc.update(piece);
                    out.copy_from_slice(piece);
                    cbc.decrypt_blocks(Array::slice_as_chunks_mut(&mut out).0);
                    hash.update(&out);
                }
                black_box((mac.finalize(), enc.finalize(), hash.finalize()));
            }),
        ),
        (
            "machine: the same, hashes of ring",
            Box::new(|| {
                let (mut cbc, mut mac, mut enc, mut hash) = (decryptor(), ring_mac(), ring_hash(), ring_hash());
                let mut out = vec![0; STEP];
                for piece in plain.chunks(STEP) {
                    mac.update(piece);
                    enc.update(piece);
                    out.copy_from_slice(piece);
                    cbc.decrypt_blocks(Array::slice_as_chunks_mut(&mut out).0);
                    hash.update(&out);
                }
                black_box((mac.sign(), enc.finish(), hash.finish()));
            }),
        ),
    ]);
}
