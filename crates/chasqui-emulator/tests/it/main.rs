//! The service from outside, with a client that speaks for itself.

mod blocklist;
mod client;
mod groups;
mod http;
mod media;
mod misbehaviour;
mod service;
