//! What a program sees of a received message, as far as the bytes alone tell it.

use chasqui_proto::{
    KeepType, Message, MessageKey, ProtoMessage,
    message::{
        EventResponseMessage, PollCreationMessage, PollVoteMessage, ReactionMessage,
        event_response_message::EventResponseType, pin_in_chat_message, protocol_message::Type,
        secret_encrypted_message::SecretEncType,
    },
};

use super::{album, event, preview, shown, wrap};
use crate::{
    addon::UseCase,
    message::{Album, Attendance, Details, Poll, Quoted},
    raw,
};

/// Mentions and poll options of one message that are shown.
const MAX_LISTED: usize = 1024;
/// Edits of comments of edits: no deeper.
const MAX_NESTED: usize = 3;

/// What the bytes of a message tell. JIDs are still in the form in which they came.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Described {
    pub kind: &'static str,
    pub text: Option<String>,
    pub quoted: Option<Quoted>,
    pub mentions: Vec<String>,
    pub details: Details,
    /// The message that it is about.
    pub target: Option<MessageKey>,
    /// An add-on that the secret of its target opens.
    pub sealed: Option<Sealed>,
}

/// An encrypted add-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub use_case: UseCase,
    pub payload: Vec<u8>,
    pub iv: Vec<u8>,
}

impl Described {
    pub fn of(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    pub(super) fn with_text(kind: &'static str, text: Option<&String>) -> Self {
        Self { kind, text: text.cloned(), ..Self::default() }
    }

    fn about(kind: &'static str, target: Option<&MessageKey>) -> Self {
        Self { kind, target: target.cloned(), ..Self::default() }
    }

    fn sealed(
        kind: &'static str,
        target: Option<&MessageKey>,
        use_case: UseCase,
        sealed: [Option<&Vec<u8>>; 2],
    ) -> Self {
        let [payload, iv] = sealed.map(|bytes| bytes.cloned().unwrap_or_default());
        Self { sealed: Some(Sealed { use_case, payload, iv }), ..Self::about(kind, target) }
    }
}

/// Describes a message; `decoded` is what its bytes decode to.
pub(crate) fn describe(bytes: &[u8], decoded: &Message) -> Described {
    nested(bytes, Some(decoded), MAX_NESTED)
}

/// The same for bytes that nobody decoded yet; `None` when they are no message.
pub(crate) fn describe_bytes(bytes: &[u8]) -> Option<Described> {
    match plain_text(bytes) {
        Some(text) => Some(Described { kind: "text", text: Some(text.to_owned()), ..Described::default() }),
        None => Some(describe(bytes, &Message::decode(bytes).ok()?)),
    }
}

/// The text of a message that is nothing but a text, as most are: the schema's decoder takes several times as long.
fn plain_text(message: &[u8]) -> Option<&str> {
    let (mut text, mut seen) = (None, 0);
    for field in raw::fields(message) {
        seen += field.whole.len();
        match (field.number, field.content) {
            (wrap::CONVERSATION, Some(content)) => text = Some(content),
            (wrap::CONTEXT_INFO, Some(info)) if album::association(info).is_none() => {}
            _ => return None,
        }
    }
    text.filter(|_| seen == message.len()).and_then(|text| std::str::from_utf8(text).ok())
}

fn nested(bytes: &[u8], decoded: Option<&Message>, depth: usize) -> Described {
    let unwrapped = wrap::unwrap(bytes);
    let inner;
    let message = match decoded.filter(|_| !unwrapped.wrapped) {
        Some(decoded) => decoded,
        None => {
            inner = Message::decode(unwrapped.message).unwrap_or_default();
            &inner
        }
    };
    let mut described = content(message, depth);
    described.details.view_once |= unwrapped.view_once;
    described.details.album_id = album::of(bytes, message);
    if let Some(context) = context(unwrapped.message) {
        apply(context, &mut described);
    }
    described
}

fn content(message: &Message, depth: usize) -> Described {
    if let Some(text) = &message.conversation {
        return Described::with_text("text", Some(text));
    }
    if let Some(text) = &message.extended_text_message {
        let link_preview = preview::shown(text);
        let details = Details { link_preview, ..Details::default() };
        return Described { details, ..Described::with_text("text", text.text.as_ref()) };
    }
    if let Some(described) = shown::media(message).or_else(|| shown::card_or_place(message)) {
        return described;
    }
    if let Some(protocol) = &message.protocol_message {
        return match protocol.r#type.and_then(|kind| Type::try_from(kind).ok()) {
            Some(Type::Revoke) => Described::about("revoke", protocol.key.as_deref()),
            Some(Type::MessageEdit) => edit(protocol.key.as_deref(), protocol.edited_message.as_deref(), depth),
            Some(Type::EphemeralSetting) => {
                let timer = Some(protocol.ephemeral_expiration.unwrap_or(0));
                with_details("ephemeral", Details { expires_in: timer, ..Details::default() })
            }
            _ => Described::of("protocol"),
        };
    }
    about_another(message, depth).or_else(|| poll_or_event(message)).unwrap_or_else(|| Described::of("unknown"))
}

