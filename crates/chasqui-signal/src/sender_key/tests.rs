//! The published vectors (03-messages §21.4), and those of Baileys' group cipher, byte for byte.

use super::*;

const DISTRIBUTION: &str = "33088486880810001a20323232323232323232323232323232323232323232323232323232323232323222210\
                            504f5f29162c31a8defa18e6e742224ee806fc1718a278be859ba5620402b8f3a";
const FIRST: &str = "33088486880810001a206543ac4212ad72d31b2d771b34fcf6b691e3f05024e0cf3ad957621da6d3e8648729d5795d0a\
                     29d8c78647b479098382b448c0840dca1a6456d4ea0df2718ece32f930d1ff439613bf4f353f799a4b3c4606ff6a676f\
                     ad9c714bdd6a367ee58d";
const SECOND: &str = "33088486880810021a209fb9c8f8782289c4b66f65b55868c4b6afdad73d49a2d1b65e462aefdbbf0e24c20f3d2af14\
                      33c76e76c82306a141a8216d624e5f3c52ab52ab7050549175993d7ec39dc9b0ba6fc57f70102286c203d663f10cae0\
                      31f8ab804ee084291ade88";
const HELLO: &str = "0a0568656c6c6f090909090909090909";
/// Written by `tests/vectors/sender-key.mjs`: what Baileys' cipher made, one `name hex` per line.
const BAILEYS: &str = include_str!("../../tests/vectors/sender-key.txt");

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn published_distribution() -> Vec<u8> {
    hex(DISTRIBUTION)
}

fn receiver(distribution: &[u8]) -> SenderKeyRecord {
    let mut record = SenderKeyRecord::new();
    process_distribution(&mut record, &SenderKeyDistributionMessage::parse(distribution).expect("a distribution"));
    record
}

/// The sender of the published vectors.
fn published_sender() -> SenderKeyRecord {
    let signing = KeyPair::from_private(PrivateKey::new([0x31; 32]));
    let mut record = SenderKeyRecord::new();
    record.add(Box::new(SenderKeyState {
        key_id: 0x0102_0304,
        chain: ReceivingChain::new(ChainKey { key: [0x32; 32], index: 0 }),
        signing_key: signing.public,
        signing_private: Some(signing.private),
    }));
    record
}

#[test]
fn a_message_has_the_published_bytes_up_to_its_signature() {
    let mut sender = published_sender();
    assert_eq!(create_distribution(&mut sender).encode(), published_distribution());
    for (iteration, published) in [FIRST, "", SECOND].into_iter().enumerate() {
        let sent = encrypt(&mut sender, &hex(HELLO)).expect("an own key");
        let message = SenderKeyMessage::parse(&sent).expect("a message");
        assert_eq!(message.iteration as usize, iteration);
        if !published.is_empty() {
            let published = hex(published);
            assert_eq!(sent[..sent.len() - 64], published[..published.len() - 64]);
        }
    }
}

#[test]
fn the_published_messages_decrypt_once_and_in_any_order() {
    let mut record = receiver(&published_distribution());
    for message in [SECOND, FIRST] {
        assert_eq!(decrypt(&mut record, &hex(message)), Ok(hex(HELLO)));
    }
    for message in [SECOND, FIRST] {
        assert_eq!(decrypt(&mut record, &hex(message)), Err(SignalError::Duplicate));
    }
    let mut flipped = hex(FIRST);
    *flipped.last_mut().expect("bytes") ^= 1;
    assert_eq!(decrypt(&mut record, &flipped), Err(SignalError::InvalidSignature));
}

#[test]
fn what_baileys_encrypts_decrypts() {
    let value = |name: &str| {
        let line = BAILEYS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        hex(line.unwrap_or_else(|| panic!("no {name} in the vectors")))
    };
    let mut record = receiver(&value("distribution"));
    let distribution = SenderKeyDistributionMessage::parse(&value("distribution")).expect("a distribution");
    assert_eq!(distribution.encode(), value("distribution"), "the same bytes as ours");
    for (name, iteration) in [("message0", 0), ("message1", 2), ("message2", 4)] {
        let message = value(name);
        assert_eq!(SenderKeyMessage::parse(&message).expect("a message").iteration, iteration);
        assert_eq!(decrypt(&mut record, &message), Ok(value("plaintext")), "{name}");
    }
    // One who came later cannot read what was before.
    let mut later = receiver(&value("later-distribution"));
    assert_eq!(decrypt(&mut later, &value("message2")), Err(SignalError::Duplicate));
    assert_eq!(decrypt(&mut later, &value("message3")), Ok(value("plaintext")));
}

#[test]
fn keys_and_messages_are_not_shown() {
    let mut record = published_sender();
    let distribution = create_distribution(&mut record);
    let shown = format!("{record:?} {distribution:?}");
    assert!(!shown.contains("50, 50") && !shown.contains("49, 49") && !shown.contains("3232"), "{shown}");
}

#[test]
fn a_damaged_record_is_refused() {
    let good = published_sender().to_bytes();
    assert!(SenderKeyRecord::from_bytes(&good).is_ok());
    for at in 0..good.len() {
        assert!(SenderKeyRecord::from_bytes(&good[..at]).is_err(), "{at} bytes");
    }
    assert!(SenderKeyRecord::from_bytes(&[&good[..], &[0]].concat()).is_err());
    assert!(SenderKeyRecord::from_bytes(&[2, 0]).is_err());
}
