//! The catalogue of actions: one table, from which decoding and building come. Source: 04-app-state §11.
//!
//! The index of a record is a JSON array: the name of the action and what it is about. Its value is a `SyncActionValue`
//! with a timestamp and the one field that belongs to the action. A row of the table says
//!
//! ```text
//! Variant = "index name", Collection, action version, [parts of the index] => field number, field: its type;
//! ```
//!
//! with version 0 where the registry names none. `rest: Vec<String>` stands for parts that the registry does not tell.

use chasqui_proto::{ChatLockSettings, DeviceCapabilities, ProtoMessage, sync_action_value::*};

use crate::{ActionData, Collection, LocalMutation, Operation, fields};

/// A row of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// First element of the index.
    pub name: &'static str,
    /// Where it belongs. When reading, any collection will do: some writers put `star` elsewhere.
    pub collection: Collection,
    /// The version that is known; 0 when the registry does not say. A later one is not understood.
    pub version: i32,
    /// Names of the other elements of the index.
    pub parts: &'static [&'static str],
    /// Number of its field in `SyncActionValue`; 0 when it has none.
    pub field: u32,
}

macro_rules! catalogue {
    ($(
        $(#[$doc:meta])*
        $variant:ident = $name:literal, $collection:ident, $version:literal, [$($part:ident: $kind:ty),*]
            $(=> $number:literal, $field:ident: $value:ident)?;
    )*) => {
        /// An action of the catalogue: the parts of its index, and its payload as the schema has it.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Action {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nIndex name `", $name, "`.")]
                $variant {
                    $(/// Element of the index.
                    $part: $kind,)*
                    $(/// Field of `SyncActionValue`.
                    value: Box<$value>,)?
                },
            )*
        }

        #[derive(Clone, Copy)]
        enum Row {
            $($variant,)*
        }

        /// All known actions.
        pub static CATALOGUE: &[Entry] = &[
            $(Entry {
                name: $name,
                collection: Collection::$collection,
                version: $version,
                parts: &[$(stringify!($part)),*],
                field: 0 $(+ $number)?,
            },)*
        ];

        impl Action {
            /// Its row of the catalogue.
            pub fn entry(&self) -> &'static Entry {
                let row = match self {
                    $(Self::$variant { .. } => Row::$variant,)*
                };
                &CATALOGUE[row as usize]
            }

            fn read(operation: Operation, data: &ActionData) -> Option<Self> {
                let mut parts = Parts(data.index_parts()?.into_iter());
                let name = parts.0.next()?;
                match name.as_str() {
                    $($name => {
                        if $version != 0 && data.version() > $version {
                            return None;
                        }
                        $(let $part = <$kind as Part>::read(&mut parts)?;)*
                        parts.end()?;
                        Some(Self::$variant { $($part,)* $(value: payload::<$value>(operation, data.value(), $number)?,)? })
                    })*
                    _ => None,
                }
            }

            /// Appends the parts of the index and the payload's field.
            fn write(&self, index: &mut Vec<String>, fields: &mut Vec<u8>) {
                match self {
                    $(Self::$variant { $($part,)* $(value: $field,)? } => {
                        $($part.write(index);)*
                        $(fields::put_bytes(fields, $number, &$field.encode_to_vec());)?
                    })*
                }
            }
        }

        /// Name of each action with a field, and what the schema makes of its empty payload.
        #[cfg(test)]
        fn schema_forms() -> Vec<(&'static str, Vec<u8>)> {
            use chasqui_proto::SyncActionValue;
            vec![
                $($(($name, SyncActionValue { $field: Some(Box::<$value>::default()), ..Default::default() }.encode_to_vec()),)?)*
            ]
        }

        /// One of each action, its parts made of `text`.
        #[cfg(test)]
        fn one_of_each(text: &str) -> Vec<Action> {
            vec![
                $(Action::$variant { $($part: <$kind as Part>::sample(text),)* $(value: Box::<$value>::default(),)? },)*
            ]
        }
    };
}