/// Reactions, votes, pins and the like.
fn about_another(message: &Message, depth: usize) -> Option<Described> {
    if let Some(reaction) = &message.reaction_message {
        let details = Details { emoji: Some(reaction.text.clone().unwrap_or_default()), ..Details::default() };
        return Some(Described { details, ..Described::about("reaction", reaction.key.as_deref()) });
    }
    if let Some(pin) = &message.pin_in_chat_message {
        let pinned = pin.r#type == Some(pin_in_chat_message::Type::PinForAll.into());
        let duration = message.message_context_info.as_ref().and_then(|info| info.message_add_on_duration_in_secs);
        let details = Details { pinned: Some(pinned), expires_in: duration.filter(|_| pinned), ..Details::default() };
        return Some(Described { details, ..Described::about("pin", pin.key.as_deref()) });
    }
    if let Some(keep) = &message.keep_in_chat_message {
        let kept = keep.keep_type == Some(KeepType::KeepForAll.into());
        let details = Details { kept: Some(kept), ..Details::default() };
        return Some(Described { details, ..Described::about("keep", keep.key.as_deref()) });
    }
    if let Some(comment) = &message.comment_message {
        let inner = comment.message.as_deref().map(|inner| of_inner(inner, depth)).unwrap_or_default();
        let target = comment.target_message_key.as_deref().cloned();
        return Some(Described { kind: "comment", target, ..inner });
    }
    if let Some(update) = &message.poll_update_message {
        let target = update.poll_creation_message_key.as_deref();
        return Some(match &update.vote {
            Some(vote) => {
                let sealed = [vote.enc_payload.as_ref(), vote.enc_iv.as_ref()];
                Described::sealed("vote", target, UseCase::PollVote, sealed)
            }
            None => Described::about("protocol", target),
        });
    }
    if let Some(sealed) = &message.enc_reaction_message {
        let bytes = [sealed.enc_payload.as_ref(), sealed.enc_iv.as_ref()];
        return Some(Described::sealed("reaction", sealed.target_message_key.as_deref(), UseCase::Reaction, bytes));
    }
    if let Some(sealed) = &message.enc_comment_message {
        let bytes = [sealed.enc_payload.as_ref(), sealed.enc_iv.as_ref()];
        return Some(Described::sealed("comment", sealed.target_message_key.as_deref(), UseCase::Comment, bytes));
    }
    if let Some(sealed) = &message.enc_event_response_message {
        let bytes = [sealed.enc_payload.as_ref(), sealed.enc_iv.as_ref()];
        let target = sealed.event_creation_message_key.as_deref();
        return Some(Described::sealed("event-response", target, UseCase::EventResponse, bytes));
    }
    let sealed = message.secret_encrypted_message.as_ref()?;
    let use_case = match SecretEncType::try_from(sealed.secret_enc_type?).ok()? {
        SecretEncType::MessageEdit => UseCase::MessageEdit,
        SecretEncType::EventEdit => UseCase::EventEdit,
        SecretEncType::PollEdit => UseCase::PollEdit,
        SecretEncType::PollAddOption => UseCase::PollAddOption,
        _ => return None,
    };
    let bytes = [sealed.enc_payload.as_ref(), sealed.enc_iv.as_ref()];
    Some(Described::sealed("edit", sealed.target_message_key.as_deref(), use_case, bytes))
}

