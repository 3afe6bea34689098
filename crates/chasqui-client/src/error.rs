//! How errors of the lower layers become public ones.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_store::StoreError;
use serde_json::json;

/// A store error as users see it.
pub(crate) fn store(error: StoreError) -> PublicError {
    let message = error.to_string();
    match error {
        StoreError::UnknownScheme { .. } => PublicError::new(ErrorCode::InvalidOption, message).with("option", "store"),
        StoreError::BadUrl { .. } => PublicError::new(ErrorCode::InvalidOption, message).with("option", "store"),
        StoreError::BadName => PublicError::new(ErrorCode::InvalidOption, message).with("option", "session"),
        StoreError::Held { pid, host, .. } => {
            PublicError::new(ErrorCode::SessionHeld, message).with("holder", json!({ "pid": pid, "host": host }))
        }
        StoreError::LeaseLost { .. } => PublicError::new(ErrorCode::LeaseLost, message),
        StoreError::Corrupt { path, .. } => {
            PublicError::new(ErrorCode::StoreCorrupt, message).with("path", path.display().to_string())
        }
        StoreError::WrongKey { sealed_with, given, .. } => {
            PublicError::new(ErrorCode::WrongKey, message).with("sealedWith", sealed_with).with("given", given)
        }
        StoreError::Altered { .. } => PublicError::new(ErrorCode::StoreCorrupt, message),
        StoreError::NewerArchive { path, found, supported } => PublicError::new(ErrorCode::ArchiveNewer, message)
            .with("path", path.display().to_string())
            .with("found", found)
            .with("supported", supported),
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

/// `SEND_UNCONFIRMED` for an id.
pub(crate) fn unconfirmed(id: &str) -> PublicError {
    PublicError::new(
        ErrorCode::SendUnconfirmed,
        "The server has not acknowledged the message yet; it stays in the outbox.",
    )
    .with("id", id)
}

/// The store failed before the message was in it.
pub(crate) fn not_taken(id: &str, reason: &PublicError) -> PublicError {
    let why = reason.message.trim_end_matches('.');
    let message = format!("The message could not be stored, and was not sent: {why}.");
    PublicError { message, ..reason.clone() }.with("id", id)
}

/// `SEND_UNCONFIRMED` when the client has stopped, and why.
pub(crate) fn cut_short(id: &str, reason: &PublicError) -> PublicError {
    let what_follows = match reason.code {
        ErrorCode::LeaseLost | ErrorCode::SessionTakenOver => {
            " It stays in the outbox, from which whoever owns the session now sends it."
        }
        ErrorCode::LoggedOut | ErrorCode::Banned => "",
        _ => " It stays in the outbox.",
    };
    let why = reason.message.trim_end_matches('.');
    let message = format!("The server has not acknowledged the message: {why}.{what_follows}");
    let cause = json!({ "code": reason.code, "message": reason.message });
    PublicError { message, ..unconfirmed(id) }.with("cause", cause)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_the_client_s_end_cuts_short_says_why_and_what_follows() {
        let lost = PublicError::new(ErrorCode::LeaseLost, "the lease on session \"a\" was lost");
        let error = cut_short("3EB0", &lost);
        assert_eq!(
            (error.code, &error.data["id"], &error.data["cause"]["code"]),
            (ErrorCode::SendUnconfirmed, &json!("3EB0"), &json!("LEASE_LOST"))
        );
        let unsent = not_taken("3EB0", &lost);
        assert_eq!((unsent.code, &unsent.data["id"]), (ErrorCode::LeaseLost, &json!("3EB0")));
        assert!(unsent.message.contains("was not sent: the lease on session"), "{unsent}");
        assert!(
            error.message.contains("the lease") && error.message.contains("whoever owns the session now"),
            "{error}"
        );
        let error = cut_short("3EB0", &disconnected());
        assert!(error.message.ends_with("The client was disconnected. It stays in the outbox."), "{error}");
    }
}
