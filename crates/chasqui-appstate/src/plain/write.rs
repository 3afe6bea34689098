//! From plain objects to mutations.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_proto::sync_action_value::{
    ContactAction, LabelEditAction, LidContactAction, NoteEditAction,
    PrivacySettingChannelsPersonalisedRecommendationAction, QuickReplyAction, StatusPrivacyAction,
    SyncActionMessageRange, note_edit_action::NoteType, status_privacy_action::StatusDistributionMode,
};
use chasqui_wire::Jid;

use super::{Audience, Change, ChatMessage, Extent, LastMessage};
use crate::{
    Action, ActionData, Collection, LocalMutation, Operation,
    action::CATALOGUE,
    change::{self, ChangeError, MessageRef},
};

/// Why a plain object makes no change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlainError {
    /// A text is not the JID that it must be.
    #[error("{0:?} is not a JID")]
    Address(String),
    /// It does not name what it must.
    #[error(transparent)]
    Incomplete(#[from] ChangeError),
    /// A name is not that of a collection.
    #[error("{0:?} is not a collection")]
    Collection(String),
    /// Its value is not base64.
    #[error("the value is not base64")]
    Bytes,
    /// Only the phone, or the service, makes such a change.
    #[error("this kind of change is told, and cannot be made")]
    ReadOnly,
}

impl Change {
    /// The mutation that makes this change on the phone, which also makes those of the catalogue that have no form of
    /// their own ([`Change::Other`]).
    pub fn of_phone(&self, now: i64) -> Result<LocalMutation, PlainError> {
        let Self::Other { action, index, value, version, removed } = self else { return self.mutation(now) };
        let entry = CATALOGUE.iter().find(|entry| entry.name == action).ok_or(PlainError::ReadOnly)?;
        let parts: Vec<&str> = std::iter::once(action).chain(index).map(String::as_str).collect();
        made(entry.collection, &parts, value, *version, *removed)
    }