fn poll_or_event(message: &Message) -> Option<Described> {
    let polls = [
        &message.poll_creation_message,
        &message.poll_creation_message_v2,
        &message.poll_creation_message_v3,
        &message.poll_creation_message_v5,
        &message.poll_creation_message_v6,
    ];
    if let Some(found) = polls.into_iter().flatten().next() {
        return Some(with_details("poll", Details { poll: Some(poll(found)), ..Details::default() }));
    }
    if let Some(found) = &message.event_message {
        return Some(with_details("event", Details { event: Some(event::occasion(found)), ..Details::default() }));
    }
    if let Some(album) = &message.album_message {
        let count = |files: Option<u32>| files.unwrap_or(0);
        let album = Album { images: count(album.expected_image_count), videos: count(album.expected_video_count) };
        return Some(with_details("album", Details { album: Some(album), ..Details::default() }));
    }
    // A mask for what linked devices do not get.
    message.placeholder_message.as_ref().map(|_| Described::of("unavailable"))
}

pub(super) fn with_details(kind: &'static str, details: Details) -> Described {
    Described { details, ..Described::of(kind) }
}

pub(super) fn once(mut described: Described, flag: Option<bool>) -> Described {
    described.details.view_once |= flag == Some(true);
    described
}

fn of_inner(message: &Message, depth: usize) -> Described {
    match depth.checked_sub(1) {
        Some(depth) => nested(&message.encode_to_vec(), None, depth),
        None => Described::of("unknown"),
    }
}

fn edit(target: Option<&MessageKey>, edited: Option<&Message>, depth: usize) -> Described {
    let inner = edited.map(|edited| of_inner(edited, depth)).unwrap_or_default();
    Described { kind: "edit", target: target.cloned(), sealed: None, ..inner }
}

fn poll(poll: &PollCreationMessage) -> Poll {
    Poll {
        question: poll.name.clone().unwrap_or_default(),
        options: poll.options.iter().take(MAX_LISTED).filter_map(|option| option.option_name.clone()).collect(),
        multiple: poll.selectable_options_count != Some(1),
    }
}

/// What is read of a `ContextInfo`; of what it quotes only the text.
#[derive(Clone, PartialEq, prost::Message)]
struct Context {
    #[prost(string, optional, tag = "1")]
    stanza_id: Option<String>,
    #[prost(string, optional, tag = "2")]
    participant: Option<String>,
    #[prost(bytes = "vec", optional, tag = "3")]
    quoted_message: Option<Vec<u8>>,
    #[prost(string, repeated, tag = "15")]
    mentioned_jid: Vec<String>,
    #[prost(uint32, optional, tag = "21")]
    forwarding_score: Option<u32>,
    #[prost(bool, optional, tag = "22")]
    is_forwarded: Option<bool>,
    #[prost(uint32, optional, tag = "25")]
    expiration: Option<u32>,
}

/// The `contextInfo` of an unwrapped message's content.
fn context(message: &[u8]) -> Option<Context> {
    let (number, content) = wrap::content(message)?;
    Context::decode(raw::field(content, context_field(number)?)?).ok()
}

