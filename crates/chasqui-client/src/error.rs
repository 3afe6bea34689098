//! How errors of the lower layers become public ones.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::StoreError;

/// A store error as users see it.
pub(crate) fn store(error: StoreError) -> PublicError {
    let message = error.to_string();
    match error {
        StoreError::UnknownScheme { .. } => PublicError::new(ErrorCode::InvalidOption, message).with("option", "store"),
        StoreError::BadUrl { .. } => PublicError::new(ErrorCode::InvalidOption, message).with("option", "store"),
        StoreError::BadName => PublicError::new(ErrorCode::InvalidOption, message).with("option", "session"),
        StoreError::Held { pid, host, .. } => PublicError::new(ErrorCode::SessionHeld, message)
            .with("holder", serde_json::json!({ "pid": pid, "host": host })),
        StoreError::LeaseLost { .. } => PublicError::new(ErrorCode::LeaseLost, message),
        StoreError::Corrupt { path, .. } => {
            PublicError::new(ErrorCode::StoreCorrupt, message).with("path", path.display().to_string())
        }
        StoreError::WrongKey { sealed_with, given, .. } => {
            PublicError::new(ErrorCode::WrongKey, message).with("sealedWith", sealed_with).with("given", given)
        }
        StoreError::Altered { .. } => PublicError::new(ErrorCode::StoreCorrupt, message),
        StoreError::NewerSchema { .. } => PublicError::new(ErrorCode::StoreCorrupt, message),
        _ => PublicError::new(ErrorCode::StoreFailed, message.clone()).with("cause", message),
    }
}

/// The session's own record cannot be read: it is damaged, or sealed.
pub(crate) fn unreadable(session: &str, record: &[u8]) -> PublicError {
    if chasqui_store::is_sealed(record) {
        let message = format!("Session {session:?} is sealed, and no encryptionKey was given; it was left untouched.");
        return PublicError::new(ErrorCode::WrongKey, message);
    }
    PublicError::new(ErrorCode::StoreCorrupt, "The stored credentials cannot be read; the store was left as it is.")
}

/// A message could not be stored, and so was not sent.
pub(crate) fn not_stored(id: &str) -> PublicError {
    PublicError::new(ErrorCode::StoreFailed, "The message could not be stored; it was not sent.").with("id", id)
}

pub(crate) fn taken_over() -> PublicError {
    PublicError::new(ErrorCode::SessionTakenOver, "The session was handed over to another process or client.")
}

pub(crate) fn disconnected() -> PublicError {
    PublicError::new(ErrorCode::Disconnected, "The client was disconnected.")
}

pub(crate) fn not_connected() -> PublicError {
    PublicError::new(ErrorCode::NotConnected, "The connection is not open: await opened() first.")
}
