//! What a program gives to `send`, checked before anything is stored or leaves.
//!
//! The JSON form is that of `Content` in `index.d.ts`; bytes are base64, and a message that is meant is
//! `{ id, chat, sender?, fromMe, raw?, text? }`.

use std::collections::{BTreeMap, HashSet};

use base64::{Engine, prelude::BASE64_STANDARD};
use chasqui_error::{ErrorCode, PublicError};
use chasqui_wire::{Jid, Node, Server, Value as NodeValue};
use serde_json::{Map, Value};

use super::{
    album, event,
    place::{self, Location},
    preview::{self, Preview},
};
use crate::{media::file::File, options::MAX_TEXT_CHARS};

/// People that one message may mention: a group's largest size.
pub(crate) const MAX_MENTIONS: usize = 1024;
pub(super) const MAX_QUESTION_CHARS: usize = 255;
const MAX_OPTION_CHARS: usize = 100;
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=12;
/// Bytes of an emoji with all its modifiers.
const MAX_EMOJI: usize = 64;
/// Bytes of a message given as protobuf.
const MAX_RAW: usize = 1 << 20;
/// Nodes and attributes that one message may add to its stanza, and how deep they may nest.
const MAX_NODES: usize = 256;
const MAX_NODE_DEPTH: usize = 8;
const DAY: u32 = 24 * 3600;
/// Longest timer of disappearing messages.
const MAX_EPHEMERAL: u32 = 366 * DAY;
/// Attributes that the engine writes itself.
const OWN_ATTRS: [&str; 11] = [
    "id",
    "to",
    "type",
    "edit",
    "participant",
    "recipient",
    "phash",
    "addressing_mode",
    "device_fanout",
    "peer_recipient_pn",
    "peer_recipient_lid",
];

/// A message that a content is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub id: String,
    pub chat: Jid,
    /// Who wrote it, if the program knows.
    pub sender: Option<Jid>,
    pub from_me: bool,
    /// Its protobuf, if the program has it.
    pub raw: Option<Vec<u8>>,
    pub text: Option<String>,
}

/// A text with what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextContent {
    pub text: String,
    pub mentions: Vec<Jid>,
}

/// What a message does.
#[derive(Debug, PartialEq)]
pub(crate) enum Action {
    Text {
        text: TextContent,
        view_once: bool,
        preview: Option<Box<Preview>>,
    },
    Media {
        file: Box<File>,
        caption: Option<TextContent>,
        view_once: bool,
        /// The album that it is a part of.
        album: Option<Target>,
    },
    /// The beginning of an album: how many files of each kind follow.
    Album {
        images: u32,
        videos: u32,
    },
    /// Names and vCards.
    Contacts {
        cards: Vec<(String, String)>,
    },
    Location(Box<Location>),
    Event(Box<event::Event>),
    /// An answer to an event.
    Attend {
        event: Target,
        answer: event::Answer,
        guests: u32,
    },
    Poll {
        question: String,
        options: Vec<String>,
        multiple: bool,
    },
    Vote {
        poll: Target,
        options: Vec<String>,
    },
    React {
        target: Target,
        emoji: String,
    },
    Edit {
        target: Target,
        text: TextContent,
    },
    Delete {
        target: Target,
    },
    /// Seconds; `None` unpins.
    Pin {
        target: Target,
        duration: Option<u32>,
    },
    Keep {
        target: Target,
        keep: bool,
    },
    /// Seconds; 0 is off.
    Ephemeral {
        timer: u32,
    },
    Forward {
        target: Target,
    },
    Raw {
        message: Vec<u8>,
        attrs: BTreeMap<String, String>,
        nodes: Vec<Node<'static>>,
    },
}

impl Action {
    fn can_quote(&self) -> bool {
        matches!(
            self,
            Self::Text { .. }
                | Self::Poll { .. }
                | Self::Media { .. }
                | Self::Album { .. }
                | Self::Contacts { .. }
                | Self::Location(_)
                | Self::Event(_)
        )
    }
}