catalogue! {
    // regular_high
    /// The notifications of a chat. The end is in ms, -1 is forever.
    Mute = "mute", RegularHigh, 2, [chat: String] => 4, mute_action: MuteAction;
    /// A message is starred or no longer. The participant is the author in groups.
    Star = "star", RegularHigh, 2, [chat: String, message_id: String, from_me: bool, participant: Option<String>] => 2, star_action: StarAction;
    /// A message is deleted on the own devices. Its timestamp is in seconds.
    DeleteMessageForMe = "deleteMessageForMe", RegularHigh, 3, [chat: String, message_id: String, from_me: bool, participant: Option<String>] => 18, delete_message_for_me_action: DeleteMessageForMeAction;
    /// All messages of a chat are deleted.
    ClearChat = "clearChat", RegularHigh, 6, [chat: String, delete_starred: bool, delete_media: bool] => 21, clear_chat_action: ClearChatAction;
    /// A chat is deleted.
    DeleteChat = "deleteChat", RegularHigh, 6, [chat: String, delete_media: bool] => 22, delete_chat_action: DeleteChatAction;
    /// The status updates of somebody are hidden.
    UserStatusMute = "userStatusMute", RegularHigh, 7, [user: String] => 29, user_status_mute_action: UserStatusMuteAction;
    /// Who sees the own status updates.
    StatusPrivacy = "status_privacy", RegularHigh, 7, [] => 44, status_privacy: StatusPrivacyAction;
    /// The favourites, all of them every time.
    Favorites = "favorites", RegularHigh, 1, [] => 56, favorites_action: FavoritesAction;
    /// The salt for messages to strangers; REMOVE clears it.
    NctSaltSync = "nct_salt_sync", RegularHigh, 1, [] => 80, nct_salt_sync_action: NctSaltSyncAction;
    CtwaPerCustomerDataSharing = "ctwaPerCustomerDataSharing", RegularHigh, 1, [account: String] => 62, ctwa_per_customer_data_sharing_action: CtwaPerCustomerDataSharingAction;
    WaffleAccountLinkState = "waffle_account_link_state", RegularHigh, 1, [] => 58, waffle_account_link_state_action: WaffleAccountLinkStateAction;
    BizAiSettingsNudge = "biz_ai_settings_nudge", RegularHigh, 1, [] => 87, biz_ai_settings_nudge_action: BizAiSettingsNudgeAction;
    WasaRootSecret = "wasa_root_secret", RegularHigh, 1, [chat: String] => 89, wasa_root_secret_action: WasaRootSecretAction;
    AiThreadDelete = "ai_thread_delete", RegularHigh, 7, [chat: String, thread_id: String];
    UgcBot = "ugc_bot", RegularHigh, 0, [rest: Vec<String>] => 43, ugc_bot: UgcBot;
    MaibaAiFeaturesControl = "maiba_ai_features_control", RegularHigh, 0, [rest: Vec<String>] => 68, maiba_ai_features_control_action: MaibaAiFeaturesControlAction;
    PrivateProcessingSetting = "private_processing_setting", RegularHigh, 0, [rest: Vec<String>] => 74, private_processing_setting_action: PrivateProcessingSettingAction;
    StatusPostOptInNotificationPreferences = "status_post_opt_in_notification_preferences_action", RegularHigh, 0, [rest: Vec<String>] => 71, status_post_opt_in_notification_preferences_action: StatusPostOptInNotificationPreferencesAction;

    // regular_low
    /// A chat is pinned, at the time of the action, or no longer.
    Pin = "pin_v1", RegularLow, 5, [chat: String] => 5, pin_action: PinAction;
    /// A chat is archived or no longer.
    Archive = "archive", RegularLow, 3, [chat: String] => 17, archive_chat_action: ArchiveChatAction;
    /// A chat is marked read or unread.
    MarkChatAsRead = "markChatAsRead", RegularLow, 3, [chat: String] => 20, mark_chat_as_read_action: MarkChatAsReadAction;
    /// Whether archived chats come back with new messages.
    UnarchiveChatsSetting = "setting_unarchiveChats", RegularLow, 4, [] => 23, unarchive_chats_setting: UnarchiveChatsSetting;
    TimeFormat = "time_format", RegularLow, 7, [] => 30, time_format_action: TimeFormatAction;
    /// A chat is locked or no longer.
    LockChat = "lock", RegularLow, 7, [chat: String] => 50, lock_chat_action: LockChatAction;
    ChatLockSettings = "setting_chatLock", RegularLow, 7, [] => 51, chat_lock_settings: ChatLockSettings;
    Nux = "nux", RegularLow, 7, [key: String] => 31, nux_action: NuxAction;
    /// The version of the phone's app.
    PrimaryVersion = "primary_version", RegularLow, 7, [key: String] => 32, primary_version_action: PrimaryVersionAction;
    AndroidUnsupportedActions = "android_unsupported_actions", RegularLow, 4, [] => 26, android_unsupported_actions: AndroidUnsupportedActions;
    FavoriteSticker = "favoriteSticker", RegularLow, 7, [file_hash: String] => 33, sticker_action: StickerAction;
    RemoveRecentSticker = "removeRecentSticker", RegularLow, 7, [file_hash: String] => 34, remove_recent_sticker_action: RemoveRecentStickerAction;
    BotWelcomeRequest = "bot_welcome_request", RegularLow, 2, [chat: String] => 45, bot_welcome_request_action: BotWelcomeRequestAction;
    /// A note on a customer.
    NoteEdit = "note_edit", RegularLow, 7, [note_id: String] => 55, note_edit_action: NoteEditAction;
    ThreadPin = "thread_pin", RegularLow, 7, [chat: String, thread_id: String] => 85, thread_pin_action: ThreadPinAction;
    AiThreadRename = "ai_thread_rename", RegularLow, 7, [chat: String, thread_id: String] => 76, ai_thread_rename_action: AiThreadRenameAction;
    /// Keys up to an epoch are no longer for new mutations (§2.5).
    Sentinel = "sentinel", RegularLow, 3, [rest: Vec<String>] => 19, key_expiration: KeyExpiration;
    DeviceCapabilities = "device_capabilities", RegularLow, 7, [rest: Vec<String>] => 54, device_capabilities: DeviceCapabilities;
    CustomPaymentMethods = "custom_payment_methods", RegularLow, 7, [] => 49, custom_payment_methods_action: CustomPaymentMethodsAction;
    PaymentInfo = "payment_info", RegularLow, 7, [] => 48, payment_info_action: PaymentInfoAction;
    PaymentTos = "payment_tos", RegularLow, 7, [] => 63, payment_tos_action: PaymentTosAction;
    MerchantPaymentPartner = "merchant_payment_partner", RegularLow, 7, [] => 57, merchant_payment_partner_action: MerchantPaymentPartnerAction;
    InteractiveMessage = "interactive_message_action", RegularLow, 1, [chat: String, message_id: String, from_me: bool, participant: Option<String>, argument: String] => 77, interactive_message_action: InteractiveMessageAction;
    SettingsSync = "settings_sync", RegularLow, 1, [platform: String, setting: String, chat: String] => 78, settings_sync_action: SettingsSyncAction;
    OutContact = "out_contact", RegularLow, 1, [id: String] => 79, out_contact_action: OutContactAction;
    CustomerData = "customer_data", RegularLow, 1, [chat: String] => 83, customer_data_action: CustomerDataAction;
    RecentEmojiWeights = "recent_emoji_weights_action", RegularLow, 0, [rest: Vec<String>] => 11, recent_emoji_weights_action: RecentEmojiWeightsAction;
    AutoOrganizeBusinessChat = "setting_autoOrganizeBusinessChat", RegularLow, 0, [rest: Vec<String>] => 86, auto_organize_business_chat_setting: AutoOrganizeBusinessChatSetting;
    CoexV2Version = "coexV2Version", RegularLow, 0, [rest: Vec<String>] => 88, coex_v2_version_action: CoexV2VersionAction;

    // regular
    /// A label is made, changed or deleted.
    LabelEdit = "label_edit", Regular, 3, [label_id: String] => 14, label_edit_action: LabelEditAction;
    /// A label is put on a chat or taken off.
    LabelChat = "label_jid", Regular, 3, [label_id: String, chat: String] => 15, label_association_action: LabelAssociationAction;
    /// A label is put on a message or taken off.
    LabelMessage = "label_message", Regular, 3, [label_id: String, chat: String, message_id: String, from_me: bool, participant: Option<String>] => 15, label_association_action: LabelAssociationAction;
    /// The order of labels.
    LabelReordering = "label_reordering", Regular, 3, [] => 47, label_reordering_action: LabelReorderingAction;
    /// A canned answer is made, changed or (deleted = true) deleted. The id is its time in unix seconds.
    QuickReply = "quick_reply", Regular, 2, [id: String] => 8, quick_reply_action: QuickReplyAction;
    DeviceAgent = "deviceAgent", Regular, 7, [agent_id: String] => 27, agent_action: AgentAction;
    AgentChatAssignment = "agentChatAssignment", Regular, 7, [chat: String] => 35, chat_assignment: ChatAssignmentAction;
    AgentChatAssignmentOpenedStatus = "agentChatAssignmentOpenedStatus", Regular, 7, [chat: String, agent_id: String] => 36, chat_assignment_opened_status: ChatAssignmentOpenedStatusAction;
    PrimaryFeature = "primary_feature", Regular, 7, [] => 24, primary_feature: PrimaryFeature;
    Subscription = "subscription", Regular, 0, [] => 28, subscription_action: SubscriptionAction;
    SubscriptionsSyncV2 = "subscriptions_sync_v2", Regular, 1, [] => 84, subscriptions_sync_v2_action: SubscriptionsSyncV2Action;
    /// The phone number behind a chat with a LID.
    PnForLidChat = "pnForLidChat", Regular, 8, [lid: String] => 37, pn_for_lid_chat_action: PnForLidChatAction;
    /// The own phone number was shown to this LID.
    ShareOwnPn = "shareOwnPn", Regular, 8, [lid: String];
    MarketingMessage = "marketingMessage", Regular, 7, [id: String] => 38, marketing_message_action: MarketingMessageAction;
    MarketingMessageBroadcast = "marketingMessageBroadcast", Regular, 7, [id: String, message_id: String] => 39, marketing_message_broadcast_action: MarketingMessageBroadcastAction;
    ExternalWebBeta = "external_web_beta", Regular, 3, [] => 40, external_web_beta_action: ExternalWebBetaAction;
    /// Calls go through the service, so that the peer does not see the own address.
    RelayAllCalls = "setting_relayAllCalls", Regular, 1, [] => 41, privacy_setting_relay_all_calls: PrivacySettingRelayAllCalls;
    /// A call. The direction says that its creator is the account itself.
    CallLog = "call_log", Regular, 1, [creator: String, call_id: String, from_me: bool] => 42, call_log_action: CallLogAction;
    DeleteIndividualCallLog = "delete_individual_call_log", Regular, 0, [rest: Vec<String>] => 46, delete_individual_call_log: DeleteIndividualCallLogAction;
    /// Whether messages are written without link previews.
    DisableLinkPreviews = "setting_disableLinkPreviews", Regular, 8, [] => 53, privacy_setting_disable_link_previews_action: PrivacySettingDisableLinkPreviewsAction;
    UsernameChatStartMode = "usernameChatStartMode", Regular, 0, [] => 59, username_chat_start_mode: UsernameChatStartModeAction;
    NotificationActivitySetting = "notificationActivitySetting", Regular, 0, [] => 60, notification_activity_setting_action: NotificationActivitySettingAction;
    ChannelsPersonalisedRecommendationOptOut = "setting_channels_personalised_recommendation_optout", Regular, 0, [] => 64, privacy_setting_channels_personalised_recommendation_action: PrivacySettingChannelsPersonalisedRecommendationAction;
    BusinessBroadcastList = "business_broadcast_list", Regular, 1, [id: String] => 69, business_broadcast_list_action: BusinessBroadcastListAction;
    BusinessBroadcastCampaign = "business_broadcast_campaign", Regular, 1, [id: String] => 81, business_broadcast_campaign_action: BusinessBroadcastCampaignAction;
    BusinessBroadcastInsights = "business_broadcast_insights_sync", Regular, 1, [campaign_id: String] => 82, business_broadcast_insights_action: BusinessBroadcastInsightsAction;
    DetectedOutcomesStatus = "detected_outcomes_status_action", Regular, 1, [] => 66, detected_outcomes_status_action: DetectedOutcomesStatusAction;
    AvatarUpdated = "avatar_updated_action", Regular, 7, [] => 72, avatar_updated_action: AvatarUpdatedAction;
    MusicUserId = "music_user_id", Regular, 0, [rest: Vec<String>] => 70, music_user_id_action: MusicUserIdAction;
    NewsletterSavedInterests = "newsletter_saved_interests", Regular, 0, [rest: Vec<String>] => 75, newsletter_saved_interests_action: NewsletterSavedInterestsAction;

    // critical_unblock_low
    /// A contact of the address book, by phone number; REMOVE deletes it.
    Contact = "contact", CriticalUnblockLow, 2, [pn: String] => 3, contact_action: ContactAction;
    /// A contact that is known by its LID alone.
    LidContact = "lid_contact", CriticalUnblockLow, 1, [lid: String] => 61, lid_contact_action: LidContactAction;

    // critical_block
    /// The own name, as strangers see it.
    PushName = "setting_pushName", CriticalBlock, 1, [] => 7, push_name_setting: PushNameSetting;
    /// The language of the phone, like `pt_BR`.
    Locale = "setting_locale", CriticalBlock, 3, [] => 16, locale_setting: LocaleSetting;
}

