//! The published vectors, step by step, and both sides of the conversation byte for byte (03-messages §21.3, §21.5).

use chasqui_wire::{KeyPair, PrivateKey, PublicKey};

use crate::{
    Ciphertext, Kind, PreKey, PreKeyBundle, PreKeyMessage, SessionRecord, SignalError, SignedPreKey,
    chain::{ChainKey, MessageKeys, RootKey},
    decrypt, encrypt, initiate_with,
    session::{decrypt_prekey_with, decrypt_with},
    x3dh,
};

const A_REGISTRATION: u32 = 0x1234;
const B_REGISTRATION: u32 = 0x2345;
const SIGNATURE: &str = "fa136dfce0a6df8cecbc97a2f63d1cc919d78daa57c3ac6424636bde28ec0a53\
                         5cdced1bdd2ac7bcc76a2490823846f538336de835471a34550d34f68127990a";
const FIRST: &str = "33080712210538ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4884c671a21057b4e909bbe7ffe44c\
                     465a220037d608ee35897d31ef972f07f74892cb0f73f132252330a2105219e4d800da968d2a5fcb009c784f4746c7138ed\
                     b9ee4844b739e830b05cf4241000180022202151a3f797bb134089579c544029337317b340d2f39caee16a4d8636824b035\
                     0c966bbaaa345dca928b4243001";
const SECOND: &str = "33080712210538ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4884c671a21057b4e909bbe7ffe44\
                      c465a220037d608ee35897d31ef972f07f74892cb0f73f132252330a2105219e4d800da968d2a5fcb009c784f4746c7138\
                      edb9ee4844b739e830b05cf4241001180022204cefd952ba37bf045b79f723715ddf9b329c960e07fccdd1cdaf4ed5763a\
                      21a19e65a6486325170928b4243001";
const REPLY: &str = "330a21051cf579aba45a10ba1d1ef06d91fca2aa9ed0a1150515653155405d0b18cb9a67100018002220566d41295fb0021\
                     80bb73064be3813eadd857c62781c4cf75811bc618eadc47700e58274215dfc68";
const NEXT: &str = "330a210530d3c865a48fceb3d6118577cf2e5f228d6ff69866264757785b253cb7a4806a100018012220d6d6e1f9e64f943c\
                    5e2cdc9e426615b8ff861cf59a69a5e92f02878e6ed0d19977d9e350208945a5";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn pair(seed: u8) -> KeyPair {
    KeyPair::from_private(PrivateKey::new([seed; 32]))
}

fn signed_prekey() -> SignedPreKey {
    SignedPreKey { id: 1, pair: pair(0x33), signature: hex(SIGNATURE).try_into().expect("64 bytes") }
}

fn bundle() -> PreKeyBundle {
    PreKeyBundle {
        registration_id: B_REGISTRATION,
        identity: pair(0x22).public,
        signed_prekey_id: 1,
        signed_prekey: pair(0x33).public,
        signed_prekey_signature: signed_prekey().signature,
        prekey: Some((7, pair(0x44).public)),
    }
}

fn padded(message: &str, padding: u8) -> Vec<u8> {
    let mut bytes = hex(message);
    crate::padding::pad_with(&mut bytes, padding - 1);
    bytes
}

#[test]
fn keys_are_as_published() {
    for (seed, public) in [
        (0x11, "057b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13"),
        (0x22, "050faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20"),
        (0x33, "057b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14"),
        (0x44, "05ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b"),
        (0x55, "0538ab664bd86f77d7e66bdd9ae0792913a94fd8b33a1260027e4b46c1f4884c67"),
        (0x66, "05219e4d800da968d2a5fcb009c784f4746c7138edb9ee4844b739e830b05cf424"),
        (0x77, "051cf579aba45a10ba1d1ef06d91fca2aa9ed0a1150515653155405d0b18cb9a67"),
        (0x88, "0530d3c865a48fceb3d6118577cf2e5f228d6ff69866264757785b253cb7a4806a"),
    ] {
        assert_eq!(pair(seed).public.to_djb().to_vec(), hex(public), "seed {seed:x}");
    }
    assert_eq!(
        pair(0x11).private.as_bytes().to_vec(),
        hex("1011111111111111111111111111111111111111111111111111111111111151")
    );
}

