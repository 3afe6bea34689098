//! What a stanza says about the message in it: `type`, `mediatype`, `edit`, `decrypt-fail`, `<meta>`.
//!
//! All of it follows from the protobuf, so that a message given as bytes is sent like one made here.
//! Source: 03-messages §4.2 to §4.6.

use chasqui_proto::{
    KeepType, Message, ProtoMessage,
    message::{ProtocolMessage, protocol_message::Type, secret_encrypted_message::SecretEncType},
};
use chasqui_wire::{Node, codec};

use super::wrap;
use crate::outbox::Outgoing;

/// `edit` values.
const EDIT: &str = "1";
const PIN: &str = "2";
const REVOKE: &str = "7";
const ADMIN_REVOKE: &str = "8";

/// Makes a message ready for its stanza. `None` if the bytes are no message, or an empty one.
pub(crate) fn outgoing(bytes: Vec<u8>) -> Option<Outgoing> {
    let unwrapped = wrap::unwrap(&bytes);
    wrap::content(unwrapped.message)?;
    let message = Message::decode(unwrapped.message).ok()?;
    let edit = edit_of(&message);
    let media_type = if unwrapped.edited { None } else { media_type_of(&message) };
    let kind = match kind_of(&message) {
        _ if unwrapped.edited => "text",
        // The server drops media without a mediatype.
        "media" if media_type.is_none() => "text",
        kind => kind,
    };
    let is_media = kind == "media";
    let hide = !matches!(edit, Some(REVOKE | ADMIN_REVOKE)) && edit.is_some() || hides(&message);
    let nodes =
        [poll_meta(&message), event_meta(&message), (unwrapped.view_once && is_media).then_some(("view_once", "true"))];
    let nodes = nodes
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| codec::encode(&Node::new("meta").attr(name, value)).ok());
    Some(Outgoing {
        kind: kind.to_owned(),
        edit: edit.map(str::to_owned),
        media_type: media_type.filter(|_| is_media).map(str::to_owned),
        hide,
        nodes: nodes.collect(),
        message: bytes,
        ..Outgoing::default()
    })
}

fn is_type(protocol: &ProtocolMessage, wanted: Type) -> bool {
    protocol.r#type == Some(wanted.into())
}

fn secret_type(message: &Message) -> Option<SecretEncType> {
    let sealed = message.secret_encrypted_message.as_deref()?;
    SecretEncType::try_from(sealed.secret_enc_type?).ok()
}

fn is_poll(message: &Message) -> bool {
    message.poll_creation_message.is_some()
        || message.poll_creation_message_v2.is_some()
        || message.poll_creation_message_v3.is_some()
        || message.poll_creation_message_v5.is_some()
        || message.poll_creation_message_v6.is_some()
}

fn kind_of(message: &Message) -> &'static str {
    let secret = secret_type(message);
    if message.reaction_message.is_some() || message.enc_reaction_message.is_some() {
        return "reaction";
    }
    let of_poll = matches!(secret, Some(SecretEncType::PollEdit | SecretEncType::PollAddOption));
    if is_poll(message) || message.poll_update_message.is_some() || of_poll {
        return "poll";
    }
    let of_event = secret == Some(SecretEncType::EventEdit);
    if message.event_message.is_some() || message.enc_event_response_message.is_some() || of_event {
        return "event";
    }
    if let Some(text) = &message.extended_text_message {
        return if has_preview(text.matched_text.as_deref()) { "media" } else { "text" };
    }
    let text = message.conversation.is_some()
        || message.protocol_message.is_some()
        || message.keep_in_chat_message.is_some()
        || message.pin_in_chat_message.is_some()
        || message.interactive_message.is_some()
        || message.template_button_reply_message.is_some()
        || message.request_phone_number_message.is_some()
        || message.enc_comment_message.is_some()
        || message.newsletter_admin_invite_message.is_some()
        || message.newsletter_follower_invite_message_v2.is_some()
        || message.message_history_notice.is_some()
        || message.album_message.is_some()
        || message.send_payment_message.is_some()
        || message.request_payment_message.is_some()
        || message.decline_payment_request_message.is_some()
        || message.cancel_payment_request_message.is_some()
        || message.payment_invite_message.is_some()
        || message.poll_result_snapshot_message.is_some()
        || secret == Some(SecretEncType::MessageEdit);
    if text { "text" } else { "media" }
}