/// A checked content.
#[derive(Debug, PartialEq)]
pub(crate) struct Content {
    pub action: Action,
    pub quote: Option<Target>,
    /// Seconds until the message disappears.
    pub expires_in: Option<u32>,
    /// How a text of a status post looks.
    pub style: Option<Style>,
}

/// How a text of a status post looks: colours as 0xAARRGGBB, and the number of a font.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Style {
    pub background: Option<u32>,
    pub colour: Option<u32>,
    pub font: Option<i32>,
}

impl Content {
    /// The chat's new timer, if that is all it is.
    pub fn timer(&self) -> Option<u32> {
        if let Action::Ephemeral { timer } = self.action { Some(timer) } else { None }
    }
}

pub(super) fn invalid(message: impl Into<String>) -> PublicError {
    PublicError::new(ErrorCode::InvalidContent, message)
}

pub(super) fn limit(message: String, limit: usize) -> PublicError {
    invalid(message).with("limit", limit)
}

/// Reads a content. Errors are `INVALID_CONTENT`, `INVALID_RECIPIENT` for a mention that is none.
pub(crate) fn parse(content: &Value) -> Result<Content, PublicError> {
    const VERBS: [&str; 24] = [
        "poll",
        "vote",
        "react",
        "edit",
        "delete",
        "pin",
        "unpin",
        "keep",
        "unkeep",
        "ephemeral",
        "forward",
        "contact",
        "location",
        "event",
        "attend",
        "album",
        "image",
        "video",
        "gif",
        "note",
        "audio",
        "voice",
        "document",
        "sticker",
    ];
    let fields = content.as_object().ok_or_else(|| invalid("The content must be an object such as { text }."))?;
    let mut verbs = VERBS.iter().filter(|verb| is_set(fields, verb));
    let action = match (verbs.next().copied(), verbs.next()) {
        (Some(first), Some(second)) => {
            return Err(invalid(format!("The content says both \"{first}\" and \"{second}\".")));
        }
        (Some(verb), None) => action(verb, fields)?,
        (None, _) if is_set(fields, "raw") => {
            raw(bytes("raw", fields.get("raw").and_then(Value::as_str).unwrap_or_default())?, fields)?
        }
        (None, _) => {
            let (text, view_once) = (text(fields)?, flag(fields, "viewOnce")?);
            let preview = preview::parse(fields.get("linkPreview"), &text.text)?;
            Action::Text { text, view_once, preview: preview.map(Box::new) }
        }
    };
    let quote = match fields.get("quote").filter(|quote| !quote.is_null()) {
        Some(quote) if action.can_quote() => Some(target("quote", quote)?),
        Some(_) => return Err(invalid("Only what a person writes or sends can quote a message.")),
        None => None,
    };
    let expires_in = seconds(fields, "expiresIn", MAX_EPHEMERAL)?;
    let style = style(fields)?;
    if style.is_some() && !matches!(action, Action::Text { .. }) {
        return Err(invalid("Only a text has a background, a colour and a font."));
    }
    Ok(Content { action, quote, expires_in, style })
}

/// Highest number of a font.
const MAX_FONT: u32 = 10;

fn style(fields: &Map<String, Value>) -> Result<Option<Style>, PublicError> {
    let colour = |name: &str| match fields.get(name).filter(|value| !value.is_null()) {
        None => Ok(None),
        Some(value) => {
            let hex = value.as_str().and_then(|text| text.strip_prefix('#')).filter(|hex| hex.len() == 6);
            let rgb = hex.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
            match rgb.and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
                Some(rgb) => Ok(Some(0xff00_0000 | rgb)),
                None => Err(invalid(format!("\"{name}\" must be a colour such as \"#1f7a5c\"."))),
            }
        }
    };
    let font = whole_number(fields, "font", MAX_FONT)?.and_then(|font| i32::try_from(font).ok());
    let style = Style { background: colour("background")?, colour: colour("color")?, font };
    Ok((style != Style::default()).then_some(style))
}

