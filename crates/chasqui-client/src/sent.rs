//! Messages sent, kept so that a device that could not read one gets it again, also after a restart.
//!
//! Two records each: the message by its id, and its time and id by its place in the order of sending, by which the
//! oldest go.

use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::Jid;

use crate::{
    actor::{Actor, Fault},
    connection::unix_now_ms,
    outbox::Outgoing,
};

/// Messages kept at most, however young they are.
const KEPT: u64 = 65_536;
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
        self.archive_sent(id, chat, &outgoing.message).await?;
        let now = unix_now_ms();
        let row = Row { chat: chat.to_string(), outgoing, left: now };
        self.turn.batch.put(Namespace::SentMessage, id, row.encode_to_vec());
        self.turn.batch.put(Namespace::SentOrder, seq.to_be_bytes(), [&now.to_be_bytes(), id.as_bytes()].concat());
        if seq.is_multiple_of(CLEANED_EVERY) {
            self.clean_sent(seq, now).await?;
        }
        Ok(())
    }

    /// Lets those go that are older than the program wants, or too many.
    async fn clean_sent(&mut self, seq: u64, now: u64) -> Result<(), Fault> {
        let kept_since = now.saturating_sub(u64::try_from(self.options.keep_sent.as_millis()).unwrap_or(u64::MAX));
        for (place, entry) in self.store()?.scan(Namespace::SentOrder, None, CLEANED).await? {
            let at = <[u8; 8]>::try_from(place.as_slice()).map_or(0, u64::from_be_bytes);
            let (time, id) =
                entry.split_first_chunk::<8>().map_or((0, &[][..]), |(t, id)| (u64::from_be_bytes(*t), id));
            if time > kept_since && at + KEPT > seq {
                break;
            }
            self.turn.batch.delete(Namespace::SentOrder, place);
            self.turn.batch.delete(Namespace::SentMessage, id);
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn send(actor: &mut Actor, seq: u64) {
        let outgoing = Outgoing { message: vec![1], kind: "text".into(), ..Default::default() };
        actor.keep_sent(seq, &format!("ID{seq}"), &Jid::pn("15550001111"), outgoing).await.expect("kept");
        if seq.is_multiple_of(32) {
            actor.settle().await;
        }
    }

    async fn first_kept(actor: &mut Actor, last: u64) -> u64 {
        actor.settle().await;
        let mut first = None;
        for seq in 1..=last {
            let kept = actor.sent_message(&format!("ID{seq}")).await.expect("read").is_some();
            assert!(kept || first.is_none(), "{seq}: the oldest go first");
            first = first.or(kept.then_some(seq));
        }
        first.expect("the last one is kept")
    }

    #[tokio::test]
    async fn what_was_sent_is_kept_as_long_as_the_program_wants() {
        let mut actor = Actor::for_tests().await;
        for seq in 1..=256 {
            send(&mut actor, seq).await;
        }
        assert_eq!(first_kept(&mut actor, 256).await, 1);
        actor.options.keep_sent = Duration::ZERO;
        for seq in 257..=320 {
            send(&mut actor, seq).await;
        }
        assert!(first_kept(&mut actor, 320).await > 256);
    }

    #[tokio::test]
    async fn however_much_is_sent_there_is_a_most() {
        let mut actor = Actor::for_tests().await;
        let last = KEPT + 1024;
        for seq in 1..=last {
            send(&mut actor, seq).await;
        }
        let first = first_kept(&mut actor, last).await;
        assert!((last - KEPT..=last - KEPT + CLEANED_EVERY).contains(&first), "{first}");
    }
}