fn has_preview(matched: Option<&str>) -> bool {
    matched.is_some_and(|matched| !matched.trim().is_empty())
}

fn media_type_of(message: &Message) -> Option<&'static str> {
    if let Some(text) = &message.extended_text_message {
        return has_preview(text.matched_text.as_deref()).then_some("url");
    }
    if let Some(video) = &message.video_message {
        return Some(if video.gif_playback == Some(true) { "gif" } else { "video" });
    }
    if let Some(audio) = &message.audio_message {
        return Some(if audio.ptt == Some(true) { "ptt" } else { "audio" });
    }
    let table = [
        (message.image_message.is_some(), "image"),
        (message.ptv_message.is_some(), "ptv"),
        (message.document_message.is_some(), "document"),
        (message.sticker_message.is_some(), "sticker"),
        (message.sticker_pack_message.is_some(), "sticker_pack"),
        (message.location_message.is_some(), "location"),
        (message.live_location_message.is_some(), "livelocation"),
        (message.contact_message.is_some(), "vcard"),
        (message.contacts_array_message.is_some(), "contact_array"),
        (message.group_invite_message.is_some(), "url"),
        (message.list_message.is_some(), "list"),
        (message.list_response_message.is_some(), "list_response"),
        (message.buttons_response_message.is_some(), "buttons_response"),
        (message.interactive_response_message.is_some(), "native_flow_response"),
        (message.order_message.is_some(), "order"),
        (message.product_message.is_some(), "product"),
        (message.message_history_bundle.is_some(), "group_history"),
    ];
    table.into_iter().find_map(|(is, name)| is.then_some(name))
}

fn edit_of(message: &Message) -> Option<&'static str> {
    if let Some(protocol) = &message.protocol_message {
        let own = protocol.key.as_ref().is_some_and(|key| key.from_me == Some(true));
        return match protocol.r#type {
            Some(kind) if kind == Type::MessageEdit as i32 => Some(EDIT),
            Some(kind) if kind == Type::Revoke as i32 && own => Some(REVOKE),
            Some(kind) if kind == Type::Revoke as i32 => Some(ADMIN_REVOKE),
            _ => None,
        };
    }
    if message.pin_in_chat_message.is_some() {
        return Some(PIN);
    }
    if secret_type(message) == Some(SecretEncType::MessageEdit) {
        return Some(EDIT);
    }
    let taken_back = message
        .reaction_message
        .as_ref()
        .is_some_and(|reaction| reaction.text.as_deref().unwrap_or_default().is_empty());
    let no_longer_kept = message
        .keep_in_chat_message
        .as_ref()
        .is_some_and(|keep| keep.keep_type == Some(KeepType::UndoKeepForAll.into()));
    (taken_back || no_longer_kept).then_some(REVOKE)
}

fn hides(message: &Message) -> bool {
    let quiet = [Type::EphemeralSyncResponse, Type::RequestWelcomeMessage, Type::GroupMemberLabelChange];
    message.reaction_message.is_some()
        || message.enc_reaction_message.is_some()
        || message.pin_in_chat_message.is_some()
        || message.keep_in_chat_message.is_some()
        || message.enc_event_response_message.is_some()
        || message.poll_update_message.as_ref().is_some_and(|update| update.vote.is_some())
        || message.message_history_notice.is_some()
        || message.conditional_reveal_message.is_some()
        || matches!(
            secret_type(message),
            Some(SecretEncType::EventEdit | SecretEncType::PollEdit | SecretEncType::PollAddOption)
        )
        || message.protocol_message.as_ref().is_some_and(|protocol| {
            protocol.edited_message.is_some() || quiet.into_iter().any(|kind| is_type(protocol, kind))
        })
}

fn poll_meta(message: &Message) -> Option<(&'static str, &'static str)> {
    let value = if is_poll(message) {
        "creation"
    } else if message.poll_update_message.is_some() {
        "vote"
    } else if message.poll_result_snapshot_message.is_some() {
        "result_snapshot"
    } else if matches!(secret_type(message), Some(SecretEncType::PollEdit | SecretEncType::PollAddOption)) {
        "edit"
    } else {
        return None;
    };
    Some(("polltype", value))
}

