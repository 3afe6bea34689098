//! What two devices may do to each other, in order and out of it (03-messages §1.2 to §1.4).

mod peers;

use chasqui_signal::{Ciphertext, Kind, PreKeyMessage, SessionRecord, SignalError, decrypt_prekey, encrypt};
use chasqui_wire::KeyPair;
use peers::{Peer, acquainted};

#[test]
fn messages_stay_prekey_messages_until_the_peer_answers() {
    let (mut a, mut b) = (Peer::new(0x1234), Peer::new(0x2345));
    a.initiate(&b);
    assert!(a.record.needs_prekey_message() && a.record.has_open_session());
    assert_eq!(a.record.remote_registration_id(), Some(0x2345));
    assert_eq!(a.record.remote_identity(), Some(&b.identity.public));

    for text in ["one", "two", "three"] {
        let sent = a.send(text);
        assert_eq!(sent.kind, Kind::PreKey);
        let message = PreKeyMessage::parse(&sent.bytes).expect("a pkmsg");
        assert_eq!((message.registration_id, message.prekey_id), (0x1234, Some(7)));
        assert_eq!(b.record.knows_base_key(&message.base_key), text != "one");
        let read = b.receive_prekey(&sent.bytes).expect("a message");
        assert_eq!((read.new_session, read.used_prekey), (text == "one", (text == "one").then_some(7)));
    }
    assert_eq!(b.record.base_key(), a.record.base_key());
    assert!(!b.record.needs_prekey_message());

    let reply = b.send("reply");
    assert_eq!(reply.kind, Kind::Whisper);
    assert_eq!(a.receive(&reply).as_deref(), Ok("reply"));
    assert_eq!(a.send("four").kind, Kind::Whisper);
}

#[test]
fn a_bundle_without_one_time_prekey_gives_a_message_without_its_id() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    chasqui_signal::initiate(&a.identity, &b.bundle(false), &mut a.record).expect("a session");
    let sent = a.send("hello");
    assert_eq!(PreKeyMessage::parse(&sent.bytes).expect("a pkmsg").prekey_id, None);
    let read = b.receive_prekey(&sent.bytes).expect("a message");
    assert_eq!((read.used_prekey, read.new_session), (None, true));
}

#[test]
fn a_bundle_with_a_wrong_signature_starts_nothing() {
    let (mut a, b) = (Peer::new(1), Peer::new(2));
    let mut bundle = b.bundle(true);
    bundle.signed_prekey_signature[5] ^= 1;
    let refused = chasqui_signal::initiate(&a.identity, &bundle, &mut a.record);
    assert_eq!(refused, Err(SignalError::InvalidSignature));
    assert!(!a.record.has_open_session());
}

#[test]
fn a_prekey_message_for_keys_that_are_not_there_names_them() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.initiate(&b);
    let sent = a.send("hello");
    let message = PreKeyMessage::parse(&sent.bytes).expect("a pkmsg");
    let mut other = b.signed_prekey.clone();
    other.id = 2;
    for (signed, prekey, refusal) in [
        (None, Some(&b.prekey), SignalError::MissingSignedPreKey(1)),
        (Some(&other), Some(&b.prekey), SignalError::MissingSignedPreKey(1)),
        (Some(&b.signed_prekey), None, SignalError::MissingPreKey(7)),
    ] {
        assert_eq!(decrypt_prekey(&mut b.record, &message, &b.identity, signed, prekey), Err(refusal));
    }
    assert!(!b.record.has_open_session());
    assert_eq!(b.receive(&sent).as_deref(), Ok("hello"));
}

#[test]
fn messages_of_two_chains_decrypt_in_any_order_and_once() {
    let (mut a, mut b) = acquainted();
    let mut sent: Vec<(String, Ciphertext)> = Vec::new();
    for n in 0..10 {
        let text = format!("early {n}");
        sent.push((text.clone(), a.send(&text)));
    }
    let answer = b.send("turn the ratchet");
    a.receive(&answer).expect("the answer");
    for n in 0..10 {
        let text = format!("late {n}");
        sent.push((text.clone(), a.send(&text)));
    }
    // 7 and 20 have no common divisor: every message once, far from the order of sending.
    for n in 0..20 {
        let (text, message) = &sent[n * 7 % 20];
        assert_eq!(b.receive(message).as_ref(), Ok(text));
    }
    for (_, message) in &sent {
        assert_eq!(b.receive(message), Err(SignalError::Duplicate));
    }
}

