//! Bytes to nodes.

use std::borrow::Cow;

use compact_str::{CompactString, format_compact};

use super::{DecodeError, MAX_DEPTH, MAX_ITEMS, packed, tag};
use crate::{
    jid::{Jid, Server},
    node::{Content, Node, Text, Value},
    token,
};

/// How many children or attributes memory is reserved for before they are seen.
const RESERVE: usize = 256;

/// Decodes a stanza without its flags byte (see [`super::unpack`]).
///
/// Takes every form wherever a string may stand, also those that [`super::encode`] never writes. Text that is not
/// UTF-8 is read with replacement characters: a broken name must not cost the whole stanza.
pub fn decode(node: &[u8]) -> Result<Node<'_>, DecodeError> {
    let mut reader = Reader { rest: node, items: 0 };
    let root = reader.node(1)?;
    match reader.rest.len() {
        0 => Ok(root),
        trailing => Err(DecodeError::Trailing(trailing)),
    }
}

/// Decodes the stanza at the beginning of `bytes`, and says how long it is.
pub fn decode_first(bytes: &[u8]) -> Result<(Node<'_>, usize), DecodeError> {
    let mut reader = Reader { rest: bytes, items: 0 };
    let root = reader.node(1)?;
    Ok((root, bytes.len() - reader.rest.len()))
}

/// Reads the tag and the attributes of a stanza of which [`decode`] takes no more, or of its beginning.
pub fn decode_head(node: &[u8]) -> Result<Node<'_>, DecodeError> {
    let mut reader = Reader { rest: node, items: 0 };
    reader.head().map(|(head, _)| head)
}

