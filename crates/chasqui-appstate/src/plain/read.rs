//! From mutations to plain objects.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use chasqui_proto::{
    CallLogRecord,
    call_log_record::CallResult as WireResult,
    sync_action_value::{SyncActionMessageRange, status_privacy_action::StatusDistributionMode},
};

use super::{Audience, CallResult, Change, ChatMessage, Extent, LastMessage};
use crate::{Action, Mutation, Operation};

impl Change {
    /// What a mutation says; never nothing.
    pub fn of(mutation: &Mutation) -> Self {
        match mutation.action() {
            Some(action) => typed(mutation, action).unwrap_or_else(|| other(mutation)),
            None => Self::Unknown {
                index: String::from_utf8_lossy(mutation.data.index()).into_owned(),
                value: BASE64.encode(mutation.data.value()),
                version: mutation.data.version(),
                removed: mutation.operation == Operation::Remove,
            },
        }
    }
}

fn other(mutation: &Mutation) -> Change {
    let mut parts = mutation.data.index_parts().unwrap_or_default().into_iter();
    Change::Other {
        action: parts.next().unwrap_or_default(),
        index: parts.collect(),
        value: BASE64.encode(mutation.data.value()),
        version: mutation.data.version(),
        removed: mutation.operation == Operation::Remove,
    }
}

/// `None` for what has no form of its own. Only contacts are removed; anything else that is, is told as it stands.
fn typed(mutation: &Mutation, action: Action) -> Option<Change> {
    let removed = mutation.operation == Operation::Remove;
    if let Action::Contact { pn, value } = action {
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        return Some(Change::Contact {
            jid: pn,
            lid: text(value.lid_jid),
            name: text(value.full_name),
            first_name: text(value.first_name),
            username: text(value.username),
            save_on_phone: value.save_on_primary_addressbook,
            removed,
        });
    }
    if removed {
        return None;
    }
    Some(match action {
        Action::Mute { chat, value } => Change::Mute {
            chat,
            muted: value.muted.unwrap_or(false),
            until: value.mute_end_timestamp.filter(|end| *end > 0),
        },
        Action::Star { chat, message_id, from_me, participant, value } => Change::Star {
            message: ChatMessage { chat, id: message_id, from_me, sender: participant },
            starred: value.starred.unwrap_or(false),
        },
        Action::DeleteMessageForMe { chat, message_id, from_me, participant, value } => Change::DeleteForMe {
            message: ChatMessage { chat, id: message_id, from_me, sender: participant },
            message_timestamp: value.message_timestamp.map(millis),
            delete_media: value.delete_media.unwrap_or(false),
        },
        Action::ClearChat { chat, delete_starred, delete_media, value } => {
            Change::Clear { chat, delete_starred, delete_media, extent: extent(value.message_range.as_deref()) }
        }
        Action::DeleteChat { chat, delete_media, value } => {
            Change::DeleteChat { chat, delete_media, extent: extent(value.message_range.as_deref()) }
        }
        Action::UserStatusMute { user, value } => Change::MuteStatus { jid: user, muted: value.muted.unwrap_or(false) },
        Action::StatusPrivacy { value } => {
            let audience = match StatusDistributionMode::try_from(value.mode?).ok()? {
                StatusDistributionMode::AllowList => Audience::AllowList,
                StatusDistributionMode::DenyList => Audience::DenyList,
                StatusDistributionMode::Contacts => Audience::Contacts,
                StatusDistributionMode::CloseFriends => Audience::CloseFriends,
                StatusDistributionMode::CustomList => Audience::CustomList,
            };
            Change::StatusPrivacy { audience, jids: value.user_jid }
        }
        Action::Favorites { value } => {
            Change::Favorites { chats: value.favorites.into_iter().filter_map(|favorite| favorite.id).collect() }
        }
        Action::Pin { chat, value } => Change::Pin { chat, pinned: value.pinned.unwrap_or(false) },
        Action::Archive { chat, value } => Change::Archive {
            chat,
            archived: value.archived.unwrap_or(false),
            extent: extent(value.message_range.as_deref()),
        },
        Action::MarkChatAsRead { chat, value } => {
            Change::MarkRead { chat, read: value.read.unwrap_or(false), extent: extent(value.message_range.as_deref()) }
        }
        Action::LockChat { chat, value } => Change::Lock { chat, locked: value.locked.unwrap_or(false) },
        Action::UnarchiveChatsSetting { value } => {
            Change::UnarchiveChats { enabled: value.unarchive_chats.unwrap_or(false) }
        }
        Action::TimeFormat { value } => {
            Change::TimeFormat { twenty_four_hours: value.is_twenty_four_hour_format_enabled.unwrap_or(false) }
        }
        Action::NoteEdit { note_id, value } => Change::Note {
            id: note_id,
            chat: value.chat_jid.unwrap_or_default(),
            text: value.unstructured_content.unwrap_or_default(),
            deleted: value.deleted.unwrap_or(false),
        },
        Action::PrimaryVersion { value, .. } => Change::PhoneVersion { version: value.version.unwrap_or_default() },
        Action::LabelEdit { label_id, value } => Change::Label {
            id: label_id,
            name: value.name.unwrap_or_default(),
            color: value.color.unwrap_or(0),
            predefined_id: value.predefined_id,
            order: value.order_index,
            deleted: value.deleted.unwrap_or(false),
        },
        Action::LabelChat { label_id, chat, value } => {
            Change::LabelAssociation { label_id, chat, message_id: None, labeled: value.labeled.unwrap_or(false) }
        }
        Action::LabelMessage { label_id, chat, message_id, value, .. } => Change::LabelAssociation {
            label_id,
            chat,
            message_id: Some(message_id),
            labeled: value.labeled.unwrap_or(false),
        },
        Action::LabelReordering { value } => Change::LabelOrder { ids: value.sorted_label_ids },
        Action::QuickReply { id, value } => Change::QuickReply {
            id: Some(id),
            shortcut: value.shortcut.unwrap_or_default(),
            message: value.message.unwrap_or_default(),
            count: value.count.unwrap_or(0),
            keywords: value.keywords,
            deleted: value.deleted.unwrap_or(false),
        },
        Action::DeviceAgent { agent_id, value } => Change::Agent {
            id: agent_id,
            name: value.name.unwrap_or_default(),
            device: value.device_id,
            deleted: value.is_deleted.unwrap_or(false),
        },
        Action::AgentChatAssignment { chat, value } => {
            Change::AgentChat { chat, agent: value.device_agent_id.filter(|agent| !agent.is_empty()) }
        }
        Action::PnForLidChat { lid, value } => Change::LidMapping { lid, pn: value.pn_jid? },
        Action::CallLog { creator, call_id, from_me, value } => {
            call(creator, call_id, from_me, value.call_log_record.as_deref()?)
        }
        Action::DisableLinkPreviews { value } => {
            Change::LinkPreviews { enabled: !value.is_previews_disabled.unwrap_or(false) }
        }
        Action::RelayAllCalls { value } => Change::RelayCalls { enabled: value.is_enabled.unwrap_or(false) },
        Action::ChannelsPersonalisedRecommendationOptOut { value } => {
            Change::ChannelRecommendations { enabled: !value.is_user_opted_out.unwrap_or(false) }
        }
        Action::LidContact { lid, value } => Change::Contact {
            jid: lid,
            lid: None,
            name: value.full_name,
            first_name: value.first_name,
            username: value.username,
            save_on_phone: None,
            removed,
        },
        Action::PushName { value } => Change::PushName { name: value.name.unwrap_or_default() },
        Action::Locale { value } => Change::Locale { locale: value.locale.unwrap_or_default() },
        _ => return None,
    })
}

