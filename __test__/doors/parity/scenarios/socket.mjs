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
