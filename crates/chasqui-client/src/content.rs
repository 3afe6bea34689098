//! Contents: from what a program gives to a `Message` protobuf, and from a received one to what a program sees.

use chasqui_error::{ErrorCode, PublicError};
use chasqui_proto::{ContextInfo, Message, MessageContextInfo, ProtoMessage, message::ExtendedTextMessage};
use chasqui_wire::curve;
use serde_json::Value;

use crate::{
    message::Quoted,
    options::MAX_TEXT_CHARS,
    raw::{self, push_field},
};

/// Field numbers of `Message` that are handled as bytes.
const SENDER_KEY_DISTRIBUTION: u64 = 2;
const DEVICE_SENT: u64 = 31;
const CONTEXT_INFO: u64 = 35;
/// Levels of wrappers that are looked through.
const MAX_WRAPPERS: usize = 5;

/// Makes the protobuf of `{ text }`.
pub(crate) fn encode(content: &Value) -> Result<Vec<u8>, PublicError> {
    let invalid = |message: String| PublicError::new(ErrorCode::InvalidContent, message);
    let Some(text) = content.get("text").and_then(Value::as_str) else {
        return Err(invalid("The content must be { text }, a text.".into()));
    };
    if text.is_empty() {
        return Err(invalid("The text is empty.".into()));
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(
            invalid(format!("The text has more than {MAX_TEXT_CHARS} characters.")).with("limit", MAX_TEXT_CHARS)
        );
    }
    let message = Message {
        extended_text_message: Some(Box::new(ExtendedTextMessage {
            text: Some(text.to_owned()),
            ..Default::default()
        })),
        message_context_info: Some(Box::new(MessageContextInfo {
            message_secret: Some(curve::random_bytes::<32>().to_vec()),
            ..Default::default()
        })),
        ..Default::default()
    };
    Ok(message.encode_to_vec())
}

/// Wraps a message for the own other devices (03-messages §5, DSM).
pub(crate) fn device_sent(destination: &str, message: &[u8]) -> Vec<u8> {
    let mut inner = Vec::with_capacity(message.len() + destination.len() + 8);
    push_field(&mut inner, 1, destination.as_bytes());
    push_field(&mut inner, 2, message);
    let mut out = Vec::with_capacity(inner.len() + 64);
    push_field(&mut out, DEVICE_SENT, &inner);
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

/// What a program sees of a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Described {
    pub kind: &'static str,
    pub text: Option<String>,
    pub quoted: Option<Quoted>,
    pub mentions: Vec<String>,
}

/// Describes a decoded message.
pub(crate) fn describe(message: &Message) -> Described {
    let message = unwrapped(message);
    let plain = |kind| Described { kind, ..Described::default() };
    let with = |kind, text: &Option<String>, context: &Option<Box<ContextInfo>>| {
        let mut described = Described { kind, text: text.clone(), ..Described::default() };
        if let Some(context) = context {
            described.mentions.clone_from(&context.mentioned_jid);
            described.quoted = context.stanza_id.clone().map(|id| Quoted {
                id,
                sender: context.participant.clone(),
                text: context.quoted_message.as_deref().and_then(describe_text),
            });
        }
        described
    };
    if let Some(text) = &message.conversation {
        return Described { kind: "text", text: Some(text.clone()), ..Described::default() };
    }
    if let Some(text) = &message.extended_text_message {
        return with("text", &text.text, &text.context_info);
    }
    if let Some(image) = &message.image_message {
        return with("image", &image.caption, &image.context_info);
    }
    if let Some(video) = &message.video_message {
        return with("video", &video.caption, &video.context_info);
    }
    if let Some(audio) = &message.audio_message {
        return with(if audio.ptt == Some(true) { "voice" } else { "audio" }, &None, &audio.context_info);
    }
    if let Some(document) = &message.document_message {
        return with("document", &document.caption, &document.context_info);
    }
    if let Some(sticker) = &message.sticker_message {
        return with("sticker", &None, &sticker.context_info);
    }
    if let Some(reaction) = &message.reaction_message {
        return Described { kind: "reaction", text: reaction.text.clone(), ..Described::default() };
    }
    if message.contact_message.is_some() || message.contacts_array_message.is_some() {
        return plain("contact");
    }
    if message.location_message.is_some() || message.live_location_message.is_some() {
        return plain("location");
    }
    if message.poll_creation_message.is_some()
        || message.poll_creation_message_v2.is_some()
        || message.poll_creation_message_v3.is_some()
    {
        return plain("poll");
    }
    if message.protocol_message.is_some() {
        return plain("protocol");
    }
    plain("unknown")
}

