//! Our own changes: each makes the one mutation that brings it about. Source: 04-app-state §11, §13.
//!
//! Every function takes the present time in milliseconds since the epoch as `now`, which becomes the timestamp of the
//! action. Chats go by the JID under which they are stored, a PN or a LID.

use chasqui_proto::{MessageKey, sync_action_value::*};
use chasqui_wire::Jid;

use crate::{Action, LocalMutation, Operation};

/// A change that does not name what it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// A message has no id.
    #[error("a message has no id")]
    MessageId,
    /// A message of a group that is not from the account itself has no participant.
    #[error("a message of a group needs its participant")]
    Participant,
    /// A message has no timestamp.
    #[error("a message has no timestamp")]
    Timestamp,
    /// Contacts go by phone number, whatever their chat goes by.
    #[error("a contact goes by its phone number")]
    ContactNotPn,
}

/// Whether a chat is silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mute {
    /// It is not.
    Off,
    /// Until this time, in milliseconds since the epoch.
    Until(i64),
    /// Forever.
    Forever,
}

/// A message that a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRef {
    /// Its chat.
    pub chat: Jid,
    /// Its id.
    pub id: String,
    /// Whether the account itself sent it.
    pub from_me: bool,
    /// Its author, in groups and lists.
    pub participant: Option<Jid>,
    /// When it was sent, in seconds since the epoch.
    pub timestamp: i64,
}

impl MessageRef {
    /// The bare author, which an index names only for messages of others in groups and lists.
    fn author(&self) -> Result<Option<String>, ChangeError> {
        if self.id.is_empty() {
            return Err(ChangeError::MessageId);
        }
        if self.from_me || self.chat.is_user() {
            return Ok(None);
        }
        match &self.participant {
            Some(author) => Ok(Some(bare(author))),
            None if self.chat.is_group() => Err(ChangeError::Participant),
            None => Ok(None),
        }
    }

    fn key(&self) -> Result<MessageKey, ChangeError> {
        self.author()?;
        Ok(MessageKey {
            remote_jid: Some(bare(&self.chat)),
            from_me: Some(self.from_me),
            id: Some(self.id.clone()),
            participant: self.participant.as_ref().map(bare),
        })
    }
}

/// The last messages of a chat, by which a receiver sees whether a change still applies. The last element counts.
pub fn message_range(messages: &[MessageRef]) -> Result<SyncActionMessageRange, ChangeError> {
    let entry = |message: &MessageRef| {
        let timestamp = Some(message.timestamp).filter(|seconds| *seconds > 0).ok_or(ChangeError::Timestamp)?;
        Ok(SyncActionMessage { key: Some(Box::new(message.key()?)), timestamp: Some(timestamp) })
    };
    Ok(SyncActionMessageRange {
        last_message_timestamp: messages.last().map(|message| message.timestamp),
        last_system_message_timestamp: None,
        messages: messages.iter().map(entry).collect::<Result<_, _>>()?,
    })
}

/// Silences a chat or not.
pub fn mute(chat: &Jid, mute: Mute, now: i64) -> LocalMutation {
    let end = match mute {
        Mute::Off => None,
        Mute::Until(end) => Some(end),
        Mute::Forever => Some(-1),
    };
    let value = MuteAction { muted: Some(mute != Mute::Off), mute_end_timestamp: end, ..Default::default() };
    set(Action::Mute { chat: bare(chat), value: value.into() }, now)
}

/// Pins a chat or not.
pub fn pin(chat: &Jid, pinned: bool, now: i64) -> LocalMutation {
    set(Action::Pin { chat: bare(chat), value: PinAction { pinned: Some(pinned) }.into() }, now)
}

/// Archives a chat or brings it back. Phones unpin what they archive: [`archive_and_unpin`].
pub fn archive(chat: &Jid, archived: bool, range: Option<SyncActionMessageRange>, now: i64) -> LocalMutation {
    let value = ArchiveChatAction { archived: Some(archived), message_range: range.map(Box::new) };
    set(Action::Archive { chat: bare(chat), value: value.into() }, now)
}

