// Actions of the app state: what they tell a program, and how a program's changes become them.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ODD, ours, random, same, seen, theirs } from './differential.mjs'

const PN = '15550001001@s.whatsapp.net'
const LID = '100000000001@lid'
const GROUP = '120363000000000001@g.us'
const JIDS = [PN, LID, GROUP, '', undefined]
const TYPES = ['mute', 'archive', 'unarchive', 'markChatAsRead', 'deleteMessageForMe', 'contact', 'setting_pushName', 'pin_v1', 'setting_unarchiveChats', 'star', 'deleteChat', 'clearChat', 'label_edit', 'label_jid', 'label_message', 'lock', 'x']

/** What can be set in an action, by the field. */
const actions = (dice) => {
  const some = (...values) => dice.pick([...values, undefined, null])
  const range = () => some({}, { lastMessageTimestamp: dice.below(20) }, { lastSystemMessageTimestamp: dice.below(20), messages: [] })
  return {
    muteAction: { muted: some(true, false), muteEndTimestamp: some(0, -1, 1_700_000_000_000) },
    archiveChatAction: { archived: some(true, false), messageRange: range() },
    markChatAsReadAction: { read: some(true, false), messageRange: range() },
    deleteMessageForMeAction: {},
    contactAction: { fullName: some('Ana B.', ''), firstName: some('Ana', ''), username: some('ana'), lidJid: some(LID, PN), pnJid: some(PN) },
    pushNameSetting: { name: some('new', 'old', '') },
    pinAction: { pinned: some(true, false) },
    unarchiveChatsSetting: { unarchiveChats: some(true, false) },
    starAction: { starred: some(true, false) },
    deleteChatAction: { messageRange: range() },
    labelEditAction: { name: some('n'), color: some(0, 3), deleted: some(true, false), predefinedId: some(0, 4) },
    labelAssociationAction: { labeled: some(true, false) },
    localeSetting: { locale: some('de_DE', '') },
    timeFormatAction: { isTwentyFourHourFormatEnabled: some(true) },
    pnForLidChatAction: { pnJid: some(PN, '') },
    privacySettingRelayAllCalls: { isEnabled: some(true) },
    statusPrivacy: { mode: some(1), userJid: [PN] },
    lockChatAction: { locked: some(true, false) },
    privacySettingDisableLinkPreviewsAction: { isPreviewsDisabled: some(true) },
    notificationActivitySettingAction: { notificationActivitySetting: some(0, 1, 2) },
    lidContactAction: { fullName: some('Ana B.', ''), firstName: some('Ana', ''), username: some('ana') },
    privacySettingChannelsPersonalisedRecommendationAction: { isUserOptedOut: some(true) },
    clearChatAction: { messageRange: range() },
    nuxAction: { acknowledged: true },
  }
}
const mutation = (dice) => {
  const all = actions(dice)
  const value = Object.fromEntries(dice.many(dice.pick([0, 1, 1, 1, 1, 1, 2]), () => dice.pick(Object.keys(all))).map((field) => [field, dice.chance(0.05) ? null : all[field]]))
  if (dice.chance(0.8)) value.timestamp = 1_700_000_000_000
  const index = [dice.pick(TYPES), dice.pick(JIDS), dice.pick([PN, GROUP, '3EB0', undefined]), dice.pick(['0', '1', 'M', undefined]), dice.pick(['0', '1', undefined])]
  return { syncAction: { value: dice.chance(0.03) ? dice.pick([null, undefined]) : value }, index: index.slice(0, dice.below(6)) }
}

/** What programs hear; of conditions, what they answer about chats of different age. */
function heard(lib, [item, me, options]) {
  const events = []
  const ev = { emit: (name, data) => void events.push([name, data]) }
  lib.processSyncAction(item, ev, me, options, undefined)
  const held = (id, chat, set) => ({ historySets: { chats: set ? { [id]: chat } : {} }, chatUpserts: set ? {} : { [id]: chat } })
  return events.map(([name, data]) => {
    if (name !== 'chats.update') return [name, data]
    const [{ conditional, id, ...update }] = data
    const answers = conditional && [undefined, {}, { lastMessageRecvTimestamp: 3 }, { lastMessageRecvTimestamp: 15 }, { lastMessageRecvTimestamp: 30 }].flatMap((chat) => [conditional(held(id, chat, true)), conditional(held(id, chat, false))])
    return [name, id, update, answers]
  })
}

