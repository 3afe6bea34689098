//! One sender and many receivers of a group: whatever is lost, reordered, repeated, rotated and stored in between,
//! everybody reads every message sent after they got the key, once.

use chasqui_signal::{SenderKeyDistributionMessage, SenderKeyRecord, SignalError, padding, sender_key};
use proptest::{collection::vec, prelude::*};

fn stored(record: &mut SenderKeyRecord) {
    let bytes = record.to_bytes();
    *record = SenderKeyRecord::from_bytes(&bytes).expect("a record");
    assert_eq!(record.to_bytes(), bytes);
}

fn distribute(sender: &mut SenderKeyRecord, receiver: &mut SenderKeyRecord) {
    let bytes = sender_key::create_distribution(sender).encode();
    stored(sender);
    sender_key::process_distribution(receiver, &SenderKeyDistributionMessage::parse(&bytes).expect("a distribution"));
    stored(receiver);
}

fn send(sender: &mut SenderKeyRecord, text: &str) -> Vec<u8> {
    let mut plaintext = text.as_bytes().to_vec();
    padding::pad(&mut plaintext);
    let sent = sender_key::encrypt(sender, &plaintext).expect("an own key");
    stored(sender);
    sent
}

/// Decrypts; a refusal must leave the record as it was.
fn receive(receiver: &mut SenderKeyRecord, message: &[u8]) -> Result<String, SignalError> {
    let before = receiver.to_bytes();
    let read = sender_key::decrypt(receiver, message);
    if read.is_err() {
        assert_eq!(receiver.to_bytes(), before, "a refused message changed the record");
    }
    stored(receiver);
    Ok(String::from_utf8(padding::unpad(&read?)?.to_vec()).expect("text"))
}

fn pair() -> (SenderKeyRecord, SenderKeyRecord) {
    let (mut sender, mut receiver) = (SenderKeyRecord::new(), SenderKeyRecord::new());
    distribute(&mut sender, &mut receiver);
    (sender, receiver)
}

#[test]
fn a_message_up_to_2000_ahead_is_read_and_one_beyond_is_refused() {
    let (mut sender, mut near) = pair();
    let mut far = SenderKeyRecord::new();
    distribute(&mut sender, &mut far);
    let messages: Vec<_> = (0..2002).map(|at| send(&mut sender, &at.to_string())).collect();
    assert_eq!(receive(&mut near, &messages[2000]).as_deref(), Ok("2000"));
    assert_eq!(receive(&mut near, &messages[0]).as_deref(), Ok("0"));
    assert_eq!(receive(&mut far, &messages[2001]), Err(SignalError::FutureMessage));
    assert_eq!(receive(&mut far, &messages[1]).as_deref(), Ok("1"));
}

#[test]
fn skipped_keys_stay_within_their_bound() {
    let (mut sender, mut receiver) = pair();
    for _ in 0..2500 {
        send(&mut sender, "lost");
        let message = send(&mut sender, "read");
        sender_key::decrypt(&mut receiver, &message).expect("reads");
    }
    assert!(receiver.to_bytes().len() < 2000 * 37 + 200);
}

#[test]
fn the_same_distribution_again_does_not_rewind() {
    let (mut sender, mut receiver) = pair();
    let first = sender_key::create_distribution(&mut sender);
    let message = send(&mut sender, "once");
    assert_eq!(receive(&mut receiver, &message).as_deref(), Ok("once"));
    sender_key::process_distribution(&mut receiver, &first);
    assert_eq!(receive(&mut receiver, &message), Err(SignalError::Duplicate));
}

#[test]
fn the_own_key_is_not_replaced_by_its_own_distribution() {
    let mut sender = SenderKeyRecord::new();
    let distribution = sender_key::create_distribution(&mut sender);
    sender_key::process_distribution(&mut sender, &distribution);
    assert!(sender.can_send());
}

#[test]
fn a_known_id_with_another_signing_key_replaces_the_key() {
    let (mut sender, mut receiver) = pair();
    let old = send(&mut sender, "old");
    let (mut other, _) = pair();
    let bytes = sender_key::create_distribution(&mut other).encode();
    let id = sender_key::create_distribution(&mut sender).encode();
    // The id is the first field: 33 08 and up to five bytes of number.
    let length = |bytes: &[u8]| 2 + bytes[2..].iter().position(|byte| *byte < 0x80).expect("a number") + 1;
    let forged = [&id[..length(&id)], &bytes[length(&bytes)..]].concat();
    let forged = SenderKeyDistributionMessage::parse(&forged).expect("a distribution");
    sender_key::process_distribution(&mut receiver, &forged);
    assert_eq!(receive(&mut receiver, &old), Err(SignalError::InvalidSignature));
}