/// Archives a chat and takes its pin away, both for one patch.
pub fn archive_and_unpin(chat: &Jid, range: Option<SyncActionMessageRange>, now: i64) -> [LocalMutation; 2] {
    [pin(chat, false, now), archive(chat, true, range, now)]
}

/// Marks a chat read or unread.
pub fn mark_read(chat: &Jid, read: bool, range: Option<SyncActionMessageRange>, now: i64) -> LocalMutation {
    let value = MarkChatAsReadAction { read: Some(read), message_range: range.map(Box::new) };
    set(Action::MarkChatAsRead { chat: bare(chat), value: value.into() }, now)
}

/// Locks a chat or not.
pub fn lock(chat: &Jid, locked: bool, now: i64) -> LocalMutation {
    set(Action::LockChat { chat: bare(chat), value: LockChatAction { locked: Some(locked) }.into() }, now)
}

/// Deletes all messages of a chat, the starred ones and the media files too or not.
pub fn clear_chat(
    chat: &Jid,
    delete_starred: bool,
    delete_media: bool,
    range: Option<SyncActionMessageRange>,
    now: i64,
) -> LocalMutation {
    let value = ClearChatAction { message_range: range.map(Box::new) }.into();
    set(Action::ClearChat { chat: bare(chat), delete_starred, delete_media, value }, now)
}

/// Deletes a chat.
pub fn delete_chat(chat: &Jid, delete_media: bool, range: Option<SyncActionMessageRange>, now: i64) -> LocalMutation {
    let value = DeleteChatAction { message_range: range.map(Box::new) }.into();
    set(Action::DeleteChat { chat: bare(chat), delete_media, value }, now)
}

/// Stars a message or not.
pub fn star(message: &MessageRef, starred: bool, now: i64) -> Result<LocalMutation, ChangeError> {
    let action = Action::Star {
        participant: message.author()?,
        chat: bare(&message.chat),
        message_id: message.id.clone(),
        from_me: message.from_me,
        value: StarAction { starred: Some(starred) }.into(),
    };
    Ok(set(action, now))
}

/// Deletes a message on the own devices, its media file too or not.
pub fn delete_for_me(message: &MessageRef, delete_media: bool, now: i64) -> Result<LocalMutation, ChangeError> {
    let value = DeleteMessageForMeAction {
        delete_media: Some(delete_media),
        message_timestamp: Some(message.timestamp).filter(|seconds| *seconds > 0),
    };
    let action = Action::DeleteMessageForMe {
        participant: message.author()?,
        chat: bare(&message.chat),
        message_id: message.id.clone(),
        from_me: message.from_me,
        value: value.into(),
    };
    Ok(set(action, now))
}

/// Adds or changes a contact.
pub fn contact(pn: &Jid, contact: ContactAction, now: i64) -> Result<LocalMutation, ChangeError> {
    Ok(set(Action::Contact { pn: contact_pn(pn)?, value: contact.into() }, now))
}

/// Deletes a contact.
pub fn remove_contact(pn: &Jid, now: i64) -> Result<LocalMutation, ChangeError> {
    let action = Action::Contact { pn: contact_pn(pn)?, value: Box::default() };
    Ok(action.local(Operation::Remove, now))
}

/// Changes the own name.
pub fn push_name(name: &str, now: i64) -> LocalMutation {
    set(Action::PushName { value: PushNameSetting { name: Some(name.into()) }.into() }, now)
}

/// Changes the locale, like `pt_BR`.
pub fn locale(locale: &str, now: i64) -> LocalMutation {
    set(Action::Locale { value: LocaleSetting { locale: Some(locale.into()) }.into() }, now)
}

/// Whether archived chats come back with new messages.
pub fn unarchive_chats(unarchive: bool, now: i64) -> LocalMutation {
    let value = UnarchiveChatsSetting { unarchive_chats: Some(unarchive) };
    set(Action::UnarchiveChatsSetting { value: value.into() }, now)
}

