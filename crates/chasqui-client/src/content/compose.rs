//! From a checked content to the protobuf and its stanza (03-messages §4, §12 and §18).

use chasqui_error::PublicError;
use chasqui_proto::{
    ContextInfo, KeepType, Message, MessageContextInfo, MessageKey, ProtoMessage,
    message::{
        ExtendedTextMessage, KeepInChatMessage, PinInChatMessage, PollCreationMessage, PollEncValue, PollUpdateMessage,
        PollVoteMessage, ProtocolMessage, ReactionMessage, pin_in_chat_message, poll_creation_message,
        protocol_message::Type,
    },
};
use chasqui_wire::{Jid, Server, codec};
use sha2::{Digest, Sha256};

use super::{
    album,
    describe::context_field,
    event,
    parse::{Action, Content, Style, Target, TextContent, invalid},
    place, stanza, wrap,
};
use crate::{
    actor::{Actor, Fault},
    addon::{Binding, MessageSecret, UseCase},
    connection::unix_now_ms,
    error,
    message::Poll,
    outbox::Outgoing,
    raw::{self, push_field},
    secrets::Kept,
};

/// Field numbers of `Message`, and within contents.
const EXTENDED_TEXT: u64 = 6;
const PROTOCOL: u64 = 12;
const EDITED_MESSAGE: u64 = 14;
const QUOTED_MESSAGE: u64 = 3;
const EXTENDED_TEXT_CONTEXT: u64 = 17;
const POLL_CONTEXT: u64 = 5;

/// Why a message cannot be made.
pub(crate) enum Refusal {
    /// The program is told.
    Public(PublicError),
    /// The session is in trouble.
    Fault(Fault),
}

