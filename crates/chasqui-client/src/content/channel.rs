//! Contents for channels: nothing is encrypted there, so that a message has no secret, its file no key, and a change of a
//! message has the id of what it changes (03-messages §8).

use chasqui_wire::Jid;

use super::{
    compose::{Chat, Refusal, text_message, with_extras},
    parse::{Action, Content, invalid},
    stanza, wrap,
};
use crate::{actor::Actor, error, media::Remote, outbox::Outgoing, raw};

/// `edit` values.
const EDIT: &str = "3";
const REVOKE: &str = "8";

impl Content {
    /// The message that it changes.
    pub fn original(&self) -> Option<&str> {
        match &self.action {
            Action::Edit { target, .. } | Action::Delete { target } => Some(&target.id),
            _ => None,
        }
    }
}

impl Actor {
    /// Makes the message of a content for a channel.
    pub(super) async fn compose_post(&mut self, channel: Jid, content: Content) -> Result<Outgoing, Refusal> {
        let own = self.own_in(false).ok_or_else(error::not_connected)?.to_bare();
        if content.quote.is_some() || content.expires_in.is_some() {
            return Err(invalid("In a channel nothing is quoted, and nothing disappears.").into());
        }
        let mut handle = None;
        match &content.action {
            Action::React { .. } => {
                return Err(
                    invalid("A reaction in a channel names a number of the service: use channels.react().").into()
                );
            }
            Action::Vote { .. }
            | Action::Attend { .. }
            | Action::Event(_)
            | Action::Pin { .. }
            | Action::Keep { .. }
            | Action::Ephemeral { .. }
            | Action::Album { .. }
            | Action::Text { view_once: true, .. }
            | Action::Media { view_once: true, .. }
            | Action::Media { album: Some(_), .. } => {
                return Err(invalid("There is nothing of this kind in channels.").into());
            }
            Action::Media { file, .. } => handle.clone_from(&file.handle),
            _ => {}
        }
        let outgoing = match content.action {
            Action::Delete { .. } => {
                return Ok(Outgoing { kind: "text".into(), edit: Some(REVOKE.into()), ..Outgoing::default() });
            }
            Action::Edit { text, .. } => {
                let outgoing = stanza::outgoing(text_message(&text.text, None));
                outgoing.map(|outgoing| Outgoing { edit: Some(EDIT.into()), ..outgoing })
            }
            Action::Raw { message, attrs, nodes } => {
                let outgoing =
                    stanza::outgoing(message).ok_or_else(|| invalid("The bytes are not a Message protobuf."))?;
                Some(with_extras(outgoing, attrs, &nodes)?)
            }
            _ => {
                let message = self.message(&Chat { jid: channel, own }, content).await?;
                stanza::outgoing(raw::without(&message, wrap::CONTEXT_INFO))
            }
        };
        let mut outgoing = outgoing.ok_or_else(|| invalid("The content makes no message."))?;
        if Remote::of_message(&outgoing.message).is_some_and(|file| file.key.is_some()) {
            return Err(invalid("Files of channels are not encrypted: upload them with { channel: true }.").into());
        }
        if let Some(handle) = handle {
            outgoing.attrs.insert("media_id".into(), handle);
        }
        Ok(outgoing)
    }
}
