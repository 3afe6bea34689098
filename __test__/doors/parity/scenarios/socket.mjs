// The socket as an object, its emitter, and what lies beneath.
import { isNewer } from '../lacking.mjs'

export default {
  'its members': async ({ account, record, step, until, engine }) => {
    const me = account('Tienda', { autoScan: false })
    await me.open()
    await until('connection.update', ({ qr }) => qr)
    await step('members')
    const { sock } = me
    record('members', Object.fromEntries(Object.keys(sock).sort().filter((name) => !isNewer(engine, name)).map((name) => [name, typeof sock[name]])))
    record('ev', Object.fromEntries(Object.keys(sock.ev).sort().map((name) => [name, typeof sock.ev[name]])))
    record('plain', Object.getPrototypeOf(sock) === Object.prototype)
    record('signalRepository', Object.fromEntries(Object.keys(sock.signalRepository).sort().map((name) => [name, typeof sock.signalRepository[name]])))
    sock.sendMessage = () => 'mine'
    record('can be changed', sock.sendMessage())
    sock.decodeJid = () => 'added'
    record('can be extended', sock.decodeJid())
  },

  'the emitter: on, off, emit, process, buffer and flush': async ({ paired, record, step, call }) => {
    const me = await paired()
    await step('without a buffer')
    me.nudged = false
    const { ev } = me.sock
    const heard = []
    const listen = (name) => (value) => heard.push([name, value])
    const first = listen('first')
    ev.on('chats.update', first)
    const stop = ev.process((events) => heard.push(['process', Object.keys(events)]))
    record('emit', ev.emit('chats.update', [{ id: 'a', unreadCount: 1 }]))
    record('heard', heard.splice(0))
    await step('with a buffer')
    record('buffer', ev.buffer())
    record('isBuffering', ev.isBuffering())
    ev.emit('chats.update', [{ id: 'a', unreadCount: 1 }])
    ev.emit('chats.update', [{ id: 'a', unreadCount: 2, name: 'A' }, { id: 'b', archived: true }])
    ev.emit('connection.update', { isOnline: true })
    record('heard before', heard.splice(0))
    record('flush', ev.flush())
    record('flush again', ev.flush())
    record('heard after', heard.splice(0))
    await step('nobody listens any more')
    ev.off('chats.update', first)
    stop()
    ev.emit('chats.update', [{ id: 'c' }])
    record('heard', heard)
    await step('a listener that throws')
    ev.on('chats.update', () => {
      throw new Error('mine')
    })
    await call('emit', () => ev.emit('chats.update', [{ id: 'd' }]))
    ev.removeAllListeners('chats.update')
    await call('emit without listeners', () => ev.emit('chats.update', [{ id: 'e' }]))
  },

  'createBufferedFunction': async ({ paired, record, step, call, waitFor }) => {
    const me = await paired()
    await step('the function')
    me.nudged = false
    const { ev } = me.sock
    const heard = []
    ev.process((events) => heard.push(events))
    const buffered = ev.createBufferedFunction(async (id) => {
      ev.emit('chats.update', [{ id }])
      ev.emit('chats.update', [{ id, archived: true }])
      record('inside', [ev.isBuffering(), heard.length])
      return id
    })
    await call('buffered', () => buffered('x'))
    await waitFor(() => heard.length > 0, 'the flush')
    record('heard', heard.splice(0))
    await step('it throws')
    await call('thrown', ev.createBufferedFunction(async () => {
      ev.emit('chats.update', [{ id: 'y' }])
      throw new Error('mine')
    }))
    await waitFor(() => heard.length > 0, 'the flush')
    record('heard', heard.splice(0))
  },

  'how buffered events are joined': async ({ paired, record, step }) => {
    const me = await paired()
    me.nudged = false
    const { ev } = me.sock
    const key = { remoteJid: 'a@s.whatsapp.net', id: 'M1', fromMe: false }
    const cases = {
      'an update into its message': [['messages.upsert', { type: 'notify', messages: [{ key, message: { conversation: 'x' } }] }], ['messages.update', [{ key, update: { status: 4 } }]]],
      'a reaction into its message': [['messages.upsert', { type: 'notify', messages: [{ key, message: { conversation: 'x' } }] }], ['messages.reaction', [{ key, reaction: { text: '👍', key: { ...key, id: 'R1' } } }]]],
      'a receipt into its message': [['messages.upsert', { type: 'append', messages: [{ key, message: { conversation: 'x' } }] }], ['message-receipt.update', [{ key, receipt: { userJid: 'u@s.whatsapp.net', readTimestamp: 5 } }]]],
      'two kinds of messages': [['messages.upsert', { type: 'notify', messages: [{ key }] }], ['messages.upsert', { type: 'append', messages: [{ key: { ...key, id: 'M2' } }] }]],
      'unread counts': [['chats.update', [{ id: 'a', unreadCount: 1 }]], ['chats.update', [{ id: 'a', unreadCount: 1 }]], ['chats.update', [{ id: 'a', unreadCount: -1 }]]],
      'a chat that is deleted': [['chats.upsert', [{ id: 'a' }]], ['chats.update', [{ id: 'b', archived: true }]], ['chats.delete', ['a', 'b']]],
      'a chat that is deleted and comes back': [['chats.delete', ['a']], ['chats.update', [{ id: 'a', archived: true }]]],
      'messages that are deleted': [['messages.upsert', { type: 'notify', messages: [{ key }] }], ['messages.delete', { keys: [key] }]],
      'all messages of a chat are deleted': [['messages.delete', { jid: 'a', all: true }], ['messages.upsert', { type: 'notify', messages: [{ key }] }]],
      'contacts': [['contacts.upsert', [{ id: 'a', name: 'A' }]], ['contacts.update', [{ id: 'a', notify: 'n' }, { id: 'b', notify: 'b' }]]],
      'history': [['messaging-history.set', { chats: [{ id: 'a', unreadCount: 3 }], contacts: [{ id: 'a', name: 'A' }], messages: [{ key }], isLatest: true, syncType: 0 }], ['chats.update', [{ id: 'a', archived: true }]], ['messaging-history.set', { chats: [{ id: 'b' }], contacts: [], messages: [{ key }], isLatest: false }]],
    }
    for (const [name, events] of Object.entries(cases)) {
      await step(name)
      ev.buffer()
      for (const [event, payload] of events) ev.emit(event, structuredClone(payload))
      record('flush', ev.flush())
    }
  },

  'CB: events': async ({ paired, contact, say, record, step, message, emulator, waitFor }) => {
    const me = await paired()
    const maria = await contact('María')
    await say(maria, me.name, 'before')
    await message(({ key }) => key.id === 'IN1')
    await step('a notification')
    const heard = []
    for (const name of ['CB:notification', 'CB:notification,type:parity', 'CB:notification,type', 'CB:notification,type:parity,thing', 'CB:notification,,thing', 'TAG:none']) {
      me.sock.ws.on(name, (node) => heard.push([name, node.tag, node.attrs.type, node.content?.map(({ tag, attrs, content }) => [tag, attrs, content])]))
    }
    await emulator.inject({ account: me.name, notification: { type: 'parity', child: { tag: 'thing', attrs: { a: '1' }, content: 'text' } } })
    await waitFor(() => heard.length >= 5, 'the events').catch(() => {})
    record('heard', heard)
    await step('a message')
    const nodes = []
    me.sock.ws.on('CB:message', ({ tag, attrs, content }) => nodes.push({ tag, names: Object.keys(attrs).sort(), children: content.map((child) => [child.tag, Object.keys(child.attrs).sort(), Buffer.isBuffer(child.content) || child.content instanceof Uint8Array]) }))
    await say(maria, me.name, 'hola')
    await message(({ key }) => key.id === 'IN2')
    record('nodes', nodes)
    await step('acks')
    const acks = []
    me.sock.ws.on('CB:ack,class:message', ({ attrs }) => acks.push(Object.keys(attrs).sort()))
    await me.sock.sendMessage(maria.jid, { text: 'x' })
    await waitFor(() => acks.length > 0, 'the ack').catch(() => {})
    record('acks', acks)
  },

  'query, sendNode, generateMessageTag and waitForMessage': async ({ paired, call, record, step }) => {
    const me = await paired()
    await step('low level')
    const { sock } = me
    const iq = (attrs, content) => ({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', ...attrs }, ...(content ? { content } : {}) })
    await call('ping', () => sock.query(iq({ xmlns: 'w:p' }, [{ tag: 'ping', attrs: {} }])))
    await call('blocklist', () => sock.query(iq({ xmlns: 'blocklist' })))
    await call('refused', () => sock.query(iq({ xmlns: 'w:g2', to: '120363000000000009@g.us' }, [{ tag: 'query', attrs: { request: 'interactive' } }])))
    record('tag', /^\d+\.\d+-\d+$/.test(sock.generateMessageTag()))
    await call('sendNode', () => sock.sendNode({ tag: 'presence', attrs: { type: 'available', name: 'Tienda' } }))
    await call('waitForMessage', () => sock.waitForMessage('none', 100))
    await call('waitForSocketOpen', () => sock.waitForSocketOpen())
  },

  'a query that nobody answers': async ({ paired, call, step, emulator }) => {
    const me = await paired()
    await step('late')
    await emulator.faults.add({ what: 'drop', account: me.name, direction: 'in', tag: 'iq', times: 1 })
    await call('query', () => me.sock.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'blocklist' } }, 300))
  },

  'devices, sessions and participant nodes': async ({ paired, contact, call, step, lib }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('devices')
    const { sock } = me
    await call('getUSyncDevices', () => sock.getUSyncDevices([maria.jid], false, false))
    await call('getUSyncDevices without zero', () => sock.getUSyncDevices([maria.jid], false, true))
    await call('assertSessions', () => sock.assertSessions([maria.jid], true))
    await call('assertSessions again', () => sock.assertSessions([maria.jid], false))
    const message = { extendedTextMessage: { text: 'x' } }
    await call('createParticipantNodes', async () => {
      const { nodes, shouldIncludeDeviceIdentity } = await sock.createParticipantNodes([maria.jid], message)
      return { shouldIncludeDeviceIdentity, nodes: nodes.map(({ tag, attrs, content }) => [tag, attrs, content.map((enc) => [enc.tag, enc.attrs, typeof enc.content])]) }
    })
    await call('mapping', () => sock.signalRepository.lidMapping.getLIDForPN(maria.jid))
    await call('back', () => sock.signalRepository.lidMapping.getPNForLID(maria.lid))
    await call('nobody', () => sock.signalRepository.lidMapping.getPNForLID('100000000000099@lid'))
    await call('address', () => sock.signalRepository.jidToSignalProtocolAddress(maria.lid))
    await call('makeUser', () => lib.jidNormalizedUser(sock.user?.id))
  },

  'the ciphers': async ({ engine, paired, peer, newGroup, call, step, record, leaveOut, lib }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const rosa = await peer('Rosa')
    const group = await newGroup({ subject: 'Paseo', members: ['Rosa', me.name] })
    const { signalRepository: mine } = me.sock
    const { signalRepository: hers } = rosa.socket
    const [my, her] = [me.creds.me.lid, rosa.socket.authState.creds.me.lid]
    const data = () => lib.encodeWAMessage({ conversation: 'hola' })
    const plain = (bytes) => Buffer.from(lib.unpadRandomMax16(bytes)).toString('hex')
    await step('sessions')
    await call('validateSession', () => mine.validateSession(her))
    await call('getSessionInfo', () => mine.getSessionInfo(her))
    await rosa.socket.assertSessions([my])
    const sealed = await hers.encryptMessage({ jid: my, data: data() })
    await call('decryptMessage', async () => plain(await mine.decryptMessage({ jid: her, ...sealed })))
    await call('validateSession after it', () => mine.validateSession(her))
    await call('getSessionInfo after it', async () => Object.fromEntries(Object.entries((await mine.getSessionInfo(her)) ?? {}).map(([name, value]) => [name, typeof value])))
    await call('decryptMessage of what is none', () => mine.decryptMessage({ jid: her, type: 'msg', ciphertext: Buffer.alloc(60, 7) }).then(() => 'gives', () => 'throws'))
    await call('encryptMessage', async () => {
      const { type, ciphertext } = await mine.encryptMessage({ jid: her, data: data() })
      return [type, plain(await hers.decryptMessage({ jid: my, type, ciphertext }))]
    })
    await step('keys of a group')
    await call('encryptGroupMessage', async () => {
      const { ciphertext, senderKeyDistributionMessage } = await mine.encryptGroupMessage({ group: group.jid, meId: my, data: data() })
      await hers.processSenderKeyDistributionMessage({ item: { groupId: group.jid, axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage }, authorJid: my })
      return plain(await hers.decryptGroupMessage({ group: group.jid, authorJid: my, msg: ciphertext }))
    })
    await call('decryptGroupMessage', async () => {
      const { ciphertext, senderKeyDistributionMessage } = await hers.encryptGroupMessage({ group: group.jid, meId: her, data: data() })
      await mine.processSenderKeyDistributionMessage({ item: { groupId: group.jid, axolotlSenderKeyDistributionMessage: senderKeyDistributionMessage }, authorJid: her })
      return plain(await mine.decryptGroupMessage({ group: group.jid, authorJid: her, msg: ciphertext }))
    })
    await call('hasSenderKey', () => mine.hasSenderKey({ group: group.jid, meId: my }))
    await call('getSenderKeyDistributionMessage', async () => (await mine.getSenderKeyDistributionMessage({ group: group.jid, meId: my }))?.length > 50)
    await step('pairs of addresses')
    if (engine.edition === 6) return leaveOut('lidMapping')
    const [pn, lid] = ['15550007777@s.whatsapp.net', '100000000007777@lid']
    await call('storeLIDPNMappings', () => mine.lidMapping.storeLIDPNMappings([{ lid, pn }, { lid: 'nobody', pn: 'nobody' }]))
    await call('getLIDForPN', () => mine.lidMapping.getLIDForPN('15550007777:3@s.whatsapp.net'))
    await call('getPNForLID', () => mine.lidMapping.getPNForLID(lid))
    await call('getLIDsForPNs', () => mine.lidMapping.getLIDsForPNs([pn]))
    await call('getPNsForLIDs', () => mine.lidMapping.getPNsForLIDs([lid, '100000000000099@lid']))
    await step('a session is given up')
    await call('deleteSession', () => mine.deleteSession([her]))
    await call('validateSession', () => mine.validateSession(her))
    record('ids', [typeof my, typeof her])
  },

  'what is seldom called': async ({ engine, paired, contact, call, step, record, sent, until, nudge, lib }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const { sock } = me
    await step('stanzas')
    const stanza = { tag: 'message', attrs: { id: 'ACK1', from: maria.lid, type: 'text', t: '1700000000' } }
    await call('sendMessageAck', () => sock.sendMessageAck(stanza))
    await call('sendMessageAck with an error', () => sock.sendMessageAck({ ...stanza, attrs: { ...stanza.attrs, id: 'ACK2', participant: maria.lid } }, 500))
    for (const id of ['ACK1', 'ACK2']) await sent(me, { tag: 'ack', id })
    await call('sendRawMessage', async () => sock.sendRawMessage(lib.encodeBinaryNode({ tag: 'presence', attrs: { type: 'unavailable', name: 'raw' } })))
    await sent(me, { tag: 'presence', type: 'unavailable' })
    await call('sendReceipt', () => sock.sendReceipt(maria.lid, undefined, ['R1', 'R2'], 'read'))
    await sent(me, { tag: 'receipt', id: 'R1' })
    await step('messages')
    const message = lib.proto.WebMessageInfo.fromObject({ key: { remoteJid: maria.lid, id: 'MINE1', fromMe: true }, message: { conversation: 'mine' }, messageTimestamp: 1_700_000_000 })
    await call('upsertMessage', () => sock.upsertMessage(message, 'append'))
    await nudge()
    await until('messages.upsert', ({ messages }) => messages.some(({ key }) => key.id === 'MINE1'))
    await call('sendPeerDataOperationMessage', async () => /^3EB0[0-9A-F]{18}$/.test(await sock.sendPeerDataOperationMessage({ peerDataOperationRequestType: 4, placeholderMessageResendRequest: [{ messageKey: { remoteJid: maria.lid, id: 'MINE2', fromMe: true } }] })))
    const own = [me.creds.me.id, me.creds.me.lid].map((jid) => lib.jidNormalizedUser(jid))
    await until('messages.upsert', ({ messages }) => messages.some(({ key }) => own.includes(key.remoteJid)), { what: "the phone's answer" })
    await step('turns')
    for (const name of ['messageMutex', 'receiptMutex', 'notificationMutex', 'appStatePatchMutex', 'devicesMutex', 'processingMutex'].filter((name) => sock[name] && !isNewer(engine, name))) {
      const order = []
      await call(name, () => Promise.all([1, 2, 3].map((n) => sock[name].mutex(async () => (await new Promise((resolve) => setTimeout(resolve, 4 - n)), order.push(n))))))
      record(`${name}: the order`, order)
      await call(`${name}: what is thrown`, () => sock[name].mutex(async () => { throw new Error('mine') }))
    }
    if (!isNewer(engine, 'serverProps')) record('serverProps', Object.fromEntries(Object.keys(sock.serverProps ?? {}).sort().map((name) => [name, typeof sock.serverProps[name]])))
    if (!isNewer(engine, 'wamBuffer')) record('wamBuffer', Object.fromEntries(Object.keys(sock.wamBuffer ?? {}).sort().map((name) => [name, typeof sock.wamBuffer[name]])))
    await call('onUnexpectedError', () => sock.onUnexpectedError(new Error('mine'), 'a test'))
    await step('the end')
    me.nudged = false
    const heard = []
    if (!isNewer(engine, 'registerSocketEndHandler')) {
      sock.registerSocketEndHandler((error) => heard.push(error?.message))
      sock.registerSocketEndHandler(() => { throw new Error('mine') })
    }
    await sock.end(new Error('enough'))
    await until('connection.update', ({ connection }) => connection === 'close')
    record('end handlers', heard)
  },

  'methods without their socket': async ({ paired, contact, call, step, nudge, got }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('unbound')
    const { sendMessage, onWhatsApp, fetchBlocklist, sendPresenceUpdate } = me.sock
    await call('sendMessage', () => sendMessage(maria.jid, { text: 'unbound' }))
    await nudge()
    await got(maria)
    await call('onWhatsApp', () => onWhatsApp(maria.jid))
    await call('fetchBlocklist', () => fetchBlocklist())
    await call('sendPresenceUpdate', () => sendPresenceUpdate('composing', maria.jid))
  },
}