#[test]
fn every_step_of_the_set_up_is_as_published() {
    let agree = |ours: u8, theirs: u8| pair(ours).private.agree(&pair(theirs).public).expect("an agreement").to_vec();
    assert_eq!(agree(0x11, 0x33), hex("5bf22caf31c0316785b0b9bc60e56d48582ce59435ce5b3c028052be42631e0f"));
    assert_eq!(agree(0x55, 0x22), hex("25bed864771ea4f3d83d9fdaa0ebe218d9feca2ba8f9b4940d069e505ff91d31"));
    assert_eq!(agree(0x55, 0x33), hex("7b5c0ae9cc1e35635f73a4819f8f818b623d2584052f2b22a60221498c3bf548"));
    assert_eq!(agree(0x55, 0x44), hex("1eafcf380080d1f4d8a308284691b84a06aa5ca32c723c9a327b7a28c504ad1d"));
    assert_eq!(agree(0x66, 0x33), hex("6920ac7c44c4ace78462ba2a3050002a41477fd09a54d8921e108403e5a9544d"));

    let check = |(root, chain): &(RootKey, ChainKey)| {
        assert_eq!(root.0.to_vec(), hex("d77b1bb16f84e976aba8c93664967cda471b0c8841ce7ff0574d939bf9a687ac"));
        assert_eq!(chain.key.to_vec(), hex("1608dac3fcfbc01ccdbcc61fa92a680551ad26a9ae331bd97653e824fd737573"));
    };
    let agreed = x3dh::initiator(&pair(0x11).private, &pair(0x55).private, &bundle()).expect("keys agree");
    check(&agreed);
    let message = PreKeyMessage::parse(&hex(FIRST)).expect("a pkmsg");
    let one_time = PreKey { id: 7, pair: pair(0x44) };
    check(&x3dh::responder(&pair(0x22), &signed_prekey(), Some(&one_time), &message).expect("keys agree"));

    let (root, mut chain) = agreed.0.ratchet(&pair(0x66).private, &pair(0x33).public).expect("a ratchet step");
    assert_eq!(root.0.to_vec(), hex("38c57fc516841d0073361e6906d9c5f6df0dfbecd4c41386248c1ee5c578866a"));
    assert_eq!(chain.key.to_vec(), hex("23b2406e9ede9866c1ce583f5a37c37c8591e441a91072f5870b23c5317dc10f"));
    let seed = chain.advance().expect("a seed");
    assert_eq!(seed.to_vec(), hex("2b90159c7a2532280039bb02d1bb3250d5e0fa49d089f5a63680398c24d2449c"));
    assert_eq!(chain.key.to_vec(), hex("a8f3b651b3a1360963ef4f5611ab81170b96fe1e1ea1849da14c375c38f870af"));
    assert_eq!(chain.index, 1);
    let keys = MessageKeys::derive(&seed);
    assert_eq!(keys.cipher_key().to_vec(), hex("27bdd6a5dd2156f2fd6428fd9268beb773df36cc16c70aceeefe166c8952e768"));
    assert_eq!(keys.mac_key().to_vec(), hex("c495f336dfc908877eb0bd11d14900490853644e10f5b861935c4418fcdad514"));
    assert_eq!(keys.iv().to_vec(), hex("ec61b6e3c7529b9382a14559397d4b18"));
}