fn action(verb: &str, fields: &Map<String, Value>) -> Result<Action, PublicError> {
    let target = || target(verb, &fields[verb]);
    Ok(match verb {
        "poll" => poll(&fields[verb])?,
        "contact" => place::contacts(&fields[verb])?,
        "location" => Action::Location(Box::new(place::parse(&fields[verb])?)),
        "event" => Action::Event(Box::new(event::parse(&fields[verb])?)),
        "attend" => {
            let answer = event::answer(need_text(fields, "answer")?)?;
            let guests = whole_number(fields, "guests", event::MAX_GUESTS)?.unwrap_or(0);
            Action::Attend { event: target()?, answer, guests }
        }
        "album" => album::parse(&fields[verb])?,
        "image" | "video" | "gif" | "note" | "audio" | "voice" | "document" | "sticker" => media(verb, fields)?,
        "vote" => Action::Vote { poll: target()?, options: texts(fields, "options")? },
        "react" => {
            let emoji = need_text(fields, "emoji")?;
            if emoji.len() > MAX_EMOJI {
                return Err(limit(format!("The emoji has more than {MAX_EMOJI} bytes."), MAX_EMOJI));
            }
            Action::React { target: target()?, emoji: emoji.to_owned() }
        }
        "edit" => {
            let target = target()?;
            if !target.from_me {
                return Err(invalid("Only own messages can be edited."));
            }
            Action::Edit { target, text: text(fields)? }
        }
        "delete" => {
            let target = target()?;
            if !target.from_me && !target.chat.is_group() {
                return Err(invalid(
                    "Only own messages can be deleted for everyone; in a group also others', by admins.",
                ));
            }
            Action::Delete { target }
        }
        "pin" => {
            let days = fields.get("days").and_then(Value::as_u64).filter(|days| [1, 7, 30].contains(days));
            let days = days.ok_or_else(|| invalid("A message is pinned for 1, 7 or 30 days."))?;
            Action::Pin { target: target()?, duration: u32::try_from(days).ok().map(|days| days * DAY) }
        }
        "unpin" => Action::Pin { target: target()?, duration: None },
        "keep" => Action::Keep { target: target()?, keep: true },
        "unkeep" => Action::Keep { target: target()?, keep: false },
        "forward" => {
            let target = target()?;
            if target.raw.is_none() {
                return Err(invalid(
                    "Only a message as the \"message\" event gives it can be forwarded: its raw() is sent.",
                ));
            }
            Action::Forward { target }
        }
        _ => {
            let timer = seconds(fields, "ephemeral", MAX_EPHEMERAL)?;
            Action::Ephemeral { timer: timer.ok_or_else(|| invalid("The timer must be seconds, 0 for off."))? }
        }
    })
}

pub(super) fn is_set(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name).is_some_and(|value| !value.is_null())
}

pub(super) fn flag(fields: &Map<String, Value>, name: &str) -> Result<bool, PublicError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(invalid(format!("\"{name}\" must be true or false."))),
    }
}

/// JavaScript has one kind of number: 60.0 is 60.
pub(super) fn integer(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0).map(|n| n as u64))
}

pub(super) fn whole_number(fields: &Map<String, Value>, name: &str, max: u32) -> Result<Option<u32>, PublicError> {
    let Some(value) = fields.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = integer(value).and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= max);
    number.map(Some).ok_or_else(|| invalid(format!("\"{name}\" must be a whole number, from 0 to {max}.")))
}

fn seconds(fields: &Map<String, Value>, name: &str, max: u32) -> Result<Option<u32>, PublicError> {
    let wrong = |_| invalid(format!("\"{name}\" must be whole seconds, from 0 to {max}."));
    whole_number(fields, name, max).map_err(wrong)
}

pub(super) fn need_text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, PublicError> {
    fields.get(name).and_then(Value::as_str).ok_or_else(|| invalid(format!("\"{name}\" must be a text.")))
}