fn event_meta(message: &Message) -> Option<(&'static str, &'static str)> {
    let value = if message.event_message.is_some() {
        "creation"
    } else if message.enc_event_response_message.is_some() {
        "response"
    } else if secret_type(message) == Some(SecretEncType::EventEdit) {
        "edit"
    } else {
        return None;
    };
    Some(("event_type", value))
}

#[cfg(test)]
mod tests {
    use chasqui_proto::{MessageKey, message as m};

    use super::*;

    fn stanza(message: Message) -> (String, Option<String>, Option<String>, bool, Vec<String>) {
        let outgoing = outgoing(message.encode_to_vec()).expect("a message");
        let nodes = outgoing.children().map(|node| format!("{node:?}")).collect();
        (outgoing.kind, outgoing.media_type, outgoing.edit, outgoing.hide, nodes)
    }

    fn protocol(kind: Type, from_me: bool) -> Message {
        Message {
            protocol_message: Some(Box::new(ProtocolMessage {
                r#type: Some(kind.into()),
                key: Some(Box::new(MessageKey { from_me: Some(from_me), ..Default::default() })),
                ..Default::default()
            })),
            ..Default::default()
        }
    }

    #[test]
    fn texts_say_nothing_special() {
        let text = Message { conversation: Some("hi".into()), ..Default::default() };
        assert_eq!(stanza(text), ("text".into(), None, None, false, vec![]));
    }

    #[test]
    fn edits_hide_and_revokes_never_do() {
        assert_eq!(stanza(protocol(Type::MessageEdit, true)), ("text".into(), None, Some("1".into()), true, vec![]));
        assert_eq!(stanza(protocol(Type::Revoke, true)), ("text".into(), None, Some("7".into()), false, vec![]));
        assert_eq!(stanza(protocol(Type::Revoke, false)), ("text".into(), None, Some("8".into()), false, vec![]));
        assert_eq!(stanza(protocol(Type::EphemeralSetting, false)), ("text".into(), None, None, false, vec![]));
    }

    #[test]
    fn reactions_hide_and_one_that_is_taken_back_counts_as_a_revoke() {
        let reaction = |text: &str| Message {
            reaction_message: Some(Box::new(m::ReactionMessage { text: Some(text.into()), ..Default::default() })),
            ..Default::default()
        };
        assert_eq!(stanza(reaction("👍")), ("reaction".into(), None, None, true, vec![]));
        assert_eq!(stanza(reaction("")), ("reaction".into(), None, Some("7".into()), true, vec![]));
    }

    #[test]
    fn polls_and_votes_say_so_beside_the_message() {
        let poll = Message { poll_creation_message_v3: Some(Box::default()), ..Default::default() };
        let (kind, _, _, hide, nodes) = stanza(poll);
        assert_eq!((kind.as_str(), hide, nodes.len()), ("poll", false, 1));
        assert!(nodes[0].contains("polltype") && nodes[0].contains("creation"), "{}", nodes[0]);
        let vote = m::PollUpdateMessage { vote: Some(Box::default()), ..Default::default() };
        let (kind, _, _, hide, nodes) =
            stanza(Message { poll_update_message: Some(Box::new(vote)), ..Default::default() });
        assert_eq!((kind.as_str(), hide), ("poll", true));
        assert!(nodes[0].contains("vote"), "{}", nodes[0]);
    }

    #[test]
    fn media_are_named_also_inside_wrappers_and_are_texts_without_a_name() {
        let image = Message { image_message: Some(Box::default()), ..Default::default() };
        assert_eq!(stanza(image.clone()).1.as_deref(), Some("image"));
        let once = wrap::wrap(wrap::VIEW_ONCE, &image.encode_to_vec());
        let outgoing = outgoing(once).expect("a message");
        assert_eq!((outgoing.kind.as_str(), outgoing.media_type.as_deref()), ("media", Some("image")));
        assert!(format!("{:?}", outgoing.children().next().expect("meta")).contains("view_once"));
        let buttons = Message { buttons_message: Some(Box::default()), ..Default::default() };
        assert_eq!(stanza(buttons).0, "text");
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for bytes in [&b""[..], b"\xff\xff", b"\x9a\x02\x00"] {
            assert!(outgoing(bytes.to_vec()).is_none(), "{bytes:?}");
        }
    }
}
