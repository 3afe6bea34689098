/** What a socket of Baileys 7 has and one of this door does not have yet. */

/** Of the socket, giving promises. */
export const SOCKET_METHODS: readonly string[] = [
  'addChatLabel', 'addLabel', 'addMessageLabel', 'addOrEditContact', 'addOrEditQuickReply', 'appPatch', 'assertSessions', 'chatModify',
  'cleanDirtyBits', 'communityAcceptInvite', 'communityAcceptInviteV4', 'communityCreate', 'communityCreateGroup',
  'communityFetchAllParticipating', 'communityFetchLinkedGroups', 'communityGetInviteInfo', 'communityInviteCode',
  'communityJoinApprovalMode', 'communityLeave', 'communityLinkGroup', 'communityMemberAddMode', 'communityMetadata',
  'communityParticipantsUpdate', 'communityRequestParticipantsList', 'communityRequestParticipantsUpdate', 'communityRevokeInvite',
  'communityRevokeInviteV4', 'communitySettingUpdate', 'communityToggleEphemeral', 'communityUnlinkGroup', 'communityUpdateDescription',
  'communityUpdateSubject', 'createCallLink', 'createParticipantNodes', 'digestKeyBundle', 'executeUSyncQuery',
  'fetchAccountReachoutTimelock', 'fetchBlocklist', 'fetchDisappearingDuration', 'fetchMessageHistory', 'fetchNewChatMessageCap',
  'fetchPrivacySettings', 'fetchStatus', 'getBotListV2', 'getBusinessProfile', 'getCatalog', 'getCollections', 'getOrderDetails',
  'getUSyncDevices', 'groupAcceptInvite', 'groupAcceptInviteV4', 'groupCreate', 'groupFetchAllParticipating', 'groupGetInviteInfo',
  'groupInviteCode', 'groupJoinApprovalMode', 'groupLeave', 'groupMemberAddMode', 'groupMetadata', 'groupParticipantsUpdate',
  'groupRequestParticipantsList', 'groupRequestParticipantsUpdate', 'groupRevokeInvite', 'groupRevokeInviteV4', 'groupSettingUpdate',
  'groupToggleEphemeral', 'groupUpdateDescription', 'groupUpdateSubject', 'issuePrivacyTokens', 'newsletterAdminCount',
  'newsletterChangeOwner', 'newsletterCreate', 'newsletterDelete', 'newsletterDemote', 'newsletterFetchMessages', 'newsletterFollow',
  'newsletterMetadata', 'newsletterMute', 'newsletterReactMessage', 'newsletterRemovePicture', 'newsletterSubscribers',
  'newsletterUnfollow', 'newsletterUnmute', 'newsletterUpdate', 'newsletterUpdateDescription', 'newsletterUpdateName',
  'newsletterUpdatePicture', 'onWhatsApp', 'presenceSubscribe', 'productCreate', 'productDelete', 'productUpdate', 'profilePictureUrl',
  'query', 'refreshMediaConn', 'rejectCall', 'relayMessage', 'removeChatLabel', 'removeContact', 'removeCoverPhoto',
  'removeMessageLabel', 'removeProfilePicture', 'removeQuickReply', 'requestPairingCode', 'requestPlaceholderResend', 'resyncAppState',
  'rotateSignedPreKey', 'sendMessageAck', 'sendNode', 'sendPeerDataOperationMessage', 'sendPresenceUpdate', 'sendRawMessage',
  'sendReceipt', 'sendReceipts', 'sendRetryRequest', 'sendUnifiedSession', 'sendWAMBuffer', 'star', 'subscribeNewsletterUpdates',
  'updateBlockStatus', 'updateBussinesProfile', 'updateCallPrivacy', 'updateCoverPhoto', 'updateDefaultDisappearingMode',
  'updateDisableLinkPreviewsPrivacy', 'updateGroupsAddPrivacy', 'updateLastSeenPrivacy', 'updateMediaMessage', 'updateMemberLabel',
  'updateMessagesPrivacy', 'updateOnlinePrivacy', 'updateProfileName', 'updateProfilePicture', 'updateProfilePicturePrivacy',
  'updateProfileStatus', 'updateReadReceiptsPrivacy', 'updateStatusPrivacy', 'uploadPreKeys', 'uploadPreKeysToServerIfRequired',
  'upsertMessage', 'waUploadToServer', 'waitForMessage', 'waitForSocketOpen',
]

/** Of the socket, answering at once. */
export const SOCKET_SYNC_METHODS: readonly string[] = [
  'generateMessageTag', 'getMediaHost', 'onUnexpectedError', 'registerSocketEndHandler', 'updateServerTimeOffset',
]

/** Of the socket, holding things. */
export const SOCKET_OBJECTS: readonly string[] = [
  'appStatePatchMutex', 'devicesMutex', 'messageMutex', 'messageRetryManager', 'notificationMutex', 'placeholderResendCache',
  'receiptMutex', 'serverProps', 'signalRepository', 'userDevicesCache', 'wamBuffer',
]