#[test]
fn a_thousand_skipped_messages_can_still_come() {
    let (mut a, mut b) = acquainted();
    let sent: Vec<Ciphertext> = (0..=1000).map(|n| a.send(&n.to_string())).collect();
    assert_eq!(b.receive(&sent[1000]).as_deref(), Ok("1000"));
    let size = b.record.to_bytes().len();
    assert!(size < 1000 * 35 + 650, "1000 skipped keys take {size} bytes");
    for n in (0..1000).rev() {
        assert_eq!(b.receive(&sent[n]), Ok(n.to_string()));
    }
    assert!(b.record.to_bytes().len() < 650);
}

#[test]
fn two_thousand_messages_may_be_missing_and_no_more() {
    let (mut a, mut b) = acquainted();
    let sent: Vec<Ciphertext> = (0..=2001)
        .map(|_| encrypt(&mut a.record, &a.identity.public, 1, b"text\x01").expect("an open session"))
        .collect();
    assert_eq!(b.receive(&sent[2001]), Err(SignalError::FutureMessage));
    assert_eq!(b.receive(&sent[2000]).as_deref(), Ok("text"));
    assert_eq!(b.receive(&sent[2001]).as_deref(), Ok("text"));
}

#[test]
fn of_skipped_keys_the_newest_two_thousand_are_kept() {
    let (mut a, mut b) = acquainted();
    let sent: Vec<Ciphertext> = (0..3000)
        .map(|_| encrypt(&mut a.record, &a.identity.public, 1, b"text\x01").expect("an open session"))
        .collect();
    b.receive(&sent[1500]).expect("1500 skipped");
    b.receive(&sent[2999]).expect("1498 more skipped");
    assert!(b.record.to_bytes().len() < 2000 * 35 + 650);
    assert_eq!(b.receive(&sent[997]), Err(SignalError::Duplicate));
    assert_eq!(b.receive(&sent[998]).as_deref(), Ok("text"));
}

#[test]
fn a_replayed_prekey_message_is_a_duplicate_also_of_an_archived_session() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.initiate(&b);
    let old = a.send("old");
    b.receive(&old).expect("the first session");
    a.initiate(&b);
    let new = a.send("new");
    b.receive(&new).expect("the second session");
    for message in [&old, &new] {
        assert_eq!(b.receive(message), Err(SignalError::Duplicate));
    }
    b.record.archive_current();
    for message in [&old, &new] {
        assert_eq!(b.receive(message), Err(SignalError::Duplicate));
    }
}

#[test]
fn an_archived_session_that_is_written_in_becomes_the_current_one() {
    let (mut a, mut b) = acquainted();
    let first_base = *a.record.base_key().expect("a session");
    let late = b.send("late");
    a.initiate(&b);
    assert_ne!(a.record.base_key(), Some(&first_base));
    assert!(a.record.needs_prekey_message());
    assert_eq!(a.receive(&late).as_deref(), Ok("late"));
    assert_eq!(a.record.base_key(), Some(&first_base));
    assert_eq!(a.send("back").kind, Kind::Whisper);

    a.record.archive_current();
    assert!(!a.record.has_open_session());
    assert_eq!(a.record.base_key(), None);
    let refused = encrypt(&mut a.record, &a.identity.public, 1, b"text\x01");
    assert_eq!(refused, Err(SignalError::NoSession));
    let later = b.send("later");
    assert_eq!(a.receive(&later).as_deref(), Ok("later"));
    assert_eq!(a.record.base_key(), Some(&first_base));
}

#[test]
fn forty_archived_sessions_are_kept() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    let mut opened = Vec::new();
    for _ in 0..42 {
        a.initiate(&b);
        let sent = a.send("hello");
        b.receive(&sent).expect("a session");
        opened.push(PreKeyMessage::parse(&sent.bytes).expect("a pkmsg").base_key);
    }
    let known: Vec<bool> = opened.iter().map(|base| b.record.knows_base_key(base)).collect();
    assert_eq!(known, [vec![false], vec![true; 41]].concat());
    b.record.archive_current();
    assert!(!b.record.knows_base_key(&opened[1]) && b.record.knows_base_key(&opened[2]));
}

#[test]
fn a_peer_that_starts_session_after_session_cannot_fill_the_store() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    for _ in 0..6 {
        a.initiate(&b);
        let first = a.send("hello");
        for _ in 0..1500 {
            encrypt(&mut a.record, &a.identity.public, 1, b"text\x01").expect("an open session");
        }
        let last = a.send("far ahead");
        b.receive(&first).expect("the first");
        b.receive(&last).expect("the last");
    }
    let size = b.record.to_bytes().len();
    assert!(size < 5600 * 35, "the record has {size} bytes");
}