struct Reader<'a> {
    rest: &'a [u8],
    items: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (byte, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Counts `count` items, each of at least `min` bytes, before any of them is read.
    fn announce(&mut self, count: usize, min: usize) -> Result<(), DecodeError> {
        if count.saturating_mul(min) > self.rest.len() {
            return Err(DecodeError::Truncated);
        }
        self.items += count;
        if self.items > MAX_ITEMS { Err(DecodeError::TooMany) } else { Ok(()) }
    }

    fn node(&mut self, depth: usize) -> Result<Node<'a>, DecodeError> {
        if depth > MAX_DEPTH {
            return Err(DecodeError::TooDeep);
        }
        let (mut node, has_content) = self.head()?;
        if has_content {
            node.content = self.content(depth)?;
        }
        Ok(node)
    }

    /// A node up to its content, and whether that follows.
    fn head(&mut self) -> Result<(Node<'a>, bool), DecodeError> {
        let size = match self.byte()? {
            tag::LIST_8 => usize::from(self.byte()?),
            tag::LIST_16 => usize::from(self.u16()?),
            tag::LIST_EMPTY => return Err(DecodeError::EmptyTag),
            other => return Err(DecodeError::Tag(other)),
        };
        if size == 0 {
            return Err(DecodeError::EmptyTag);
        }
        let tag = self.text()?;
        if tag == "" {
            return Err(DecodeError::EmptyTag);
        }
        let count = (size - 1) / 2;
        self.announce(count, 2)?;
        let mut attrs = Vec::with_capacity(count.min(RESERVE));
        for _ in 0..count {
            attrs.push((self.text()?, self.value()?));
        }
        Ok((Node { tag, attrs, content: Content::None }, size % 2 == 0))
    }

    fn content(&mut self, depth: usize) -> Result<Content<'a>, DecodeError> {
        let count = match self.byte()? {
            tag::LIST_EMPTY => return Ok(Content::None),
            tag::LIST_8 => usize::from(self.byte()?),
            tag::LIST_16 => usize::from(self.u16()?),
            tag @ (tag::BINARY_8 | tag::BINARY_20 | tag::BINARY_32) => {
                return self.binary(tag).map(|bytes| Content::Bytes(Cow::Borrowed(bytes)));
            }
            tag => return self.value_of(tag).map(|value| Content::Text(into_text(value))),
        };
        if count == 0 {
            return Ok(Content::None);
        }
        // The shortest node is a list header and a token.
        self.announce(count, 3)?;
        let mut nodes = Vec::with_capacity(count.min(RESERVE));
        for _ in 0..count {
            nodes.push(self.node(depth + 1)?);
        }
        Ok(Content::Nodes(nodes))
    }

    fn binary(&mut self, tag: u8) -> Result<&'a [u8], DecodeError> {
        let len = match tag {
            tag::BINARY_8 => u32::from(self.byte()?),
            tag::BINARY_20 => {
                let [b0, b1, b2] = self.array()?;
                u32::from_be_bytes([0, b0 & 0x0f, b1, b2])
            }
            _ => u32::from_be_bytes(self.array()?),
        };
        self.take(usize::try_from(len).map_err(|_| DecodeError::Truncated)?)
    }

    fn text(&mut self) -> Result<Text<'a>, DecodeError> {
        self.value().map(into_text)
    }

    fn value(&mut self) -> Result<Value<'a>, DecodeError> {
        let tag = self.byte()?;
        self.value_of(tag)
    }

    fn value_of(&mut self, tag: u8) -> Result<Value<'a>, DecodeError> {
        match tag {
            tag::JID_PAIR => {
                let user = self.plain()?;
                let server = self.plain()?;
                Ok(jid(user, 0, server.as_str()))
            }
            tag::AD_JID => {
                let [domain, device] = self.array()?;
                let server = match domain {
                    0x80.. if domain & 1 == 0 => Some(Server::Hosted),
                    _ => Server::from_domain(domain),
                };
                let server = server.ok_or(DecodeError::Domain(domain))?;
                let user = self.plain()?;
                Ok(jid(user, device.into(), server.as_str()))
            }
            tag::FB_JID => {
                let user = self.plain()?;
                let device = self.u16()?;
                let server = self.plain()?;
                Ok(jid(user, device, server.as_str()))
            }
            tag::INTEROP_JID => {
                let user = self.plain()?;
                let device = self.u16()?;
                let integrator = self.u16()?;
                self.skip_interop();
                let user = CompactString::from(user.as_str());
                Ok(Value::Jid(Jid { user, server: Server::Interop, device, integrator }))
            }
            tag => self.plain_of(tag).map(Value::Text),
        }
    }

    /// Some peers leave the server out of an INTEROP_JID.
    fn skip_interop(&mut self) {
        let before = self.rest;
        if !self.plain().is_ok_and(|server| server == Server::Interop.as_str()) {
            self.rest = before;
        }
    }

    /// A string that is not a JID: what a JID consists of, so that JIDs cannot nest.
    fn plain(&mut self) -> Result<Text<'a>, DecodeError> {
        let tag = self.byte()?;
        self.plain_of(tag)
    }

    fn plain_of(&mut self, tag: u8) -> Result<Text<'a>, DecodeError> {
        match tag {
            tag::LIST_EMPTY => Ok(Text::Borrowed("")),
            tag::DICTIONARY_0..=tag::DICTIONARY_3 => {
                let index = self.byte()?;
                token::double(tag - tag::DICTIONARY_0, index).map(Text::Borrowed).ok_or(DecodeError::Tag(tag))
            }
            tag::HEX_8 | tag::NIBBLE_8 => {
                let header = self.byte()?;
                let bytes = self.take(packed::len(header))?;
                packed::read(tag, header, bytes).map(Text::Owned)
            }
            tag::BINARY_8 | tag::BINARY_20 | tag::BINARY_32 => {
                let bytes = self.binary(tag)?;
                Ok(match std::str::from_utf8(bytes) {
                    Ok(text) => Text::Borrowed(text),
                    Err(_) => Text::Owned(CompactString::from_utf8_lossy(bytes)),
                })
            }
            tag => token::single(tag).map(Text::Borrowed).ok_or(DecodeError::Tag(tag)),
        }
    }
}

fn into_text(value: Value<'_>) -> Text<'_> {
    match value {
        Value::Text(text) => text,
        Value::Jid(jid) => Text::Owned((&jid).into()),
    }
}

/// A typed JID where the parts make one; otherwise its text, so that nothing is lost.
fn jid<'a>(user: Text<'a>, device: u16, server: &str) -> Value<'a> {
    let Some(server) = Server::parse(server) else {
        return Value::Text(Text::Owned(match device {
            0 => format_compact!("{}@{server}", user.as_str()),
            _ => format_compact!("{}:{device}@{server}", user.as_str()),
        }));
    };
    let plain = user.as_str().len() <= 128
        && user.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && (device == 0 || (server.may_have_device() && user != ""));
    let jid = Jid { user: CompactString::from(user), server, device, integrator: 0 };
    if plain && server != Server::Interop {
        return Value::Jid(jid);
    }
    // The user may carry an agent or a device in its text.
    let text = CompactString::from(&jid);
    match text.parse() {
        Ok(jid) => Value::Jid(jid),
        Err(_) => Value::Text(Text::Owned(text)),
    }
}