impl Action {
    /// The typed form of an action; `None` when it is not in the catalogue, of a later version than there, or not of the
    /// form it has there.
    pub fn decode(operation: Operation, data: &ActionData) -> Option<Self> {
        Self::read(operation, data)
    }

    /// The change that makes this action happen, at this time (ms since the epoch).
    pub fn local(&self, operation: Operation, timestamp_ms: i64) -> LocalMutation {
        let entry = self.entry();
        let mut value = Vec::new();
        fields::put_number(&mut value, 1, timestamp_ms as u64);
        let mut index = vec![entry.name.to_owned()];
        self.write(&mut index, &mut value);
        let index = serde_json::to_vec(&index).expect("strings are JSON");
        let data = ActionData::new(&index, &value, entry.version.max(1));
        LocalMutation { collection: entry.collection, operation, data }
    }
}

/// The field of an action's value. A removal may do without it.
fn payload<T: ProtoMessage + Default>(operation: Operation, value: &[u8], number: u32) -> Option<Box<T>> {
    match fields::bytes(value, number, "an action's value").ok()? {
        Some(bytes) => T::decode(bytes).ok().map(Box::new),
        None => (operation == Operation::Remove).then(Box::default),
    }
}

/// The elements of an index behind its name.
struct Parts(std::vec::IntoIter<String>);

