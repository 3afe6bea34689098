//! The history of an account as its phone has it, and how its companions get it (06-history-sync §8).
//!
//! | module | keeps |
//! |---|---|
//! | `book` | chats, messages and people, as a test gives them or as they are generated |
//! | `blob` | one blob of them: what stands in it, encoded, deflated, and spoiled on request |
//! | `serve` | the blobs' way to a companion, and what it asks for later |

mod blob;
mod book;
mod serve;

pub(crate) use blob::Part;
pub(crate) use book::Book;
pub use book::{
    Generate, PhoneChat, PhoneContact, PhoneHistory, PhoneMapping, PhoneMember, PhoneMessage, PhonePastParticipant,
    PhoneReaction, Spoil, Spoiled,
};
pub(crate) use serve::{Told, history_request, wants_full};