test('random actions, in the first sync and later', async () => {
  for (let seed = 0; seed < 4000; seed++) {
    const make = () => {
      const dice = random(seed)
      const options = dice.pick([undefined, {}, { accountSettings: { unarchiveChats: true } }, { accountSettings: { unarchiveChats: false } }])
      return [mutation(dice), dice.pick([{ id: PN, name: 'old', lid: LID }, {}, undefined]), options]
    }
    await same('processSyncAction', make, { call: heard, after: ([, me, options]) => [me, options] })
  }
})

test('decoded actions', async () => {
  const { SyncActionValue } = theirs.proto
  for (let seed = 0; seed < 500; seed++) {
    const dice = random(seed)
    const { syncAction, index } = mutation(dice)
    const bytes = SyncActionValue.encode(SyncActionValue.fromObject(JSON.parse(JSON.stringify(syncAction.value ?? {})))).finish()
    const call = (lib) => heard(lib, [{ syncAction: { value: lib.proto.SyncActionValue.decode(bytes) }, index }, {}, undefined])
    await same('processSyncAction', () => [index], { call })
  }
})

test('odd actions', async () => {
  for (const value of ODD) {
    await same('processSyncAction', () => [value, {}, undefined], { call: heard })
    await same('processSyncAction', () => [{ syncAction: value, index: ['mute', PN] }, {}, undefined], { call: heard })
    await same('processSyncAction', () => [{ syncAction: {}, index: value }, {}, undefined], { call: heard })
    for (const field of Object.keys(actions(random(1)))) {
      if (field === 'nuxAction') continue
      await same('processSyncAction', () => [{ syncAction: { value: { [field]: value, timestamp: value } }, index: ['x', PN, 'M', '1', '0'] }, {}, undefined], { call: heard })
    }
  }
})

test('an action that means nothing is named in the log', () => {
  for (const lib of [ours, theirs]) {
    const notes = []
    const logger = { trace() {}, debug: (...note) => notes.push(note) }
    const item = { syncAction: { value: { nuxAction: {} } }, index: ['nux', 'x'] }
    lib.processSyncAction(item, { emit: () => assert.fail() }, {}, undefined, logger)
    assert.deepEqual(notes, [[{ syncAction: item, id: 'x' }, 'unprocessable update']])
  }
})

const key = (dice) => ({ id: dice.pick(['A', 'B', undefined, '']), remoteJid: dice.pick([PN, GROUP, GROUP, undefined]), fromMe: dice.pick([true, false, undefined]), ...(dice.chance(0.5) ? { participant: dice.pick(['15550001009:3@s.whatsapp.net', LID, '1:2@c.us', '']) } : {}) })
const messages = (dice) =>
  dice.pick([
    () => dice.many(dice.below(3), () => ({ key: key(dice), messageTimestamp: dice.pick([5, 1_700_000_000, 0, undefined]) })),
    () => [{ key: { id: 'A', remoteJid: PN, fromMe: false }, messageTimestamp: 1_700_000_000 }, { key: { id: 'B', remoteJid: GROUP, participant: '15550001009:3@s.whatsapp.net' }, messageTimestamp: 5 }],
    () => ({ lastMessageTimestamp: 7, messages: [] }),
    () => undefined,
  ])()