/// Whether messages are written without link previews.
pub fn disable_link_previews(disabled: bool, now: i64) -> LocalMutation {
    let value = PrivacySettingDisableLinkPreviewsAction { is_previews_disabled: Some(disabled) };
    set(Action::DisableLinkPreviews { value: value.into() }, now)
}

/// Whether calls go through the service.
pub fn relay_all_calls(enabled: bool, now: i64) -> LocalMutation {
    let value = PrivacySettingRelayAllCalls { is_enabled: Some(enabled) };
    set(Action::RelayAllCalls { value: value.into() }, now)
}

/// Whether the clock has 24 hours.
pub fn time_format(twenty_four_hours: bool, now: i64) -> LocalMutation {
    let value = TimeFormatAction { is_twenty_four_hour_format_enabled: Some(twenty_four_hours) };
    set(Action::TimeFormat { value: value.into() }, now)
}

/// Hides somebody's status updates or not.
pub fn mute_status(user: &Jid, muted: bool, now: i64) -> LocalMutation {
    let value = UserStatusMuteAction { muted: Some(muted) };
    set(Action::UserStatusMute { user: bare(user), value: value.into() }, now)
}

/// Sets the favourites, all of them.
pub fn favorites(chats: &[Jid], now: i64) -> LocalMutation {
    let favorites = chats.iter().map(|chat| favorites_action::Favorite { id: Some(bare(chat)) });
    set(Action::Favorites { value: FavoritesAction { favorites: favorites.collect() }.into() }, now)
}

/// Makes or changes a label, or deletes it when the label says so.
pub fn label(id: &str, label: LabelEditAction, now: i64) -> LocalMutation {
    set(Action::LabelEdit { label_id: id.into(), value: label.into() }, now)
}

/// Puts a label on a chat or takes it off.
pub fn label_chat(label_id: &str, chat: &Jid, labeled: bool, now: i64) -> LocalMutation {
    set(Action::LabelChat { label_id: label_id.into(), chat: bare(chat), value: association(labeled) }, now)
}

/// Puts a label on a message or takes it off. The index names neither direction nor author.
pub fn label_message(label_id: &str, chat: &Jid, message_id: &str, labeled: bool, now: i64) -> LocalMutation {
    let action = Action::LabelMessage {
        label_id: label_id.into(),
        chat: bare(chat),
        message_id: message_id.into(),
        from_me: false,
        participant: None,
        value: association(labeled),
    };
    set(action, now)
}

/// Sets the order of labels.
pub fn label_order(ids: &[i32], now: i64) -> LocalMutation {
    let value = LabelReorderingAction { sorted_label_ids: ids.to_vec() };
    set(Action::LabelReordering { value: value.into() }, now)
}

/// Makes or changes a quick reply. A new one has the present unix second as id.
pub fn quick_reply(id: &str, shortcut: &str, message: &str, now: i64) -> LocalMutation {
    let value = QuickReplyAction {
        shortcut: Some(shortcut.into()),
        message: Some(message.into()),
        count: Some(0),
        deleted: Some(false),
        ..Default::default()
    };
    set(Action::QuickReply { id: id.into(), value: value.into() }, now)
}

/// Deletes a quick reply, which is not a removal.
pub fn delete_quick_reply(id: &str, now: i64) -> LocalMutation {
    let value = QuickReplyAction {
        shortcut: Some(String::new()),
        message: Some(String::new()),
        count: Some(0),
        deleted: Some(true),
        ..Default::default()
    };
    set(Action::QuickReply { id: id.into(), value: value.into() }, now)
}

/// Says that no key up to this epoch is for new mutations any more (§2.5).
pub fn expire_keys(epoch: u32, now: i64) -> LocalMutation {
    let value = KeyExpiration { expired_key_epoch: i32::try_from(epoch).ok() };
    set(Action::Sentinel { rest: Vec::new(), value: value.into() }, now)
}

fn set(action: Action, now: i64) -> LocalMutation {
    action.local(Operation::Set, now)
}

fn bare(jid: &Jid) -> String {
    jid.to_bare().to_string()
}

