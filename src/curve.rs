//! The signatures of Signal, for programs that make or check keys themselves.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{PrivateKey, PublicKey};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::guard::guard;

/// Signs with a Curve25519 private key of 32 bytes (XEdDSA): 64 bytes.
#[napi]
pub fn curve_sign(private: Uint8Array, message: Uint8Array) -> napi::Result<Uint8Array> {
    guard(|| {
        let key = PrivateKey::from_raw(&private).map_err(|error| {
            PublicError::new(ErrorCode::InvalidArgument, format!("The private key is none: {error}."))
        })?;
        Ok(Uint8Array::new(key.sign(&message).to_vec()))
    })
}

/// Whether this is such a signature, by the private half of these 32 bytes.
#[napi]
pub fn curve_verify(public: Uint8Array, message: Uint8Array, signature: Uint8Array) -> napi::Result<bool> {
    guard(|| Ok(PublicKey::from_raw(&public).is_ok_and(|key| key.verify(&message, &signature).is_ok())))
}