fn texts(fields: &Map<String, Value>, name: &str) -> Result<Vec<String>, PublicError> {
    let texts = fields.get(name).and_then(Value::as_array).filter(|list| list.len() <= *OPTIONS.end());
    let texts = texts.and_then(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect());
    texts.ok_or_else(|| invalid(format!("\"{name}\" must be a list of at most {} texts.", OPTIONS.end())))
}

fn text(fields: &Map<String, Value>) -> Result<TextContent, PublicError> {
    let Some(text) = fields.get("text").and_then(Value::as_str) else {
        return Err(invalid("The content must be { text }, a text, or one of the other contents of docs/guide.md."));
    };
    if text.is_empty() {
        return Err(invalid("The text is empty."));
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(limit(format!("The text has more than {MAX_TEXT_CHARS} characters."), MAX_TEXT_CHARS));
    }
    Ok(TextContent { text: text.to_owned(), mentions: mentions(fields)? })
}

fn mentions(fields: &Map<String, Value>) -> Result<Vec<Jid>, PublicError> {
    let Some(mentions) = fields.get("mentions").filter(|mentions| !mentions.is_null()) else { return Ok(Vec::new()) };
    let list = mentions.as_array().ok_or_else(|| invalid("\"mentions\" must be a list of numbers or JIDs."))?;
    if list.len() > MAX_MENTIONS {
        return Err(limit(format!("More than {MAX_MENTIONS} people are mentioned."), MAX_MENTIONS));
    }
    let person = |mention: &Value| {
        let jid = mention.as_str().and_then(number_or_jid).map(|jid| jid.to_bare());
        let digits = |jid: &Jid| (5..=20).contains(&jid.user.len()) && jid.user.bytes().all(|b| b.is_ascii_digit());
        jid.filter(|jid| matches!(jid.server, Server::Pn | Server::Lid) && digits(jid)).ok_or_else(|| {
            PublicError::new(
                ErrorCode::InvalidRecipient,
                "A mention must be an international number or a person's JID.",
            )
        })
    };
    list.iter().map(person).collect()
}

fn number_or_jid(text: &str) -> Option<Jid> {
    if text.contains('@') {
        return text.parse().ok();
    }
    Some(Jid::pn(text.chars().filter(char::is_ascii_digit).collect::<String>()))
}

fn poll(value: &Value) -> Result<Action, PublicError> {
    let fields = value.as_object().ok_or_else(|| invalid("A poll must be { question, options, multiple? }."))?;
    let question = need_text(fields, "question")?;
    if question.trim().is_empty() || question.chars().count() > MAX_QUESTION_CHARS {
        let message = format!("The question of a poll must have 1 to {MAX_QUESTION_CHARS} characters.");
        return Err(limit(message, MAX_QUESTION_CHARS));
    }
    let options = texts(fields, "options")?;
    let usable = |option: &String| !option.trim().is_empty() && option.chars().count() <= MAX_OPTION_CHARS;
    if !OPTIONS.contains(&options.len()) || !options.iter().all(usable) {
        let (least, most) = (OPTIONS.start(), OPTIONS.end());
        let message = format!("A poll has {least} to {most} options of 1 to {MAX_OPTION_CHARS} characters each.");
        return Err(limit(message, *most));
    }
    if options.iter().collect::<HashSet<_>>().len() < options.len() {
        return Err(invalid("Two options of the poll are the same."));
    }
    Ok(Action::Poll { question: question.to_owned(), options, multiple: flag(fields, "multiple")? })
}

