//! Envelopes around contents: device-sent messages, and the wrappers that are looked through (03-messages §4.6).
//!
//! All on the bytes as received, in this one place, and no deeper than [`MAX_WRAPPERS`].

use crate::raw::{self, push_field};

pub(super) const CONVERSATION: u64 = 1;
const SENDER_KEY_DISTRIBUTION: u64 = 2;
const FAST_RATCHET_KEY: u64 = 15;
const DEVICE_SENT: u64 = 31;
/// `messageContextInfo`: beside the content, not the content.
pub(super) const CONTEXT_INFO: u64 = 35;

pub(super) const VIEW_ONCE: u64 = 37;
pub(super) const EPHEMERAL: u64 = 40;
const EDITED: u64 = 58;
const VIEW_ONCE_ALL: [u64; 3] = [VIEW_ONCE, 55, 59];
/// Wrappers: `{ 1 message }`.
const WRAPPERS: [u64; 25] = [
    VIEW_ONCE, EPHEMERAL, 53, 55, EDITED, 59, 62, 67, 74, 85, 87, 90, 91, 92, 93, 95, 96, 99, 101, 103, 104, 106, 116,
    117, 118,
];
const MAX_WRAPPERS: usize = 8;

/// What is inside the wrappers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unwrapped<'a> {
    /// The innermost message.
    pub message: &'a [u8],
    pub wrapped: bool,
    pub view_once: bool,
    pub edited: bool,
}

/// Looks through the wrappers.
pub(crate) fn unwrap(mut message: &[u8]) -> Unwrapped<'_> {
    let (mut wrapped, mut view_once, mut edited) = (false, false, false);
    for _ in 0..MAX_WRAPPERS {
        let inner = raw::fields(message)
            .filter(|field| WRAPPERS.contains(&field.number))
            .find_map(|field| Some((field.number, raw::field(field.content?, 1)?)));
        let Some((number, inner)) = inner else { break };
        wrapped = true;
        view_once |= VIEW_ONCE_ALL.contains(&number);
        edited |= number == EDITED;
        message = inner;
    }
    Unwrapped { message, wrapped, view_once, edited }
}

/// Puts a message into a wrapper; its `messageContextInfo` stays outside.
pub(super) fn wrap(wrapper: u64, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 16);
    push_field(&mut out, wrapper, &raw::one_field(1, &raw::without(message, CONTEXT_INFO)));
    if let Some(info) = raw::field(message, CONTEXT_INFO) {
        push_field(&mut out, CONTEXT_INFO, info);
    }
    out
}

/// The content of an unwrapped message: its field's number and bytes.
pub(super) fn content(message: &[u8]) -> Option<(u64, &[u8])> {
    const BESIDE: [u64; 3] = [SENDER_KEY_DISTRIBUTION, FAST_RATCHET_KEY, CONTEXT_INFO];
    let field = raw::fields(message).find(|field| field.content.is_some() && !BESIDE.contains(&field.number))?;
    Some((field.number, field.content?))
}

/// Whether a message brings a sender key.
pub(super) fn has_sender_key(message: &[u8]) -> bool {
    raw::field(message, SENDER_KEY_DISTRIBUTION).is_some()
}

/// Wraps a message for the own other devices (03-messages §5, DSM).
pub(crate) fn device_sent(destination: &str, message: &[u8]) -> Vec<u8> {
    let mut inner = Vec::with_capacity(message.len() + destination.len() + 8);
    push_field(&mut inner, 1, destination.as_bytes());
    push_field(&mut inner, 2, message);
    let mut out = raw::one_field(DEVICE_SENT, &inner);
    if let Some(info) = raw::field(message, CONTEXT_INFO) {
        push_field(&mut out, CONTEXT_INFO, info);
    }
    out
}

/// Takes a device-sent message apart: destination and message. `None` for any other message.
pub(crate) fn unwrap_device_sent(message: &[u8]) -> Option<(&str, &[u8])> {
    let wrapper = raw::field(message, DEVICE_SENT)?;
    let destination = raw::field(wrapper, 1).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    Some((destination, raw::field(wrapper, 2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_sent_message_is_that_of_the_vectors() {
        let message = [&b"\x0a\x05hello\x9a\x02\x22\x1a\x20"[..], &[0x5a; 32]].concat();
        let wrapped = device_sent("15550002222@s.whatsapp.net", &message);
        let (destination, inner) = unwrap_device_sent(&wrapped).expect("unwraps");
        assert_eq!((destination, inner), ("15550002222@s.whatsapp.net", message.as_slice()));
        assert_eq!(raw::field(&wrapped, CONTEXT_INFO), raw::field(&message, CONTEXT_INFO));
        assert_eq!(wrapped[..3], [0xfa, 0x01, 0x4a]);
    }

    #[test]
    fn wrappers_are_looked_through_in_any_order_and_tell_what_they_are() {
        let text = b"\x0a\x02hi";
        let plain = unwrap(text);
        assert_eq!((plain.message, plain.wrapped, plain.view_once), (&text[..], false, false));
        let twice = wrap(EPHEMERAL, &wrap(VIEW_ONCE, text));
        let inner = unwrap(&twice);
        assert_eq!((inner.message, inner.wrapped, inner.view_once), (&text[..], true, true));
    }

    #[test]
    fn nesting_without_end_is_not_followed() {
        let deep = (0..10_000).fold(b"\x0a\x02hi".to_vec(), |message, _| wrap(EPHEMERAL, &message));
        assert!(raw::field(unwrap(&deep).message, EPHEMERAL).is_some());
    }

    #[test]
    fn what_stands_beside_a_content_stays_beside_its_wrapper() {
        let message = [&b"\x0a\x02hi"[..], &raw::one_field(CONTEXT_INFO, b"\x1a\x01x")].concat();
        let wrapped = wrap(VIEW_ONCE, &message);
        assert_eq!(raw::field(&wrapped, CONTEXT_INFO), Some(&b"\x1a\x01x"[..]));
        assert_eq!(content(unwrap(&wrapped).message), Some((1, &b"hi"[..])));
    }
}