impl Parts {
    fn end(mut self) -> Option<()> {
        self.0.next().is_none().then_some(())
    }
}

/// What an element of an index means.
trait Part: Sized {
    fn read(parts: &mut Parts) -> Option<Self>;
    fn write(&self, index: &mut Vec<String>);
    #[cfg(test)]
    fn sample(text: &str) -> Self;
}

impl Part for String {
    fn read(parts: &mut Parts) -> Option<Self> {
        parts.0.next()
    }

    fn write(&self, index: &mut Vec<String>) {
        index.push(self.clone());
    }

    #[cfg(test)]
    fn sample(text: &str) -> Self {
        text.to_owned()
    }
}

/// `"1"` and `"0"`.
impl Part for bool {
    fn read(parts: &mut Parts) -> Option<Self> {
        match parts.0.next()?.as_str() {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }

    fn write(&self, index: &mut Vec<String>) {
        index.push(if *self { "1" } else { "0" }.to_owned());
    }

    #[cfg(test)]
    fn sample(text: &str) -> Self {
        text.len() % 2 == 1
    }
}

/// A participant, or `"0"` for none.
impl Part for Option<String> {
    fn read(parts: &mut Parts) -> Option<Self> {
        parts.0.next().map(|part| (part != "0").then_some(part))
    }

