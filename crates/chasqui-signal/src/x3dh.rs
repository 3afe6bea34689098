//! The key agreement that starts a session (03-messages §1.2).
//!
//! `master = 32×FF ‖ DH(IK_a,SPK_b) ‖ DH(EK_a,IK_b) ‖ DH(EK_a,SPK_b) [‖ DH(EK_a,OPK_b)]`; both sides get the same root
//! and first chain from it.

use chasqui_wire::{KeyPair, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::{
    PreKey, PreKeyBundle, PreKeyMessage, SignalError, SignedPreKey,
    chain::{ChainKey, RootKey},
};

/// The side that fetched a bundle and made a base key.
pub(crate) fn initiator(
    identity: &PrivateKey,
    base_key: &PrivateKey,
    bundle: &PreKeyBundle,
) -> Result<(RootKey, ChainKey), SignalError> {
    let mut master = Master::new();
    master.push(identity, &bundle.signed_prekey)?;
    master.push(base_key, &bundle.identity)?;
    master.push(base_key, &bundle.signed_prekey)?;
    if let Some((_, prekey)) = &bundle.prekey {
        master.push(base_key, prekey)?;
    }
    Ok(master.derive())
}

/// The side whose prekeys a message names.
pub(crate) fn responder(
    identity: &KeyPair,
    signed_prekey: &SignedPreKey,
    prekey: Option<&PreKey>,
    message: &PreKeyMessage,
) -> Result<(RootKey, ChainKey), SignalError> {
    let mut master = Master::new();
    master.push(&signed_prekey.pair.private, &message.identity)?;
    master.push(&identity.private, &message.base_key)?;
    master.push(&signed_prekey.pair.private, &message.base_key)?;
    if let Some(prekey) = prekey {
        master.push(&prekey.pair.private, &message.base_key)?;
    }
    Ok(master.derive())
}

struct Master(Zeroizing<Vec<u8>>);

impl Master {
    fn new() -> Self {
        let mut bytes = Vec::with_capacity(5 * 32);
        bytes.extend_from_slice(&[0xff; 32]);
        Self(Zeroizing::new(bytes))
    }

    fn push(&mut self, ours: &PrivateKey, theirs: &PublicKey) -> Result<(), SignalError> {
        self.0.extend_from_slice(ours.agree(theirs)?.as_ref());
        Ok(())
    }

    fn derive(self) -> (RootKey, ChainKey) {
        RootKey::derive(None, &self.0, b"WhisperText")
    }
}
