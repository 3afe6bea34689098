//! The stored form of a sender-key record; numbers and chains as in a session's (`crate::stored`).
//!
//! ```text
//! record = 01 count state*
//! state  = own(1) key id signing public(32) [private(32)] receiving        own: 1 with the private key
//! ```

use chasqui_wire::PrivateKey;

use super::{MAX_STATES, SenderKeyRecord, SenderKeyState};
use crate::{
    SignalError,
    stored::{Reader, write_number, write_receiving},
};

const VERSION: u8 = 1;

pub(super) fn write(record: &SenderKeyRecord) -> Vec<u8> {
    let size: usize = record.states.iter().map(|state| 120 + 37 * state.chain.skipped.len()).sum();
    // Large enough from the start: a vector that grows would leave copies of the keys behind.
    let mut out = Vec::with_capacity(2 + size);
    out.push(VERSION);
    write_number(&mut out, record.states.len() as u32);
    for state in &record.states {
        out.push(u8::from(state.signing_private.is_some()));
        write_number(&mut out, state.key_id);
        out.extend_from_slice(state.signing_key.as_bytes());
        if let Some(private) = &state.signing_private {
            out.extend_from_slice(private.as_bytes());
        }
        write_receiving(&mut out, &state.chain);
    }
    out
}

pub(super) fn read(bytes: &[u8]) -> Result<SenderKeyRecord, SignalError> {
    let mut reader = Reader(bytes);
    let [VERSION] = *reader.take()? else { return Err(SignalError::CorruptRecord) };
    let count = reader.count(MAX_STATES)?;
    let states = (0..count).map(|_| state(&mut reader).map(Box::new)).collect::<Result<_, _>>()?;
    if reader.0.is_empty() { Ok(SenderKeyRecord { states }) } else { Err(SignalError::CorruptRecord) }
}

fn state(reader: &mut Reader<'_>) -> Result<SenderKeyState, SignalError> {
    let [own @ (0 | 1)] = *reader.take()? else { return Err(SignalError::CorruptRecord) };
    Ok(SenderKeyState {
        key_id: reader.number()?,
        signing_key: reader.public_key()?,
        signing_private: if own == 1 { Some(PrivateKey::new(*reader.take()?)) } else { None },
        chain: reader.receiving()?,
    })
}