fn describe_text(message: &Message) -> Option<String> {
    let message = unwrapped(message);
    message
        .conversation
        .clone()
        .or_else(|| message.extended_text_message.as_ref().and_then(|text| text.text.clone()))
        .or_else(|| message.image_message.as_ref().and_then(|image| image.caption.clone()))
        .or_else(|| message.video_message.as_ref().and_then(|video| video.caption.clone()))
}

/// Looks through the envelopes (03-messages §4.6).
fn unwrapped(mut message: &Message) -> &Message {
    for _ in 0..MAX_WRAPPERS {
        let wrappers = [
            &message.ephemeral_message,
            &message.view_once_message,
            &message.view_once_message_v2,
            &message.view_once_message_v2_extension,
            &message.document_with_caption_message,
            &message.edited_message,
        ];
        match wrappers.into_iter().flatten().find_map(|wrapper| wrapper.message.as_deref()) {
            Some(inner) => message = inner,
            None => break,
        }
    }
    message
}

/// Whether a message is there only for the sender key that it carries.
pub(crate) fn is_only_key(message: &[u8]) -> bool {
    Message::decode(message).is_ok_and(|decoded| is_silent(message, &describe(&decoded)))
}

/// Whether a message holds nothing for a person: only a sender key, say.
pub(crate) fn is_silent(message: &[u8], described: &Described) -> bool {
    described.kind == "unknown" && raw::field(message, SENDER_KEY_DISTRIBUTION).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_out_as_it_went_in() {
        let bytes = encode(&serde_json::json!({ "text": "שלום 👋" })).expect("encodes");
        let message = Message::decode(bytes.as_slice()).expect("decodes");
        let described = describe(&message);
        assert_eq!((described.kind, described.text.as_deref()), ("text", Some("שלום 👋")));
    }

    #[test]
    fn empty_long_and_foreign_contents_are_refused() {
        for content in [
            serde_json::json!({ "text": "" }),
            serde_json::json!({ "text": "x".repeat(MAX_TEXT_CHARS + 1) }),
            serde_json::json!({ "text": 5 }),
            serde_json::json!({ "image": "x" }),
            serde_json::json!(null),
        ] {
            assert_eq!(encode(&content).expect_err("refused").code, ErrorCode::InvalidContent);
        }
    }

    #[test]
    fn a_device_sent_message_is_that_of_the_vectors() {
        let message = [&b"\x0a\x05hello\x9a\x02\x22\x1a\x20"[..], &[0x5a; 32]].concat();
        let wrapped = device_sent("15550002222@s.whatsapp.net", &message);
        let (destination, inner) = unwrap_device_sent(&wrapped).expect("unwraps");
        assert_eq!((destination, inner), ("15550002222@s.whatsapp.net", message.as_slice()));
        assert_eq!(raw::field(&wrapped, CONTEXT_INFO), raw::field(&message, CONTEXT_INFO));
    }

    #[test]
    fn a_quote_and_a_wrapper_are_looked_through() {
        let inner = Message {
            extended_text_message: Some(Box::new(ExtendedTextMessage {
                text: Some("yes".into()),
                context_info: Some(Box::new(ContextInfo {
                    stanza_id: Some("3EB0".into()),
                    participant: Some("15550001111@s.whatsapp.net".into()),
                    quoted_message: Some(Box::new(Message {
                        conversation: Some("sure?".into()),
                        ..Default::default()
                    })),
                    mentioned_jid: vec!["15550002222@s.whatsapp.net".into()],
                    ..Default::default()
                })),
                ..Default::default()
            })),
            ..Default::default()
        };
        let wrapped = Message {
            ephemeral_message: Some(Box::new(chasqui_proto::message::FutureProofMessage {
                message: Some(Box::new(inner)),
            })),
            ..Default::default()
        };
        let described = describe(&wrapped);
        assert_eq!(described.text.as_deref(), Some("yes"));
        assert_eq!(described.quoted.expect("quotes").text.as_deref(), Some("sure?"));
        assert_eq!(described.mentions.len(), 1);
    }
}
