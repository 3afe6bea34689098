//! Root, chain and message keys: of the double ratchet and of sender keys (03-messages §1.3 to §1.5).

use chasqui_wire::{PrivateKey, PublicKey};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    SignalError,
    cipher::{decrypt_cbc, encrypt_cbc, finish, hkdf, hmac},
};

/// How far a message may be ahead of its chain, and how many skipped keys a chain keeps.
pub(crate) const MAX_SKIPPED: usize = 2000;
/// Length in bytes of the truncated MAC behind a message.
pub(crate) const MAC_LEN: usize = 8;

/// The root of a session; each ratchet step replaces it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct RootKey(pub(crate) [u8; 32]);

impl RootKey {
    /// Splits 64 bytes of HKDF output into a root and the chain that hangs on it.
    pub(crate) fn derive(salt: Option<&[u8; 32]>, secret: &[u8], info: &[u8]) -> (Self, ChainKey) {
        let mut okm = Zeroizing::new([0u8; 64]);
        hkdf(salt, secret, info, okm.as_mut());
        let mut keys = (Self([0; 32]), ChainKey { key: [0; 32], index: 0 });
        keys.0.0.copy_from_slice(&okm[..32]);
        keys.1.key.copy_from_slice(&okm[32..]);
        keys
    }

    /// One step of the Diffie-Hellman ratchet: the next root and a fresh chain.
    pub(crate) fn ratchet(&self, ours: &PrivateKey, theirs: &PublicKey) -> Result<(Self, ChainKey), SignalError> {
        let shared = ours.agree(theirs)?;
        Ok(Self::derive(Some(&self.0), shared.as_ref(), b"WhisperRatchet"))
    }
}

/// A chain, and the counter of the message that its next seed belongs to.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct ChainKey {
    pub(crate) key: [u8; 32],
    pub(crate) index: u32,
}

impl ChainKey {
    /// The seed of message `index`; the chain moves on to the next. `None` when the counters are used up.
    pub(crate) fn advance(&mut self) -> Option<MessageSeed> {
        let next = self.index.checked_add(1)?;
        let mac = hmac(&self.key);
        let seed = Zeroizing::new(finish(mac.clone(), &[&[1]]));
        let key = Zeroizing::new(finish(mac, &[&[2]]));
        self.key.copy_from_slice(key.as_ref());
        self.index = next;
        Some(seed)
    }
}

/// What the keys of one message are derived from; this is what is kept of a skipped message.
pub(crate) type MessageSeed = Zeroizing<[u8; 32]>;

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct SkippedKey {
    pub(crate) counter: u32,
    pub(crate) seed: [u8; 32],
}

/// A chain that another side sends on, and the seeds of its messages that were passed over.
pub(crate) struct ReceivingChain {
    /// Behind the newest message.
    pub(crate) next: ChainKey,
    /// Ascending by counter, all below the index of the chain, at most [`MAX_SKIPPED`].
    pub(crate) skipped: Zeroizing<Vec<SkippedKey>>,
}

impl ReceivingChain {
    pub(crate) fn new(next: ChainKey) -> Self {
        Self { next, skipped: Zeroizing::new(Vec::new()) }
    }

    /// Opens message `counter` with its seed. Nothing changes unless `open` succeeds.
    pub(crate) fn open(
        &mut self,
        counter: u32,
        open: impl FnOnce(&[u8; 32]) -> Result<Vec<u8>, SignalError>,
    ) -> Result<Vec<u8>, SignalError> {
        if counter < self.next.index {
            let at = self.skipped.binary_search_by_key(&counter, |key| key.counter);
            let at = at.map_err(|_| SignalError::Duplicate)?;
            let key = self.skipped.get(at).ok_or(SignalError::Duplicate)?;
            let plaintext = open(&key.seed)?;
            self.skipped.remove(at);
            return Ok(plaintext);
        }

        let jump = (counter - self.next.index) as usize;
        if jump > MAX_SKIPPED {
            return Err(SignalError::FutureMessage);
        }
        let mut chain = self.next.clone();
        let mut passed = Zeroizing::new(Vec::with_capacity(jump));
        while chain.index < counter {
            let counter = chain.index;
            let seed = chain.advance().ok_or(SignalError::InvalidMessage)?;
            passed.push(SkippedKey { counter, seed: *seed });
        }
        let seed = chain.advance().ok_or(SignalError::InvalidMessage)?;
        let plaintext = open(&seed)?;
        self.next = chain;
        self.keep(passed);
        Ok(plaintext)
    }

    /// Adds skipped keys, and forgets the oldest over [`MAX_SKIPPED`].
    fn keep(&mut self, mut passed: Zeroizing<Vec<SkippedKey>>) {
        if passed.is_empty() {
            return;
        }
        self.forget_over(MAX_SKIPPED - passed.len().min(MAX_SKIPPED));
        // A vector that grows leaves its old memory behind as it is: the keys move to one of the right size, and the
        // old ones are wiped.
        let mut all = Zeroizing::new(Vec::with_capacity(self.skipped.len() + passed.len()));
        all.append(&mut self.skipped);
        all.append(&mut passed);
        self.skipped = all;
    }

    /// Forgets the oldest skipped keys until `limit` are left.
    pub(crate) fn forget_over(&mut self, limit: usize) {
        let excess = self.skipped.len().saturating_sub(limit);
        self.skipped.drain(..excess);
    }
}

/// Cipher key, MAC key and initialisation vector of one message.
pub(crate) struct MessageKeys(Zeroizing<[u8; 80]>);

impl MessageKeys {
    pub(crate) fn derive(seed: &[u8; 32]) -> Self {
        let mut okm = Zeroizing::new([0u8; 80]);
        hkdf(None, seed, b"WhisperMessageKeys", okm.as_mut());
        Self(okm)
    }

    pub(crate) fn encrypt(&self, plaintext: &[u8]) -> Vec<u8> {
        encrypt_cbc(self.cipher_key(), self.iv(), plaintext)
    }

    /// Decrypts in place what [`verify`](Self::verify) has found good.
    pub(crate) fn decrypt(&self, text: &mut Vec<u8>) -> Result<(), SignalError> {
        decrypt_cbc(self.cipher_key(), self.iv(), text)
    }

    /// The MAC of a message from version byte to the end of its protobuf.
    pub(crate) fn mac(&self, sender: &PublicKey, receiver: &PublicKey, message: &[u8]) -> [u8; MAC_LEN] {
        let full = finish(hmac(self.mac_key()), &[&sender.to_djb(), &receiver.to_djb(), message]);
        let mut mac = [0; MAC_LEN];
        mac.copy_from_slice(&full[..MAC_LEN]);
        mac
    }

    pub(crate) fn verify(
        &self,
        sender: &PublicKey,
        receiver: &PublicKey,
        message: &[u8],
        mac: &[u8; MAC_LEN],
    ) -> Result<(), SignalError> {
        let equal: bool = self.mac(sender, receiver, message).ct_eq(mac).into();
        if equal { Ok(()) } else { Err(SignalError::BadMac) }
    }

    pub(crate) fn cipher_key(&self) -> &[u8; 32] {
        self.part::<0, 32>()
    }

    pub(crate) fn mac_key(&self) -> &[u8; 32] {
        self.part::<32, 32>()
    }

    pub(crate) fn iv(&self) -> &[u8; 16] {
        self.part::<64, 16>()
    }

    fn part<const START: usize, const LENGTH: usize>(&self) -> &[u8; LENGTH] {
        self.0[START..].first_chunk().expect("inside the 80 bytes")
    }
}