    /// The mutations that make this change at this time (milliseconds since the epoch). JIDs go in as they stand.
    pub fn mutation(&self, now: i64) -> Result<LocalMutation, PlainError> {
        let set = |action: Action| action.local(Operation::Set, now);
        Ok(match self {
            Self::Mute { chat, muted, until } => {
                let mute = match (muted, until) {
                    (false, _) => change::Mute::Off,
                    (true, Some(until)) => change::Mute::Until(*until),
                    (true, None) => change::Mute::Forever,
                };
                change::mute(&jid(chat)?, mute, now)
            }
            Self::Star { message, starred } => change::star(&message_ref(message, 0)?, *starred, now)?,
            Self::DeleteForMe { message, message_timestamp, delete_media } => {
                let message = message_ref(message, message_timestamp.map_or(0, seconds))?;
                change::delete_for_me(&message, *delete_media, now)?
            }
            Self::Clear { chat, delete_starred, delete_media, extent } => {
                let chat = jid(chat)?;
                change::clear_chat(&chat, *delete_starred, *delete_media, range(&chat, extent)?, now)
            }
            Self::DeleteChat { chat, delete_media, extent } => {
                let chat = jid(chat)?;
                change::delete_chat(&chat, *delete_media, range(&chat, extent)?, now)
            }
            Self::MuteStatus { jid: user, muted } => change::mute_status(&jid(user)?, *muted, now),
            Self::StatusPrivacy { audience, jids } => {
                let mode = match audience {
                    Audience::AllowList => StatusDistributionMode::AllowList,
                    Audience::DenyList => StatusDistributionMode::DenyList,
                    Audience::Contacts => StatusDistributionMode::Contacts,
                    Audience::CloseFriends => StatusDistributionMode::CloseFriends,
                    Audience::CustomList => StatusDistributionMode::CustomList,
                };
                let value =
                    StatusPrivacyAction { mode: Some(mode.into()), user_jid: bare(jids)?, ..Default::default() };
                set(Action::StatusPrivacy { value: value.into() })
            }
            Self::Favorites { chats } => {
                change::favorites(&chats.iter().map(|chat| jid(chat)).collect::<Result<Vec<_>, _>>()?, now)
            }
            Self::Pin { chat, pinned } => change::pin(&jid(chat)?, *pinned, now),
            Self::Archive { chat, archived, extent } => {
                let chat = jid(chat)?;
                change::archive(&chat, *archived, range(&chat, extent)?, now)
            }
            Self::MarkRead { chat, read, extent } => {
                let chat = jid(chat)?;
                change::mark_read(&chat, *read, range(&chat, extent)?, now)
            }
            Self::Lock { chat, locked } => change::lock(&jid(chat)?, *locked, now),
            Self::UnarchiveChats { enabled } => change::unarchive_chats(*enabled, now),
            Self::TimeFormat { twenty_four_hours } => change::time_format(*twenty_four_hours, now),
            Self::Note { id, chat, text, deleted } => {
                let value = NoteEditAction {
                    r#type: Some(NoteType::Unstructured.into()),
                    chat_jid: Some(jid(chat)?.to_bare().to_string()),
                    created_at: Some(now),
                    deleted: Some(*deleted),
                    unstructured_content: Some(text.clone()),
                };
                set(Action::NoteEdit { note_id: id.clone(), value: value.into() })
            }
            Self::Label { id, name, color, predefined_id, order, deleted } => {
                let label = LabelEditAction {
                    name: Some(name.clone()),
                    color: Some(*color),
                    predefined_id: *predefined_id,
                    deleted: Some(*deleted),
                    order_index: *order,
                    ..Default::default()
                };
                change::label(id, label, now)
            }
            Self::LabelAssociation { label_id, chat, message_id: None, labeled } => {
                change::label_chat(label_id, &jid(chat)?, *labeled, now)
            }
            Self::LabelAssociation { label_id, chat, message_id: Some(message), labeled } => {
                change::label_message(label_id, &jid(chat)?, message, *labeled, now)
            }
            Self::LabelOrder { ids } => change::label_order(ids, now),
            Self::QuickReply { id, shortcut, message, count, keywords, deleted } => {
                let value = QuickReplyAction {
                    shortcut: Some(shortcut.clone()),
                    message: Some(message.clone()),
                    keywords: keywords.clone(),
                    count: Some(*count),
                    deleted: Some(*deleted),
                    ..Default::default()
                };
                let id = id.clone().unwrap_or_else(|| (now / 1000).to_string());
                set(Action::QuickReply { id, value: value.into() })
            }
            Self::LinkPreviews { enabled } => change::disable_link_previews(!enabled, now),
            Self::RelayCalls { enabled } => change::relay_all_calls(*enabled, now),
            Self::ChannelRecommendations { enabled } => {
                let value =
                    PrivacySettingChannelsPersonalisedRecommendationAction { is_user_opted_out: Some(!enabled) };
                set(Action::ChannelsPersonalisedRecommendationOptOut { value: value.into() })
            }
            Self::Contact { jid: who, removed: true, .. } => change::remove_contact(&jid(who)?, now)?,
            Self::Contact { jid: who, lid, name, first_name, username, save_on_phone, removed: false } => {
                let who = jid(who)?;
                if who.is_lid() {
                    let value = LidContactAction {
                        full_name: name.clone(),
                        first_name: first_name.clone(),
                        username: username.clone(),
                    };
                    return Ok(set(Action::LidContact { lid: who.to_bare().to_string(), value: value.into() }));
                }
                let value = ContactAction {
                    full_name: name.clone(),
                    first_name: first_name.clone(),
                    lid_jid: lid.clone(),
                    save_on_primary_addressbook: *save_on_phone,
                    pn_jid: None,
                    username: username.clone(),
                };
                change::contact(&who, value, now)?
            }
            Self::Made { collection, index, value, version, removed } => {
                let unknown = || PlainError::Collection(collection.clone());
                let parts: Vec<&str> = index.iter().map(String::as_str).collect();
                let collection = Collection::from_name(collection).ok_or_else(unknown)?;
                return made(collection, &parts, value, *version, *removed);
            }
            Self::PushName { name } => change::push_name(name, now),
            Self::Locale { locale } => change::locale(locale, now),
            Self::PhoneVersion { .. }
            | Self::Agent { .. }
            | Self::AgentChat { .. }
            | Self::LidMapping { .. }
            | Self::Call { .. }
            | Self::Other { .. }
            | Self::Unknown { .. } => return Err(PlainError::ReadOnly),
        })
    }
}

