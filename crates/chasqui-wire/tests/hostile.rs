//! Bytes from outside: the corpus, and whatever proptest thinks of.

mod entry;

use std::{fs, path::Path};

use chasqui_wire::codec;
use proptest::prelude::*;

/// Replays a folder of the corpus: `ok-…` must be accepted, `bad-…` refused, and nothing may panic.
fn replay(folder: &str, least: usize, entry: fn(&[u8]) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let mut seen = 0;
    for file in fs::read_dir(&folder).expect("the corpus is there") {
        let path = file.expect("a readable folder").path();
        let name = path.file_name().expect("a file name").to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("a readable file");
        let expected = name.starts_with("ok-");
        assert!(expected || name.starts_with("bad-"), "{name}");
        assert_eq!(entry(&bytes), expected, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= least, "only {seen} files in {}", folder.display());
}

#[test]
fn the_corpus_of_stanzas_is_judged_as_named() {
    replay("stanza", 30, entry::stanza);
}

#[test]
fn the_corpus_of_streams_is_judged_as_named() {
    replay("stream", 10, entry::stream);
}

#[test]
fn the_corpus_of_handshakes_is_judged_as_named() {
    replay("handshake", 8, entry::handshake);
}

#[test]
fn the_corpus_of_certificates_is_judged_as_named() {
    replay("certificate", 5, entry::certificate);
}

#[test]
fn the_corpus_of_jids_is_judged_as_named() {
    replay("jid", 8, entry::jid);
}

/// Bytes that are likely to be understood in part: tags and small numbers are frequent.
fn stanza_like() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(vec![
            0xf8u8, 0xf8, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfc, 0xfd, 0xfe, 0xff, 0xf5, 0xf6, 0xf7, 0xec, 0xef, 0x00,
        ]),
        4 => 0u8..8,
        2 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_stanza_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        entry::stanza(&bytes);
    }

    #[test]
    fn bytes_like_a_stanza_are_a_stanza_or_an_error(bytes in stanza_like()) {
        let mut plaintext = vec![0];
        plaintext.extend(&bytes);
        let accepted = entry::stanza(&plaintext);
        // The same compressed.
        prop_assert_eq!(entry::stanza(&codec::compress(&plaintext)), accepted);
    }

    #[test]
    fn any_bytes_are_a_stream_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        entry::stream(&bytes);
        entry::stream(&[&bytes[..bytes.len().min(1)], b"WA\x06\x03", &bytes].concat());
    }

    #[test]
    fn any_text_is_a_jid_or_stays_text(text in r"\PC{0,12}|[0-9a-f.:_@-]{0,20}(@(lid|s\.whatsapp\.net|interop|msgr|g\.us|c\.us|hosted))?") {
        entry::jid(text.as_bytes());
    }
}

proptest! {
    // Each case costs a dozen key agreements.
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused_by_handshake_and_certificates(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(!entry::handshake(&bytes));
        prop_assert!(!entry::certificate(&bytes));
    }
}
