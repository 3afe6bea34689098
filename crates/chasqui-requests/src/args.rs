//! Arguments of methods and their results, as plain JSON.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Server};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Result, number};

/// `INVALID_ARGUMENT` about one argument.
pub fn invalid(argument: &str, why: &str) -> PublicError {
    PublicError::new(ErrorCode::InvalidArgument, format!("Argument \"{argument}\" {why}.")).with("argument", argument)
}

/// Reads arguments.
///
/// # Errors
/// `INVALID_ARGUMENT`.
pub fn read<T: DeserializeOwned>(args: Value) -> Result<T> {
    serde_json::from_value(args).map_err(|error| {
        PublicError::new(ErrorCode::InvalidArgument, format!("The arguments are not as expected: {error}."))
    })
}

/// Writes a result.
///
/// # Errors
/// `INTERNAL`, which none of our types gives.
pub fn write<T: Serialize>(result: &T) -> Result {
    serde_json::to_value(result).map_err(|error| PublicError::new(ErrorCode::Internal, error.to_string()))
}

fn recipient(why: impl Into<String>) -> PublicError {
    PublicError::new(ErrorCode::InvalidRecipient, why)
}

/// A person, bare: a number as people write it, or a JID.
///
/// # Errors
/// `INVALID_RECIPIENT`.
pub fn person(text: &str) -> Result<Jid> {
    if !text.contains('@') {
        return number::digits(text).map(Jid::pn).ok_or_else(|| {
            recipient(format!("{text:?} is not an international number: give one such as +573005550100, or a JID."))
        });
    }
    let jid: Jid = text.parse().map_err(|error| recipient(format!("{text:?} is not a JID: {error}.")))?;
    if !jid.is_user() || jid.user.is_empty() || !jid.user.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(recipient(format!("{text:?} is not a person.")));
    }
    Ok(jid.to_bare())
}

/// A group.
///
/// # Errors
/// `INVALID_RECIPIENT`.
pub fn group(text: &str) -> Result<Jid> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let jid: Option<Jid> = text.parse().ok().filter(Jid::is_group);
    jid.filter(|jid| jid.user.splitn(2, '-').all(digits))
        .ok_or_else(|| recipient(format!("{text:?} is not the JID of a group, which ends with @g.us.")))
}

/// A channel.
///
/// # Errors
/// `INVALID_RECIPIENT`.
pub fn channel(text: &str) -> Result<Jid> {
    let jid: Option<Jid> = text.parse().ok();
    jid.filter(|jid| jid.server == Server::Newsletter && !jid.user.is_empty())
        .ok_or_else(|| recipient(format!("{text:?} is not the JID of a channel, which ends with @newsletter.")))
}

/// Something to be named by a text of at most `limit` characters.
///
/// # Errors
/// `INVALID_ARGUMENT` with the limit.
pub fn short(argument: &str, text: &str, limit: usize) -> Result<()> {
    let count = text.chars().count();
    if count > limit {
        let why = format!("has {count} characters, and at most {limit} are taken");
        return Err(invalid(argument, &why).with("limit", limit));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_named_in_every_way_that_people_write_numbers() {
        for text in ["+1 (555) 000-2222", "15550002222", "15550002222@s.whatsapp.net", "15550002222:7@s.whatsapp.net"] {
            assert_eq!(person(text).expect(text), Jid::pn("15550002222"));
        }
        assert_eq!(person("100000000000002@lid").expect("a LID"), Jid::lid("100000000000002"));
        for text in
            ["", "@", "me", "12", "@s.whatsapp.net", "x@lid", "120363000000000001@g.us", "1555000222200000000000"]
        {
            assert_eq!(person(text).expect_err(text).code, ErrorCode::InvalidRecipient);
        }
    }

    #[test]
    fn groups_and_channels_are_told_apart() {
        let (a_group, a_channel) = ("120363000000000001@g.us", "120363000000000002@newsletter");
        assert!(group(a_group).is_ok() && group("15550001111-1600000000@g.us").is_ok() && channel(a_channel).is_ok());
        for text in [a_channel, "x@g.us", "@g.us", ""] {
            assert!(group(text).is_err(), "{text}");
        }
        assert!(channel(a_group).is_err() && channel("@newsletter").is_err());
    }

    #[test]
    fn a_limit_counts_characters() {
        assert!(short("subject", &"ñ".repeat(100), 100).is_ok());
        let error = short("subject", &"ñ".repeat(101), 100).expect_err("too long");
        assert_eq!((error.code, &error.data["limit"]), (ErrorCode::InvalidArgument, &100.into()));
    }
}