fn made(
    collection: Collection,
    parts: &[&str],
    value: &str,
    version: i32,
    removed: bool,
) -> Result<LocalMutation, PlainError> {
    let index = serde_json::to_vec(parts).map_err(|_| PlainError::ReadOnly)?;
    let value = BASE64.decode(value).map_err(|_| PlainError::Bytes)?;
    let operation = if removed { Operation::Remove } else { Operation::Set };
    Ok(LocalMutation { collection, operation, data: ActionData::new(&index, &value, version) })
}

fn jid(text: &str) -> Result<Jid, PlainError> {
    text.parse().map_err(|_| PlainError::Address(text.to_owned()))
}

fn bare(texts: &[String]) -> Result<Vec<String>, PlainError> {
    texts.iter().map(|text| Ok(jid(text)?.to_bare().to_string())).collect()
}

fn message_ref(message: &ChatMessage, timestamp: i64) -> Result<MessageRef, PlainError> {
    Ok(MessageRef {
        chat: jid(&message.chat)?,
        id: message.id.clone(),
        from_me: message.from_me,
        participant: message.sender.as_deref().map(jid).transpose()?,
        timestamp,
    })
}

fn range(chat: &Jid, extent: &Extent) -> Result<Option<SyncActionMessageRange>, PlainError> {
    if extent.last_messages.is_empty() {
        let last = extent.last_message_timestamp.map(seconds);
        let range = |last| SyncActionMessageRange { last_message_timestamp: Some(last), ..Default::default() };
        return Ok(last.map(range));
    }
    let message = |message: &LastMessage| {
        Ok(MessageRef {
            chat: chat.clone(),
            id: message.id.clone(),
            from_me: message.from_me,
            // In a chat with one person the author is told by the direction.
            participant: message.sender.as_deref().filter(|_| !chat.is_user()).map(jid).transpose()?,
            timestamp: seconds(message.timestamp),
        })
    };
    let messages: Vec<MessageRef> = extent.last_messages.iter().map(message).collect::<Result<_, PlainError>>()?;
    Ok(Some(change::message_range(&messages)?))
}