fn media(verb: &str, fields: &Map<String, Value>) -> Result<Action, PublicError> {
    const WRONG: &str = "must be an uploaded file, as upload() resolves to";
    let mut file: File = serde_json::from_value(fields[verb].clone())
        .map_err(|error| invalid(format!("\"{verb}\" {WRONG}: {error}.")))?;
    // A file for channels has neither a key nor another form.
    let plain = file.media_key.0.is_empty() && file.file_enc_sha256.0.is_empty();
    let secret = [&file.media_key, &file.file_enc_sha256];
    let whole = file.file_sha256.0.len() == 32 && (plain || secret.into_iter().all(|bytes| bytes.0.len() == 32));
    if !whole || !file.direct_path.starts_with('/') {
        return Err(invalid(format!("\"{verb}\" {WRONG}.")));
    }
    verb.clone_into(&mut file.kind);
    let caption = match fields.get("caption") {
        None | Some(Value::Null) => None,
        Some(Value::String(caption)) if caption.is_empty() => None,
        Some(Value::String(_)) if matches!(verb, "audio" | "voice" | "sticker" | "note") => {
            return Err(invalid(format!("\"{verb}\" has no caption.")));
        }
        Some(Value::String(caption)) if caption.chars().count() > MAX_TEXT_CHARS => {
            return Err(limit(format!("The caption has more than {MAX_TEXT_CHARS} characters."), MAX_TEXT_CHARS));
        }
        Some(Value::String(caption)) => Some(TextContent { text: caption.to_owned(), mentions: mentions(fields)? }),
        Some(_) => return Err(invalid("\"caption\" must be a text.")),
    };
    let view_once = flag(fields, "viewOnce")?;
    if view_once && !matches!(verb, "image" | "video" | "voice") {
        return Err(invalid(format!("\"{verb}\" cannot be looked at once only.")));
    }
    let album = match fields.get("partOf").filter(|album| !album.is_null()) {
        Some(album) if matches!(verb, "image" | "video") => Some(target("partOf", album)?),
        Some(_) => return Err(invalid("Only images and videos are parts of an album.")),
        None => None,
    };
    Ok(Action::Media { file: Box::new(file), caption, view_once, album })
}

pub(super) fn target(verb: &str, value: &Value) -> Result<Target, PublicError> {
    let wrong = || invalid(format!("\"{verb}\" must be a message, or {{ id, chat, fromMe, sender }} of one."));
    let fields = value.as_object().ok_or_else(wrong)?;
    let id = fields.get("id").and_then(Value::as_str).filter(|id| (1..=128).contains(&id.len())).ok_or_else(wrong)?;
    let jid = |name: &str| fields.get(name).and_then(Value::as_str).and_then(number_or_jid);
    let chat = jid("chat").filter(|chat| !chat.user.is_empty()).ok_or_else(wrong)?;
    let from_me = flag(fields, "fromMe")?;
    let sender = jid("sender").filter(Jid::is_user);
    if !from_me && sender.is_none() && !chat.is_user() {
        return Err(invalid(format!("\"{verb}\" needs the sender of a message in a group.")));
    }
    let raw = match fields.get("raw").and_then(Value::as_str) {
        Some(text) => Some(bytes(verb, text)?).filter(|raw| !raw.is_empty()),
        None => None,
    };
    Ok(Target {
        id: id.to_owned(),
        chat: chat.to_bare(),
        sender: sender.map(|sender| sender.to_bare()),
        from_me,
        raw,
        text: fields.get("text").and_then(Value::as_str).map(str::to_owned),
    })
}

fn bytes(name: &str, text: &str) -> Result<Vec<u8>, PublicError> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| invalid(format!("\"{name}\" must be bytes.")))?;
    within_limit(name, bytes)
}

