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
/// Readers told of in one receipt: more devices than a group has.
const MAX_READERS: usize = 8192;

/// What a receipt's type says of a message of ours.
fn status_of(kind: &str) -> Option<ReceiptStatus> {
    match kind {
        "" | "inactive" => Some(ReceiptStatus::Delivered),
        "read" => Some(ReceiptStatus::Read),
        "played" => Some(ReceiptStatus::Played),
        _ => None,
    }
}

/// The messages that a receipt is about.
fn ids_of(node: &Node<'_>, first: &str) -> Vec<String> {
    let items = node.find("list").into_iter().flat_map(|list| list.all("item")).filter_map(|item| item.get_str("id"));
    let others = items.map(|id| id.into_owned()).take(MAX_IDS - 1).filter(|other| other != first);
    std::iter::once(first.to_owned()).chain(others).collect()
}

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
            receipt
                .attr_opt("type", (!self.is_there()).then_some("inactive"))
                .attr_opt("participant", envelope.participant.as_ref())
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

    /// Tells authors that their messages were read, or played: one receipt per chat and author.
    pub(crate) async fn on_read(&mut self, reply: Reply, messages: Vec<ReadKey>, played: bool) -> Result<(), Fault> {
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
            let participant = if chat.is_user() { None } else { Some(self.as_addressed_in(&chat, sender).await?) };
            let to = if chat.is_user() { self.canonical(&chat).await? } else { chat };
            match groups.iter_mut().find(|(chat, author, _)| *chat == to && *author == participant) {
                Some((_, _, ids)) => ids.push(message.id),
                None => groups.push((to, participant, vec![message.id])),
            }
        }
        for (to, participant, ids) in groups {
            let kind = match (played, self.quiet_reader && to.is_user()) {
                (false, false) => "read",
                (false, true) => "read-self",
                (true, false) => "played",
                (true, true) => "played-self",
            };
            // What was played was read.
            self.archive_read(&to, &ids).await?;
            for ids in ids.chunks(MAX_IDS) {
                let Some((first, others)) = ids.split_first() else { continue };
                let mut receipt = Node::new("receipt")
                    .attr("id", first.clone())
                    .attr("to", &to)
                    .attr("type", kind)
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

    /// A person in the form in which a chat of many names its members; without knowing better, by LID.
    async fn as_addressed_in(&mut self, chat: &Jid, person: Jid) -> Result<Jid, Fault> {
        let by_lid = self.group(chat).await?.is_none_or(|group| group.by_lid);
        if person.is_lid() == by_lid {
            return Ok(person);
        }
        Ok(self.counterpart(&person).await?.unwrap_or(person))
    }

    /// `<receipt>` from the server.
    pub(crate) async fn on_receipt(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        self.acknowledge(node, None);
        let (Some(id), Some(from)) = (node.get_str("id"), node.get_jid("from")) else { return Ok(()) };
        let kind = node.get_str("type").unwrap_or_default();
        self.not_quiet(&node.get_jid("participant").unwrap_or_else(|| from.clone())).await?;
        // The device says that it cannot show the message.
        if node.find("error").is_some() {
            return Ok(());
        }
        // It has an offer of ours, and that is no message.
        if node.find("offer").is_some() {
            return Ok(());
        }
        if kind == "retry" {
            return self.on_retry_receipt(node).await;
        }
        if self.options.wire {
            self.learn_reader(node).await?;
            self.deliver_stanza(node);
            return Ok(());
        }
        let own =
            |jid: &Jid| self.creds.paired.as_ref().is_some_and(|me| jid.same_user(&me.pn) || jid.same_user(&me.lid));
        // Another own device read a chat: that is about others' messages, not about ours.
        if own(&from) || node.get_jid("participant").is_some_and(|participant| own(&participant)) {
            return self.archive_own_reading(node, &ids_of(node, &id)).await;
        }
        let Some(status) = status_of(&kind) else { return Ok(()) };
        self.learn_reader(node).await?;
        if let Some(readers) = node.find("participants") {
            return self.on_readers(&from, status, readers).await;
        }
        let ids = ids_of(node, &id);
        let reader = node.get_jid("participant").unwrap_or_else(|| from.clone());
        self.tell_receipt(ids, &from, &reader, status, node).await
    }

    /// The form in which a group's receipts may come together: one message, many readers.
    async fn on_readers(&mut self, chat: &Jid, status: ReceiptStatus, readers: &Node<'_>) -> Result<(), Fault> {
        let Some(id) = readers.get_str("key").or_else(|| readers.get_str("message_id")) else { return Ok(()) };
        for user in readers.all("user").take(MAX_READERS) {
            let Some(reader) = user.get_jid("jid").filter(Jid::is_user) else { continue };
            self.learn_reader(user).await?;
            let status = user.get_str("type").map_or(Some(status), |kind| status_of(&kind));
            let own = self.own_device(&reader).is_some_and(|own| own.same_user(&reader));
            if let Some(status) = status.filter(|_| !own) {
                self.tell_receipt(vec![id.to_string()], chat, &reader, status, user).await?;
            }
        }
        Ok(())
    }

    /// A reader is named in both forms.
    async fn learn_reader(&mut self, node: &Node<'_>) -> Result<(), Fault> {
        let reader = node.get_jid("participant").or_else(|| node.get_jid("jid")).filter(Jid::is_user);
        let others = ["participant_pn", "participant_lid"].into_iter().filter_map(|attr| node.get_jid(attr));
        if let (Some(reader), Some(other)) = (reader, others.into_iter().next()) {
            self.learn(&reader, &other).await?;
        }
        Ok(())
    }

    async fn tell_receipt(
        &mut self,
        ids: Vec<String>,
        chat: &Jid,
        reader: &Jid,
        status: ReceiptStatus,
        node: &Node<'_>,
    ) -> Result<(), Fault> {
        let person = self.person(reader).await?;
        let chat = self.shown(chat).await?;
        self.deliver_receipt(Receipt {
            ids,
            chat: chat.to_string(),
            recipient: Recipient {
                jid: person.shown().unwrap_or(reader).to_string(),
                pn: person.pn.map(|jid| jid.to_string()),
                lid: person.lid.map(|jid| jid.to_string()),
                device: reader.device,
            },
            status,
            error: None,
            timestamp: node.get_u64("t").map_or_else(unix_now_ms, |t| t.saturating_mul(1000)),
        });
        Ok(())
    }
}
