/** What whatsapp-web.js 1.34 has and this door does not have yet. */

import { missing } from '../doors/missing.js'

/** Methods of `Client`. */
export const CLIENT_METHODS = [
  'requestPairingCode', 'cancelPairingCode', 'sendReaction', 'sendChannelAdminInvite', 'searchMessages', 'getChats',
  'getChannels', 'getChatById', 'getChannelByInviteCode', 'getContacts', 'getContactById', 'getMessageById', 'getPinnedMessages',
  'getInviteInfo', 'acceptInvite', 'acceptChannelAdminInvite', 'revokeChannelAdminInvite', 'demoteChannelAdmin',
  'acceptGroupV4Invite', 'setStatus', 'setDisplayName', 'sendPresenceAvailable', 'sendPresenceUnavailable', 'archiveChat',
  'unarchiveChat', 'pinChat', 'unpinChat', 'muteChat', 'unmuteChat', 'markChatUnread', 'getProfilePicUrl', 'getCommonGroups',
  'resetState', 'isRegisteredUser', 'getNumberId', 'getFormattedNumber', 'getCountryCode', 'createGroup', 'createChannel',
  'subscribeToChannel', 'unsubscribeFromChannel', 'transferChannelOwnership', 'searchChannels', 'deleteChannel', 'getLabels',
  'getBroadcasts', 'getBroadcastById', 'revokeStatusMessage', 'getLabelById', 'getChatLabels', 'getChatsByLabelId',
  'getBlockedContacts', 'setProfilePicture', 'deleteProfilePicture', 'addOrRemoveLabels', 'getGroupMembershipRequests',
  'approveGroupMembershipRequests', 'rejectGroupMembershipRequests', 'setAutoDownloadAudio', 'setAutoDownloadDocuments',
  'setAutoDownloadPhotos', 'setAutoDownloadVideos', 'setBackgroundSync', 'getContactDeviceCount', 'syncHistory', 'createCallLink',
  'sendResponseToScheduledEvent', 'saveOrEditAddressbookContact', 'deleteAddressbookContact', 'getContactLidAndPhone',
  'addOrEditCustomerNote', 'getCustomerNote', 'getPollVotes',
] as const

/** Methods of `Message`. */
export const MESSAGE_METHODS = [
  'getChat', 'getContact', 'getMentions', 'getGroupMentions', 'react', 'acceptGroupV4Invite', 'forward', 'downloadMedia',
  'delete', 'star', 'unstar', 'pin', 'unpin', 'getInfo', 'getOrder', 'getPayment', 'getReactions', 'edit', 'editScheduledEvent',
  'getPollVotes', 'vote',
] as const

// Classes.
export const Chat = missing('Chat')
export const PrivateChat = missing('PrivateChat')
export const GroupChat = missing('GroupChat')
export const Channel = missing('Channel')
export const MessageMedia = missing('MessageMedia')
export const Contact = missing('Contact')
export const PrivateContact = missing('PrivateContact')
export const BusinessContact = missing('BusinessContact')
export const Location = missing('Location')
export const Poll = missing('Poll')
export const ScheduledEvent = missing('ScheduledEvent')
export const ProductMetadata = missing('ProductMetadata')
export const List = missing('List')
export const Buttons = missing('Buttons')
export const Broadcast = missing('Broadcast')
export const RemoteAuth = missing('RemoteAuth')
