//! The archive: chats, messages, people, receipts, reactions, groups and labels of sessions as SQLite tables.
//!
//! It is written as a list of [`Op`]s inside a transaction of the caller's ([`apply`]), so that it is never ahead of the
//! session nor behind it, and read by [`Query`]s over any other connection ([`Query::read`]). No I/O of its own, no thread.
//!
//! **Again.** Operations may come more than once and out of order: a message is what its first copy says, a later state of
//! it (edited, revoked, starred, reacted to) wins by its time, and what is told of a message that is not there yet waits for
//! it in a row that no query shows. What was deleted stays deleted, also when an older source gives it again.
//!
//! **Text.** What people write is found by an FTS5 index, which triggers keep equal to the table: it removes what is
//! deleted at once and for good (`secure-delete`).

mod apply;
mod chats;
mod messages;
mod op;
mod people;
mod query;
mod retain;
mod schema;
mod search;
#[cfg(test)]
mod tests;

pub use apply::apply;
pub use op::{Chat, Contact, Group, Label, Message, Op, Person, Status, Target};
pub use query::{Answer, Cursor, Found, Limit, Point, Query};
pub use retain::Retention;
pub use schema::{Refused, VERSION, is_there, prepare};
