//! The auth state of Baileys: its values, as its versions write them.
//!
//! | module | keeps |
//! |---|---|
//! | [`bytes`] | bytes in JSON, in every form that is found in the wild |
//! | [`names`] | what the values are called, at a store and as files |
//! | [`creds`] | `creds.json` |
//! | [`values`] | the small ones: prekeys, identities, mappings, device lists, tokens, app state |
//! | [`session`] | `session-<address>`: the sessions with one device |
//! | [`sender_key`] | `sender-key-<group>::<address>`: the keys of one sender in one group |
//!
//! Values are read as liberally as Baileys' versions and the stores around them have written them, and written as the
//! version reads them that is to go on with the folder. Source: the contract of Baileys, §12.
#![forbid(unsafe_code)]

pub mod bytes;
pub mod creds;
pub mod names;
pub mod sender_key;
pub mod session;
pub mod values;

/// A value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It is no JSON, or lacks what it must have; the text says what, and holds no secret.
    #[error("{0}")]
    Malformed(String),
}

impl FormatError {
    fn lacks(what: &str) -> Self {
        Self::Malformed(format!("it has no valid {what}"))
    }

    /// What the JSON reader says, without the values that it may quote.
    fn json(error: &serde_json::Error) -> Self {
        let why = match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            serde_json::error::Category::Data => "it has not the form of such a value",
            _ => "it is no JSON",
        };
        Self::Malformed(format!("{why} (line {}, column {})", error.line(), error.column()))
    }
}