fn contact_pn(jid: &Jid) -> Result<String, ChangeError> {
    if jid.is_pn() { Ok(bare(jid)) } else { Err(ChangeError::ContactNotPn) }
}

fn association(labeled: bool) -> Box<LabelAssociationAction> {
    Box::new(LabelAssociationAction { labeled: Some(labeled), model_meta_data: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(chat: &str, from_me: bool, participant: Option<&str>) -> MessageRef {
        let jid = |text: &str| text.parse().expect("a JID");
        MessageRef { chat: jid(chat), id: "3EB0".into(), from_me, participant: participant.map(jid), timestamp: 9 }
    }

    fn index(local: Result<LocalMutation, ChangeError>) -> String {
        String::from_utf8(local.expect("a change").data.index().to_vec()).expect("text")
    }

    #[test]
    fn only_messages_of_others_in_groups_name_their_author() {
        let author = Some("15550101:3@s.whatsapp.net");
        let of_other = message("120363000000000000@g.us", false, author);
        assert_eq!(
            index(star(&of_other, true, 1)),
            r#"["star","120363000000000000@g.us","3EB0","0","15550101@s.whatsapp.net"]"#
        );
        let own = message("120363000000000000@g.us", true, author);
        assert_eq!(index(star(&own, true, 1)), r#"["star","120363000000000000@g.us","3EB0","1","0"]"#);
        let direct = message("15550101@s.whatsapp.net", false, author);
        assert_eq!(
            index(delete_for_me(&direct, true, 1)),
            r#"["deleteMessageForMe","15550101@s.whatsapp.net","3EB0","0","0"]"#
        );
    }

    #[test]
    fn a_message_that_is_not_fully_named_is_refused() {
        let anonymous = message("120363000000000000@g.us", false, None);
        assert_eq!(star(&anonymous, true, 1), Err(ChangeError::Participant));
        assert_eq!(message_range(std::slice::from_ref(&anonymous)), Err(ChangeError::Participant));
        let mut direct = message("15550101@s.whatsapp.net", false, None);
        direct.timestamp = 0;
        assert_eq!(message_range(std::slice::from_ref(&direct)), Err(ChangeError::Timestamp));
        direct.id.clear();
        assert_eq!(delete_for_me(&direct, false, 1), Err(ChangeError::MessageId));
    }

    #[test]
    fn the_last_message_of_a_range_gives_its_time() {
        let mut later = message("120363000000000000@g.us", false, Some("15550101:3@s.whatsapp.net"));
        later.timestamp = 20;
        let range = message_range(&[message("120363000000000000@g.us", true, None), later]).expect("a range");
        assert_eq!(range.last_message_timestamp, Some(20));
        let key = range.messages.last().and_then(|message| message.key.as_deref()).expect("a key");
        assert_eq!(key.participant.as_deref(), Some("15550101@s.whatsapp.net"));
    }

    #[test]
    fn a_contact_without_a_phone_number_is_refused() {
        assert_eq!(contact(&Jid::lid("99"), ContactAction::default(), 1), Err(ChangeError::ContactNotPn));
        let removal = remove_contact(&Jid::pn("15550101"), 1).expect("a removal");
        assert_eq!(removal.operation, Operation::Remove);
    }

    #[test]
    fn mutes_end_never_at_a_time_or_are_off() {
        let chat = Jid::pn("15550101");
        let ends = [Mute::Off, Mute::Until(77), Mute::Forever].map(|each| {
            match Action::decode(Operation::Set, &mute(&chat, each, 1).data) {
                Some(Action::Mute { value, .. }) => (value.muted, value.mute_end_timestamp),
                other => panic!("{other:?}"),
            }
        });
        assert_eq!(ends, [(Some(false), None), (Some(true), Some(77)), (Some(true), Some(-1))]);
    }

    #[test]
    fn archiving_takes_the_pin_away_in_the_same_collection() {
        let [unpin, archived] = archive_and_unpin(&Jid::pn("15550101"), None, 1);
        assert_eq!(unpin.collection, archived.collection);
        assert_ne!(unpin.data.index(), archived.data.index());
    }
}
