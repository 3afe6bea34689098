// The rows of docs/protocol-coverage.md: what the protocol has, as kinds of `record.mjs`, and why a cell may be empty.

import { messageKinds, settings } from './lists.mjs'

const NOT_CLIENTS = 'the service sends it'
const NOT_SERVICES = 'clients send it'

/** What a cell asks for: any of these seen at this side in this direction. */
const rowOf = (name, { sends, receives, emulator, baileys }) => ({ name, sends, receives, emulator, baileys })

const both = (kind, name = kind) => rowOf(name, {
  sends: [['Chasqui', 'out', kind]],
  receives: [['Chasqui', 'in', kind]],
  emulator: [['Chasqui', 'in', kind], ['Baileys', 'in', kind]],
  baileys: [['Baileys', 'out', kind], ['Baileys', 'in', kind]],
})
const fromService = (kind, name = kind) => ({ ...both(kind, name), sends: NOT_CLIENTS })
const fromClient = (kind, name = kind) => ({
  ...both(kind, name), receives: NOT_SERVICES, emulator: [['Chasqui', 'out', kind], ['Baileys', 'out', kind]],
})
const request = (kind) => rowOf(kind, {
  sends: [['Chasqui', 'out', kind]],
  receives: [['Chasqui', 'in', `result of ${kind}`], ['Chasqui', 'in', `error of ${kind}`]],
  emulator: [['Chasqui', 'in', `result of ${kind}`], ['Baileys', 'in', `result of ${kind}`]],
  baileys: [['Baileys', 'out', kind]],
})

const list = (text) => text.trim().split('\n').map((line) => line.trim()).filter(Boolean)

const STANZAS = [
  ...list(`
    message text
    message media
    message reaction
    message poll
    message event
    message enc pkmsg
    message enc msg
    message enc skmsg
    message with plaintext
    message with meta
    message with reporting
    message edit 1
    message edit 2
    message edit 3
    message edit 7
    message edit 8
  `).map((kind) => both(kind)),
  ...list(`
    message with tctoken
    message with participants
    message peer
    ack receipt
    ack notification
    receipt hist_sync
    receipt peer_msg
    receipt view
    ib unified_session
    presence unavailable
    presence subscribe
  `).map((kind) => fromClient(kind)),
  ...list(`
    receipt delivery
    receipt read
    receipt read-self
    receipt played
    receipt retry
    receipt sender
    receipt inactive
    receipt server-error
    presence available
    chatstate composing
    chatstate composing audio
    chatstate paused
    ack message
    ack call
    call offer
    call preaccept
    call accept
    call reject
    call terminate
  `).map((kind) => both(kind)),
  ...list(`
    call offer_notice
    ack message error 463
    ack message error 479
    ib edge_routing
    ib offline_preview
    ib offline
    ib dirty
    ib downgrade_webclient
    success
    failure
    stream:error
    xmlstreamend
  `).map((kind) => fromService(kind)),
  ...list('call link_create').map((kind) => fromClient(kind)),
]

const REQUESTS = list(`
  get encrypt count
  get encrypt digest
  get encrypt key
  set encrypt list
  set encrypt rotate
  set passive active
  get w:p ping
  set md remove-companion-device
  set md link_code_companion_reg
  set w:m media_conn
  get abt props
  set urn:xmpp:whatsapp:dirty clean
  set w:sync:app:state sync
  get usync usync contact
  get usync usync contact+lid
  get usync usync devices+lid
  get usync usync lid
  get usync usync status
  get usync usync disappearing_mode
  get privacy privacy
  set privacy privacy
  set privacy tokens
  get blocklist
  set blocklist item
  set disappearing_mode disappearing_mode
  get status privacy
  set status status
  get w:profile:picture picture
  set w:profile:picture picture
  set w:profile:picture
  get w:g2 query
  get w:g2 participating
  get w:g2 pictures
  get w:g2 reports
  set w:g2 reports
  set w:g2 create
  set w:g2 leave
  set w:g2 subject
  set w:g2 description
  set w:g2 add
  set w:g2 remove
  set w:g2 promote
  set w:g2 demote
  get w:g2 membership_approval_requests
  set w:g2 membership_requests_action
  set w:g2 cancel_membership_requests
  set w:g2 announcement
  set w:g2 not_announcement
  set w:g2 locked
  set w:g2 unlocked
  set w:g2 ephemeral
  set w:g2 not_ephemeral
  set w:g2 member_add_mode
  set w:g2 membership_approval_mode
  set w:g2 allow_admin_reports
  set w:g2 not_allow_admin_reports
  get w:g2 invite
  set w:g2 invite
  set w:g2 accept
  set w:g2 revoke
  set w:g2 links
  set w:g2 unlink
  set w:g2 delete_parent
  get w:g2 sub_groups
  get w:g2 linked_groups_participants
  get w:g2 query_linked
  set w:g2 join_linked_group
  set newsletter live_updates
  get newsletter messages
  get newsletter message_updates
  set tos notice
  get w:biz business_profile
  set w:biz business_profile
  get w:biz:catalog product_catalog
  get w:biz:catalog collections
  set w:biz:catalog product_catalog_add
  set w:biz:catalog product_catalog_edit
  set w:biz:catalog product_catalog_delete
  get fb:thrift_iq order
  get w:qr qr
  set w:qr qr
  get bot bot
`)

