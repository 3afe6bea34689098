//! What must hold for any bytes; run by the fuzzer, and over the corpus by the ordinary tests.

use chasqui_signal::{
    PreKey, PreKeyBundle, PreKeyMessage, SenderKeyDistributionMessage, SenderKeyRecord, SessionRecord, SignedPreKey,
    decrypt, decrypt_prekey, encrypt, initiate_with, padding, sender_key,
};
use chasqui_wire::{KeyPair, PrivateKey};

fn pair(seed: u8) -> KeyPair {
    KeyPair::from_private(PrivateKey::new([seed; 32]))
}

fn signed_prekey() -> SignedPreKey {
    let pair_ = pair(0x33);
    let signature = pair(0x22).private.sign_with(&pair_.public.to_djb(), &[0; 64]);
    SignedPreKey { id: 1, pair: pair_, signature }
}

/// A `pkmsg` to somebody who has the prekeys that the corpus was made for.
pub fn prekey_message(data: &[u8]) {
    let Ok(message) = PreKeyMessage::parse(data) else { return };
    let one_time = PreKey { id: 7, pair: pair(0x44) };
    let mut record = SessionRecord::new();
    let read = decrypt_prekey(&mut record, &message, &pair(0x22), Some(&signed_prekey()), Some(&one_time));
    assert_eq!(read.is_ok(), record.has_open_session());
    if read.is_ok() {
        let again = decrypt_prekey(&mut record, &message, &pair(0x22), None, None);
        assert_eq!(again, Err(chasqui_signal::SignalError::Duplicate));
    }
}

/// A `msg` to somebody who waits for the first answer.
pub fn whisper_message(data: &[u8]) {
    let signed = signed_prekey();
    let bundle = PreKeyBundle {
        registration_id: 1,
        identity: pair(0x22).public,
        signed_prekey_id: signed.id,
        signed_prekey: signed.pair.public,
        signed_prekey_signature: signed.signature,
        prekey: Some((7, pair(0x44).public)),
    };
    let mut record = SessionRecord::new();
    initiate_with(&pair(0x11), &bundle, &mut record, pair(0x55), pair(0x66)).expect("a session");
    let before = record.to_bytes();
    if decrypt(&mut record, data, &pair(0x11).public).is_err() {
        assert_eq!(record.to_bytes(), before);
    }
}

/// Stored bytes that may be anything; a record that is taken must come out again the same, and must work.
pub fn session_record(data: &[u8]) {
    let Ok(mut record) = SessionRecord::from_bytes(data) else { return };
    let stored = record.to_bytes();
    let mut again = SessionRecord::from_bytes(&stored).expect("what was written");
    assert_eq!(again.to_bytes(), stored);
    let sent = encrypt(&mut record, &pair(0x11).public, 1, b"text\x01");
    assert!(sent.is_ok() <= record.has_open_session());
    again.archive_current();
    assert!(!again.has_open_session());
}

/// Plaintexts that may be anything, and stored prekeys too.
pub fn padded(data: &[u8]) {
    if let Ok(message) = padding::unpad(data) {
        assert!(data.starts_with(message) && (1..=255).contains(&(data.len() - message.len())));
    }
    if let Ok(key) = SignedPreKey::from_bytes(data) {
        assert_eq!(SignedPreKey::from_bytes(&key.to_bytes()).expect("what was written").id, key.id);
    }
    if let Ok(key) = PreKey::from_bytes(data) {
        assert_eq!(PreKey::from_bytes(&key.to_bytes()).expect("what was written").id, key.id);
    }
}

/// A `skmsg` to somebody who has the sender key that the corpus was made with.
pub fn sender_key_message(data: &[u8]) {
    // 33, id 0x01020304, iteration 0, chain key 32 * 32, and the public key of seed 31.
    let signing = pair(0x31).public.to_djb();
    let distribution = [&b"\x33\x08\x84\x86\x88\x08\x10\x00\x1a\x20"[..], &[0x32; 32], b"\x22\x21", &signing].concat();
    let distribution = SenderKeyDistributionMessage::parse(&distribution).expect("a distribution");
    let mut record = SenderKeyRecord::new();
    sender_key::process_distribution(&mut record, &distribution);
    let before = record.to_bytes();
    match sender_key::decrypt(&mut record, data) {
        Ok(_) => assert_eq!(sender_key::decrypt(&mut record, data), Err(chasqui_signal::SignalError::Duplicate)),
        Err(_) => assert_eq!(record.to_bytes(), before),
    }
}

/// What a member distributes may be anything; what is taken comes out again the same.
pub fn sender_key_distribution(data: &[u8]) {
    let Ok(message) = SenderKeyDistributionMessage::parse(data) else { return };
    let again = SenderKeyDistributionMessage::parse(&message.encode());
    assert_eq!(again.as_ref(), Ok(&message));
    let mut record = SenderKeyRecord::new();
    sender_key::process_distribution(&mut record, &message);
    assert_eq!((record.key_id(), record.iteration()), (Some(message.key_id), Some(message.iteration)));
    assert!(!record.can_send());
    assert!(SenderKeyRecord::from_bytes(&record.to_bytes()).is_ok());
}

/// Stored bytes that may be anything; a record that is taken must come out again the same, and must work.
pub fn sender_key_record(data: &[u8]) {
    let Ok(mut record) = SenderKeyRecord::from_bytes(data) else { return };
    let stored = record.to_bytes();
    assert_eq!(SenderKeyRecord::from_bytes(&stored).expect("what was written").to_bytes(), stored);
    assert!(sender_key::encrypt(&mut record, b"text\x01").is_ok() <= record.can_send());
    sender_key::create_distribution(&mut record);
    assert!(record.can_send());
}
