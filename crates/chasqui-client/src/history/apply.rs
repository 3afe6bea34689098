//! What a part of the history changes in the session, and the shape in which the program is told of it.

use chasqui_proto::{
    Conversation, conversation::EndOfHistoryTransferType as End, group_participant::Rank, past_participant::LeaveReason,
};
use chasqui_store::{Key, Namespace};
use chasqui_wire::{Jid, Server};

use super::{
    part::{Part, Read},
    plain::{
        HistoryChat, HistoryContact, HistoryMember, HistoryMessage, HistoryPart, HistoryReaction, LidMapping,
        PastMember,
    },
};
use crate::{
    actor::{Actor, Fault},
    addon::MessageSecret,
    connection::unix_now,
    content,
    message::{Message, Sender, Source},
    receive::Envelope,
};

/// Members and reactions that are told of one chat or message.
const MAX_MEMBERS: usize = 4096;
const MAX_REACTIONS: usize = 1024;
/// Longest name that is taken.
const MAX_NAME: usize = 256;
/// Secrets of messages that are younger are kept, in seconds: polls and events are answered for long, all others are
/// changed at once or never.
const ANSWERED: u64 = 90 * 86_400;
const CHANGED: u64 = 86_400;
/// Times above this are milliseconds already.
const MILLIS: u64 = 100_000_000_000;

fn jid(text: &str) -> Option<Jid> {
    let jid = text.parse::<Jid>().ok()?.to_bare();
    // Some phones still write it so.
    Some(if jid.server == Server::Legacy { Jid::pn(jid.user) } else { jid })
}

fn millis(seconds: Option<u64>) -> Option<u64> {
    let seconds = seconds.filter(|seconds| *seconds > 0)?;
    Some(if seconds > MILLIS { seconds } else { seconds.saturating_mul(1000) })
}

impl Actor {
    /// Learns from a part, and describes it.
    pub(super) async fn apply_part(&mut self, part: Part, told: &mut HistoryPart) -> Result<(), Fault> {
        let mut pairs: Vec<_> = part.pairs.iter().filter_map(|(pn, lid)| Some((jid(pn)?, jid(lid)?))).collect();
        let contacts = part.contacts.iter();
        pairs.extend(contacts.filter_map(|who| Some((jid(who.pn_jid.as_deref()?)?, jid(who.lid_jid.as_deref()?)?))));
        told.lid_mappings = pairs
            .iter()
            .filter(|(pn, lid)| pn.is_pn() && lid.is_lid())
            .map(|(pn, lid)| LidMapping { pn: pn.to_string(), lid: lid.to_string() })
            .collect();
        self.learn_many(pairs).await?;
        self.look_up(named(&part).iter()).await?;
        if let Some(salt) = &part.nct_salt {
            let key = Key::new(Namespace::Meta, "nct-salt");
            if self.read(key.clone()).await?.is_none() {
                self.turn.batch.put(Namespace::Meta, key.bytes, salt.clone());
            }
        }
        for name in part.names {
            let (Some(who), Some(name)) = (name.id.as_deref().and_then(jid), name.pushname) else { continue };
            if name == "-" || name.is_empty() || name.len() > MAX_NAME {
                continue;
            }
            if self.is_own(&who) && self.creds.push_name.is_none() {
                self.creds.push_name = Some(name.clone());
                self.save_creds();
                self.show_user();
            }
            let contact = self.history_contact(&who).await?;
            told.contacts.push(HistoryContact { push_name: Some(name), ..contact });
        }
        for contact in part.contacts {
            let Some(who) = contact.pn_jid.as_deref().or(contact.lid_jid.as_deref()).and_then(jid) else { continue };
            let named = HistoryContact { name: contact.full_name, username: contact.username, ..Default::default() };
            let HistoryContact { jid, pn, lid, .. } = self.history_contact(&who).await?;
            told.contacts.push(HistoryContact { jid, pn, lid, ..named });
        }
        for group in part.past {
            let Some(of) = group.group_jid.as_deref().and_then(jid) else { continue };
            for member in group.past_participants.into_iter().take(MAX_MEMBERS) {
                let Some(who) = member.user_jid.as_deref().and_then(jid) else { continue };
                told.past_participants.push(PastMember {
                    group: of.to_string(),
                    jid: self.shown(&who).await?.to_string(),
                    removed: member.leave_reason == Some(LeaveReason::Removed.into()),
                    timestamp: millis(member.leave_ts).unwrap_or(0),
                });
            }
        }
        for chat in part.chats {
            let Some(of) = jid(&chat.id) else {
                told.unreadable += 1;
                continue;
            };
            if let Some(token) = &chat.tc_token {
                let made = chat.tc_token_timestamp.unwrap_or(0);
                self.keep_token(&of, token, made, chat.tc_token_sender_timestamp).await?;
            }
            told.chats.push(self.history_chat(&of, chat).await?);
        }
        for read in part.messages {
            match self.history_message(read, &mut told.raw).await? {
                Some(message) => told.messages.push(message),
                None => told.unreadable += 1,
            }
        }
        Ok(())
    }

