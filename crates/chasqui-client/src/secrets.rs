//! Secrets of messages, kept so that votes, responses, encrypted reactions and edits that come later can be opened.
//!
//! Two series, each a number of blocks of records: polls and events, which are few and answered for long, and all other
//! messages. A full block is followed by a new one, and the oldest is dropped. A record's key is its series, its block,
//! and a hash of chat, author and id; so one message costs one record, and a look-up one read per block.

use chasqui_proto::ProtoMessage;
use chasqui_store::{Key, Namespace};
use chasqui_wire::Jid;
use sha2::{Digest, Sha256};

use crate::{
    actor::{Actor, Fault},
    addon::MessageSecret,
    message::Poll,
};

/// Records of one block.
const BLOCK: u32 = 512;

/// A series of blocks.
pub(crate) struct Series {
    name: u8,
    blocks: u32,
    /// The block that is being filled, and how many records it has; `None` before the first look.
    now: Option<(u32, u32)>,
}

/// Where the two series stand.
pub(crate) struct Secrets {
    asked: Series,
    others: Series,
}

impl Default for Secrets {
    fn default() -> Self {
        Self { asked: Series { name: b'p', blocks: 4, now: None }, others: Series { name: b'm', blocks: 8, now: None } }
    }
}

impl Series {
    /// Where the number of the block stands, under [`Namespace::Meta`].
    fn meta(&self) -> String {
        format!("secrets-{}", char::from(self.name))
    }

    fn key(&self, block: u32, fingerprint: &[u8]) -> Vec<u8> {
        [&prefix(self.name, block)[..], fingerprint].concat()
    }

    /// The blocks that exist.
    fn live(&self, now: u32) -> impl Iterator<Item = u32> + use<> {
        (now.saturating_sub(self.blocks - 1)..=now).rev()
    }
}

/// What is kept of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub secret: MessageSecret,
    /// For polls.
    pub poll: Option<Poll>,
}

#[derive(Clone, PartialEq, prost::Message)]
#[prost(skip_debug)]
struct Row {
    #[prost(bytes = "vec", tag = "1")]
    secret: Vec<u8>,
    #[prost(string, optional, tag = "2")]
    question: Option<String>,
    #[prost(string, repeated, tag = "3")]
    options: Vec<String>,
    #[prost(bool, tag = "4")]
    multiple: bool,
}

impl Row {
    fn kept(self) -> Option<Kept> {
        let (options, multiple) = (self.options, self.multiple);
        let poll = self.question.map(|question| Poll { question, options, multiple });
        Some(Kept { secret: MessageSecret::from_slice(&self.secret)?, poll })
    }
}

impl From<Kept> for Row {
    fn from(kept: Kept) -> Self {
        let secret = kept.secret.as_bytes().to_vec();
        match kept.poll {
            Some(poll) => {
                Self { secret, question: Some(poll.question), options: poll.options, multiple: poll.multiple }
            }
            None => Self { secret, question: None, options: Vec::new(), multiple: false },
        }
    }
}

fn prefix(series: u8, block: u32) -> [u8; 5] {
    let [a, b, c, d] = block.to_be_bytes();
    [series, a, b, c, d]
}

fn fingerprint(chat: &Jid, author: &Jid, id: &str) -> [u8; 16] {
    let digest = Sha256::digest(format!("{}\n{}\n{id}", chat.to_bare(), author.to_bare()));
    digest.first_chunk().copied().unwrap_or_default()
}

impl Actor {
    /// Keeps the secret of a message. `asked`: it is a poll or an event, to which answers may come for long.
    pub(crate) async fn keep_secret(
        &mut self,
        chat: &Jid,
        author: &Jid,
        id: &str,
        kept: Kept,
        asked: bool,
    ) -> Result<(), Fault> {
        let (chat, author) = (self.canonical(&chat.to_bare()).await?, self.canonical(&author.to_bare()).await?);
        let (block, count) = self.block(asked).await?;
        let series = if asked { &mut self.secrets.asked } else { &mut self.secrets.others };
        series.now = Some((block, count + 1));
        let key = series.key(block, &fingerprint(&chat, &author, id));
        self.turn.batch.put(Namespace::MessageSecret, key, Row::from(kept).encode_to_vec());
        Ok(())
    }