impl From<PublicError> for Refusal {
    fn from(error: PublicError) -> Self {
        Self::Public(error)
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Whom a message is made for.
pub(super) struct Chat {
    /// As it is addressed.
    pub jid: Jid,
    /// The own account in the same form, bare.
    pub own: Jid,
}

impl Actor {
    /// Makes the message of a content, and keeps its secret.
    pub(crate) async fn compose(&mut self, to: &Jid, id: &str, content: Content) -> Result<Outgoing, Refusal> {
        if to.server == Server::Newsletter {
            return self.compose_post(to.clone(), content).await;
        }
        if matches!(&content.action, Action::Media { file, .. } if file.media_key.0.is_empty()) {
            return Err(invalid("The file was uploaded for a channel, and is not encrypted.").into());
        }
        let jid = self.addressed(to).await?;
        // A group that is not known yet most likely speaks of its people by LID.
        let by_lid =
            if jid.is_user() { jid.is_lid() } else { self.group(&jid).await?.is_none_or(|group| group.by_lid) };
        let own = self.own_in(by_lid).ok_or_else(error::not_connected)?.to_bare();
        let chat = Chat { jid, own };
        if let Action::Raw { message, attrs, nodes } = content.action {
            let outgoing = stanza::outgoing(message).ok_or_else(|| invalid("The bytes are not a Message protobuf."))?;
            return self.ready(&chat, id, with_extras(outgoing, attrs, &nodes)?).await;
        }
        let message = self.message(&chat, content).await?;
        let outgoing = stanza::outgoing(message).ok_or_else(|| invalid("The content makes no message."))?;
        self.ready(&chat, id, outgoing).await
    }

    async fn ready(&mut self, chat: &Chat, id: &str, outgoing: Outgoing) -> Result<Outgoing, Refusal> {
        self.keep_secret_of(&chat.jid, &chat.own, id, &outgoing.message).await?;
        Ok(outgoing)
    }

    pub(super) async fn message(&mut self, chat: &Chat, content: Content) -> Result<Vec<u8>, Refusal> {
        let Content { action, quote, expires_in, style } = content;
        let message = match action {
            Action::Text { text, view_once, preview } => {
                let context = self.context(chat, &text.mentions, quote.as_ref(), expires_in).await?;
                let message = match preview {
                    Some(preview) => with_context(EXTENDED_TEXT, preview.into_message(text.text), context),
                    None => styled(&text.text, context, style.unwrap_or_default()),
                };
                let message = with_secret(message);
                if view_once { wrap::wrap(wrap::VIEW_ONCE, &message) } else { message }
            }
            Action::Media { file, caption, view_once, album } => {
                let (caption, mentions) = match caption {
                    Some(TextContent { text, mentions }) => (Some(text), mentions),
                    None => (None, Vec::new()),
                };
                let context = self.context(chat, &mentions, quote.as_ref(), expires_in).await?;
                let (field, content) = file.into_message(caption, view_once)?;
                let message = with_secret(with_context(field, content, context));
                let message = match album {
                    Some(album) => album::part_of(&message, self.key(chat, &album).await?),
                    None => message,
                };
                if view_once { wrap::wrap(wrap::VIEW_ONCE, &message) } else { message }
            }
            Action::Album { images, videos } => {
                let context = self.context(chat, &[], quote.as_ref(), expires_in).await?;
                with_secret(with_context(album::ALBUM, album::beginning(images, videos), context))
            }
            Action::Contacts { cards } => {
                let context = self.context(chat, &[], quote.as_ref(), expires_in).await?;
                let (field, content) = place::contacts_message(cards);
                with_secret(with_context(field, content, context))
            }
            Action::Location(location) => {
                let context = self.context(chat, &[], quote.as_ref(), expires_in).await?;
                let (field, content) = location.to_message();
                with_secret(with_context(field, content, context))
            }
            Action::Event(event) => {
                let context = self.context(chat, &[], quote.as_ref(), expires_in).await?;
                with_secret(with_context(event::EVENT, event.to_message(), context))
            }
            Action::Attend { event, answer, guests } => self.attend(chat, &event, answer, guests).await?,
            Action::Poll { question, options, multiple } => {
                let context = self.context(chat, &[], quote.as_ref(), expires_in).await?;
                with_secret(poll_message(question, options, multiple, context))
            }
            Action::Vote { poll, options } => self.vote(chat, &poll, &options).await?,
            Action::React { target, emoji } => {
                let reaction = ReactionMessage {
                    key: self.key(chat, &target).await?,
                    text: Some(emoji),
                    sender_timestamp_ms: now_ms(),
                    ..Default::default()
                };
                Message { reaction_message: Some(Box::new(reaction)), ..Default::default() }.encode_to_vec()
            }
            Action::Edit { target, text } => {
                let context = self.context(chat, &text.mentions, None, expires_in).await?;
                let protocol = ProtocolMessage {
                    key: self.key(chat, &target).await?,
                    r#type: Some(Type::MessageEdit.into()),
                    timestamp_ms: now_ms(),
                    ..Default::default()
                };
                let mut bytes = protocol.encode_to_vec();
                push_field(&mut bytes, EDITED_MESSAGE, &text_message(&text.text, context));
                with_secret(raw::one_field(PROTOCOL, &bytes))
            }
            Action::Delete { target } => {
                let key = self.key(chat, &target).await?;
                with_secret(protocol(ProtocolMessage { key, r#type: Some(Type::Revoke.into()), ..Default::default() }))
            }
            Action::Pin { target, duration } => {
                let pinned = pin_in_chat_message::Type::PinForAll;
                let kind = if duration.is_some() { pinned } else { pin_in_chat_message::Type::UnpinForAll };
                let pin = PinInChatMessage {
                    key: self.key(chat, &target).await?,
                    r#type: Some(kind.into()),
                    sender_timestamp_ms: now_ms(),
                };
                let info = MessageContextInfo {
                    message_secret: Some(MessageSecret::generate().as_bytes().to_vec()),
                    message_add_on_duration_in_secs: Some(duration.unwrap_or(0)),
                    ..Default::default()
                };
                let pin_in_chat_message = Some(Box::new(pin));
                let message_context_info = Some(Box::new(info));
                Message { pin_in_chat_message, message_context_info, ..Default::default() }.encode_to_vec()
            }
            Action::Keep { target, keep } => {
                let keep_type = if keep { KeepType::KeepForAll } else { KeepType::UndoKeepForAll };
                let keep = KeepInChatMessage {
                    key: self.key(chat, &target).await?,
                    keep_type: Some(keep_type.into()),
                    timestamp_ms: now_ms(),
                };
                Message { keep_in_chat_message: Some(Box::new(keep)), ..Default::default() }.encode_to_vec()
            }
            Action::Ephemeral { timer } => {
                let setting = ProtocolMessage {
                    r#type: Some(Type::EphemeralSetting.into()),
                    ephemeral_expiration: Some(timer),
                    ..Default::default()
                };
                wrap::wrap(wrap::EPHEMERAL, &with_secret(protocol(setting)))
            }
            Action::Forward { target } => with_secret(forwarded(&target, expires_in)?),
            Action::Raw { message, .. } => message,
        };
        Ok(message)
    }

    /// The `contextInfo` of a content: whom it mentions, what it quotes, when it disappears.
    async fn context(
        &mut self,
        chat: &Chat,
        mentions: &[Jid],
        quote: Option<&Target>,
        expires_in: Option<u32>,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        if mentions.is_empty() && quote.is_none() && expires_in.is_none() {
            return Ok(None);
        }
        let mut context = ContextInfo { expiration: expires_in, ..Default::default() };
        for mention in mentions {
            context.mentioned_jid.push(self.form_in(chat, mention).await?.to_string());
        }
        let Some(quote) = quote else { return Ok(Some(context.encode_to_vec())) };
        context.stanza_id = Some(quote.id.clone());
        context.participant = Some(self.author(chat, quote).await?.to_string());
        let elsewhere = self.canonical(&quote.chat).await? != self.canonical(&chat.jid).await?;
        context.remote_jid = elsewhere.then(|| quote.chat.to_string());
        let mut bytes = context.encode_to_vec();
        push_field(&mut bytes, QUOTED_MESSAGE, &quoted(quote));
        Ok(Some(bytes))
    }

    /// The key of a message in this chat.
    pub(super) async fn key(&mut self, chat: &Chat, target: &Target) -> Result<Option<Box<MessageKey>>, Refusal> {
        let needs_author = !chat.jid.is_user() && !target.from_me;
        let participant = if needs_author { Some(self.author(chat, target).await?.to_string()) } else { None };
        Ok(Some(Box::new(MessageKey {
            remote_jid: Some(chat.jid.to_string()),
            from_me: Some(target.from_me),
            id: Some(target.id.clone()),
            participant,
        })))
    }

    /// Who wrote a message, in the form of this chat.
    pub(super) async fn author(&mut self, chat: &Chat, target: &Target) -> Result<Jid, Refusal> {
        if target.from_me {
            return Ok(chat.own.clone());
        }
        let author = target.sender.clone().unwrap_or_else(|| target.chat.clone());
        Ok(self.form_in(chat, &author).await?)
    }

    /// A person as this chat addresses its people.
    async fn form_in(&mut self, chat: &Chat, person: &Jid) -> Result<Jid, Fault> {
        // `own` is in the form that the chat has.
        if !person.is_user() || person.is_lid() == chat.own.is_lid() {
            return Ok(person.to_bare());
        }
        Ok(self.counterpart(person).await?.unwrap_or_else(|| person.to_bare()))
    }

    /// An encrypted vote.
    async fn vote(&mut self, chat: &Chat, target: &Target, options: &[String]) -> Result<Vec<u8>, Refusal> {
        let author = self.author(chat, target).await?;
        let mut authors = vec![author.clone()];
        authors.extend(self.counterpart(&author).await?);
        let known = match self.kept(&chat.jid, &authors, &target.id).await? {
            Some(Kept { secret, poll: Some(poll) }) => Some((secret, poll)),
            _ => target.raw.as_deref().and_then(poll_of),
        };
        let Some((secret, poll)) = known else {
            return Err(invalid("The poll is not known here (any more): give the message as it was received.").into());
        };
        if let Some(foreign) = options.iter().find(|option| !poll.options.contains(option)) {
            return Err(invalid(format!("\"{foreign}\" is not an option of the poll.")).into());
        }
        if options.len() > 1 && !poll.multiple {
            return Err(invalid("The poll takes one answer.").into());
        }
        let selected_options = options.iter().map(|option| Sha256::digest(option).to_vec()).collect();
        let (target_sender, sender) = (author.to_string(), chat.own.to_string());
        let binding = Binding {
            use_case: UseCase::PollVote,
            target_id: &target.id,
            target_sender: &target_sender,
            sender: &sender,
        };
        let (payload, iv) = binding.seal(&secret, &PollVoteMessage { selected_options }.encode_to_vec());
        let update = PollUpdateMessage {
            poll_creation_message_key: self.key(chat, target).await?,
            vote: Some(Box::new(PollEncValue { enc_payload: Some(payload), enc_iv: Some(iv.to_vec()) })),
            sender_timestamp_ms: now_ms(),
            ..Default::default()
        };
        Ok(Message { poll_update_message: Some(Box::new(update)), ..Default::default() }.encode_to_vec())
    }
}

pub(super) fn now_ms() -> Option<i64> {
    i64::try_from(unix_now_ms()).ok()
}

fn protocol(protocol: ProtocolMessage) -> Vec<u8> {
    Message { protocol_message: Some(Box::new(protocol)), ..Default::default() }.encode_to_vec()
}

/// Adds a new secret, by which others can answer it.
fn with_secret(mut message: Vec<u8>) -> Vec<u8> {
    let secret = MessageSecret::generate();
    let info = MessageContextInfo {
        message_secret: Some(secret.as_bytes().to_vec()),
        reporting_token_version: Some(2),
        ..Default::default()
    };
    push_field(&mut message, wrap::CONTEXT_INFO, &info.encode_to_vec());
    message
}

pub(super) fn text_message(text: &str, context: Option<Vec<u8>>) -> Vec<u8> {
    styled(text, context, Style::default())
}

fn styled(text: &str, context: Option<Vec<u8>>, Style { background, colour, font }: Style) -> Vec<u8> {
    let mut bytes = ExtendedTextMessage {
        text: Some(text.to_owned()),
        background_argb: background,
        text_argb: colour,
        font,
        ..Default::default()
    }
    .encode_to_vec();
    if let Some(context) = context {
        push_field(&mut bytes, EXTENDED_TEXT_CONTEXT, &context);
    }
    raw::one_field(EXTENDED_TEXT, &bytes)
}

/// A content with its `contextInfo`, as a message.
fn with_context(field: u64, mut content: Vec<u8>, context: Option<Vec<u8>>) -> Vec<u8> {
    if let (Some(context), Some(at)) = (context, context_field(field)) {
        push_field(&mut content, at, &context);
    }
    raw::one_field(field, &content)
}

fn poll_message(question: String, options: Vec<String>, multiple: bool, context: Option<Vec<u8>>) -> Vec<u8> {
    /// `pollCreationMessage` for any number of answers, `pollCreationMessageV3` for one.
    const FIELDS: [u64; 2] = [49, 64];
    let option = |name| poll_creation_message::Option { option_name: Some(name), ..Default::default() };
    let poll = PollCreationMessage {
        name: Some(question),
        options: options.into_iter().map(option).collect(),
        selectable_options_count: Some(u32::from(!multiple)),
        ..Default::default()
    };
    let mut bytes = poll.encode_to_vec();
    if let Some(context) = context {
        push_field(&mut bytes, POLL_CONTEXT, &context);
    }
    raw::one_field(if multiple { FIELDS[0] } else { FIELDS[1] }, &bytes)
}

/// What a quote shows of its message: the content without what that one itself quotes.
fn quoted(quote: &Target) -> Vec<u8> {
    let content = quote.raw.as_deref().and_then(|bytes| wrap::content(wrap::unwrap(bytes).message));
    match content {
        Some((number, content)) => match context_field(number) {
            Some(context) => raw::one_field(number, &raw::without(content, context)),
            None => raw::one_field(number, content),
        },
        None => raw::one_field(wrap::CONVERSATION, quote.text.as_deref().unwrap_or_default().as_bytes()),
    }
}

/// A received message to pass on: its content byte for byte, with a new `contextInfo`.
fn forwarded(target: &Target, expires_in: Option<u32>) -> Result<Vec<u8>, PublicError> {
    let unwrapped = wrap::unwrap(target.raw.as_deref().unwrap_or_default());
    if unwrapped.view_once {
        return Err(invalid("A view-once message cannot be forwarded."));
    }
    let (number, content) = wrap::content(unwrapped.message).ok_or_else(|| invalid("There is nothing to forward."))?;
    // A plain text has no place for a contextInfo.
    let (number, content) = match number {
        wrap::CONVERSATION => (EXTENDED_TEXT, raw::one_field(1, content)),
        number => (number, content.to_vec()),
    };
    let Some(field) = context_field(number) else {
        return Err(invalid("Only what a person wrote can be forwarded: no reactions, votes, edits and the like."));
    };
    let old = raw::field(&content, field).and_then(|context| ContextInfo::decode(context).ok());
    let before = old.and_then(|context| context.forwarding_score).unwrap_or(0);
    // As the apps count: passing on what one wrote oneself makes it no more of a chain letter.
    let score = before.saturating_add(u32::from(!target.from_me));
    let context = ContextInfo {
        forwarding_score: Some(score).filter(|score| *score > 0),
        is_forwarded: (score > 0).then_some(true),
        expiration: expires_in,
        ..Default::default()
    };
    let mut bytes = raw::without(&content, field);
    push_field(&mut bytes, field, &context.encode_to_vec());
    Ok(raw::one_field(number, &bytes))
}

/// Secret and options of a poll that the program gives.
fn poll_of(bytes: &[u8]) -> Option<(MessageSecret, Poll)> {
    let message = Message::decode(bytes).ok()?;
    let secret = message.message_context_info.as_ref().and_then(|info| info.message_secret.as_deref());
    let secret = secret.and_then(MessageSecret::from_slice)?;
    Some((secret, super::describe(bytes, &message).details.poll?))
}

pub(super) fn with_extras(
    mut outgoing: Outgoing,
    attrs: std::collections::BTreeMap<String, String>,
    nodes: &[chasqui_wire::Node<'_>],
) -> Result<Outgoing, PublicError> {
    outgoing.attrs = attrs;
    for node in nodes {
        let encoded = codec::encode(node).map_err(|error| invalid(format!("A node cannot be written: {error}.")))?;
        outgoing.nodes.push(encoded);
    }
    Ok(outgoing)
}

#[cfg(test)]
mod tests {
    use chasqui_error::ErrorCode;

    use super::*;

    fn target(raw: Vec<u8>, from_me: bool) -> Target {
        Target { id: "3EB0".into(), chat: Jid::pn("15550002222"), sender: None, from_me, raw: Some(raw), text: None }
    }

    fn decoded(bytes: &[u8]) -> Message {
        Message::decode(bytes).expect("decodes")
    }

    #[test]
    fn forwarding_keeps_unknown_fields_and_counts_up() {
        let mut text = ExtendedTextMessage { text: Some("news".into()), ..Default::default() }.encode_to_vec();
        push_field(&mut text, 999, b"unknown");
        let original = with_secret(raw::one_field(EXTENDED_TEXT, &text));
        let mut message = original.clone();
        for score in 1..=3 {
            message = forwarded(&target(message, false), None).expect("forwards");
            let text = decoded(&message).extended_text_message.expect("a text");
            let context = text.context_info.expect("a context");
            assert_eq!((context.forwarding_score, context.is_forwarded), (Some(score), Some(true)));
            let (_, content) = wrap::content(&message).expect("content");
            assert_eq!(raw::field(content, 999), Some(&b"unknown"[..]));
        }
        assert!(decoded(&message).message_context_info.is_none(), "the secret stays behind");
        let own = decoded(&forwarded(&target(original, true), None).expect("forwards"));
        assert_eq!(own.extended_text_message.and_then(|text| text.context_info).expect("a context").is_forwarded, None);
    }

    #[test]
    fn what_is_no_content_is_not_forwarded() {
        let reaction = Message { reaction_message: Some(Box::default()), ..Default::default() }.encode_to_vec();
        let once = wrap::wrap(wrap::VIEW_ONCE, b"\x0a\x02hi");
        for bytes in [reaction, once, vec![], vec![0xff]] {
            assert_eq!(forwarded(&target(bytes, false), None).expect_err("refused").code, ErrorCode::InvalidContent);
        }
        let plain = decoded(&forwarded(&target(b"\x0a\x02hi".to_vec(), false), Some(60)).expect("forwards"));
        let text = plain.extended_text_message.expect("a text");
        assert_eq!((text.text.as_deref(), text.context_info.and_then(|it| it.expiration)), (Some("hi"), Some(60)));
    }

    #[test]
    fn a_quote_holds_the_content_without_its_own_quote() {
        let context = ContextInfo { stanza_id: Some("3EB1".into()), ..Default::default() };
        let message = with_secret(text_message("sure?", Some(context.encode_to_vec())));
        let shown = decoded(&quoted(&target(wrap::wrap(wrap::EPHEMERAL, &message), false)));
        let text = shown.extended_text_message.expect("a text");
        assert_eq!((text.text.as_deref(), text.context_info), (Some("sure?"), None));
        assert!(shown.message_context_info.is_none());
        let by_text = Target { raw: None, text: Some("sure?".into()), ..target(vec![], false) };
        assert_eq!(decoded(&quoted(&by_text)).conversation.as_deref(), Some("sure?"));
    }

    #[test]
    fn polls_of_one_and_of_many_answers_are_told_apart() {
        let options = || vec!["A".to_owned(), "B".to_owned()];
        let one = with_secret(poll_message("?".into(), options(), false, None));
        let many = with_secret(poll_message("?".into(), options(), true, None));
        assert_eq!(decoded(&one).poll_creation_message_v3.and_then(|poll| poll.selectable_options_count), Some(1));
        assert_eq!(decoded(&many).poll_creation_message.and_then(|poll| poll.selectable_options_count), Some(0));
        let (_, poll) = poll_of(&many).expect("a poll with a secret");
        assert_eq!(poll, Poll { question: "?".into(), options: options(), multiple: true });
        assert!(poll_of(&poll_message("?".into(), options(), true, None)).is_none(), "without a secret no vote");
    }
}
