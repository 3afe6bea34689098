//! Receipts, both ways: what we confirm to senders, and what became of what we sent.
//!
//! Source: 03-messages §15.

use chasqui_wire::{Jid, Node};

use crate::{
    ReadKey, Reply,
    actor::{Actor, Fault},
    connection::{unix_now, unix_now_ms},
    error,
    message::{Receipt, ReceiptStatus, Recipient},
    receive::Envelope,
};

/// Ids in one receipt.
const MAX_IDS: usize = 256;

impl Actor {
    /// Confirms a handled message to its sender, or to the own device that sent it.
    pub(crate) fn confirm(&mut self, envelope: &Envelope) {
        let receipt = Node::new("receipt").attr("id", envelope.id.clone()).attr("to", &envelope.from);
        let receipt = if envelope.peer {
            receipt.attr("type", "peer_msg")
        } else if envelope.from_me {
            receipt
                .attr("type", "sender")
                .attr_opt("participant", envelope.participant.as_ref())
                .attr_opt("recipient", envelope.recipient.as_ref())
        } else {
            receipt.attr_opt("participant", envelope.participant.as_ref())
        };
        self.send(receipt);
    }

    /// A history notification is confirmed a second time.
    pub(crate) fn confirm_history(&mut self, envelope: &Envelope) {
        self.send(
            Node::new("receipt")
                .attr("id", envelope.id.clone())
                .attr("to", envelope.from.to_bare())
                .attr("type", "hist_sync"),
        );
    }

    /// Tells authors that their messages were read: one receipt per chat and author.
    pub(crate) async fn on_read(&mut self, reply: Reply, messages: Vec<ReadKey>) -> Result<(), Fault> {
        if !self.is_open() {
            self.answer(reply, Err(error::not_connected()));
            return Ok(());
        }
        let mut groups: Vec<(Jid, Option<Jid>, Vec<String>)> = Vec::new();
        for message in messages {
            let (Ok(chat), Ok(sender)) = (message.chat.parse::<Jid>(), message.sender.parse::<Jid>()) else {
                let invalid = crate::options::invalid("messages", "must be messages as they were received");
                self.answer(reply, Err(invalid));
                return Ok(());
            };
            let participant = (!chat.is_user()).then_some(sender);
            let to = if chat.is_user() { self.canonical(&chat).await? } else { chat };
            match groups.iter_mut().find(|(chat, author, _)| *chat == to && *author == participant) {
                Some((_, _, ids)) => ids.push(message.id),
                None => groups.push((to, participant, vec![message.id])),
            }
        }
        for (to, participant, ids) in groups {
            for ids in ids.chunks(MAX_IDS) {
                let Some((first, others)) = ids.split_first() else { continue };
                let mut receipt = Node::new("receipt")
                    .attr("id", first.clone())
                    .attr("to", &to)
                    .attr("type", "read")
                    .attr("t", unix_now())
                    .attr_opt("participant", participant.as_ref());
                if !others.is_empty() {
                    let items = others.iter().map(|id| Node::new("item").attr("id", id.clone()));
                    receipt = receipt.child(Node::new("list").children(items));
                }
                self.send(receipt);
            }
        }
        self.reply(reply, Ok(None));
        Ok(())
    }

    /// `<receipt>` from the server.
    pub(crate) async fn on_receipt(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        self.acknowledge(node, None);
        let (Some(id), Some(from)) = (node.get_str("id"), node.get_jid("from")) else { return Ok(()) };
        let kind = node.get_str("type").unwrap_or_default();
        self.not_quiet(&node.get_jid("participant").unwrap_or_else(|| from.clone())).await?;
        let status = match kind.as_ref() {
            "" | "inactive" => ReceiptStatus::Delivered,
            "read" => ReceiptStatus::Read,
            "played" => ReceiptStatus::Played,
            "retry" => return self.on_retry_receipt(node).await,
            _ => return Ok(()),
        };
        let own =
            |jid: &Jid| self.creds.paired.as_ref().is_some_and(|me| jid.same_user(&me.pn) || jid.same_user(&me.lid));
        // Another own device read a chat: that is about others' messages, not about ours.
        if own(&from) || node.get_jid("participant").is_some_and(|participant| own(&participant)) {
            return Ok(());
        }
        let mut ids = vec![id.into_owned()];
        if let Some(list) = node.find("list") {
            let items = list.all("item").filter_map(|item| item.get_str("id")).map(|id| id.into_owned());
            ids.extend(items.take(MAX_IDS - 1).filter(|other| *other != ids[0]).collect::<Vec<_>>());
        }
        let reader = node.get_jid("participant").unwrap_or_else(|| from.clone());
        let person = self.person(&reader).await?;
        let chat = self.shown(&from).await?;
        self.deliver_receipt(Receipt {
            ids,
            chat: chat.to_string(),
            recipient: Recipient {
                jid: person.shown().unwrap_or(&reader).to_string(),
                pn: person.pn.map(|jid| jid.to_string()),
                lid: person.lid.map(|jid| jid.to_string()),
                device: reader.device,
            },
            status,
            timestamp: node.get_u64("t").map_or_else(unix_now_ms, |t| t.saturating_mul(1000)),
        });
        Ok(())
    }
}