#[test]
fn after_a_rotation_the_last_five_keys_are_read_and_an_older_one_is_not() {
    let mut receiver = SenderKeyRecord::new();
    let mut messages = Vec::new();
    for at in 0..6 {
        let mut sender = SenderKeyRecord::new();
        distribute(&mut sender, &mut receiver);
        messages.push(send(&mut sender, &at.to_string()));
    }
    assert_eq!(receive(&mut receiver, &messages[0]), Err(SignalError::NoSenderKey));
    for (at, message) in messages.iter().enumerate().skip(1) {
        assert_eq!(receive(&mut receiver, message), Ok(at.to_string()));
    }
}

#[test]
fn a_member_who_only_receives_cannot_send_in_the_senders_name() {
    let (_, mut receiver) = pair();
    assert_eq!(sender_key::encrypt(&mut receiver, b"x\x01"), Err(SignalError::NoSenderKey));
    let own = sender_key::create_distribution(&mut receiver);
    assert_eq!(receiver.key_id(), Some(own.key_id));
    assert!(receiver.can_send());
}

#[test]
fn a_distribution_that_is_none_is_refused() {
    let good = pair().0;
    let mut good = good;
    let good = sender_key::create_distribution(&mut good).encode();
    for at in 0..good.len() {
        assert!(SenderKeyDistributionMessage::parse(&good[..at]).is_err(), "{at} bytes");
    }
    let mut version = good.clone();
    version[0] = 0x32;
    assert_eq!(SenderKeyDistributionMessage::parse(&version), Err(SignalError::InvalidMessage));
}

#[derive(Debug, Clone)]
enum Step {
    Send,
    /// Receiver, which of the messages under way.
    Deliver(usize, prop::sample::Index),
    Repeat(usize, prop::sample::Index),
    /// Receiver who gets the key, perhaps again.
    Distribute(usize),
    /// A new key, given to nobody yet.
    Rotate,
}

fn step() -> impl Strategy<Value = Step> {
    let receiver = 0..3usize;
    prop_oneof![
        8 => Just(Step::Send),
        16 => (receiver.clone(), any::<prop::sample::Index>()).prop_map(|(to, which)| Step::Deliver(to, which)),
        4 => (receiver.clone(), any::<prop::sample::Index>()).prop_map(|(to, which)| Step::Repeat(to, which)),
        3 => receiver.prop_map(Step::Distribute),
        1 => Just(Step::Rotate),
    ]
}

struct Sent {
    text: String,
    bytes: Vec<u8>,
    generation: usize,
    iteration: u32,
}

#[derive(Default)]
struct Receiver {
    record: SenderKeyRecord,
    /// Keys got, oldest first: generation, and from which iteration on.
    keys: Vec<(usize, u32)>,
    read: Vec<usize>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everybody_reads_what_was_sent_since_they_got_the_key(steps in vec(step(), 1..120)) {
        let mut sender = SenderKeyRecord::new();
        let mut generation = 0;
        let mut sent: Vec<Sent> = Vec::new();
        let mut receivers: [Receiver; 3] = Default::default();
        for step in steps {
            match step {
                Step::Send => {
                    if !sender.can_send() {
                        sender_key::create_distribution(&mut sender);
                    }
                    let text = format!("message {}", sent.len());
                    let iteration = sender.iteration().expect("a key");
                    let bytes = send(&mut sender, &text);
                    sent.push(Sent { text, bytes, generation, iteration });
                }
                Step::Rotate => {
                    sender = SenderKeyRecord::new();
                    generation += 1;
                }
                Step::Distribute(to) => {
                    let receiver = &mut receivers[to];
                    distribute(&mut sender, &mut receiver.record);
                    if !receiver.keys.iter().any(|(known, _)| *known == generation) {
                        receiver.keys.push((generation, sender.iteration().expect("a key")));
                    }
                }
                Step::Deliver(to, which) | Step::Repeat(to, which) if !sent.is_empty() => {
                    let at = which.index(sent.len());
                    let (receiver, sent) = (&mut receivers[to], &sent[at]);
                    let key = receiver.keys.iter().rev().take(5).find(|(known, _)| *known == sent.generation);
                    let expected = match key {
                        None => Err(SignalError::NoSenderKey),
                        Some((_, from)) if sent.iteration < *from || receiver.read.contains(&at) => {
                            Err(SignalError::Duplicate)
                        }
                        Some(_) => Ok(sent.text.clone()),
                    };
                    prop_assert_eq!(receive(&mut receiver.record, &sent.bytes), expected);
                    if key.is_some() {
                        receiver.read.push(at);
                    }
                }
                Step::Deliver(..) | Step::Repeat(..) => {}
            }
        }
    }
}
