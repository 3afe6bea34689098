//! The hash of a collection of the app state, for programs that keep collections themselves.

use chasqui_appstate::{LtHash, ValueMac};
use chasqui_error::{ErrorCode, PublicError};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::guard::guard;

const MAC_LEN: usize = 32;

/// The hash of 128 bytes after `subtract` and `add`: value MACs of 32 bytes, one after another.
#[napi]
pub fn lattice_hash(base: Uint8Array, subtract: Uint8Array, add: Uint8Array) -> napi::Result<Uint8Array> {
    guard(|| {
        let base = base
            .first_chunk::<{ LtHash::LEN }>()
            .ok_or_else(|| PublicError::new(ErrorCode::InvalidArgument, "The hash is too short."))?;
        let mut hash = LtHash::from_bytes(base);
        hash.update(&macs(&subtract), &macs(&add));
        Ok(Uint8Array::new(hash.to_bytes().to_vec()))
    })
}

fn macs(bytes: &[u8]) -> Vec<ValueMac> {
    bytes.chunks_exact(MAC_LEN).filter_map(|mac| mac.first_chunk().copied().map(ValueMac)).collect()
}