const MODIFICATIONS = {
  mute: (dice) => dice.pick([1_800_000_000_000, null, 0, -1]),
  archive: (dice) => dice.pick([true, false]),
  markRead: (dice) => dice.pick([true, false]),
  deleteForMe: (dice) => ({ deleteMedia: dice.chance(0.5), key: key(dice), timestamp: 5 }),
  clear: (dice) => dice.pick([true, false]),
  pin: (dice) => dice.pick([true, false]),
  contact: (dice) => dice.pick([{ fullName: 'Ana B.', firstName: 'Ana' }, null]),
  disableLinkPreviews: (dice) => dice.pick([{ isPreviewsDisabled: true }, null]),
  star: (dice) => ({ star: dice.chance(0.5), messages: dice.many(dice.below(3), () => ({ id: 'A', fromMe: dice.pick([true, false, undefined]) })) }),
  delete: (dice) => dice.pick([true, false]),
  pushNameSetting: (dice) => dice.pick(['Ana', '']),
  quickReply: (dice) => dice.pick([{ shortcut: '/a', message: 'm', timestamp: '5', deleted: true }, { shortcut: '/a', keywords: ['k'], count: 2, timestamp: '6' }, { timestamp: '7' }]),
  addLabel: (dice) => dice.pick([{ id: '3', name: 'n', color: 2, predefinedId: 4, deleted: true }, { id: '3' }]),
  addChatLabel: () => ({ labelId: '3' }),
  removeChatLabel: () => ({ labelId: '3' }),
  addMessageLabel: () => ({ labelId: '3', messageId: 'M' }),
  removeMessageLabel: () => ({ labelId: '3', messageId: 'M' }),
}
/** Apart from when it was made, which must be now. */
function patchOf(lib, [mod, jid]) {
  const before = Date.now()
  const { syncAction: { timestamp, ...action }, ...patch } = lib.chatModificationToAppPatch(mod, jid)
  assert.ok(timestamp >= before && timestamp <= Date.now())
  return { action, ...patch }
}

test('random changes of chats', async () => {
  const names = Object.keys(MODIFICATIONS)
  for (let seed = 0; seed < 2000; seed++) {
    const make = () => {
      const dice = random(seed)
      const chosen = dice.chance(0.8) ? [dice.pick(names)] : [dice.pick(names), dice.pick(names)]
      const mod = Object.fromEntries(chosen.map((name) => [name, MODIFICATIONS[name](dice)]))
      return [{ ...mod, ...(dice.chance(0.9) ? { lastMessages: messages(dice) } : {}) }, dice.pick(JIDS)]
    }
    await same('chatModificationToAppPatch', make, { call: patchOf, after: ([mod]) => mod })
  }
})

test('odd changes of chats', async () => {
  for (const value of ODD) {
    await same('chatModificationToAppPatch', () => [value, PN], { call: patchOf })
    for (const name of Object.keys(MODIFICATIONS)) {
      // The number of a quick reply without one is the time.
      if (name === 'quickReply' && value && typeof value !== 'function') continue
      await same('chatModificationToAppPatch', () => [{ [name]: value, lastMessages: value }, PN], { call: patchOf })
    }
  }
  const { index, syncAction } = ours.chatModificationToAppPatch({ quickReply: {} }, PN)
  assert.match(index[1], /^\d{10}$/)
  assert.deepEqual(seen(syncAction.quickReplyAction), { count: 0, deleted: false, keywords: [], message: '', shortcut: '' })
})

test('what a program changes is what another of its devices hears', () => {
  const events = []
  const heardBy = (mod, jid) => ours.processSyncAction({ syncAction: { value: ours.chatModificationToAppPatch(mod, jid).syncAction }, index: ours.chatModificationToAppPatch(mod, jid).index }, { emit: (...event) => events.push(event) }, {}, undefined, undefined)
  heardBy({ addChatLabel: { labelId: '3' } }, PN)
  heardBy({ pushNameSetting: 'Ana' }, PN)
  heardBy({ star: { messages: [{ id: 'A', fromMe: true }], star: true } }, PN)
  assert.deepEqual(events, [
    ['labels.association', { type: 'add', association: { type: 'label_jid', chatId: PN, labelId: '3' } }],
    ['creds.update', { me: { name: 'Ana' } }],
    ['messages.update', [{ key: { remoteJid: PN, id: 'A', fromMe: true }, update: { starred: true } }]],
  ])
})