fn within_limit(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, PublicError> {
    if bytes.len() > MAX_RAW {
        return Err(limit(format!("\"{name}\" has more than {MAX_RAW} bytes."), MAX_RAW));
    }
    Ok(bytes)
}

/// A message that the program has made, and what else it says of it.
pub(crate) fn relayed(message: Vec<u8>, more: &Value) -> Result<Content, PublicError> {
    let fields = more.as_object().ok_or_else(|| invalid("What belongs to a message must be an object."))?;
    let action = raw(within_limit("raw", message)?, fields)?;
    Ok(Content { action, quote: None, expires_in: None, style: None })
}

fn raw(message: Vec<u8>, fields: &Map<String, Value>) -> Result<Action, PublicError> {
    let mut budget = MAX_NODES;
    let attrs = attrs(fields.get("attrs"), &mut budget)?;
    if let Some(own) = attrs.keys().find(|name| OWN_ATTRS.contains(&name.as_str())) {
        return Err(invalid(format!("The attribute \"{own}\" follows from the message and its recipient.")));
    }
    let nodes = match fields.get("nodes") {
        None | Some(Value::Null) => Vec::new(),
        Some(nodes) => node_list(nodes, 1, &mut budget)?,
    };
    Ok(Action::Raw { message, attrs, nodes })
}

fn spend(budget: &mut usize) -> Result<(), PublicError> {
    let left = budget.checked_sub(1);
    *budget = left.ok_or_else(|| limit(format!("There are more than {MAX_NODES} nodes and attributes."), MAX_NODES))?;
    Ok(())
}

fn attrs(value: Option<&Value>, budget: &mut usize) -> Result<BTreeMap<String, String>, PublicError> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(BTreeMap::new()) };
    let wrong = || invalid("Attributes must be an object of texts.");
    let fields = value.as_object().ok_or_else(wrong)?;
    let attr = |(name, value): (&String, &Value)| {
        spend(budget)?;
        let value = value.as_str().filter(|_| !name.is_empty()).ok_or_else(wrong)?;
        Ok((name.clone(), value.to_owned()))
    };
    fields.iter().map(attr).collect()
}

fn node_list(value: &Value, depth: usize, budget: &mut usize) -> Result<Vec<Node<'static>>, PublicError> {
    let list = value.as_array().ok_or_else(|| invalid("Nodes must be a list of { tag, attrs, content }."))?;
    list.iter().map(|value| node(value, depth, budget)).collect()
}

