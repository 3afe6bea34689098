//! The stored form of a record: a version byte, then the states; numbers are LEB128, keys are raw.
//!
//! ```text
//! record    = 01 open(1) count state*
//! state     = flags(1) registration root(32) base(32) identity(32) previous private(32) public(32) chain
//!             [prekey id] [signed prekey id] count receiver*          flags: 1 pending, 2 with a one-time prekey
//! chain     = key(32) index
//! receiver  = ratchet key(32) receiving
//! receiving = chain count skipped*
//! skipped   = counter seed(32)
//! ```

use chasqui_wire::{KeyPair, PrivateKey, PublicKey};
use zeroize::Zeroizing;

use crate::{
    SessionRecord, SignalError,
    chain::{ChainKey, MAX_SKIPPED, ReceivingChain, RootKey, SkippedKey},
    record::MAX_ARCHIVED,
    state::{MAX_RECEIVERS, Pending, Receiver, SessionState},
};

const VERSION: u8 = 1;
const PENDING: u8 = 1;
const ONE_TIME: u8 = 2;

pub(crate) fn write(record: &SessionRecord) -> Vec<u8> {
    let skipped =
        |state: &SessionState| state.receivers.iter().map(|receiver| receiver.chain.skipped.len()).sum::<usize>();
    let size: usize = record.states.iter().map(|state| 600 + 37 * skipped(state)).sum();
    // Large enough from the start: a vector that grows would leave copies of the keys behind.
    let mut out = Vec::with_capacity(8 + size);
    out.extend_from_slice(&[VERSION, u8::from(record.open)]);
    write_number(&mut out, record.states.len() as u32);
    for state in &record.states {
        write_state(&mut out, state);
    }
    out
}

fn write_state(out: &mut Vec<u8>, state: &SessionState) {
    let flags = match &state.pending {
        None => 0,
        Some(Pending { prekey_id: None, .. }) => PENDING,
        Some(Pending { prekey_id: Some(_), .. }) => PENDING | ONE_TIME,
    };
    out.push(flags);
    write_number(out, state.remote_registration_id);
    out.extend_from_slice(&state.root.0);
    out.extend_from_slice(state.base_key.as_bytes());
    out.extend_from_slice(state.remote_identity.as_bytes());
    write_number(out, state.previous_counter);
    out.extend_from_slice(state.ratchet.private.as_bytes());
    out.extend_from_slice(state.ratchet.public.as_bytes());
    write_chain(out, &state.sending);
    if let Some(pending) = &state.pending {
        if let Some(id) = pending.prekey_id {
            write_number(out, id);
        }
        write_number(out, pending.signed_prekey_id);
    }
    write_number(out, state.receivers.len() as u32);
    for receiver in &state.receivers {
        out.extend_from_slice(receiver.ratchet_key.as_bytes());
        write_receiving(out, &receiver.chain);
    }
}

pub(crate) fn write_receiving(out: &mut Vec<u8>, receiving: &ReceivingChain) {
    write_chain(out, &receiving.next);
    write_number(out, receiving.skipped.len() as u32);
    for key in receiving.skipped.iter() {
        write_number(out, key.counter);
        out.extend_from_slice(&key.seed);
    }
}

fn write_chain(out: &mut Vec<u8>, chain: &ChainKey) {
    out.extend_from_slice(&chain.key);
    write_number(out, chain.index);
}

pub(crate) fn write_number(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn read(bytes: &[u8]) -> Result<SessionRecord, SignalError> {
    let mut reader = Reader(bytes);
    let [VERSION, open @ (0 | 1)] = *reader.take()? else { return Err(SignalError::CorruptRecord) };
    let count = reader.count(MAX_ARCHIVED + usize::from(open))?;
    let states = (0..count).map(|_| reader.state().map(Box::new)).collect::<Result<_, _>>()?;
    let record = SessionRecord { states, open: open == 1 };
    if reader.0.is_empty() && record.open <= !record.states.is_empty() {
        Ok(record)
    } else {
        Err(SignalError::CorruptRecord)
    }
}

pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], SignalError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SignalError::CorruptRecord)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn number(&mut self) -> Result<u32, SignalError> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let [byte] = *self.take()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value).map_err(|_| SignalError::CorruptRecord);
            }
        }
        Err(SignalError::CorruptRecord)
    }

    pub(crate) fn count(&mut self, limit: usize) -> Result<usize, SignalError> {
        let count = self.number()? as usize;
        if count <= limit { Ok(count) } else { Err(SignalError::CorruptRecord) }
    }

    pub(crate) fn public_key(&mut self) -> Result<PublicKey, SignalError> {
        self.take().copied().map(PublicKey::new)
    }

    fn chain(&mut self) -> Result<ChainKey, SignalError> {
        Ok(ChainKey { key: *self.take()?, index: self.number()? })
    }

    fn state(&mut self) -> Result<SessionState, SignalError> {
        let [flags] = *self.take()?;
        let remote_registration_id = self.number()?;
        let root = RootKey(*self.take()?);
        let base_key = self.public_key()?;
        let remote_identity = self.public_key()?;
        let previous_counter = self.number()?;
        let ratchet = KeyPair { private: PrivateKey::new(*self.take()?), public: self.public_key()? };
        let sending = self.chain()?;
        let pending = match flags {
            0 => None,
            PENDING => Some(Pending { prekey_id: None, signed_prekey_id: self.number()? }),
            3 => Some(Pending { prekey_id: Some(self.number()?), signed_prekey_id: self.number()? }),
            _ => return Err(SignalError::CorruptRecord),
        };
        let mut receivers = Vec::with_capacity(MAX_RECEIVERS);
        for _ in 0..self.count(MAX_RECEIVERS)? {
            receivers.push(self.receiver()?);
        }
        Ok(SessionState {
            base_key,
            remote_identity,
            remote_registration_id,
            root,
            previous_counter,
            ratchet,
            sending,
            receivers,
            pending,
        })
    }

    fn receiver(&mut self) -> Result<Receiver, SignalError> {
        Ok(Receiver { ratchet_key: self.public_key()?, chain: self.receiving()? })
    }

    pub(crate) fn receiving(&mut self) -> Result<ReceivingChain, SignalError> {
        let next = self.chain()?;
        let count = self.count(MAX_SKIPPED)?;
        // Never more room than the bytes at hand can fill.
        let mut skipped = Zeroizing::new(Vec::with_capacity(count.min(self.0.len() / 33)));
        let mut lowest = 0;
        for _ in 0..count {
            let counter = self.number()?;
            if counter < lowest || counter >= next.index {
                return Err(SignalError::CorruptRecord);
            }
            lowest = counter + 1;
            skipped.push(SkippedKey { counter, seed: *self.take()? });
        }
        Ok(ReceivingChain { next, skipped })
    }
}
