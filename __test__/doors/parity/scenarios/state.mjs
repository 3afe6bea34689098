// What the devices of an account share: chats, contacts, labels, settings, and the past.

/** What a program of 7 takes if it says nothing. */
const PAST = { shouldSyncHistoryMessage: ({ syncType }) => syncType !== 2 }

/** The phone changes settings; each change is a step. */
const phone = (changes, events = 'chats.update') => async (scene) => {
  const { paired, contact, say, step, message, emulator, until, maybe } = scene
  const me = await paired('Tienda', { receipts: 'drop' })
  const maria = await contact('María')
  await step('a message')
  await say(maria, me.name, 'hola')
  await message(({ key }) => key.id === 'IN1')
  for (const [name, change] of Object.entries(changes(maria, me))) {
    await step(name)
    await emulator.phoneChanges(me.name, [change])
    await maybe(typeof events === 'string' ? events : events[name])
  }
}

export default {
  'chats on the phone': phone(({ jid }) => ({
    archived: { type: 'archive', chat: jid, archived: true },
    'not archived': { type: 'archive', chat: jid, archived: false },
    pinned: { type: 'pin', chat: jid, pinned: true },
    'not pinned': { type: 'pin', chat: jid, pinned: false },
    muted: { type: 'mute', chat: jid, muted: true, until: 1_900_000_000_000 },
    'not muted': { type: 'mute', chat: jid, muted: false },
    unread: { type: 'markRead', chat: jid, read: false },
    read: { type: 'markRead', chat: jid, read: true },
  })),

  'chats on the phone: locked, cleared and deleted': phone(({ jid }) => ({
    locked: { type: 'lock', chat: jid, locked: true },
    'not locked': { type: 'lock', chat: jid, locked: false },
    cleared: { type: 'clear', chat: jid },
    deleted: { type: 'deleteChat', chat: jid },
  }), { locked: 'chats.lock', 'not locked': 'chats.lock', cleared: 'messages.delete', deleted: 'chats.delete' }),

  'messages on the phone': phone(({ jid }) => ({
    starred: { type: 'star', chat: jid, id: 'IN1', fromMe: false, starred: true },
    'not starred': { type: 'star', chat: jid, id: 'IN1', fromMe: false, starred: false },
    'deleted for me': { type: 'deleteForMe', chat: jid, id: 'IN1', fromMe: false, messageTimestamp: 1_700_000_000_000 },
  }), { starred: 'messages.update', 'not starred': 'messages.update', 'deleted for me': 'messages.delete' }),

  'contacts and settings on the phone': phone(({ jid, lid }) => ({
    contact: { type: 'contact', jid, lid, name: 'María P', firstName: 'María' },
    'contact without a LID': { type: 'contact', jid: '15550001007@s.whatsapp.net', name: 'Juan' },
    'contact removed': { type: 'contact', jid, removed: true },
    name: { type: 'pushName', name: 'La Tienda' },
    locale: { type: 'locale', locale: 'es_CO' },
    unarchive: { type: 'unarchiveChats', enabled: true },
    previews: { type: 'linkPreviews', enabled: false },
    time: { type: 'timeFormat', twentyFourHours: true },
    status: { type: 'statusPrivacy', audience: 'contacts' },
    relay: { type: 'relayCalls', enabled: true },
  }), { contact: 'contacts.upsert', 'contact without a LID': 'contacts.upsert', name: 'creds.update', locale: 'settings.update', unarchive: 'creds.update', previews: 'settings.update', time: 'settings.update', status: 'settings.update', relay: 'settings.update', 'contact removed': 'contacts.upsert' }),

  'labels on the phone': phone(({ jid }) => ({
    label: { type: 'label', id: '7', name: 'Urgent', color: 2 },
    'on a chat': { type: 'labelAssociation', labelId: '7', chat: jid, labeled: true },
    'on a message': { type: 'labelAssociation', labelId: '7', chat: jid, messageId: 'IN1', labeled: true },
    'off a message': { type: 'labelAssociation', labelId: '7', chat: jid, messageId: 'IN1', labeled: false },
    'off a chat': { type: 'labelAssociation', labelId: '7', chat: jid, labeled: false },
    deleted: { type: 'label', id: '7', name: 'Urgent', color: 2, deleted: true },
    reply: { type: 'quickReply', id: '1700000007', shortcut: 'hours', message: 'From 8 to 6' },
  }), { label: 'labels.edit', 'on a chat': 'labels.association', 'on a message': 'labels.association', 'off a message': 'labels.association', 'off a chat': 'labels.association', deleted: 'labels.edit', reply: 'labels.edit' }),

  'many changes at once, after a new key': async ({ paired, contact, step, emulator, until, maybe }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const [maria, pedro] = [await contact('María'), await contact('Pedro')]
    await step('a new key')
    await emulator.phoneRenewsKey(me.name, { share: true })
    await maybe('creds.update', ({ myAppStateKeyId }) => myAppStateKeyId)
    await step('changes')
    await emulator.phoneChanges(me.name, [{ type: 'pin', chat: maria.jid, pinned: true }, { type: 'archive', chat: pedro.jid, archived: true }, { type: 'contact', jid: pedro.jid, name: 'Pedro P' }])
    await until('chats.update')
  },

  'chatModify': async ({ paired, contact, say, step, message, call, emulator, record, nudge }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('a message')
    await say(maria, me.name, 'hola')
    const { key, messageTimestamp } = await message(({ key: told }) => told.id === 'IN1')
    const lastMessages = [{ key, messageTimestamp }]
    const modifications = {
      archive: { archive: true, lastMessages }, unarchive: { archive: false, lastMessages },
      pin: { pin: true }, unpin: { pin: false }, mute: { mute: 1_900_000_000_000 }, unmute: { mute: null },
      unread: { markRead: false, lastMessages }, read: { markRead: true, lastMessages },
      star: { star: { messages: [{ id: 'IN1', fromMe: false }], star: true } }, unstar: { star: { messages: [{ id: 'IN1', fromMe: false }], star: false } },
      'delete for me': { deleteForMe: { deleteMedia: false, key, timestamp: messageTimestamp } },
      clear: { clear: true, lastMessages }, delete: { delete: true, lastMessages },
      pushNameSetting: { pushNameSetting: 'La Tienda' },
    }
    for (const [name, modification] of Object.entries(modifications)) {
      await step(name)
      await call(name, () => me.sock.chatModify(modification, maria.lid))
      await nudge()
    }
    await step('what the phone has')
    const state = await emulator.appState(me.name)
    record('app state', Object.values(state).flatMap(({ records }) => records.map(({ change }) => change)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)))
    await step('nothing known')
    await call('nothing', () => me.sock.chatModify({ nothing: true }, maria.lid))
  },

  'appPatch of any action': async ({ paired, contact, step, call, emulator, record, nudge }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const at = 1_700_000_000_000
    const patches = {
      'of the catalogue': { syncAction: { userStatusMuteAction: { muted: true }, timestamp: at }, index: ['userStatusMute', maria.lid], type: 'regular_high', apiVersion: 7, operation: 0 },
      'of no catalogue': { syncAction: { timestamp: at }, index: ['hologram', '7'], type: 'regular', apiVersion: 3, operation: 0 },
      'set again': { syncAction: { userStatusMuteAction: { muted: false }, timestamp: at + 1000 }, index: ['userStatusMute', maria.lid], type: 'regular_high', apiVersion: 7, operation: 0 },
      'more than its form has': { syncAction: { labelEditAction: { name: 'Casa', color: 2, deleted: false, isActive: true }, timestamp: at }, index: ['label_edit', '9'], type: 'regular', apiVersion: 3, operation: 0 },
      'taken away': { syncAction: { timestamp: at + 2000 }, index: ['hologram', '7'], type: 'regular', apiVersion: 3, operation: 1 },
    }
    for (const [name, patch] of Object.entries(patches)) {
      await step(name)
      await call('appPatch', () => me.sock.appPatch(patch))
      await nudge()
      const state = await emulator.appState(me.name)
      record('what the phone has', [state.regular_high, state.regular].flatMap(({ records }) => records).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)))
    }
  },

  'labels, contacts and stars of the account': async ({ paired, contact, say, step, message, call, nudge }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('a message')
    await say(maria, me.name, 'hola')
    await message(({ key }) => key.id === 'IN1')
    const { sock } = me
    const calls = {
      addLabel: () => sock.addLabel(maria.lid, { id: '7', name: 'Urgent', color: 2 }),
      addChatLabel: () => sock.addChatLabel(maria.lid, '7'),
      addMessageLabel: () => sock.addMessageLabel(maria.lid, 'IN1', '7'),
      removeMessageLabel: () => sock.removeMessageLabel(maria.lid, 'IN1', '7'),
      removeChatLabel: () => sock.removeChatLabel(maria.lid, '7'),
      star: () => sock.star(maria.lid, [{ id: 'IN1', fromMe: false }], true),
      addOrEditContact: () => sock.addOrEditContact(maria.jid, { fullName: 'María P', firstName: 'María', lidJid: maria.lid, saveOnPrimaryAddressbook: true }),
      removeContact: () => sock.removeContact(maria.jid),
      addOrEditQuickReply: () => sock.addOrEditQuickReply({ shortcut: 'hours', message: 'From 8 to 6', timestamp: '1700000007' }),
      removeQuickReply: () => sock.removeQuickReply('1700000007'),
      resyncAppState: () => sock.resyncAppState(['regular'], false),
      cleanDirtyBits: () => sock.cleanDirtyBits('groups'),
    }
    for (const [name, run] of Object.entries(calls)) {
      await step(name)
      await call(name, run)
      await nudge()
    }
  },

  'the past of a new device': async ({ engine, account, contact, emulator, until, synced, settle }) => {
    const [maria, pedro] = [await contact('María'), await contact('Pedro')]
    await emulator.history.set('Tienda', {
      // Baileys 6 only takes what it can download.
      inline: engine.edition === 7,
      chats: [
        { jid: maria.lid, pn: maria.jid, lid: maria.lid, name: 'María', unread: 2, pinned: 1_700_000_000, messages: [
          { id: 'PAST2', text: 'and you?', timestamp: 1_700_000_100, pushName: 'María' },
          { id: 'PAST1', fromMe: true, text: 'fine', timestamp: 1_700_000_050, status: 4, starred: true, reactions: [{ emoji: '👍' }] },
        ] },
        { jid: '120363000000000077@g.us', name: 'Paseo', archived: true, members: [{ jid: maria.lid, admin: true }, { jid: pedro.lid }], messages: [{ id: 'PAST3', participant: pedro.lid, text: 'who comes?', timestamp: 1_700_000_000 }, { id: 'PAST4', stub: 27, stubParameters: [pedro.lid], timestamp: 1_699_999_999 }] },
      ],
      contacts: [{ jid: maria.lid, name: 'María' }, { jid: pedro.lid, name: 'Pedro' }],
      mappings: [{ pn: pedro.jid, lid: pedro.lid }],
      pastParticipants: [{ group: '120363000000000077@g.us', jid: pedro.lid, removed: true, at: 1_700_000_000 }],
    })
    const me = account('Tienda', { config: PAST })
    await me.open()
    await until('connection.update', ({ connection }) => connection === 'open')
    await synced(me)
    // Pieces come one after another.
    for (const kind of engine.edition === 7 ? [0, 4, 3, 5] : [0, 4, 3]) await until('messaging-history.set', ({ syncType }) => syncType === kind, { from: 0 })
    await settle(500)
  },

  'older messages are asked for': async ({ engine, account, contact, emulator, until, synced, settle, step, call }) => {
    const maria = await contact('María')
    const messages = Array.from({ length: 30 }, (_, at) => ({ id: `PAST${30 - at}`, text: `message ${30 - at}`, timestamp: 1_700_000_000 + 30 - at }))
    await emulator.history.set('Tienda', { chats: [{ jid: maria.lid, pn: maria.jid, lid: maria.lid, name: 'María', messages }], recent: 5, inline: engine.edition === 7 })
    const me = account('Tienda', { config: PAST })
    await me.open()
    await until('connection.update', ({ connection }) => connection === 'open')
    await synced(me)
    for (const kind of !engine.reference ? [0, 3] : engine.edition === 7 ? [0, 4, 3, 5] : [0, 4, 3]) await until('messaging-history.set', ({ syncType }) => syncType === kind, { from: 0 })
    await settle(500)
    await step('asked')
    await call('fetchMessageHistory', () => me.sock.fetchMessageHistory(10, { remoteJid: maria.lid, id: 'PAST26', fromMe: false }, 1_700_000_026_000))
    await until('messaging-history.set')
  },

  'nobody wants the past': async ({ account, contact, emulator, until, settle, waitFor, engine }) => {
    const maria = await contact('María')
    await emulator.history.set('Tienda', { chats: [{ jid: maria.lid, pn: maria.jid, lid: maria.lid, name: 'María', messages: [{ id: 'PAST1', text: 'x', timestamp: 1_700_000_000 }] }] })
    const me = account('Tienda', { config: { shouldSyncHistoryMessage: () => false } })
    await me.open()
    await until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    await waitFor(() => me.creds.myAppStateKeyId, 'the key').catch((error) => {
      if (engine.reference) throw error
    })
    if (!engine.reference) await until('settings.update', undefined, { from: 0 })
    await settle(1000)
  },

  'a message is asked for again': async ({ paired, contact, say, step, message, call, emulator, until, maybe }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('for the phone alone')
    await maria.send(me.name, { text: 'secret' }, { id: 'ONCE1', unavailable: '' })
    await message(({ key }) => key.id === 'ONCE1', { timeout: 3000 }).catch(() => {})
    await step('asked')
    await call('requestPlaceholderResend', async () => typeof (await me.sock.requestPlaceholderResend({ remoteJid: maria.lid, id: 'ONCE1', fromMe: false })))
    await maybe('messages.upsert')
    await call('again', async () => typeof (await me.sock.requestPlaceholderResend({ remoteJid: maria.lid, id: 'ONCE1', fromMe: false })))
  },
}
