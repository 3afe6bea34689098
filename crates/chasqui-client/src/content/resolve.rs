//! What the session knows about a received message beyond its bytes: who is meant, and what an add-on holds.

use chasqui_proto::{Message, MessageKey as WireKey, ProtoMessage};
use chasqui_wire::Jid;
use sha2::{Digest, Sha256};

use super::describe::{self, Described, Sealed};
use crate::{
    actor::{Actor, Fault},
    addon::{Binding, MessageSecret},
    message::{MessageKey, Poll},
    receive::Envelope,
    secrets::Kept,
};

impl Actor {
    /// Puts persons in their canonical form, names the target, opens an add-on.
    pub(crate) async fn resolve(
        &mut self,
        envelope: &Envelope,
        chat: &Jid,
        mut described: Described,
    ) -> Result<Described, Fault> {
        for mention in &mut described.mentions {
            *mention = self.shown_text(mention).await?;
        }
        if let Some(sender) = described.quoted.as_mut().and_then(|quoted| quoted.sender.as_mut()) {
            *sender = self.shown_text(sender).await?;
        }
        let Some(key) = described.target.take() else { return Ok(described) };
        let Some((id, author)) = self.author_of(envelope, chat, &key) else { return Ok(Described::of("protocol")) };
        let from_me = self.is_own(&author);
        let by_author = from_me == envelope.from_me
            && (from_me || self.canonical(&author).await? == self.canonical(&envelope.sender.to_bare()).await?);
        // Nobody changes what another wrote; in groups the server lets admins delete it.
        let may = match described.kind {
            "edit" => by_author,
            "revoke" => by_author || !chat.is_user(),
            _ => true,
        };
        if !may {
            tracing::warn!(session = %self.name, id = envelope.id, "somebody else's message was to be changed");
            return Ok(Described::of("protocol"));
        }
        if let Some(sealed) = described.sealed.take() {
            self.unseal(envelope, chat, &id, &author, &sealed, &mut described).await?;
        }
        described.details.target = Some(MessageKey {
            id,
            chat: self.shown(chat).await?.to_string(),
            sender: self.shown(&author).await?.to_string(),
            from_me,
        });
        Ok(described)
    }

    /// Keeps the secret of a message in this chat; add-ons themselves have none.
    pub(crate) async fn keep_secret_of(
        &mut self,
        chat: &Jid,
        author: &Jid,
        id: &str,
        message: &[u8],
    ) -> Result<(), Fault> {
        let Some(secret) = secret_of(message) else { return Ok(()) };
        let decoded = Message::decode(message).unwrap_or_default();
        let described = describe::describe(message, &decoded);
        self.keep_described(chat, author, id, secret, &described).await
    }

    /// The same for a message that is described already.
    pub(crate) async fn keep_described(
        &mut self,
        chat: &Jid,
        author: &Jid,
        id: &str,
        secret: MessageSecret,
        described: &Described,
    ) -> Result<(), Fault> {
        if described.target.is_some() || described.details.target.is_some() {
            return Ok(());
        }
        let asked = matches!(described.kind, "poll" | "event");
        let kept = Kept { secret, poll: described.details.poll.clone() };
        self.keep_secret(chat, author, id, kept, asked).await
    }

    /// Id and author of the message that a key names, as the sender of the key sees it.
    fn author_of(&self, envelope: &Envelope, chat: &Jid, key: &WireKey) -> Option<(String, Jid)> {
        let id = key.id.clone().filter(|id| (1..=128).contains(&id.len()))?;
        let participant = || key.participant.as_deref().and_then(|text| text.parse::<Jid>().ok()).filter(Jid::is_user);
        let author = if key.from_me == Some(true) {
            envelope.sender.to_bare()
        } else if !chat.is_user() {
            participant()?.to_bare()
        } else if envelope.from_me {
            chat.to_bare()
        } else {
            self.own_device(chat)?.to_bare()
        };
        Some((id, author))
    }

    /// Both forms of a person, the given one first.
    async fn forms(&mut self, person: &Jid) -> Result<Vec<Jid>, Fault> {
        let mut forms = vec![person.to_bare()];
        forms.extend(self.counterpart(person).await?);
        Ok(forms)
    }

    async fn unseal(
        &mut self,
        envelope: &Envelope,
        chat: &Jid,
        id: &str,
        author: &Jid,
        sealed: &Sealed,
        described: &mut Described,
    ) -> Result<(), Fault> {
        let authors = self.forms(author).await?;
        let Some(kept) = self.kept(chat, &authors, id).await? else {
            tracing::debug!(session = %self.name, id = envelope.id, "the secret of {id} is not known");
            return Ok(());
        };
        let senders = self.forms(&envelope.sender).await?;
        // Each side may have been written by phone number or by LID.
        let plaintext = authors.iter().flat_map(|author| senders.iter().map(move |sender| (author, sender))).find_map(
            |(author, sender)| {
                let (target_sender, sender) = (author.to_string(), sender.to_string());
                let binding = Binding {
                    use_case: sealed.use_case,
                    target_id: id,
                    target_sender: &target_sender,
                    sender: &sender,
                };
                binding.open(&kept.secret, &sealed.payload, &sealed.iv)
            },
        );
        match plaintext {
            Some(plaintext) => {
                let poll = kept.poll;
                describe::unseal(described, sealed.use_case, &plaintext, |hash| option_of(poll.as_ref()?, hash));
            }
            None => tracing::warn!(session = %self.name, id = envelope.id, "an add-on does not decrypt"),
        }
        Ok(())
    }

    async fn shown_text(&mut self, text: &str) -> Result<String, Fault> {
        Ok(match text.parse::<Jid>() {
            Ok(jid) => self.shown(&jid).await?.to_string(),
            Err(_) => text.to_owned(),
        })
    }
}

/// The secret that a message brings.
pub(crate) fn secret_of(message: &[u8]) -> Option<MessageSecret> {
    let info = crate::raw::field(message, super::wrap::CONTEXT_INFO)?;
    MessageSecret::from_slice(crate::raw::field(info, 3)?)
}

fn option_of(poll: &Poll, hash: &[u8]) -> Option<String> {
    poll.options.iter().find(|option| Sha256::digest(option.as_bytes())[..] == *hash).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_known_by_its_hash() {
        let poll = Poll { question: "?".into(), options: vec!["Yes".into(), "No".into()], multiple: false };
        let hash: Vec<u8> = Sha256::digest("Yes").to_vec();
        assert_eq!(hash[..4], [0x85, 0xa3, 0x9a, 0xb3]);
        assert_eq!(option_of(&poll, &hash).as_deref(), Some("Yes"));
        assert_eq!(option_of(&poll, &hash[..31]), None);
    }

    #[test]
    fn only_32_bytes_are_a_secret() {
        let message =
            |len: u8| [&[0x0a, 0x01, b'x', 0x9a, 0x02, len + 2, 0x1a, len][..], &vec![0x5a; len.into()]].concat();
        assert!(secret_of(&message(32)).is_some());
        for len in [0, 16, 31, 33] {
            assert!(secret_of(&message(len)).is_none());
        }
    }
}