fn seconds(millis: i64) -> i64 {
    millis.div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{IndexMac, Mutation};

    /// What comes back of a change that was made from JSON.
    fn back(json: serde_json::Value) -> serde_json::Value {
        let change: Change = serde_json::from_value(json).expect("a change");
        let local = change.mutation(1_700_000_000_000).expect("a mutation");
        let mutation = Mutation { operation: local.operation, index_mac: IndexMac([0; 32]), data: local.data };
        serde_json::to_value(Change::of(&mutation)).expect("JSON")
    }

    #[test]
    fn every_change_that_can_be_made_is_told_as_it_was_written() {
        let chat = "15550001111@s.whatsapp.net";
        let group = "120363000000000001@g.us";
        let last = json!([{ "id": "3EB0", "fromMe": false, "sender": chat, "timestamp": 1_600_000_000_000_i64 }]);
        for written in [
            json!({ "type": "mute", "chat": chat, "muted": true, "until": 1_800_000_000_000_i64 }),
            json!({ "type": "mute", "chat": chat, "muted": true }),
            json!({ "type": "mute", "chat": chat, "muted": false }),
            json!({ "type": "star", "chat": group, "id": "3EB0", "fromMe": false, "sender": chat, "starred": true }),
            json!({ "type": "deleteForMe", "chat": chat, "id": "3EB0", "fromMe": true, "messageTimestamp": 1_600_000_000_000_i64, "deleteMedia": true }),
            json!({ "type": "clear", "chat": chat, "deleteStarred": true, "deleteMedia": false, "lastMessageTimestamp": 1_600_000_000_000_i64 }),
            json!({ "type": "deleteChat", "chat": chat, "deleteMedia": true }),
            json!({ "type": "muteStatus", "jid": chat, "muted": true }),
            json!({ "type": "statusPrivacy", "audience": "deny-list", "jids": [chat] }),
            json!({ "type": "favorites", "chats": [chat, group] }),
            json!({ "type": "pin", "chat": chat, "pinned": true }),
            json!({ "type": "archive", "chat": group, "archived": true, "lastMessages": last, "lastMessageTimestamp": 1_600_000_000_000_i64 }),
            json!({ "type": "markRead", "chat": chat, "read": false }),
            json!({ "type": "lock", "chat": chat, "locked": true }),
            json!({ "type": "unarchiveChats", "enabled": true }),
            json!({ "type": "timeFormat", "twentyFourHours": true }),
            json!({ "type": "note", "id": "7", "chat": chat, "text": "pays late", "deleted": false }),
            json!({ "type": "label", "id": "4", "name": "VIP", "color": 2, "predefinedId": 1, "order": 3, "deleted": false }),
            json!({ "type": "labelAssociation", "labelId": "4", "chat": chat, "labeled": true }),
            json!({ "type": "labelAssociation", "labelId": "4", "chat": chat, "messageId": "3EB0", "labeled": false }),
            json!({ "type": "labelOrder", "ids": [4, 1] }),
            json!({ "type": "quickReply", "id": "1700000000", "shortcut": "hi", "message": "Hello!", "count": 2, "keywords": ["a"], "deleted": false }),
            json!({ "type": "linkPreviews", "enabled": false }),
            json!({ "type": "relayCalls", "enabled": true }),
            json!({ "type": "channelRecommendations", "enabled": false }),
            json!({ "type": "contact", "jid": chat, "lid": "100000000000001@lid", "name": "Ana Ruiz", "firstName": "Ana", "username": "ana", "saveOnPhone": true }),
            json!({ "type": "contact", "jid": chat, "removed": true }),
            json!({ "type": "contact", "jid": "100000000000001@lid", "name": "Ana" }),
            json!({ "type": "pushName", "name": "Ana ✨" }),
            json!({ "type": "locale", "locale": "pt_BR" }),
        ] {
            assert_eq!(back(written.clone()), written);
        }
    }

    #[test]
    fn an_action_as_its_bytes_goes_where_it_is_said() {
        let made = |json| serde_json::from_value::<Change>(json).expect("a change").mutation(1);
        let written = json!({ "type": "made", "collection": "regular", "index": ["hologram", "7"], "value": "CAE=", "version": 3, "removed": true });
        let mutation = made(written).expect("a mutation");
        assert_eq!((mutation.collection, mutation.operation), (Collection::Regular, Operation::Remove));
        assert_eq!((mutation.data.index(), mutation.data.value()), (&br#"["hologram","7"]"#[..], &[8, 1][..]));
        assert_eq!(mutation.data.version(), 3);
        let wrong = |collection: &str, value: &str| {
            made(json!({ "type": "made", "collection": collection, "index": ["x"], "value": value, "version": 1 }))
        };
        assert_eq!(wrong("irregular", "CAE="), Err(PlainError::Collection("irregular".into())));
        assert_eq!(wrong("regular", "%"), Err(PlainError::Bytes));
    }

    #[test]
    fn a_message_of_an_event_says_its_author_as_an_object() {
        let sender = json!({ "jid": "15550001111@s.whatsapp.net", "device": 3 });
        let told = back(
            json!({ "type": "star", "chat": "120363000000000001@g.us", "id": "3EB0", "fromMe": false, "sender": sender, "starred": true }),
        );
        assert_eq!(told["sender"], "15550001111@s.whatsapp.net");
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        let refused =
            |json| serde_json::from_value::<Change>(json).expect("a change").mutation(1).expect_err("refused");
        let call = json!({ "type": "call", "id": "1", "creator": "a@lid", "fromMe": true, "video": false });
        assert_eq!(refused(call), PlainError::ReadOnly);
        assert_eq!(
            refused(json!({ "type": "pin", "chat": "a@b@c", "pinned": true })),
            PlainError::Address("a@b@c".into())
        );
        let anonymous = json!({ "type": "star", "chat": "120363000000000001@g.us", "id": "3EB0", "fromMe": false, "starred": true });
        assert_eq!(refused(anonymous), PlainError::Incomplete(ChangeError::Participant));
        assert!(serde_json::from_value::<Change>(json!({ "type": "pin", "chat": "1@lid" })).is_err());
        assert!(serde_json::from_value::<Change>(json!({ "type": "hologram" })).is_err());
    }
}
