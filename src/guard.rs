//! Keeps panics and Rust's errors from crossing into Node unshaped.
//!
//! A panic in a function that Node calls would abort the process. It becomes an `INTERNAL` error of the call instead,
//! and nothing is printed: a panic's message may hold what must not be shown.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use chasqui_error::{ErrorCode, PublicError};

/// Runs one entry from JavaScript; its errors are thrown with the JSON of [`PublicError`] as message.
pub(crate) fn guard<T>(entry: impl FnOnce() -> Result<T, PublicError>) -> napi::Result<T> {
    silence_panics();
    panic::catch_unwind(AssertUnwindSafe(entry)).unwrap_or_else(|_| Err(fault())).map_err(|error| {
        let json = serde_json::to_string(&error).unwrap_or_else(|_| error.message.clone());
        napi::Error::from_reason(json)
    })
}

/// What the program is told of a panic.
pub(crate) fn fault() -> PublicError {
    PublicError::new(ErrorCode::Internal, "A fault in chasqui itself stopped the session; its store is consistent.")
}

/// Replaces the default hook, which prints to stderr. The addon has its own copy of the standard library, so no other
/// addon of the process is concerned.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| {
            // The place only, never the message.
            if let Some(place) = info.location() {
                tracing::error!(target: "chasqui::panic", file = place.file(), line = place.line(), "panic");
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_error_as_json() {
        let error = guard::<()>(|| panic!("the secret is 42")).expect_err("a panic is an error");
        let json: serde_json::Value = serde_json::from_str(&error.reason).expect("the message is JSON");
        assert_eq!(json["code"], "INTERNAL");
        assert!(!error.reason.contains("42"));
    }
}