    async fn history_contact(&mut self, who: &Jid) -> Result<HistoryContact, Fault> {
        let person = self.person(who).await?;
        Ok(HistoryContact {
            jid: person.shown().unwrap_or(who).to_string(),
            pn: person.pn.map(|jid| jid.to_string()),
            lid: person.lid.map(|jid| jid.to_string()),
            ..HistoryContact::default()
        })
    }

    async fn history_chat(&mut self, of: &Jid, chat: Conversation) -> Result<HistoryChat, Fault> {
        let person = self.person(of).await?;
        let mut members = Vec::new();
        for member in chat.participant.iter().take(MAX_MEMBERS) {
            let Some(who) = jid(&member.user_jid) else { continue };
            let admin = match member.rank.and_then(|rank| Rank::try_from(rank).ok()) {
                Some(Rank::Admin) => Some("admin"),
                Some(Rank::Superadmin) => Some("superadmin"),
                _ => None,
            };
            members.push(HistoryMember { jid: self.shown(&who).await?.to_string(), admin });
        }
        let end = chat.end_of_history_transfer_type.and_then(|end| End::try_from(end).ok());
        let more = end.map(|end| {
            matches!(
                end,
                End::CompleteButMoreMessagesRemainOnPrimary | End::CompleteOnDemandSyncButMoreMsgRemainOnPrimary
            )
        });
        let created_by = match chat.created_by.as_deref().and_then(jid) {
            Some(who) => Some(self.shown(&who).await?.to_string()),
            None => None,
        };
        Ok(HistoryChat {
            jid: person.shown().unwrap_or(of).to_string(),
            pn: person.pn.map(|jid| jid.to_string()),
            lid: person.lid.map(|jid| jid.to_string()),
            name: chat.display_name.or(chat.name),
            username: chat.username,
            description: chat.description,
            timestamp: millis(chat.conversation_timestamp.or(chat.last_msg_timestamp)),
            unread: chat.unread_count,
            unread_mentions: chat.unread_mention_count,
            marked_unread: chat.marked_as_unread,
            archived: chat.archived,
            pinned: chat.pinned.map(|pinned| pinned > 0),
            pinned_at: millis(chat.pinned.map(u64::from)),
            muted_until: millis(chat.mute_end_time),
            locked: chat.locked,
            read_only: chat.read_only,
            expires_in: chat.ephemeral_expiration,
            created_at: millis(chat.created_at),
            created_by,
            community: chat.parent_group_id,
            members,
            more,
        })
    }

