//! Contents: from what a program gives to a `Message` protobuf and its stanza, and from a received one to what a program
//! sees.
//!
//! | File | |
//! | --- | --- |
//! | `parse` | what a program gives, checked |
//! | `channel` | contents for channels |
//! | `album`, `event`, `place` | albums; events and answers to them; cards and places |
//! | `preview` | previews of links |
//! | `compose` | the protobuf of it |
//! | `stanza` | what a stanza says about a protobuf |
//! | `wrap` | envelopes around contents |
//! | `describe` | what a received protobuf tells |
//! | `shown` | the part of that which files, cards and places have |
//! | `resolve` | what else the session knows about it: persons, targets, add-ons |

mod album;
mod channel;
mod compose;
mod describe;
mod event;
mod parse;
mod place;
mod preview;
mod resolve;
mod shown;
mod stanza;
mod wrap;

pub(crate) use compose::Refusal;
pub(crate) use describe::{Described, describe, describe_bytes, is_only_key, is_silent};
pub(crate) use parse::{Content, parse, relayed};
pub(crate) use resolve::secret_of;
pub(crate) use wrap::{device_sent, unwrap_device_sent};

use chasqui_proto::{Message, ProtoMessage};

/// A message without its wrappers; `decoded` is what the bytes decode to.
pub(crate) fn unwrapped(bytes: &[u8], decoded: Message) -> Message {
    let unwrapped = wrap::unwrap(bytes);
    if unwrapped.wrapped { Message::decode(unwrapped.message).unwrap_or_default() } else { decoded }
}
