//! What answers to requests say, and what their errors mean to a program.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::Node;

use crate::Result;

/// The number of an answer's error, if it is one. A `result` may carry one, too.
pub fn error_code(answer: &Node<'_>) -> Option<u64> {
    let error = answer.find("error");
    if answer.tag == "ack" && answer.get("error").is_some() {
        return Some(answer.get_u64("error").unwrap_or(500));
    }
    (answer.is("type", "error") || error.is_some())
        .then(|| error.and_then(|error| error.get_u64("code")).unwrap_or(500))
}

/// The public error for a number of the service (07 §0.3), with its own text where it sent one.
pub fn refusal(code: u64, text: Option<&str>) -> PublicError {
    let (public, message) = match code {
        401 | 403 | 405 => (ErrorCode::NotAllowed, "The service does not allow this to the account"),
        404 => (ErrorCode::NotFound, "The service knows nothing of the kind"),
        429 => (ErrorCode::RateLimited, "The service is asked too often"),
        400 => (ErrorCode::RequestFailed, "The service calls the request malformed"),
        406 => (ErrorCode::RequestFailed, "The service does not accept this"),
        409 => (ErrorCode::RequestFailed, "It is so already, or something else is in the way"),
        410 => (ErrorCode::RequestFailed, "It is not there any more"),
        419 => (ErrorCode::RequestFailed, "A limit of the service is reached"),
        501 => (ErrorCode::RequestFailed, "The service does not do this"),
        500.. => (ErrorCode::RequestFailed, "The service failed"),
        _ => (ErrorCode::RequestFailed, "The service refused the request"),
    };
    // Text of the service is shown, so it is bounded.
    let text: Option<String> = text.map(|text| text.chars().filter(|c| !c.is_control()).take(200).collect());
    let named = text.as_deref().filter(|text| !text.is_empty());
    let message = match named {
        Some(text) => format!("{message} (error {code}: {text})."),
        None => format!("{message} (error {code})."),
    };
    let error = PublicError::new(public, message).with("error", code);
    match named {
        Some(text) => error.with("text", text),
        None => error,
    }
}

/// The answer, unless it is an error.
///
/// # Errors
/// [`refusal`].
pub fn accepted(answer: Node<'static>) -> Result<Node<'static>> {
    accepted_here(&answer)?;
    Ok(answer)
}

/// The same of an answer that is not ours.
///
/// # Errors
/// [`refusal`].
pub fn accepted_here(answer: &Node<'_>) -> Result<()> {
    match error_code(answer) {
        None => Ok(()),
        Some(code) => {
            let text = answer.find("error").and_then(|error| error.get_str("text"));
            Err(refusal(code, text.as_deref()))
        }
    }
}

/// The number of the service in an error of [`refusal`].
pub fn code_of(error: &PublicError) -> Option<u64> {
    error.data.get("error")?.as_u64()
}

/// Most characters of a text of the service that are told.
pub const MAX_TEXT: usize = 4096;

/// A text of the service, of at most so many characters.
pub fn bounded(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// The same with the bound that most texts have.
pub fn text(text: &str) -> String {
    bounded(text, MAX_TEXT)
}

/// `PROTOCOL_ERROR`: an answer lacks what it has to say.
pub fn lacks(what: &str) -> PublicError {
    PublicError::new(ErrorCode::ProtocolError, format!("The service's answer has no {what}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_refuses_has_a_code_its_number_and_its_text() {
        let answer = |code: &'static str, text: &'static str| {
            let error = Node::new("error").attr("code", code).attr("text", text);
            accepted(Node::new("iq").attr("type", "error").child(error)).expect_err("refused")
        };
        for (number, code) in [
            ("401", ErrorCode::NotAllowed),
            ("403", ErrorCode::NotAllowed),
            ("404", ErrorCode::NotFound),
            ("429", ErrorCode::RateLimited),
            ("409", ErrorCode::RequestFailed),
            ("777", ErrorCode::RequestFailed),
        ] {
            let error = answer(number, "some-reason");
            assert_eq!((error.code, code_of(&error)), (code, number.parse().ok()), "{number}");
            assert!(error.message.contains("some-reason"), "{}", error.message);
        }
        assert_eq!(answer("x", "").data.get("error"), Some(&500.into()));
        let bare = accepted(Node::new("iq").attr("type", "error")).expect_err("refused");
        assert_eq!(code_of(&bare), Some(500));
        assert!(accepted(Node::new("iq").attr("type", "result")).is_ok());
    }
}
