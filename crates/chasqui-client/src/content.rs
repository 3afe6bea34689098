//! Contents: from what a program gives to a `Message` protobuf and its stanza, and from a received one to what a program
//! sees.
//!
//! | File | |
//! | --- | --- |
//! | `parse` | what a program gives, checked |
//! | `compose` | the protobuf of it |
//! | `stanza` | what a stanza says about a protobuf |
//! | `wrap` | envelopes around contents |
//! | `describe` | what a received protobuf tells |
//! | `resolve` | what else the session knows about it: persons, targets, add-ons |

mod compose;
mod describe;
mod parse;
mod resolve;
mod stanza;
mod wrap;

pub(crate) use compose::Refusal;
pub(crate) use describe::{Described, describe, is_only_key, is_silent};
pub(crate) use parse::{Content, parse};
pub(crate) use resolve::secret_of;
pub(crate) use wrap::{device_sent, unwrap_device_sent};