fn node(value: &Value, depth: usize, budget: &mut usize) -> Result<Node<'static>, PublicError> {
    spend(budget)?;
    if depth > MAX_NODE_DEPTH {
        return Err(limit(format!("Nodes nest deeper than {MAX_NODE_DEPTH} levels."), MAX_NODE_DEPTH));
    }
    let tag = value.get("tag").and_then(Value::as_str).filter(|tag| !tag.is_empty());
    let tag = tag.ok_or_else(|| invalid("A node needs a tag."))?;
    let attrs = attrs(value.get("attrs"), budget)?;
    let node = attrs.iter().fold(Node::new(tag.to_owned()), |node, (name, value)| {
        node.attr(name.clone(), NodeValue::from_user_text(value)).into_owned()
    });
    match value.get("content") {
        None | Some(Value::Null) => Ok(node),
        Some(Value::String(text)) => Ok(node.text(text.clone())),
        Some(list @ Value::Array(_)) => Ok(node.children(node_list(list, depth + 1, budget)?)),
        Some(other) => {
            let text = other.get("base64").and_then(Value::as_str);
            Ok(node.bytes(bytes(
                "content",
                text.ok_or_else(|| invalid("A node's content must be nodes, a text or bytes."))?,
            )?))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(content: Value) -> PublicError {
        let text = content.to_string();
        parse(&content).expect_err(&text[..text.len().min(200)])
    }

    fn message(from_me: bool) -> Value {
        json!({ "id": "3EB0", "chat": "15550002222@s.whatsapp.net", "fromMe": from_me })
    }

    #[test]
    fn empty_long_and_foreign_contents_are_refused() {
        for content in [
            json!({ "text": "" }),
            json!({ "text": "x".repeat(MAX_TEXT_CHARS + 1) }),
            json!({ "text": 5 }),
            json!({ "image": "x" }),
            json!(null),
            json!([]),
            json!({ "delete": message(true), "pin": message(true) }),
            json!({ "text": "x", "expiresIn": -1 }),
            json!({ "text": "x", "viewOnce": "yes" }),
            json!({ "ephemeral": "off" }),
        ] {
            assert_eq!(refused(content).code, ErrorCode::InvalidContent);
        }
    }

    #[test]
    fn too_many_mentions_and_mentions_of_nobody_are_refused() {
        let many = vec!["+573005550100"; MAX_MENTIONS + 1];
        let error = refused(json!({ "text": "all", "mentions": many }));
        assert_eq!((error.code, error.data.get("limit")), (ErrorCode::InvalidContent, Some(&json!(MAX_MENTIONS))));
        for mention in [json!("nobody"), json!("12036300@g.us"), json!(5)] {
            assert_eq!(refused(json!({ "text": "x", "mentions": [mention] })).code, ErrorCode::InvalidRecipient);
        }
        let content = parse(&json!({ "text": "x", "mentions": ["+57 300 555-0100", "100000000000001:3@lid"] }));
        let Ok(Content { action: Action::Text { text, .. }, .. }) = content else { panic!("{content:?}") };
        assert_eq!(text.mentions, [Jid::pn("573005550100"), Jid::lid("100000000000001")]);
    }

    #[test]
    fn only_what_is_possible_with_a_message_is_taken() {
        for content in [
            json!({ "edit": message(false), "text": "x" }),
            json!({ "edit": message(true), "text": "" }),
            json!({ "delete": message(false) }),
            json!({ "pin": message(false), "days": 2 }),
            json!({ "pin": message(false) }),
            json!({ "react": message(false), "emoji": "x".repeat(65) }),
            json!({ "react": "3EB0", "emoji": "x" }),
            json!({ "react": { "id": "", "chat": "15550002222@s.whatsapp.net" }, "emoji": "x" }),
            json!({ "react": { "id": "x", "chat": "120363000000000001@g.us" }, "emoji": "x" }),
            json!({ "forward": message(false) }),
            json!({ "delete": message(true), "quote": message(true) }),
        ] {
            assert_eq!(refused(content).code, ErrorCode::InvalidContent);
        }
    }

    #[test]
    fn polls_have_a_question_and_different_options() {
        let poll = |question: &str, options: &[&str]| json!({ "poll": { "question": question, "options": options } });
        let long = "x".repeat(MAX_OPTION_CHARS + 1);
        for content in [
            poll("", &["a", "b"]),
            poll(&"x".repeat(256), &["a", "b"]),
            poll("?", &["a"]),
            poll("?", &["a", ""]),
            poll("?", &["a", "a"]),
            poll("?", &["a", &long]),
            poll("?", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"]),
            json!({ "poll": "?" }),
        ] {
            assert_eq!(refused(content).code, ErrorCode::InvalidContent);
        }
        assert!(parse(&poll("?", &["a", "b"])).is_ok());
    }

    #[test]
    fn raw_messages_bring_nodes_within_bounds() {
        let nested = (0..20).fold(json!({ "tag": "x" }), |inner, _| json!({ "tag": "x", "content": [inner] }));
        let many: Vec<Value> = (0..300).map(|_| json!({ "tag": "x" })).collect();
        for content in [
            json!({ "raw": "CgJoaQ==", "nodes": [nested] }),
            json!({ "raw": "CgJoaQ==", "nodes": many }),
            json!({ "raw": "CgJoaQ==", "nodes": [{ "tag": "" }] }),
            json!({ "raw": "CgJoaQ==", "nodes": [{ "tag": "x", "attrs": { "a": 5 } }] }),
            json!({ "raw": "CgJoaQ==", "attrs": { "to": "x" } }),
            json!({ "raw": "?" }),
        ] {
            assert_eq!(refused(content).code, ErrorCode::InvalidContent);
        }
        let biz = json!({ "tag": "biz", "attrs": { "v": "1" }, "content": [{ "tag": "list", "content": { "base64": "aGk=" } }] });
        let content = parse(&json!({ "raw": "CgJoaQ==", "nodes": [biz] })).expect("taken");
        let Action::Raw { message, nodes, .. } = content.action else { panic!("raw") };
        assert_eq!(message, b"\x0a\x02hi");
        assert_eq!(nodes[0].find("list").and_then(Node::content_bytes), Some(&b"hi"[..]));
    }
}
