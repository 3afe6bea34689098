//! Messages sent, kept so that a device that could not read one gets it again, also after a restart.
//!
//! Two records each: the message by its id, and its id by its place in the order of sending, by which the oldest go.

use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::Jid;

use crate::{
    actor::{Actor, Fault},
    connection::unix_now_ms,
    outbox::Outgoing,
};

/// Messages kept.
const KEPT: u64 = 4096;
/// Messages between two clean-ups.
const CLEANED_EVERY: u64 = 64;
/// Records that one clean-up looks at: more than come in between.
const CLEANED: usize = 256;

/// A message and where it went.
#[derive(Debug, Clone)]
pub(crate) struct SentMessage {
    /// The chat as it was addressed.
    pub chat: Jid,
    pub outgoing: Outgoing,
    /// When it left, milliseconds since the epoch.
    pub left: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Row {
    #[prost(string, tag = "1")]
    chat: String,
    #[prost(message, required, tag = "3")]
    outgoing: Outgoing,
    #[prost(uint64, tag = "4")]
    left: u64,
}

impl Actor {
    /// Keeps a message that is handed to the connection, together with that.
    pub(crate) async fn keep_sent(&mut self, seq: u64, id: &str, chat: &Jid, outgoing: Outgoing) -> Result<(), Fault> {
        let row = Row { chat: chat.to_string(), outgoing, left: unix_now_ms() };
        self.turn.batch.put(Namespace::SentMessage, id, row.encode_to_vec());
        self.turn.batch.put(Namespace::SentOrder, seq.to_be_bytes(), id);
        if seq.is_multiple_of(CLEANED_EVERY) {
            let oldest = self.store()?.scan(Namespace::SentOrder, None, CLEANED).await?;
            for (place, id) in oldest {
                let gone = <[u8; 8]>::try_from(place.as_slice()).is_ok_and(|at| u64::from_be_bytes(at) + KEPT > seq);
                if gone {
                    break;
                }
                self.turn.batch.delete(Namespace::SentOrder, place);
                self.turn.batch.delete(Namespace::SentMessage, id);
            }
        }
        Ok(())
    }

    /// A message that was sent under this id, if it is still kept.
    pub(crate) async fn sent_message(&mut self, id: &str) -> Result<Option<SentMessage>, Fault> {
        let row = self.read(Key::new(Namespace::SentMessage, id)).await?;
        Ok(row.and_then(|row| {
            let row = Row::decode(row.as_slice()).ok()?;
            Some(SentMessage { chat: row.chat.parse().ok()?, outgoing: row.outgoing, left: row.left })
        }))
    }
}
