//! Nodes to bytes.

use compact_str::format_compact;

use super::{EncodeError, MAX_DEPTH, packed, tag};
use crate::{
    jid::{Jid, Server},
    node::{Content, Node, Value},
    token::{self, Token},
};

/// Encodes a stanza: the flags byte `00` and the node.
pub fn encode(node: &Node<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(256);
    encode_into(node, &mut out)?;
    Ok(out)
}

/// Appends what [`encode`] gives to `out`; an error leaves `out` as it was.
pub fn encode_into(node: &Node<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    out.push(0);
    let result = write_node(node, out, 1);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn write_node(node: &Node<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), EncodeError> {
    if depth > MAX_DEPTH {
        return Err(EncodeError::TooDeep);
    }
    if node.tag == "" {
        return Err(EncodeError::EmptyTag);
    }
    let has_content = !matches!(node.content, Content::None);
    write_list(1 + 2 * node.attrs.len() + usize::from(has_content), out)?;
    write_text(node.tag.as_str(), out)?;
    for (key, value) in &node.attrs {
        write_text(key.as_str(), out)?;
        match value {
            Value::Text(text) => write_text(text.as_str(), out)?,
            Value::Jid(jid) => write_jid(jid, out)?,
        }
    }
    match &node.content {
        Content::None => Ok(()),
        Content::Bytes(bytes) => write_bytes(bytes, out),
        Content::Text(text) => write_text(text.as_str(), out),
        Content::Nodes(nodes) => {
            write_list(nodes.len(), out)?;
            nodes.iter().try_for_each(|node| write_node(node, out, depth + 1))
        }
    }
}

fn write_list(size: usize, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match size {
        0 => out.push(tag::LIST_EMPTY),
        1..0x100 => out.extend([tag::LIST_8, size as u8]),
        0x100..0x1_0000 => {
            out.push(tag::LIST_16);
            out.extend((size as u16).to_be_bytes());
        }
        _ => return Err(EncodeError::TooMany(size)),
    }
    Ok(())
}

/// The first form of §5.4 that applies, except the JID forms: those are for typed JIDs only.
fn write_text(text: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match token::find(text) {
        Some(Token::Single(index)) => out.push(index),
        Some(Token::Double(dictionary, index)) => out.extend([tag::DICTIONARY_0 + dictionary, index]),
        None if packed::write(text, out) => {}
        None => write_bytes(text.as_bytes(), out)?,
    }
    Ok(())
}

fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let len = u32::try_from(bytes.len()).map_err(|_| EncodeError::TooLong(bytes.len()))?;
    let [b0, b1, b2, b3] = len.to_be_bytes();
    match len {
        0..0x100 => out.extend([tag::BINARY_8, b3]),
        0x100..0x10_0000 => out.extend([tag::BINARY_20, b1, b2, b3]),
        _ => out.extend([tag::BINARY_32, b0, b1, b2, b3]),
    }
    out.extend_from_slice(bytes);
    Ok(())
}

/// The form of §6.2 for each kind of JID.
fn write_jid(jid: &Jid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match (jid.server, jid.server.domain(), jid.device) {
        (_, Some(domain), device @ 1..0x100) => {
            out.extend([tag::AD_JID, domain, device as u8]);
            return write_user(&jid.user, out);
        }
        (Server::Messenger, ..) => {
            out.push(tag::FB_JID);
            write_user(&jid.user, out)?;
            out.extend(jid.device.to_be_bytes());
        }
        (Server::Interop, ..) => {
            out.push(tag::INTEROP_JID);
            write_user(&jid.user, out)?;
            out.extend(jid.device.to_be_bytes());
            out.extend(jid.integrator.to_be_bytes());
        }
        (_, _, 0) => {
            out.push(tag::JID_PAIR);
            write_user(&jid.user, out)?;
        }
        // No form has room for this device; as text inside the user it is at least not lost.
        (_, _, device) => {
            out.push(tag::JID_PAIR);
            write_user(&format_compact!("{}:{device}", jid.user), out)?;
        }
    }
    write_text(jid.server.as_str(), out)
}

fn write_user(user: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if user.is_empty() {
        out.push(tag::LIST_EMPTY);
        return Ok(());
    }
    write_text(user, out)
}