    /// A message as it would be told live; `None` where nobody knows of which chat it is.
    async fn history_message(&mut self, read: Read, raw: &mut Vec<u8>) -> Result<Option<HistoryMessage>, Fault> {
        let Some(chat) = read.key.remote_jid.as_deref().and_then(jid) else { return Ok(None) };
        let Some(id) = read.key.id.filter(|id| (1..=128).contains(&id.len())) else { return Ok(None) };
        let from_me = read.key.from_me == Some(true);
        let participant = read.key.participant.as_deref().or(read.participant.as_deref()).and_then(jid);
        let own = self.own_device(&chat).map(|own| own.to_bare());
        let sender = match (from_me, own, participant) {
            (true, Some(own), _) => own,
            (false, _, Some(participant)) if !chat.is_user() => participant,
            _ => chat.clone(),
        };
        let secret = match read.secret.as_deref() {
            Some(secret) => MessageSecret::from_slice(secret),
            None => content::secret_of(&read.raw),
        };
        let asked = matches!(read.described.kind, "poll" | "event");
        let age = unix_now().saturating_sub(read.timestamp);
        if let Some(secret) = secret.filter(|_| age < if asked { ANSWERED } else { CHANGED }) {
            self.keep_described(&chat, &sender, &id, secret, &read.described).await?;
        }
        let mut reactions = Vec::new();
        for reaction in read.reactions.into_iter().take(MAX_REACTIONS) {
            let Some(key) = reaction.key else { continue };
            let by_me = key.from_me == Some(true);
            let own = self.own_device(&chat).map(|own| own.to_bare()).filter(|_| by_me);
            let who = own.or_else(|| key.participant.as_deref().and_then(jid)).unwrap_or_else(|| chat.clone());
            reactions.push(HistoryReaction {
                sender: self.shown(&who).await?.to_string(),
                from_me: by_me,
                emoji: reaction.text.unwrap_or_default(),
                timestamp: reaction.sender_timestamp_ms.and_then(|at| u64::try_from(at).ok()),
            });
        }
        let envelope = Envelope {
            from: chat.clone(),
            participant: None,
            recipient: None,
            chat: chat.clone(),
            sender,
            from_me,
            peer: false,
            offline: false,
            timestamp: read.timestamp,
            push_name: read.push_name.filter(|name| name != "-" && name.len() <= MAX_NAME),
            nodes: Vec::new(),
            server_id: None,
            wire: None,
            id,
        };
        let described = self.resolve(&envelope, &chat, read.described).await?;
        let person = self.person(&envelope.sender).await?;
        let chat = self.shown(&chat).await?;
        let status = read.status.filter(|_| from_me).and_then(|status| {
            let names = ["failed", "pending", "sent", "delivered", "read", "played"];
            names.get(usize::try_from(status).ok()?).copied()
        });
        let start = raw.len();
        raw.extend_from_slice(&read.raw);
        let message = Message {
            id: envelope.id,
            chat: chat.to_string(),
            sender: Sender {
                jid: person.shown().unwrap_or(&envelope.sender).to_string(),
                pn: person.pn.map(|jid| jid.to_string()),
                lid: person.lid.map(|jid| jid.to_string()),
                device: 0,
                name: envelope.push_name,
            },
            from_me,
            source: Source::History,
            timestamp: envelope.timestamp.saturating_mul(1000),
            kind: described.kind.to_owned(),
            text: described.text,
            quoted: described.quoted,
            mentions: described.mentions,
            details: Box::new(described.details),
            nodes: Vec::new(),
            redelivered: false,
            raw: Vec::new(),
        };
        let (starred, system, at) = (read.starred, read.system, [start, raw.len()]);
        Ok(Some(HistoryMessage { message, status, starred, reactions, system, at }))
    }
}

/// Everybody whom a part names: looked up at once, and not one by one.
fn named(part: &Part) -> Vec<Jid> {
    let names = part.names.iter().filter_map(|name| name.id.as_deref());
    let chats = part.chats.iter().map(|chat| chat.id.as_str());
    let members = part.chats.iter().flat_map(|chat| chat.participant.iter().take(MAX_MEMBERS));
    let members = members.map(|member| member.user_jid.as_str());
    let keys = part.messages.iter().flat_map(|read| [&read.key.remote_jid, &read.key.participant, &read.participant]);
    let keys = keys.filter_map(|name| name.as_deref());
    let mut named: Vec<_> =
        names.chain(chats).chain(members).chain(keys).filter_map(jid).filter(Jid::is_user).collect();
    named.sort_unstable();
    named.dedup();
    named
}