#[test]
fn the_published_conversation_is_written_and_read_byte_for_byte() {
    let (a, b) = (pair(0x11), pair(0x22));
    let (mut of_a, mut of_b) = (SessionRecord::new(), SessionRecord::new());
    let hello = padded("0a0568656c6c6f", 9);
    let second = padded("0a0166", 13);

    initiate_with(&a, &bundle(), &mut of_a, pair(0x55), pair(0x66)).expect("a session");
    for (plaintext, bytes) in [(&hello, FIRST), (&second, SECOND)] {
        let sent = encrypt(&mut of_a, &a.public, A_REGISTRATION, plaintext).expect("a pkmsg");
        assert_eq!(sent, Ciphertext { kind: Kind::PreKey, bytes: hex(bytes) });
    }

    let first = PreKeyMessage::parse(&hex(FIRST)).expect("a pkmsg");
    assert_eq!((first.prekey_id, first.signed_prekey_id, first.registration_id), (Some(7), 1, A_REGISTRATION));
    assert_eq!((first.identity, first.base_key), (a.public, pair(0x55).public));
    let one_time = PreKey { id: 7, pair: pair(0x44) };
    let read = decrypt_prekey_with(&mut of_b, &first, &b, Some(&signed_prekey()), Some(&one_time), || pair(0x77))
        .expect("the first message");
    assert_eq!(read.plaintext, hello);
    assert_eq!((read.used_prekey, read.new_session, read.identity), (Some(7), true, a.public));

    let later = PreKeyMessage::parse(&hex(SECOND)).expect("a pkmsg");
    let read = decrypt_prekey_with(&mut of_b, &later, &b, None, None, || unreachable!()).expect("the second");
    assert_eq!(read.plaintext, second);
    assert_eq!((read.used_prekey, read.new_session), (None, false));

    let reply = padded("0a026f6b", 12);
    let sent = encrypt(&mut of_b, &b.public, B_REGISTRATION, &reply).expect("a msg");
    assert_eq!(sent, Ciphertext { kind: Kind::Whisper, bytes: hex(REPLY) });
    let read = decrypt_with(&mut of_a, &sent.bytes, &a.public, || pair(0x88)).expect("the reply");
    assert_eq!(read, reply);

    let next = padded("0a0178", 13);
    let sent = encrypt(&mut of_a, &a.public, A_REGISTRATION, &next).expect("a msg");
    assert_eq!(sent, Ciphertext { kind: Kind::Whisper, bytes: hex(NEXT) });
    assert_eq!(decrypt(&mut of_b, &sent.bytes, &b.public), Ok(next));

    for again in [&first, &later] {
        let refused = decrypt_prekey_with(&mut of_b, again, &b, Some(&signed_prekey()), Some(&one_time), || pair(1));
        assert_eq!(refused, Err(SignalError::Duplicate));
    }
    assert_eq!(decrypt(&mut of_a, &hex(REPLY), &a.public), Err(SignalError::Duplicate));
    assert_eq!(decrypt(&mut of_b, &hex(NEXT), &b.public), Err(SignalError::Duplicate));
}

#[test]
fn signatures_are_as_published() {
    let signer = pair(0x11);
    let plain = hex("f1623e7c8ae6a7f908e05303126def908ff17805326c74d0afe7926d77a973de\
                     3d4649cddaa978c0211dc83fb7e7d3847f6ce032b446e7fe5bb387eeddd9c285");
    let random = hex("f58c0ad578c28b99d9fc359db3008bce027f60c8a269ed16d2e258eb224767b5\
                      9138fcd4832579a3ca1cf2d16c2705d945616ecbe7e81d9ffe098066dbd82e85");
    assert_eq!(signer.private.sign_with(b"chasqui", &[0xab; 64]).to_vec(), random);
    for signature in [&plain, &random] {
        assert!(signer.public.verify(b"chasqui", signature).is_ok());
        assert!(signer.public.verify(b"Chasqui", signature).is_err());
        assert!(pair(0x22).public.verify(b"chasqui", signature).is_err());
        for (byte, bit) in [(0, 0x01), (63, 0x80)] {
            let mut broken = signature.clone();
            broken[byte] ^= bit;
            assert!(signer.public.verify(b"chasqui", &broken).is_err());
        }
    }
    for (seed, set) in
        [(0x11, true), (0x33, true), (0x44, true), (0x66, true), (0x22, false), (0x55, false), (0x77, false)]
    {
        assert_eq!(pair(seed).private.sign(b"chasqui")[63] & 0x80 != 0, set, "seed {seed:x}");
    }
}

/// Messages under a known key that no honest peer sends.
mod hostile {
    use super::*;
    use crate::chain::MAX_SKIPPED;