fn call(creator: String, id: String, from_me: bool, record: &CallLogRecord) -> Change {
    let result = record.call_result.and_then(|result| WireResult::try_from(result).ok());
    Change::Call {
        id,
        creator,
        from_me,
        result: result.map(|result| match result {
            WireResult::Connected => CallResult::Connected,
            WireResult::Rejected => CallResult::Rejected,
            WireResult::Cancelled => CallResult::Cancelled,
            WireResult::Acceptedelsewhere => CallResult::AcceptedElsewhere,
            WireResult::Missed => CallResult::Missed,
            WireResult::Invalid => CallResult::Invalid,
            WireResult::Unavailable => CallResult::Unavailable,
            WireResult::Upcoming => CallResult::Upcoming,
            WireResult::Failed => CallResult::Failed,
            WireResult::Abandoned => CallResult::Abandoned,
            WireResult::Ongoing => CallResult::Ongoing,
        }),
        video: record.is_video.unwrap_or(false),
        started: record.start_time.map(millis),
        duration: record.duration.map(millis),
        group: record.group_jid.clone(),
        participants: record.participants.iter().filter_map(|participant| participant.user_jid.clone()).collect(),
    }
}

fn extent(range: Option<&SyncActionMessageRange>) -> Extent {
    let Some(range) = range else { return Extent::default() };
    let message = |message: &chasqui_proto::sync_action_value::SyncActionMessage| {
        let key = message.key.as_deref()?;
        Some(LastMessage {
            id: key.id.clone()?,
            from_me: key.from_me.unwrap_or(false),
            sender: key.participant.clone(),
            timestamp: millis(message.timestamp.unwrap_or(0)),
        })
    };
    Extent {
        last_message_timestamp: range.last_message_timestamp.map(millis),
        last_messages: range.messages.iter().filter_map(message).collect(),
    }
}

/// Seconds on the wire; some writers put milliseconds there.
fn millis(time: i64) -> i64 {
    if time > 100_000_000_000 { time } else { time.saturating_mul(1000) }
}

#[cfg(test)]
mod tests {
    use chasqui_proto::sync_action_value::NuxAction;

    use super::*;
    use crate::{ActionData, IndexMac};

    fn mutation(operation: Operation, data: ActionData) -> Mutation {
        Mutation { operation, index_mac: IndexMac([0; 32]), data }
    }

    #[test]
    fn what_the_catalogue_does_not_have_keeps_its_bytes() {
        let data = ActionData::new(r#"["hologram","é"]"#.as_bytes(), &[8, 1, 0x9a, 6, 0], 4);
        let change = Change::of(&mutation(Operation::Remove, data));
        let Change::Unknown { index, value, version: 4, removed: true } = change else { panic!("{change:?}") };
        assert_eq!((index.as_str(), BASE64.decode(value).ok()), (r#"["hologram","é"]"#, Some(vec![8, 1, 0x9a, 6, 0])));
    }

    #[test]
    fn an_action_of_the_catalogue_without_a_form_of_its_own_is_told_by_its_name() {
        let action = Action::Nux { key: "tour".into(), value: NuxAction { acknowledged: Some(true) }.into() };
        let local = action.local(Operation::Set, 7);
        let told = serde_json::to_value(Change::of(&mutation(Operation::Set, local.data.clone()))).expect("JSON");
        let expected = serde_json::json!({
            "type": "other", "action": "nux", "index": ["tour"], "value": BASE64.encode(local.data.value()), "version": 7
        });
        assert_eq!(told, expected);
    }
}
