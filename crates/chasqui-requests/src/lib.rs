//! What programs ask of the service by request, and what the service tells them besides messages.
//!
//! A **method** ([`call`]) is a function from plain arguments to a plain result. It runs beside the session's task, and
//! reaches the session only by wishes ([`Session`]): it holds no state, so that it can be abandoned at any time. A
//! **notice** is what a stanza tells a program ([`notice::read`]). Both are plain JSON, whose shapes are those of `index.d.ts`.
//!
//! Source: 07-requests-and-notifications.

pub mod answer;
pub mod args;
pub mod channels;
pub mod groups;
pub mod notice;
pub mod number;
pub mod person;
pub mod plain;
pub mod session;
pub mod signal;

mod account;
mod bots;
mod business;
mod calls;
mod links;
mod methods;
mod mex;
mod people;
mod presence;
mod privacy;
mod profile;
mod state;
mod status;
#[cfg(test)]
mod testing;
mod usync;

pub use methods::call;
pub use plain::Plain;
pub use session::{Session, Wish};

/// What a method gives back.
pub type Result<T = serde_json::Value> = std::result::Result<T, chasqui_error::PublicError>;
