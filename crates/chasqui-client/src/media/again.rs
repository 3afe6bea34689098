//! A file that the hosts no longer have: the phone is asked to upload it again (05-media §9).

use std::{collections::HashMap, time::Duration};

use chasqui_error::{ErrorCode, PublicError};
use chasqui_media::{MediaKey, retry};
use chasqui_proto::media_retry_notification::ResultType;
use chasqui_wire::{Jid, Node};
use tokio::sync::oneshot;

use crate::actor::{Actor, Fault};

/// How long the phone may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Files that may be waited for at once.
const MAX_WAITING: usize = 256;

/// Which message's file is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub id: String,
    pub chat: Jid,
    pub from_me: bool,
    pub sender: Option<Jid>,
    pub key: MediaKey,
}

/// The new direct path, or why there is none.
pub(crate) type Answer = oneshot::Sender<Result<String, PublicError>>;

/// What the phone was asked for, by the message's id.
#[derive(Default)]
pub(crate) struct Asked(HashMap<String, Vec<(MediaKey, Answer)>>);

fn gone(why: &str) -> PublicError {
    let message = format!("The hosts do not have the file any more, and {why}.");
    PublicError::new(ErrorCode::MediaGone, message)
}

impl Actor {
    /// Asks the phone for a file.
    pub(crate) async fn on_file_wanted(&mut self, wanted: Wanted, answer: Answer) -> Result<(), Fault> {
        let own = self.creds.paired.as_ref().map(|paired| paired.pn.to_bare()).filter(|_| self.is_open());
        let asked = &mut self.media.asked.0;
        asked.retain(|_, waiting| {
            waiting.retain(|(_, answer)| !answer.is_closed());
            !waiting.is_empty()
        });
        let (Some(own), true) = (own, asked.len() < MAX_WAITING) else {
            let _ = answer.send(Err(gone("the phone cannot be asked for it now")));
            return Ok(());
        };
        let Wanted { id, chat, from_me, sender, key } = wanted;
        let sealed = retry::seal_request(&key, &id);
        let chat = self.addressed(&chat).await?;
        let participant = match sender.filter(|_| !chat.is_user() && !from_me) {
            Some(sender) => Some(self.addressed(&sender).await?),
            None => None,
        };
        let encrypt = Node::new("encrypt")
            .children([Node::new("enc_p").bytes(sealed.enc_p), Node::new("enc_iv").bytes(sealed.enc_iv.to_vec())]);
        let about = Node::new("rmr")
            .attr("jid", chat)
            .attr("from_me", if from_me { "true" } else { "false" })
            .attr_opt("participant", participant);
        let receipt = Node::new("receipt").attr("id", id.clone()).attr("to", own).attr("type", "server-error");
        self.send(receipt.children([encrypt, about]).into_owned());
        self.media.asked.0.entry(id).or_default().push((key, answer));
        Ok(())
    }

    /// `<notification type=mediaretry>`: the phone's answer.
    pub(crate) fn on_media_retry(&mut self, node: &Node<'_>) {
        let Some(id) = node.get_str("id") else { return };
        let Some(waiting) = self.media.asked.0.remove(&*id) else { return };
        let bytes = |name: &str| node.find("encrypt").and_then(|encrypt| encrypt.find(name)?.content_bytes());
        let sealed = bytes("enc_p").zip(bytes("enc_iv"));
        for (key, answer) in waiting {
            let outcome = match sealed {
                None => Err(gone("the phone has no copy of it")),
                Some((enc_p, enc_iv)) => match retry::open_answer(&key, &id, enc_p, enc_iv) {
                    Ok(told) => match told.direct_path.filter(|path| path.starts_with('/')) {
                        Some(path) if told.result == Some(ResultType::Success.into()) => Ok(path),
                        _ => Err(gone("the phone has no copy of it")),
                    },
                    Err(_) => Err(gone("the phone's answer does not belong to it")),
                },
            };
            let _ = answer.send(outcome);
        }
    }
}