#[test]
fn sessions_that_both_sides_start_at_once_become_one() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.initiate(&b);
    b.initiate(&a);
    let (from_a, from_b) = (a.send("from a"), b.send("from b"));
    assert_eq!(a.receive(&from_b).as_deref(), Ok("from b"));
    assert_eq!(b.receive(&from_a).as_deref(), Ok("from a"));
    for n in 0..4 {
        let sent = a.send(&format!("a {n}"));
        assert_eq!(b.receive(&sent), Ok(format!("a {n}")));
        let sent = b.send(&format!("b {n}"));
        assert_eq!(a.receive(&sent), Ok(format!("b {n}")));
        assert_eq!(sent.kind, Kind::Whisper);
    }
    assert_eq!(a.record.base_key(), b.record.base_key());
}

#[test]
fn five_thousand_turns_leave_the_record_as_small_as_ten() {
    let (mut a, mut b) = acquainted();
    let mut sizes = Vec::new();
    for turn in 0..5000 {
        let sent = a.send("ping");
        b.receive(&sent).expect("ping");
        let sent = b.send("pong");
        a.receive(&sent).expect("pong");
        if turn % 1000 == 10 {
            sizes.push(a.record.to_bytes().len().max(b.record.to_bytes().len()));
        }
    }
    assert!(sizes.iter().all(|size| *size == sizes[0] && *size < 650), "{sizes:?}");
}

#[test]
fn a_new_session_is_stored_in_few_bytes() {
    let (mut a, b) = (Peer::new(1), Peer::new(2));
    a.initiate(&b);
    let size = a.record.to_bytes().len();
    assert!(size < 250, "{size} bytes");
}

#[test]
fn a_message_with_any_byte_changed_is_refused_and_the_right_one_still_decrypts() {
    let (mut a, mut b) = acquainted();
    let skipped = a.send("skipped");
    let next = a.send("next");
    b.receive(&next).expect("the next");
    let turn = b.send("turn");
    a.receive(&turn).expect("a turn");
    let turned = a.send("turned");
    for message in [&skipped, &turned] {
        for at in 0..message.bytes.len() {
            let mut broken = message.clone();
            broken.bytes[at] ^= 0x41;
            b.receive(&broken).expect_err("a broken message");
        }
        assert!(b.receive(message).is_ok());
    }
}

#[test]
fn a_message_of_a_stranger_has_a_bad_mac_and_without_a_record_no_session() {
    let (mut a, _) = acquainted();
    let (mut c, _) = acquainted();
    let stray = c.send("stray");
    assert_eq!(a.receive(&stray), Err(SignalError::BadMac));
    a.record = SessionRecord::new();
    assert_eq!(a.receive(&stray), Err(SignalError::NoSession));
}

#[test]
fn a_new_identity_of_the_peer_is_handed_back_and_the_old_session_archived() {
    let (mut a, mut b) = acquainted();
    let old_base = *b.record.base_key().expect("a session");
    a.identity = KeyPair::generate();
    a.record = SessionRecord::new();
    a.initiate(&b);
    let sent = a.send("from a new device");
    let read = b.receive_prekey(&sent.bytes).expect("a message");
    assert_eq!((read.identity, read.new_session), (a.identity.public, true));
    assert_eq!(b.record.remote_identity(), Some(&a.identity.public));
    assert!(b.record.knows_base_key(&old_base));
}

#[test]
fn secrets_are_not_printed() {
    let (a, _) = acquainted();
    let printed = format!("{:?} {:?} {:?}", a.record, a.signed_prekey, a.prekey);
    let secret = a.prekey.pair.private.as_bytes();
    assert!(printed.contains("PrivateKey(…)") && !printed.contains(&format!("{:?}", &secret[..4])));
}

#[test]
fn two_records_of_one_device_become_one_that_reads_what_is_under_way_in_both() {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.initiate(&b);
    let first = a.send("one");
    b.receive_prekey(&first.bytes).expect("a message");
    let under_way = b.send("under way");
    let old = std::mem::take(&mut a.record);

    chasqui_signal::initiate(&a.identity, &b.bundle(false), &mut a.record).expect("a session");
    let second = a.send("two");
    b.receive_prekey(&second.bytes).expect("a message");
    let current = *a.record.base_key().expect("a session");
    a.record.absorb(old);
    assert_eq!(a.record.base_key(), Some(&current), "the newer one goes on");
    assert_eq!(a.receive(&under_way).as_deref(), Ok("under way"));
    let answer = b.send("answer");
    assert_eq!(a.receive(&answer).as_deref(), Ok("answer"));

    let mut closed = SessionRecord::new();
    closed.absorb(std::mem::take(&mut a.record));
    assert!(closed.has_open_session(), "the only open one goes on");
}