    /// A record of A, which B's first answer with any ratchet key and counter could reach.
    fn of_a() -> SessionRecord {
        let mut record = SessionRecord::new();
        initiate_with(&pair(0x11), &bundle(), &mut record, pair(0x55), pair(0x66)).expect("a session");
        record
    }

    fn from_b(ratchet_key: PublicKey, counter: u32) -> Vec<u8> {
        let keys = MessageKeys::derive(&[1; 32]);
        let (a, b) = (pair(0x11).public, pair(0x22).public);
        crate::message::WhisperMessage::seal(&keys, &b, &a, (ratchet_key, counter, 0), b"text\x01")
    }

    #[test]
    fn a_ratchet_key_of_small_order_is_refused() {
        let message = from_b(PublicKey::new([0; 32]), 0);
        assert_eq!(decrypt(&mut of_a(), &message, &pair(0x11).public), Err(SignalError::InvalidKey));
    }

    #[test]
    fn a_base_key_of_small_order_is_refused() {
        let mut message = PreKeyMessage::parse(&hex(FIRST)).expect("a pkmsg");
        message.base_key = PublicKey::new([0; 32]);
        let one_time = PreKey { id: 7, pair: pair(0x44) };
        let mut record = SessionRecord::new();
        let refused =
            crate::decrypt_prekey(&mut record, &message, &pair(0x22), Some(&signed_prekey()), Some(&one_time));
        assert_eq!(refused, Err(SignalError::InvalidKey));
        assert_eq!(record.to_bytes(), SessionRecord::new().to_bytes());
    }

    #[test]
    fn a_counter_at_the_end_of_its_range_is_refused() {
        for (counter, refusal) in [
            (MAX_SKIPPED as u32, SignalError::BadMac),
            (MAX_SKIPPED as u32 + 1, SignalError::FutureMessage),
            (u32::MAX, SignalError::FutureMessage),
        ] {
            let message = from_b(pair(0x77).public, counter);
            assert_eq!(decrypt(&mut of_a(), &message, &pair(0x11).public), Err(refusal));
        }
    }

    #[test]
    fn a_chain_whose_counters_are_used_up_neither_sends_nor_receives() {
        let mut record = of_a();
        record.states[0].sending.index = u32::MAX;
        let refused = encrypt(&mut record, &pair(0x11).public, A_REGISTRATION, b"text\x01");
        assert_eq!(refused, Err(SignalError::NoSession));

        let mut of_b = SessionRecord::new();
        let first = PreKeyMessage::parse(&hex(FIRST)).expect("a pkmsg");
        let one_time = PreKey { id: 7, pair: pair(0x44) };
        decrypt_prekey_with(&mut of_b, &first, &pair(0x22), Some(&signed_prekey()), Some(&one_time), || pair(0x77))
            .expect("the first message");
        of_b.states[0].receivers[0].chain.next.index = u32::MAX;
        let keys = MessageKeys::derive(&[1; 32]);
        let (a, b) = (pair(0x11).public, pair(0x22).public);
        let header = (pair(0x66).public, u32::MAX, 0);
        let last = crate::message::WhisperMessage::seal(&keys, &a, &b, header, b"text\x01");
        assert_eq!(decrypt(&mut of_b, &last, &b), Err(SignalError::InvalidMessage));
    }

    #[test]
    fn a_claimed_identity_that_is_not_the_sessions_is_refused() {
        let mut of_b = SessionRecord::new();
        let first = PreKeyMessage::parse(&hex(FIRST)).expect("a pkmsg");
        let one_time = PreKey { id: 7, pair: pair(0x44) };
        decrypt_prekey_with(&mut of_b, &first, &pair(0x22), Some(&signed_prekey()), Some(&one_time), || pair(0x77))
            .expect("the first message");
        let mut forged = PreKeyMessage::parse(&hex(SECOND)).expect("a pkmsg");
        forged.identity = pair(0x99).public;
        let refused = crate::decrypt_prekey(&mut of_b, &forged, &pair(0x22), None, None);
        assert_eq!(refused, Err(SignalError::InvalidMessage));
    }
}