/** Operations by GraphQL: Chasqui's id and that of Baileys. */
const MEX = [
  ['create a channel', '8823471724422422'], ['metadata of a channel', '6563316087068696'], ['follow', '24404358912487870'],
  ['unfollow', '9767147403369991'], ['mute', '29766401636284406'], ['unmute', '9864994326891137'], ['update a channel', '24250201037901610'],
  ['subscribers', '9783111038412085'], ['number of admins', '7130823597031706'], ['change the owner', '7341777602580933'],
  ['demote an admin', '6551828931592903'], ['delete a channel', '30062808666639665'], ['a setting of a group', '9418211574894172'],
]

export const NOTIFICATIONS = list(`
  w:gp2 create
  w:gp2 add
  w:gp2 remove
  w:gp2 leave
  w:gp2 promote
  w:gp2 demote
  w:gp2 modify
  w:gp2 subject
  w:gp2 description
  w:gp2 announcement
  w:gp2 not_announcement
  w:gp2 locked
  w:gp2 unlocked
  w:gp2 ephemeral
  w:gp2 not_ephemeral
  w:gp2 invite
  w:gp2 revoke
  w:gp2 member_add_mode
  w:gp2 member_link_mode
  w:gp2 member_share_group_history_mode
  w:gp2 membership_approval_mode
  w:gp2 membership_approval_request
  w:gp2 created_membership_requests
  w:gp2 revoked_membership_requests
  w:gp2 link
  w:gp2 unlink
  w:gp2 delete
  w:gp2 linked_group_promote
  w:gp2 linked_group_demote
  w:gp2 growth_locked
  w:gp2 growth_unlocked
  w:gp2 suspended
  w:gp2 unsuspended
  w:gp2 no_frequently_forwarded
  w:gp2 frequently_forwarded_ok
  w:gp2 allow_admin_reports
  w:gp2 not_allow_admin_reports
  w:gp2 reports
  w:gp2 allow_non_admin_sub_group_creation
  w:gp2 not_allow_non_admin_sub_group_creation
  w:gp2 created_sub_group_suggestion
  w:gp2 revoked_sub_group_suggestions
  w:gp2 change_number
  w:gp2 limit_sharing_enabled
  w:gp2 limit_sharing_disabled
  w:gp2 auto_add_disabled
  w:gp2 is_capi_hosted_group
  w:gp2 group_safety_check
  w:gp2 group_history
  w:gp2 no_group_history
  w:gp2 missing_participant_identification
  account_sync devices
  account_sync privacy
  account_sync blocklist
  account_sync picture
  account_sync disappearing_mode
  account_sync status
  account_sync text_status
  account_sync tos
  account_sync notice
  account_sync user
  account_sync biz_opt_out_list
  devices add
  devices remove
  devices update
  encrypt count
  encrypt digest
  encrypt identity
  picture set
  picture delete
  picture request
  picture set_avatar
  status set
  contacts update
  contacts modify
  contacts sync
  contacts add
  contacts remove
  privacy_token tokens
  server_sync collection
  mediaretry encrypt
  mediaretry error
  link_code_companion_reg link_code_companion_reg
  companion_reg_refresh companion_reg_refresh
  companion_reg_refresh pair-device-rotate-qr
  disappearing_mode disappearing_mode
  newsletter live_updates
  newsletter reaction
  newsletter view
  newsletter participant
  newsletter update
  newsletter message
  mex update
  mex mex
  business remove
  business verified_name
  business profile
  business product_catalog
  business subscriptions
  business ctwa_suggestion
  pay pay
  psa campaign
  registration wa_old_registration
  server server
  hosted hosted
  w:growth invite
  w:growth receiver
  waffle notification_metadata
  digital_commerce_subscription subscription
  fb:update update
  crsc_continuation crsc
  passkey_prologue_request passkey
  fbid:devices devices
`)