    /// The block to write into, and how many records it has; begins a new one where needed.
    async fn block(&mut self, asked: bool) -> Result<(u32, u32), Fault> {
        let series = if asked { &self.secrets.asked } else { &self.secrets.others };
        let (meta, blocks, name) = (series.meta(), series.blocks, series.name);
        let (block, count) = match series.now {
            Some(now) => now,
            None => {
                let row = self.read(Key::new(Namespace::Meta, &meta)).await?;
                let block = row.and_then(|row| <[u8; 4]>::try_from(row).ok()).map_or(0, u32::from_be_bytes);
                (block, u32::try_from(self.records(name, block).await?.len()).unwrap_or(BLOCK))
            }
        };
        if count < BLOCK {
            return Ok((block, count));
        }
        let next = block.saturating_add(1);
        self.turn.batch.put(Namespace::Meta, meta, next.to_be_bytes());
        if let Some(oldest) = next.checked_sub(blocks) {
            for key in self.records(name, oldest).await? {
                self.turn.batch.delete(Namespace::MessageSecret, key);
            }
        }
        Ok((next, 0))
    }

    /// The keys of a block.
    async fn records(&mut self, series: u8, block: u32) -> Result<Vec<Vec<u8>>, Fault> {
        let prefix = prefix(series, block);
        let rows = self.store()?.scan(Namespace::MessageSecret, Some(&prefix), BLOCK as usize).await?;
        Ok(rows.into_iter().map(|(key, _)| key).take_while(|key| key.starts_with(&prefix)).collect())
    }

    /// What is kept of a message; `authors` are the forms in which its author may have been written.
    pub(crate) async fn kept(&mut self, chat: &Jid, authors: &[Jid], id: &str) -> Result<Option<Kept>, Fault> {
        let mut chats = vec![chat.to_bare()];
        chats.extend(self.counterpart(chat).await?);
        let mut keys = Vec::new();
        for asked in [true, false] {
            let (block, _) = self.block(asked).await?;
            let series = if asked { &self.secrets.asked } else { &self.secrets.others };
            for block in series.live(block) {
                for chat in &chats {
                    for author in authors {
                        let key = series.key(block, &fingerprint(chat, author, id));
                        keys.push(Key::new(Namespace::MessageSecret, key));
                    }
                }
            }
        }
        // Its message may have come in this very turn.
        let rows = self.read_many(&keys).await?;
        Ok(rows.into_iter().flatten().find_map(|row| Row::decode(row.as_slice()).ok()?.kept()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_what_is_needed_and_show_no_secret() {
        let secret = MessageSecret::from_slice(&[7; 32]).expect("32 bytes");
        let poll = Poll { question: "?".into(), options: vec!["A".into(), "B".into()], multiple: true };
        for kept in [Kept { secret: secret.clone(), poll: Some(poll) }, Kept { secret, poll: None }] {
            let row = Row::from(kept.clone()).encode_to_vec();
            assert_eq!(Row::decode(row.as_slice()).ok().and_then(Row::kept), Some(kept.clone()));
            assert!(!format!("{kept:?}").contains('7'));
        }
        assert_eq!(Row { secret: vec![1; 31], ..Row::default() }.kept(), None);
    }

    #[test]
    fn only_the_newest_blocks_are_looked_through() {
        let series = Series { name: b'p', blocks: 4, now: None };
        assert_eq!(series.live(0).collect::<Vec<_>>(), [0]);
        assert_eq!(series.live(2).collect::<Vec<_>>(), [2, 1, 0]);
        assert_eq!(series.live(9).collect::<Vec<_>>(), [9, 8, 7, 6]);
    }

    #[test]
    fn a_record_is_that_of_one_chat_author_and_id() {
        let (chat, author) = (Jid::lid("100000000000001"), Jid::lid("200000000000002"));
        let one = fingerprint(&chat, &author, "3EB0");
        assert_eq!(one, fingerprint(&chat.with_device(3), &author.with_device(4), "3EB0"));
        for other in [
            fingerprint(&author, &author, "3EB0"),
            fingerprint(&chat, &chat, "3EB0"),
            fingerprint(&chat, &author, "3EB1"),
        ] {
            assert_ne!(one, other);
        }
    }
}
