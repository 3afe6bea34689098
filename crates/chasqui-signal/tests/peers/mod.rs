//! Two devices that write to each other, with every record going through its stored form.

use chasqui_signal::{
    Ciphertext, Decrypted, Kind, PreKey, PreKeyBundle, PreKeyMessage, SessionRecord, SignalError, SignedPreKey,
    decrypt, decrypt_prekey, encrypt, initiate, padding,
};
use chasqui_wire::KeyPair;

/// One device: its keys, and its record of the other one.
pub struct Peer {
    pub identity: KeyPair,
    pub registration_id: u32,
    pub signed_prekey: SignedPreKey,
    pub prekey: PreKey,
    pub record: SessionRecord,
}

impl Peer {
    pub fn new(registration_id: u32) -> Self {
        let identity = KeyPair::generate();
        Self {
            signed_prekey: SignedPreKey::generate(1, &identity),
            prekey: PreKey::generate(7),
            identity,
            registration_id,
            record: SessionRecord::new(),
        }
    }

    /// The same device, with a record of its own for somebody else.
    #[allow(dead_code, reason = "not every test file has more than two devices")]
    pub fn towards_another(&self) -> Self {
        Self {
            identity: self.identity.clone(),
            registration_id: self.registration_id,
            signed_prekey: self.signed_prekey.clone(),
            prekey: self.prekey.clone(),
            record: SessionRecord::new(),
        }
    }

    pub fn bundle(&self, with_prekey: bool) -> PreKeyBundle {
        PreKeyBundle {
            registration_id: self.registration_id,
            identity: self.identity.public,
            signed_prekey_id: self.signed_prekey.id,
            signed_prekey: self.signed_prekey.pair.public,
            signed_prekey_signature: self.signed_prekey.signature,
            prekey: with_prekey.then_some((self.prekey.id, self.prekey.pair.public)),
        }
    }

    pub fn initiate(&mut self, other: &Self) {
        initiate(&self.identity, &other.bundle(true), &mut self.record).expect("a session");
    }

    pub fn send(&mut self, text: &str) -> Ciphertext {
        let mut plaintext = text.as_bytes().to_vec();
        padding::pad(&mut plaintext);
        let sent = encrypt(&mut self.record, &self.identity.public, self.registration_id, &plaintext);
        self.store();
        sent.expect("an open session")
    }

    /// Decrypts; a refusal must leave the record as it was.
    pub fn receive(&mut self, message: &Ciphertext) -> Result<String, SignalError> {
        let before = self.record.to_bytes();
        let read = match message.kind {
            Kind::Whisper => decrypt(&mut self.record, &message.bytes, &self.identity.public),
            Kind::PreKey => self.receive_prekey(&message.bytes).map(|read| read.plaintext),
        };
        if read.is_err() {
            assert_eq!(self.record.to_bytes(), before, "a refused message changed the record");
        }
        self.store();
        let plaintext = read?;
        Ok(String::from_utf8(padding::unpad(&plaintext)?.to_vec()).expect("text"))
    }

    pub fn receive_prekey(&mut self, bytes: &[u8]) -> Result<Decrypted, SignalError> {
        let message = PreKeyMessage::parse(bytes)?;
        decrypt_prekey(&mut self.record, &message, &self.identity, Some(&self.signed_prekey), Some(&self.prekey))
    }

    /// Puts the record away and takes it out again.
    pub fn store(&mut self) {
        let bytes = self.record.to_bytes();
        self.record = SessionRecord::from_bytes(&bytes).expect("a record");
        assert_eq!(self.record.to_bytes(), bytes);
    }
}

/// Two devices with a session that both know of.
#[allow(dead_code, reason = "not every test file starts this way")]
pub fn acquainted() -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(1), Peer::new(2));
    a.initiate(&b);
    let first = a.send("first");
    assert_eq!(b.receive(&first).as_deref(), Ok("first"));
    let reply = b.send("reply");
    assert_eq!(a.receive(&reply).as_deref(), Ok("reply"));
    (a, b)
}
