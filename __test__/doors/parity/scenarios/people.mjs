// People: who they are, what they show, who may see the account.

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64')
const NOBODY = '15559990000@s.whatsapp.net'

/** A stanza without what its texts are encoded in. */
const withoutBytes = ({ tag, attrs, content }) => ({ tag, attrs, content: Array.isArray(content) ? content.map(withoutBytes) : typeof content })

export default {
  'onWhatsApp': async ({ paired, contact, step, call }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('asked')
    const number = maria.jid.split('@')[0]
    await call('a number', () => me.sock.onWhatsApp(number))
    await call('with a plus', () => me.sock.onWhatsApp(`+${number}`))
    await call('a JID', () => me.sock.onWhatsApp(maria.jid))
    await call('a LID', () => me.sock.onWhatsApp(maria.lid))
    await call('nobody', () => me.sock.onWhatsApp('15559990000'))
    await call('several', () => me.sock.onWhatsApp(number, '15559990000', me.jid))
    await call('none', () => me.sock.onWhatsApp())
  },

  'pictures': async ({ paired, contact, emulator, step, call, until, nudge }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('hers')
    await call('none', () => me.sock.profilePictureUrl(maria.jid))
    await emulator.person('María', { picture: Buffer.from('/9j/4AAQ', 'base64') })
    await call('preview', () => me.sock.profilePictureUrl(maria.jid))
    await call('image', () => me.sock.profilePictureUrl(maria.jid, 'image'))
    await call('by LID', () => me.sock.profilePictureUrl(maria.lid, 'image'))
    await call('nobody', () => me.sock.profilePictureUrl(NOBODY))
    await step('hidden')
    await emulator.person('María', { privacy: { profile: 'none' } })
    await call('hidden', () => me.sock.profilePictureUrl(maria.jid))
    await step('own')
    await call('updateProfilePicture', () => me.sock.updateProfilePicture(me.jid, PIXEL))
    await call('of a group that is none', () => me.sock.updateProfilePicture('120363999999999999@g.us', PIXEL))
    await nudge()
    await call('own', async () => typeof (await me.sock.profilePictureUrl(me.jid)))
    await call('removeProfilePicture', () => me.sock.removeProfilePicture(me.jid))
    await nudge()
    await step('told')
    await emulator.person('María', { privacy: { profile: 'all' } })
    await me.sock.sendMessage(maria.jid, { text: 'x' }).catch(() => {})
    await step('changed')
    await emulator.person('María', { picture: Buffer.from('/9j/4AAR', 'base64') })
    await until('contacts.update')
    await step('taken away')
    await emulator.person('María', { picture: null })
    await until('contacts.update')
  },

  'abouts, timers and names': async ({ paired, contact, emulator, step, call, nudge }) => {
    const me = await paired()
    const maria = await contact('María')
    await emulator.person('María', { about: 'At the beach', disappearing: 86_400 })
    await step('hers')
    await call('fetchStatus', () => me.sock.fetchStatus(maria.jid))
    await call('fetchStatus of several', () => me.sock.fetchStatus(maria.jid, me.jid))
    await call('fetchStatus of nobody', () => me.sock.fetchStatus(NOBODY))
    await call('fetchDisappearingDuration', () => me.sock.fetchDisappearingDuration(maria.jid))
    await step('hidden')
    await emulator.person('María', { privacy: { status: 'none' } })
    await call('fetchStatus', () => me.sock.fetchStatus(maria.jid))
    await step('own')
    await call('updateProfileStatus', () => me.sock.updateProfileStatus('Open'))
    await call('updateProfileName', () => me.sock.updateProfileName('La Tienda'))
    await nudge()
    await call('updateDefaultDisappearingMode', () => me.sock.updateDefaultDisappearingMode(86_400))
  },

  'privacy': async ({ paired, step, call, nudge }) => {
    const me = await paired()
    const { sock } = me
    await step('asked')
    await call('fetchPrivacySettings', () => sock.fetchPrivacySettings())
    await step('changed')
    const changes = {
      updateLastSeenPrivacy: 'contacts', updateOnlinePrivacy: 'match_last_seen', updateProfilePicturePrivacy: 'contacts', updateStatusPrivacy: 'contacts',
      updateReadReceiptsPrivacy: 'none', updateGroupsAddPrivacy: 'contacts', updateCallPrivacy: 'known', updateMessagesPrivacy: 'contacts',
    }
    for (const [name, value] of Object.entries(changes)) await call(name, () => sock[name](value))
    await call('a value that is none', () => sock.updateLastSeenPrivacy('nobody at all'))
    await call('fetchPrivacySettings', () => sock.fetchPrivacySettings())
    await call('fetchPrivacySettings again', () => sock.fetchPrivacySettings(true))
    await call('updateDisableLinkPreviewsPrivacy', () => sock.updateDisableLinkPreviewsPrivacy(true))
    await nudge()
  },

  'blocked people': async ({ paired, contact, step, call, emulator, until, nudge, maybe }) => {
    const me = await paired()
    const [maria, pedro] = [await contact('María'), await contact('Pedro')]
    await step('at first')
    await call('fetchBlocklist', () => me.sock.fetchBlocklist())
    await step('blocked')
    await call('by number', () => me.sock.updateBlockStatus(maria.jid, 'block'))
    await nudge()
    await call('by LID', () => me.sock.updateBlockStatus(pedro.lid, 'block'))
    await nudge()
    await call('fetchBlocklist', () => me.sock.fetchBlocklist())
    await step('unblocked')
    await call('unblock', () => me.sock.updateBlockStatus(maria.jid, 'unblock'))
    await nudge()
    await call('fetchBlocklist', () => me.sock.fetchBlocklist())
    await step('nobody')
    await call('block nobody', () => me.sock.updateBlockStatus('15559990000@s.whatsapp.net', 'block'))
    await step('on the phone')
    await emulator.person(me.name, { block: 'María' })
    await maybe('blocklist.update')
  },

  'presence': async ({ paired, contact, emulator, step, call, until, sent, maybe }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('asked')
    await call('presenceSubscribe', () => me.sock.presenceSubscribe(maria.jid))
    await maybe('presence.update')
    for (const change of [{ available: true }, { state: 'typing', chat: me.name }, { state: 'recording', chat: me.name }, { state: 'paused', chat: me.name }, { available: false }]) {
      await step(JSON.stringify(change))
      await emulator.person('María', change)
      await until('presence.update')
    }
    await step('own')
    for (const type of ['unavailable', 'available']) await call(type, () => me.sock.sendPresenceUpdate(type))
    for (const type of ['composing', 'recording', 'paused']) await call(type, () => me.sock.sendPresenceUpdate(type, maria.jid))
    await call('composing to nobody', () => me.sock.sendPresenceUpdate('composing'))
    await sent(me, { tag: 'chatstate' })
  },

  'typing in a group': async ({ paired, contact, emulator, newGroup, step, until }) => {
    const me = await paired()
    await contact('María')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('she types')
    await emulator.person('María', { available: true, state: 'typing', chat: group.jid })
    await until('presence.update')
  },

  'a shop': async ({ paired, peer, contact, emulator, step, call, nudge }) => {
    const me = await paired()
    const ben = await peer('Ben')
    await contact('María')
    const { sock } = me
    await step('hers')
    await call('getBusinessProfile of none', () => sock.getBusinessProfile(ben.jid))
    await ben.socket.updateBussinesProfile({ address: 'Calle 1', email: 'a@b.example', description: 'd', websites: ['https://a.example'], hours: { timezone: 'America/Bogota', days: [{ day: 'mon', mode: 'specific_hours', openTimeInMinutes: '420', closeTimeInMinutes: '1200' }] } })
    const image = { url: 'https://mmg.whatsapp.net/v/picture.jpg' }
    await ben.socket.productCreate({ name: 'Tinto', price: 2500, currency: 'COP', description: 'good', retailerId: 'r1', originCountryCode: undefined, images: [image] })
    await emulator.shop('Ben', { verifiedName: 'Pan de Ben', collections: [{ name: 'Morning', products: ['1'] }] })
    const order = await emulator.order('Ben', [{ product: '1', quantity: 2 }])
    await call('getBusinessProfile', () => sock.getBusinessProfile(ben.jid))
    await call('getCatalog', () => sock.getCatalog({ jid: ben.jid, limit: 5 }))
    await call('getCollections', () => sock.getCollections(ben.jid, 5))
    await call('getOrderDetails', () => sock.getOrderDetails(order.id, order.token))
    await call('getOrderDetails of none', () => sock.getOrderDetails('nothing', 'x'))
    await step('own')
    await call('updateBussinesProfile', () => sock.updateBussinesProfile({ description: 'mine' }))
    await call('getBusinessProfile', () => sock.getBusinessProfile(me.jid))
    const product = await call('productCreate', () => sock.productCreate({ name: 'Pan', price: 1000, currency: 'COP', description: 'warm', retailerId: 'p', originCountryCode: undefined, images: [image] }))
    await call('productUpdate', () => sock.productUpdate(product?.id, { name: 'Pan', price: 1200, currency: 'COP', description: 'warm', retailerId: 'p', images: [image] }))
    await call('getCatalog', () => sock.getCatalog({ jid: me.jid }))
    await call('productDelete', () => sock.productDelete([product?.id]))
    await call('addOrEditQuickReply', () => sock.addOrEditQuickReply({ shortcut: 'hours', message: 'From 8 to 6', timestamp: '1700000007' }))
    await nudge()
    await call('getBotListV2', () => sock.getBotListV2())
  },

  'calls': async ({ paired, contact, newGroup, step, call, until, sent, maybe }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('she calls')
    const first = await maria.call(me.name, { video: true })
    const offers = await until('call')
    await step('refused')
    await call('rejectCall', () => me.sock.rejectCall(first.id, offers?.[0].from))
    await sent(me, { tag: 'call' })
    await step('she calls again')
    const second = await maria.call(me.name)
    await until('call')
    await step('she gives up')
    await second.end('timeout')
    await until('call', (calls) => calls.some(({ status }) => status === 'timeout' || status === 'terminate'))
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('she calls a group')
    await maria.call(group.jid)
    await until('call')
    await step('only told')
    await maria.call(me.name, { notice: true })
    await maybe('call')
    await step('a link')
    await call('createCallLink', async () => typeof (await me.sock.createCallLink('video')))
  },

  'calls while the program is away': async ({ paired, contact, step, until, maybe }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('ended')
    me.nudged = false
    await me.sock.end(undefined)
    await until('connection.update', ({ connection }) => connection === 'close')
    const missed = await maria.call(me.name)
    await missed.end('timeout')
    await step('back')
    await me.open()
    await until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    await maybe('call')
  },

  'channels: own': async ({ paired, step, call, send }) => {
    const me = await paired()
    const { sock } = me
    await step('made')
    const made = await call('newsletterCreate', () => sock.newsletterCreate('Noticias', 'Of the day'))
    const jid = made?.id ?? '120363000000000009@newsletter'
    await call('newsletterMetadata', () => sock.newsletterMetadata('jid', jid))
    await call('by invitation', () => sock.newsletterMetadata('invite', made?.invite))
    await call('newsletterAdminCount', () => sock.newsletterAdminCount(jid))
    await step('posted')
    await send(me, jid, { text: 'first' })
    await call('newsletterReactMessage', () => sock.newsletterReactMessage(jid, '100', '👍'))
    await call('newsletterFetchMessages', async () => withoutBytes(await sock.newsletterFetchMessages(jid, 5, 0, 0)))
    await call('subscribeNewsletterUpdates', () => sock.subscribeNewsletterUpdates(jid))
    await step('changed')
    await call('newsletterUpdateName', () => sock.newsletterUpdateName(jid, 'Diario'))
    await call('newsletterUpdateDescription', () => sock.newsletterUpdateDescription(jid, 'new'))
    await call('newsletterUpdatePicture', () => sock.newsletterUpdatePicture(jid, PIXEL))
    await call('newsletterRemovePicture', () => sock.newsletterRemovePicture(jid))
    await call('newsletterSubscribers', () => sock.newsletterSubscribers(jid))
    await call('newsletterMute', () => sock.newsletterMute(jid))
    await call('newsletterUnmute', () => sock.newsletterUnmute(jid))
    await call('newsletterDelete', () => sock.newsletterDelete(jid))
    await call('newsletterMetadata of none', () => sock.newsletterMetadata('jid', jid))
  },

  'channels: followed': async ({ paired, peer, step, call, message, until, maybe }) => {
    const me = await paired()
    const ben = await peer('Ben')
    const made = await ben.socket.newsletterCreate('News', 'Of the day')
    const { sock } = me
    await step('followed')
    await call('newsletterFollow', () => sock.newsletterFollow(made.id))
    await call('newsletterMetadata', () => sock.newsletterMetadata('jid', made.id))
    await step('a post')
    const { key } = await ben.socket.sendMessage(made.id, { text: 'first' }, { messageId: 'POST1' })
    await message(({ key: told }) => told.id === 'POST1')
    await step('its edit')
    await ben.socket.sendMessage(made.id, { text: 'better', edit: key }, { messageId: 'POST2' })
    await maybe('messages.upsert')
    await step('live')
    await call('subscribeNewsletterUpdates', () => sock.subscribeNewsletterUpdates(made.id))
    await ben.socket.newsletterReactMessage(made.id, '100', '👍')
    await maybe('newsletter.reaction')
    await step('may not')
    await call('newsletterUpdateName', () => sock.newsletterUpdateName(made.id, 'Mine'))
    await call('newsletterDelete', () => sock.newsletterDelete(made.id))
    await step('renamed')
    await ben.socket.newsletterUpdateName(made.id, 'Evening')
    await maybe('newsletter-settings.update')
    await step('left')
    await call('newsletterUnfollow', () => sock.newsletterUnfollow(made.id))
  },
}
