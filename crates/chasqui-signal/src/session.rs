//! Setting up a session, and encrypting and decrypting in it (03-messages §1.2 to §1.4).

use std::fmt;

use chasqui_wire::{KeyPair, PublicKey};

use crate::{
    Ciphertext, Kind, PreKey, PreKeyBundle, PreKeyMessage, SessionRecord, SignalError, SignedPreKey,
    chain::MessageKeys,
    message::WhisperMessage,
    state::{MAX_RECEIVERS, Pending, SessionState},
    x3dh,
};

/// Starts a session with the owner of `bundle`. It becomes the current one, the one before is archived.
///
/// Whether the bundle's identity is the one known before is the caller's to compare.
///
/// # Errors
/// [`SignalError::InvalidSignature`] when the signed prekey is not the identity's, [`SignalError::InvalidKey`].
pub fn initiate(our_identity: &KeyPair, bundle: &PreKeyBundle, record: &mut SessionRecord) -> Result<(), SignalError> {
    initiate_with(our_identity, bundle, record, KeyPair::generate(), KeyPair::generate())
}

/// [`initiate`] with chosen ephemeral keys, so that tests can repeat it. Never use a pair twice.
///
/// # Errors
/// As [`initiate`].
pub fn initiate_with(
    our_identity: &KeyPair,
    bundle: &PreKeyBundle,
    record: &mut SessionRecord,
    base_key: KeyPair,
    ratchet: KeyPair,
) -> Result<(), SignalError> {
    bundle.verify()?;
    let (root, _) = x3dh::initiator(&our_identity.private, &base_key.private, bundle)?;
    let (root, sending) = root.ratchet(&ratchet.private, &bundle.signed_prekey)?;
    record.set_current(Box::new(SessionState {
        base_key: base_key.public,
        remote_identity: bundle.identity,
        remote_registration_id: bundle.registration_id,
        root,
        previous_counter: 0,
        ratchet,
        sending,
        receivers: Vec::with_capacity(MAX_RECEIVERS),
        pending: Some(Pending {
            prekey_id: bundle.prekey.map(|(id, _)| id),
            signed_prekey_id: bundle.signed_prekey_id,
        }),
    }));
    Ok(())
}

/// Encrypts in the current session. Store the record before the ciphertext leaves.
///
/// `padded_plaintext` has its [`padding`](crate::padding); our registration id goes into a `pkmsg`.
///
/// # Errors
/// [`SignalError::NoSession`]
pub fn encrypt(
    record: &mut SessionRecord,
    our_identity: &PublicKey,
    our_registration_id: u32,
    padded_plaintext: &[u8],
) -> Result<Ciphertext, SignalError> {
    let state = record.current_mut().ok_or(SignalError::NoSession)?;
    let counter = state.sending.index;
    let seed = state.sending.advance().ok_or(SignalError::NoSession)?;
    let message = WhisperMessage::seal(
        &MessageKeys::derive(&seed),
        our_identity,
        &state.remote_identity,
        (state.ratchet.public, counter, state.previous_counter),
        padded_plaintext,
    );
    let Some(pending) = &state.pending else { return Ok(Ciphertext { kind: Kind::Whisper, bytes: message }) };
    let wrapped = PreKeyMessage {
        registration_id: our_registration_id,
        prekey_id: pending.prekey_id,
        signed_prekey_id: pending.signed_prekey_id,
        base_key: state.base_key,
        identity: *our_identity,
        message,
    };
    Ok(Ciphertext { kind: Kind::PreKey, bytes: wrapped.encode() })
}

/// Decrypts a `msg`: with the current session, then with the archived ones, newest first. The one that fits becomes the
/// current one. Gives the padded plaintext.
///
/// # Errors
/// [`SignalError::Duplicate`], [`SignalError::NoSession`] for a record without any state, [`SignalError::BadMac`],
/// [`SignalError::FutureMessage`], [`SignalError::InvalidMessage`], [`SignalError::InvalidKey`].
pub fn decrypt(
    record: &mut SessionRecord,
    message_bytes: &[u8],
    our_identity: &PublicKey,
) -> Result<Vec<u8>, SignalError> {
    decrypt_with(record, message_bytes, our_identity, KeyPair::generate)
}