    fn write(&self, index: &mut Vec<String>) {
        index.push(self.clone().unwrap_or_else(|| "0".to_owned()));
    }

    #[cfg(test)]
    fn sample(text: &str) -> Self {
        (text != "0").then(|| text.to_owned())
    }
}

/// All elements that are left.
impl Part for Vec<String> {
    fn read(parts: &mut Parts) -> Option<Self> {
        Some(parts.0.by_ref().collect())
    }

    fn write(&self, index: &mut Vec<String>) {
        index.extend_from_slice(self);
    }

    #[cfg(test)]
    fn sample(text: &str) -> Self {
        text.split('/').map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_in_the_catalogue_once() {
        let names: HashSet<_> = CATALOGUE.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
    }

    #[test]
    fn the_numbers_of_the_catalogue_are_those_of_the_schema() {
        for (name, form) in schema_forms() {
            let entry = CATALOGUE.iter().find(|entry| entry.name == name).expect("a row");
            let mut expected = Vec::new();
            fields::put_bytes(&mut expected, entry.field, &[]);
            // A payload with required fields is not empty; its tag is what counts here.
            let tag = expected.len() - 1;
            assert_eq!(form[..tag], expected[..tag], "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_action_is_read_back(text in "\\PC{0,20}", at: i64) {
            for action in one_of_each(&text) {
                let local = action.local(Operation::Set, at);
                prop_assert_eq!(local.collection, action.entry().collection);
                prop_assert_eq!(local.data.timestamp_ms(), Some(at));
                prop_assert_eq!(Action::decode(Operation::Set, &local.data), Some(action));
            }
        }
    }

    fn decode(index: &str, value: &[u8], version: i32) -> Option<Action> {
        Action::decode(Operation::Set, &ActionData::new(index.as_bytes(), value, version))
    }

    #[test]
    fn what_the_catalogue_does_not_have_is_unknown() {
        let pinned = [0x2a, 2, 8, 1];
        assert!(decode(r#"["pin_v1","1@s.whatsapp.net"]"#, &pinned, 5).is_some());
        assert!(decode(r#"["pin_v1","1@s.whatsapp.net"]"#, &pinned, 6).is_none(), "a later version");
        assert!(decode(r#"["pin_v2","1@s.whatsapp.net"]"#, &pinned, 5).is_none(), "another name");
        assert!(decode(r#"["pin_v1"]"#, &pinned, 5).is_none(), "a part is missing");
        assert!(decode(r#"["pin_v1","a","b"]"#, &pinned, 5).is_none(), "a part too many");
        assert!(decode(r#"["pin_v1",1]"#, &pinned, 5).is_none(), "not a string");
        assert!(decode("[]", &pinned, 5).is_none(), "no name");
        assert!(decode("", &pinned, 5).is_none(), "no index");
        assert!(decode(r#"["pin_v1","a"]"#, &[0x2a, 2, 8], 5).is_none(), "a cut payload");
        assert!(decode(r#"["pin_v1","a"]"#, &[], 5).is_none(), "no payload");
        assert!(decode(r#"["star","a","b","2","0"]"#, &[0x12, 0], 2).is_none(), "not a boolean");
    }

    #[test]
    fn a_removal_does_without_a_payload() {
        let data = ActionData::new(br#"["contact","15550100@s.whatsapp.net"]"#, b"", 2);
        let contact = Action::decode(Operation::Remove, &data);
        assert_eq!(contact, Some(Action::Contact { pn: "15550100@s.whatsapp.net".into(), value: Box::default() }));
    }

    #[test]
    fn a_sentinel_may_name_its_collection() {
        let index = r#"["sentinel","regular_low"]"#;
        let value = Box::new(KeyExpiration { expired_key_epoch: Some(7) });
        let expected = Action::Sentinel { rest: vec!["regular_low".into()], value };
        assert_eq!(decode(index, &[0x9a, 0x01, 2, 8, 7], 3), Some(expected));
    }
}
