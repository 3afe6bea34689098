//! The protobuf schema of the service.
//!
//! `generated.rs` is made from `proto/whatsapp.proto` by `cargo run -p chasqui-proto-codegen`; nothing else in the
//! workspace knows where the schema comes from. prost drops unknown fields when it decodes: whoever hands a message
//! on must hand on the received bytes, never a re-encoding.

pub use prost::{DecodeError, Message as ProtoMessage};

#[allow(missing_docs, clippy::all, clippy::pedantic)]
mod generated;
pub use generated::*;