/// Where a content, by its field in `Message`, has its `contextInfo`.
pub(super) fn context_field(content: u64) -> Option<u64> {
    Some(match content {
        3..=9 | 13 | 18 | 26 | 30 | 38 | 66 | 83 => 17,
        45 | 48 => 15,
        86 => 11,
        36 | 42 => 8,
        28 => 7,
        49 | 60 | 64 | 111 | 119 => 5,
        39 => 4,
        25 | 29 | 43 => 3,
        75 | 122 => 1,
        _ => return None,
    })
}

fn apply(context: Context, described: &mut Described) {
    described.mentions = context.mentioned_jid;
    described.mentions.truncate(MAX_LISTED);
    let quoted = context.quoted_message;
    let text = |quoted: &Vec<u8>| match plain_text(quoted) {
        Some(text) => Some(text.to_owned()),
        None => nested(quoted, None, 0).text,
    };
    described.quoted =
        context.stanza_id.map(|id| Quoted { id, sender: context.participant, text: quoted.as_ref().and_then(text) });
    if let Some(timer) = context.expiration.filter(|timer| *timer > 0) {
        described.details.expires_in = Some(timer);
    }
    if context.is_forwarded == Some(true) {
        described.details.forwarded = Some(context.forwarding_score.unwrap_or(1).max(1));
    }
}

/// Puts into a description what its add-on turned out to hold. `options` are those of the poll.
pub(crate) fn unseal(
    described: &mut Described,
    use_case: UseCase,
    plaintext: &[u8],
    option_of: impl Fn(&[u8]) -> Option<String>,
) {
    match use_case {
        UseCase::PollVote => {
            if let Ok(vote) = PollVoteMessage::decode(plaintext) {
                let chosen = vote.selected_options.iter().take(MAX_LISTED).filter_map(|hash| option_of(hash));
                described.details.vote = Some(chosen.collect());
            }
        }
        UseCase::EventResponse => {
            if let Ok(response) = EventResponseMessage::decode(plaintext) {
                let answer = match response.response.and_then(|answer| EventResponseType::try_from(answer).ok()) {
                    Some(EventResponseType::Going) => "going",
                    Some(EventResponseType::NotGoing) => "not-going",
                    Some(EventResponseType::Maybe) => "maybe",
                    _ => return,
                };
                let guests = response.extra_guest_count.and_then(|guests| u32::try_from(guests).ok()).unwrap_or(0);
                described.details.attendance = Some(Attendance { answer: answer.to_owned(), guests });
            }
        }
        UseCase::Reaction => {
            if let Ok(reaction) = ReactionMessage::decode(plaintext) {
                described.details.emoji = Some(reaction.text.unwrap_or_default());
            }
        }
        UseCase::Comment => {
            let inner = nested(plaintext, None, 1);
            (described.text, described.mentions, described.quoted) = (inner.text, inner.mentions, inner.quoted);
        }
        UseCase::MessageEdit | UseCase::EventEdit | UseCase::PollEdit | UseCase::PollAddOption => {
            // The target is that of the envelope, whatever is written inside.
            let inner = nested(plaintext, None, 1);
            (described.text, described.mentions, described.quoted) = (inner.text, inner.mentions, inner.quoted);
            described.details = inner.details;
        }
    }
}

/// Whether a message is there only for the sender key that it carries.
pub(crate) fn is_only_key(message: &[u8]) -> bool {
    Message::decode(message).is_ok_and(|decoded| is_silent(message, &describe(message, &decoded)))
}

/// Whether a message holds nothing for a person: only a sender key, say.
pub(crate) fn is_silent(message: &[u8], described: &Described) -> bool {
    described.kind == "unknown" && wrap::has_sender_key(message)
}

#[cfg(test)]
mod tests {
    use chasqui_proto::{
        ContextInfo, MessageAssociation, MessageContextInfo, message as m, message_association::AssociationType,
    };

    use super::*;

    fn described(message: &Message) -> Described {
        describe(&message.encode_to_vec(), message)
    }