/// [`decrypt`] with a chosen next ratchet key.
pub(crate) fn decrypt_with(
    record: &mut SessionRecord,
    message_bytes: &[u8],
    our_identity: &PublicKey,
    next_ratchet: impl Fn() -> KeyPair,
) -> Result<Vec<u8>, SignalError> {
    let mut message = WhisperMessage::parse(message_bytes)?;
    // A state that has a chain for the ratchet key can alone tell, so it is asked first; every other one costs a key
    // agreement to ask.
    for knows_key in [true, false] {
        for at in 0..record.states.len() {
            let Some(state) = record.states.get_mut(at) else { break };
            if state.knows_ratchet_key(&message.ratchet_key) != knows_key {
                continue;
            }
            match state.receive(&mut message, our_identity, &next_ratchet) {
                Ok(plaintext) => {
                    record.promote(at);
                    return Ok(plaintext);
                }
                Err(SignalError::BadMac) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Err(if record.states.is_empty() { SignalError::NoSession } else { SignalError::BadMac })
}

/// What a `pkmsg` held.
#[derive(Clone, PartialEq, Eq)]
pub struct Decrypted {
    /// Still padded.
    pub plaintext: Vec<u8>,
    /// The one-time prekey to delete, once the record is stored.
    pub used_prekey: Option<u32>,
    /// Whether the message started a session.
    pub new_session: bool,
    /// The sender's identity, proven by the message.
    pub identity: PublicKey,
}

impl fmt::Debug for Decrypted {
    /// Without the plaintext, which may hold keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted")
            .field("used_prekey", &self.used_prekey)
            .field("new_session", &self.new_session)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// Decrypts a `pkmsg`. When the record [knows its base key](SessionRecord::knows_base_key) it is an ordinary message of
/// that session and the prekeys are not looked at; otherwise it starts a session with the prekeys that it names, which
/// becomes the current one.
///
/// Whether the identity is the one known before is the caller's to compare.
///
/// # Errors
/// [`SignalError::MissingSignedPreKey`] and [`SignalError::MissingPreKey`] when a key that is needed is not given or has
/// another id, [`SignalError::Duplicate`], [`SignalError::BadMac`], [`SignalError::FutureMessage`],
/// [`SignalError::InvalidMessage`], [`SignalError::InvalidKey`].
pub fn decrypt_prekey(
    record: &mut SessionRecord,
    message: &PreKeyMessage,
    our_identity: &KeyPair,
    signed_prekey: Option<&SignedPreKey>,
    prekey: Option<&PreKey>,
) -> Result<Decrypted, SignalError> {
    decrypt_prekey_with(record, message, our_identity, signed_prekey, prekey, KeyPair::generate)
}

/// [`decrypt_prekey`] with a chosen next ratchet key.
pub(crate) fn decrypt_prekey_with(
    record: &mut SessionRecord,
    message: &PreKeyMessage,
    our_identity: &KeyPair,
    signed_prekey: Option<&SignedPreKey>,
    prekey: Option<&PreKey>,
    next_ratchet: impl FnOnce() -> KeyPair,
) -> Result<Decrypted, SignalError> {
    let mut whisper = WhisperMessage::parse(&message.message)?;
    let known = record.states.iter_mut().enumerate().find(|(_, state)| state.base_key == message.base_key);
    if let Some((at, state)) = known {
        // The MAC proves the identity of the state, not the one written beside it.
        if state.remote_identity != message.identity {
            return Err(SignalError::InvalidMessage);
        }
        let plaintext = state.receive(&mut whisper, &our_identity.public, next_ratchet)?;
        record.promote(at);
        return Ok(Decrypted { plaintext, used_prekey: None, new_session: false, identity: message.identity });
    }

    let signed_prekey = signed_prekey
        .filter(|key| key.id == message.signed_prekey_id)
        .ok_or(SignalError::MissingSignedPreKey(message.signed_prekey_id))?;
    let prekey = match message.prekey_id {
        None => None,
        Some(id) => Some(prekey.filter(|key| key.id == id).ok_or(SignalError::MissingPreKey(id))?),
    };
    let (root, sending) = x3dh::responder(our_identity, signed_prekey, prekey, message)?;
    let mut state = Box::new(SessionState {
        base_key: message.base_key,
        remote_identity: message.identity,
        remote_registration_id: message.registration_id,
        root,
        previous_counter: 0,
        ratchet: signed_prekey.pair.clone(),
        sending,
        receivers: Vec::with_capacity(MAX_RECEIVERS),
        pending: None,
    });
    let plaintext = state.receive(&mut whisper, &our_identity.public, next_ratchet)?;
    record.set_current(state);
    Ok(Decrypted { plaintext, used_prekey: message.prekey_id, new_session: true, identity: message.identity })
}