/** What programs may change: kinds of changes and the actions that they become. */
const SETTABLE = {
  mute: 'mute', star: 'star', deleteMessageForMe: 'deleteForMe', clearChat: 'clear', deleteChat: 'deleteChat', userStatusMute: 'muteStatus',
  status_privacy: 'statusPrivacy', favorites: 'favorites', pin_v1: 'pin', archive: 'archive', markChatAsRead: 'markRead',
  setting_unarchiveChats: 'unarchiveChats', time_format: 'timeFormat', lock: 'lock', note_edit: 'note', label_edit: 'label',
  label_jid: 'labelAssociation', label_message: 'labelAssociation', label_reordering: 'labelOrder', quick_reply: 'quickReply',
  contact: 'contact', setting_pushName: 'pushName', setting_locale: 'locale', setting_disableLinkPreviews: 'linkPreviews',
  setting_relayAllCalls: 'relayCalls', privacy_setting_channels_personalised_recommendation: 'channelRecommendations',
}

const settingRow = ({ name }) => rowOf(name, {
  sends: SETTABLE[name] ? [['Chasqui', 'out', `setting ${SETTABLE[name]}`]] : 'the phone, or the service, makes it; `change()` refuses it',
  receives: [['Chasqui', 'in', `setting ${name}`]],
  emulator: [['Chasqui', 'in', `setting ${name}`], ['Baileys', 'in', `setting ${name}`]],
  baileys: [['Baileys', 'in', `setting ${name}`]],
})

const contentRow = ({ name }) => both(`content ${name}`, name)

export const sections = () => [
  ['Stanzas', STANZAS],
  ['Messages', messageKinds().map(contentRow)],
  ['Settings', settings().map(settingRow)],
  ['Requests', [...REQUESTS.map(request), ...MEX.map(([name, id]) => ({ ...request(`get w:mex query ${id}`), name: `get w:mex query: ${name}` }))]],
  ['Notifications', NOTIFICATIONS.map((kind) => fromService(`notification ${kind}`, kind))],
]

const NEWER = 'its schema is older and has no such kind'
const CARRIED = 'a part of the envelope: the engine makes and takes it, and no program sees it'
const CALLS = 'sound is not for this engine, so that it never calls'

/** Why a cell is empty, by row, or row and column (`sends`, `receives`, `emulator`, `baileys`). */
export const REASONS = {
  ...Object.fromEntries(messageKinds().map(({ name }) => [`${name}: baileys`, NEWER])),
  senderKeyDistributionMessage: CARRIED,
  fastRatchetKeySenderKeyDistributionMessage: 'no client uses it',
  deviceSentMessage: CARRIED,
  messageContextInfo: CARRIED,
  'call offer: sends': CALLS,
  'call terminate: sends': CALLS,
  'call accept': 'only who calls is told, and neither engine calls',
  'call preaccept': 'only who calls is told, and neither engine calls',
  'call reject: receives': 'only who calls is told, and neither engine calls',
  'receipt view: baileys': 'it counts no views',
  'receipt read-self: receives': 'the service tells the other devices by settings',
  'receipt server-error': 'only phones get it; a file is asked for again by it',
  'get usync usync contact+lid: baileys': 'it asks for `contact` alone',
  'get usync usync contact: sends': 'asked together with `lid`',
  'get usync usync contact: receives': 'asked together with `lid`',
  'get usync usync disappearing_mode: sends': 'asked together with everything else about a person',
  'get usync usync disappearing_mode: receives': 'asked together with everything else about a person',
  'get w:p ping: sends': 'after 25 seconds of silence; tests of chasqui-client wait for it on a clock of their own',
  'get w:p ping: receives': 'after 25 seconds of silence; tests of chasqui-client wait for it on a clock of their own',
  'set encrypt rotate: sends': 'after a month; tests of chasqui-client have it in no time',
  'set encrypt rotate: receives': 'after a month; tests of chasqui-client have it in no time',
  'get newsletter messages: baileys': 'it asks for `message_updates` instead',
  'get status privacy: baileys': 'it has no such request',
  'set tos notice: baileys': 'it accepts no terms',
  'set w:profile:picture picture: baileys': 'it needs an image library, which the tests do without',
  'get w:g2 linked_groups_participants: baileys': 'it has no such request',
  'set w:g2 cancel_membership_requests: baileys': 'it has no such request',
  'set w:g2 delete_parent: baileys': 'it has no such request',
  'set w:g2 join_linked_group: baileys': 'it has no such request',
  'get w:mex query: subscribers: sends': 'asked as `followers`, which has names',
  'get w:mex query: subscribers: receives': 'asked as `followers`, which has names',
  'get w:qr qr: baileys': 'it has no such request',
  'set w:qr qr: baileys': 'it has no such request',
}