    #[test]
    fn the_short_way_for_plain_texts_tells_what_the_schema_s_decoder_does() {
        let secret = MessageContextInfo { message_secret: Some(vec![5; 32]), ..Default::default() };
        let association = MessageAssociation {
            association_type: Some(AssociationType::MediaAlbum.into()),
            parent_message_key: Some(Box::new(MessageKey { id: Some("3EB0".into()), ..Default::default() })),
            ..Default::default()
        };
        let album = MessageContextInfo { message_association: Some(Box::new(association)), ..Default::default() };
        let plain = Message { conversation: Some("hi".into()), ..Default::default() };
        let with = |info: MessageContextInfo| Message { message_context_info: Some(Box::new(info)), ..plain.clone() };
        let mut messages = vec![plain.clone(), with(secret), with(album), Message::default()];
        messages.push(Message { reaction_message: Some(Box::default()), ..plain.clone() });
        messages.push(text("better", ContextInfo { stanza_id: Some("3EB1".into()), ..Default::default() }));
        for message in messages {
            let bytes = message.encode_to_vec();
            for bytes in [wrap::wrap(wrap::EPHEMERAL, &bytes), bytes] {
                let decoded = Message::decode(bytes.as_slice()).expect("decodes");
                assert_eq!(describe_bytes(&bytes), Some(describe(&bytes, &decoded)));
            }
        }
        for broken in [&b"\x0a\x05hi"[..], b"\x0a\x01\xff", b"\x0a\x02hi\xff"] {
            assert_eq!(describe_bytes(broken), None);
        }
    }

    fn text(text: &str, context: ContextInfo) -> Message {
        Message {
            extended_text_message: Some(Box::new(m::ExtendedTextMessage {
                text: Some(text.into()),
                context_info: Some(Box::new(context)),
                ..Default::default()
            })),
            ..Default::default()
        }
    }

    #[test]
    fn a_quote_and_a_wrapper_are_looked_through() {
        let context = ContextInfo {
            stanza_id: Some("3EB0".into()),
            participant: Some("15550001111@s.whatsapp.net".into()),
            quoted_message: Some(Box::new(Message { conversation: Some("sure?".into()), ..Default::default() })),
            mentioned_jid: vec!["15550002222@s.whatsapp.net".into()],
            expiration: Some(604_800),
            is_forwarded: Some(true),
            ..Default::default()
        };
        let wrapped = wrap::wrap(wrap::EPHEMERAL, &text("yes", context).encode_to_vec());
        let described = describe(&wrapped, &Message::decode(&*wrapped).expect("decodes"));
        assert_eq!(described.text.as_deref(), Some("yes"));
        assert_eq!(described.quoted.expect("quotes").text.as_deref(), Some("sure?"));
        assert_eq!(described.mentions.len(), 1);
        assert_eq!((described.details.expires_in, described.details.forwarded), (Some(604_800), Some(1)));
    }

    #[test]
    fn an_edit_tells_the_new_text_and_its_target_also_inside_a_wrapper() {
        let edit = Message {
            protocol_message: Some(Box::new(m::ProtocolMessage {
                key: Some(Box::new(MessageKey { id: Some("3EB0".into()), ..Default::default() })),
                r#type: Some(Type::MessageEdit.into()),
                edited_message: Some(Box::new(text("better", ContextInfo::default()))),
                ..Default::default()
            })),
            ..Default::default()
        };
        let plain = described(&edit);
        let wrapped = wrap::wrap(58, &edit.encode_to_vec());
        for described in [plain, describe(&wrapped, &Message::decode(&*wrapped).expect("decodes"))] {
            assert_eq!((described.kind, described.text.as_deref()), ("edit", Some("better")));
            assert_eq!(described.target.expect("about").id.as_deref(), Some("3EB0"));
        }
    }

