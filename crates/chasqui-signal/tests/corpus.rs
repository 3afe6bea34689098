//! The fuzzer's corpus and arbitrary bytes, on the stable compiler.

#[path = "../fuzz/checks.rs"]
mod checks;

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*};

type Check = fn(&[u8]);

const TARGETS: [(&str, Check); 7] = [
    ("prekey_message", checks::prekey_message),
    ("whisper_message", checks::whisper_message),
    ("session_record", checks::session_record),
    ("padded", checks::padded),
    ("sender_key_message", checks::sender_key_message),
    ("sender_key_distribution", checks::sender_key_distribution),
    ("sender_key_record", checks::sender_key_record),
];

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    fs::read_dir(directory)
        .expect("a corpus")
        .map(|entry| fs::read(entry.expect("an entry").path()).expect("a seed"))
        .collect()
}

#[test]
fn the_corpus_and_every_prefix_of_it_and_every_flipped_byte_hold() {
    for (target, check) in TARGETS {
        let seeds = corpus(target);
        assert!(!seeds.is_empty(), "{target} has no seeds");
        for seed in seeds {
            check(&seed);
            for at in 0..seed.len() {
                check(&seed[..at]);
                let mut broken = seed.clone();
                broken[at] ^= 0xff;
                check(&broken);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_no_harm(mut data in vec(any::<u8>(), 0..400), version in any::<bool>()) {
        if let Some(first) = data.first_mut().filter(|_| version) {
            *first = 0x33;
        }
        for (_, check) in TARGETS {
            check(&data);
        }
    }
}