    #[test]
    fn edits_within_edits_end() {
        let mut message = text("deep", ContextInfo::default());
        for _ in 0..40 {
            message = Message {
                protocol_message: Some(Box::new(m::ProtocolMessage {
                    r#type: Some(Type::MessageEdit.into()),
                    edited_message: Some(Box::new(message)),
                    ..Default::default()
                })),
                ..Default::default()
            };
        }
        assert_eq!((described(&message).kind, described(&message).text), ("edit", None));
    }

    #[test]
    fn what_concerns_another_message_has_its_type_and_target() {
        let key = || Some(Box::new(MessageKey { id: Some("3EB0".into()), ..Default::default() }));
        let messages = [
            (
                "reaction",
                Message {
                    reaction_message: Some(Box::new(m::ReactionMessage {
                        key: key(),
                        text: Some("👍".into()),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
            (
                "revoke",
                Message {
                    protocol_message: Some(Box::new(m::ProtocolMessage {
                        key: key(),
                        r#type: Some(0),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
            (
                "pin",
                Message {
                    pin_in_chat_message: Some(Box::new(m::PinInChatMessage {
                        key: key(),
                        r#type: Some(1),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
            (
                "keep",
                Message {
                    keep_in_chat_message: Some(Box::new(m::KeepInChatMessage {
                        key: key(),
                        keep_type: Some(1),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
            (
                "vote",
                Message {
                    poll_update_message: Some(Box::new(m::PollUpdateMessage {
                        poll_creation_message_key: key(),
                        vote: Some(Box::default()),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
            (
                "event-response",
                Message {
                    enc_event_response_message: Some(Box::new(m::EncEventResponseMessage {
                        event_creation_message_key: key(),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
            (
                "comment",
                Message {
                    enc_comment_message: Some(Box::new(m::EncCommentMessage {
                        target_message_key: key(),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
            (
                "edit",
                Message {
                    secret_encrypted_message: Some(Box::new(m::SecretEncryptedMessage {
                        target_message_key: key(),
                        secret_enc_type: Some(2),
                        ..Default::default()
                    })),
                    ..Default::default()
                },
            ),
        ];
        for (kind, message) in messages {
            let described = described(&message);
            assert_eq!((described.kind, described.target.and_then(|key| key.id).as_deref()), (kind, Some("3EB0")));
        }
    }

    #[test]
    fn a_protocol_message_without_a_type_is_no_revoke() {
        let message = Message { protocol_message: Some(Box::default()), ..Default::default() };
        assert_eq!(described(&message).kind, "protocol");
    }

    #[test]
    fn polls_events_and_timers_tell_what_they_hold() {
        let poll = PollCreationMessage {
            name: Some("?".into()),
            options: ["A", "B"]
                .map(|name| m::poll_creation_message::Option { option_name: Some(name.into()), ..Default::default() })
                .to_vec(),
            selectable_options_count: Some(1),
            ..Default::default()
        };
        let poll =
            described(&Message { poll_creation_message_v3: Some(Box::new(poll)), ..Default::default() }).details.poll;
        assert_eq!(poll, Some(Poll { question: "?".into(), options: vec!["A".into(), "B".into()], multiple: false }));
        let event = m::EventMessage {
            name: Some("Party".into()),
            start_time: Some(1_700_000_000),
            end_time: Some(-1),
            ..Default::default()
        };
        let event = described(&Message { event_message: Some(Box::new(event)), ..Default::default() })
            .details
            .event
            .expect("event");
        assert_eq!((event.starts_at, event.ends_at, event.canceled), (Some(1_700_000_000_000), None, false));
        let timer = m::ProtocolMessage { r#type: Some(3), ephemeral_expiration: Some(86_400), ..Default::default() };
        let timer = described(&Message { protocol_message: Some(Box::new(timer)), ..Default::default() });
        assert_eq!((timer.kind, timer.details.expires_in), ("ephemeral", Some(86_400)));
    }
}
