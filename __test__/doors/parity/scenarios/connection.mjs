// The life of a connection: how it begins, how it ends, and what a program is told of it.
import http from 'node:http'
import net from 'node:net'

/** A port of this machine that nobody listens on. */
async function closedPort() {
  const server = net.createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

const closes = ({ connection }) => connection === 'close'
const opens = ({ connection }) => connection === 'open'

/** Pairs without writing it down, and ends the connection. */
async function resting(scene, options) {
  const me = await scene.paired('Tienda', options)
  await scene.step('ended')
  await me.sock.end(undefined)
  await scene.until('connection.update', closes)
  me.nudged = false
  return me
}

/** The connection ends in several ways, one after another; each time it is opened again. */
const endings = (ways) => async (scene) => {
  const { paired, until, step } = scene
  const me = await paired()
  me.autoRestart = false
  for (const [name, end] of Object.entries(ways)) {
    await step(`open before ${name}`)
    if (me.closed) {
      await me.open()
      await until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    }
    await step(name)
    me.nudged = false
    await end(scene, me)
    await until('connection.update', closes)
    await scene.waitFor(() => me.closed, 'the close').catch(() => {})
  }
}

const streamError = (fault) => ({ emulator }, { name }) => emulator.disconnect({ account: name, how: 'streamError', ...fault })
const injected = (stanza) => ({ emulator }, { name }) => emulator.inject({ account: name, stanza })

export default {
  'paired by a QR code, closed with 515, and open with the next socket': async ({ account, until, synced }) => {
    const me = account()
    await me.open()
    await until('connection.update', opens)
    await until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    await synced(me)
  },

  'the credentials after pairing': async ({ paired, record, step }) => {
    const me = await paired()
    await step('the credentials')
    const { me: own, account, signalIdentities, platform, registered, accountSettings, nextPreKeyId, firstUnuploadedPreKeyId, accountSyncCounter } = me.creds
    record('creds', { me: own, platform, registered, accountSettings, nextPreKeyId, firstUnuploadedPreKeyId, accountSyncCounter })
    record('account', account)
    record('signalIdentities', signalIdentities)
    record('names', Object.fromEntries(Object.keys(me.creds).sort().map((name) => [name, true])))
    record('user', me.sock.user)
    record('authState is the one given', me.sock.authState.creds === me.creds)
  },

  'a session opens again without a QR code': async (scene) => {
    const me = await resting(scene)
    await scene.step('again')
    await me.open()
    await scene.until('connection.update', opens)
    await scene.until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    scene.record('user', me.sock.user)
  },

  'paired by a code': async ({ account, emulator, contact, until, call, record, step, waitFor, synced }) => {
    const { jid } = await contact('Tienda')
    const me = account('Tienda', { autoScan: false })
    await me.open()
    await until('connection.update', ({ qr }) => qr)
    await step('the code')
    const asked = async () => (await emulator.stanzas({ child: 'link_code_companion_reg', direction: 'in' })).length
    const code = await me.sock.requestPairingCode(jid.split('@')[0])
    record('code', /^[0-9A-Z]{8}$/.test(code))
    record('me', me.creds.me)
    await waitFor(async () => (await asked()) > 0, 'the ref')
    await step('typed into the phone')
    await call('linked', async () => Object.keys(await emulator.enterCode(code)).sort())
    await until('connection.update', opens)
    await until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    await synced(me)
    record('registered', me.creds.registered)
  },

  'a code of the own choice, and one that is too short': async ({ account, contact, until, call, step }) => {
    const { jid } = await contact('Tienda')
    const me = account('Tienda', { autoScan: false })
    await me.open()
    await until('connection.update', ({ qr }) => qr)
    await step('the code')
    const code = await call('too short', () => me.sock.requestPairingCode(jid.split('@')[0], 'ABC'))
    await call('chosen', async () => (await me.sock.requestPairingCode(jid.split('@')[0], 'ABCD1234')) === 'ABCD1234')
    return code
  },

  'the QR codes are used up': async ({ account, until }) => {
    const me = account('Tienda', { autoScan: false, config: { qrTimeout: 150 } })
    await me.open()
    await until('connection.update', closes)
  },

  'a logout': async ({ paired, call, until, step, emulator, record, waitFor }) => {
    const me = await paired()
    await step('logout')
    me.nudged = false
    // Its own end, and not that of the service, which may be faster or not.
    await emulator.faults.add({ what: 'drop', account: me.name, direction: 'in', tag: 'stream:error' })
    await call('logout', () => me.sock.logout())
    await until('connection.update', closes)
    const devices = async () => (await emulator.accounts()).find(({ name }) => name === me.name)?.devices.length
    // The service may come to it only after the end.
    await waitFor(async () => (await devices()) === 0, 'the device to be removed', 5000).catch(() => undefined)
    record('devices', await devices())
  },

  'a logout with a reason': async ({ paired, call, until, step, emulator }) => {
    const me = await paired()
    await step('logout')
    me.nudged = false
    // Its own end, and not that of the service, which may be faster or not.
    await emulator.faults.add({ what: 'drop', account: me.name, direction: 'in', tag: 'stream:error' })
    await call('logout', () => me.sock.logout('enough'))
    await until('connection.update', closes)
  },

  'the phone removes the device': async ({ paired, until, step, emulator }) => {
    const me = await paired()
    await step('removed')
    me.nudged = false
    await emulator.unlink(me.name)
    await until('connection.update', closes)
  },

  'stream errors': endings({
    'another connection takes its place': streamError({ conflict: 'replaced' }),
    515: streamError({ code: 515 }),
    503: streamError({ code: 503 }),
    500: streamError({ code: 500 }),
    'nothing is said': injected({ tag: 'stream:error', attrs: {} }),
    'of another kind': injected({ tag: 'stream:error', attrs: {}, content: [{ tag: 'xml-not-well-formed', attrs: {} }] }),
    'the end of the stream': injected({ tag: 'xmlstreamend', attrs: {} }),
    'multi-device is taken away': injected({ tag: 'ib', attrs: {}, content: [{ tag: 'downgrade_webclient', attrs: {} }] }),
    'removed': streamError({ code: 401, conflict: 'device_removed' }),
  }),

  'refused logins': async (scene) => {
    const me = await resting(scene)
    for (const [reason, more] of [[403], [405], [500], [503], [402, { code: 101, expire: 3600 }], [401]]) {
      await scene.step(`refused with ${reason}`)
      await scene.emulator.disconnect({ account: me.name, how: 'failure', reason, ...more })
      await me.open()
      await scene.until('connection.update', closes)
    }
  },

  'the line is cut': async ({ paired, emulator, until, step }) => {
    const me = await paired()
    await step('cut')
    me.nudged = false
    await emulator.disconnect({ account: me.name })
    await until('connection.update', closes)
  },

  'the line is closed': async ({ paired, emulator, until, step }) => {
    const me = await paired()
    await step('closed')
    me.nudged = false
    await emulator.disconnect({ account: me.name, how: 'clean' })
    await until('connection.update', closes)
  },

  'the line goes dead': async ({ paired, emulator, until, step }) => {
    const me = await paired('Tienda', { config: { keepAliveIntervalMs: 700 } })
    await step('dead')
    me.nudged = false
    await emulator.disconnect({ account: me.name, how: 'silence' })
    await until('connection.update', closes, { timeout: 15_000 })
  },

  'nobody listens': async ({ account, until }) => {
    const me = account()
    await me.open({ waWebSocketUrl: `wss://127.0.0.1:${await closedPort()}/ws/chat` })
    await until('connection.update', closes)
  },

  'the service takes the connection and says nothing': async ({ account, emulator, until }) => {
    await emulator.faults.add({ what: 'halfOpen' })
    const me = account('Tienda', { config: { connectTimeoutMs: 1200 } })
    await me.open()
    await until('connection.update', closes, { timeout: 20_000 })
  },

  'the answer is no WebSocket': async ({ account, seen, record }) => {
    const server = http.createServer((request, response) => response.writeHead(503).end('no'))
    server.on('upgrade', (request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n'))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    const me = account()
    await me.open({ waWebSocketUrl: `ws://127.0.0.1:${server.address().port}/ws/chat`, agent: undefined, connectTimeoutMs: 1500 })
    const closed = await seen('connection.update', closes, { timeout: 4000 }).catch(() => undefined)
    record('is told', Boolean(closed))
    server.close()
  },

  'end, before and after, once and again': async ({ paired, call, step, until, record }) => {
    const me = await paired()
    await step('end')
    me.nudged = false
    await call('end', () => me.sock.end(new Error('enough')))
    await until('connection.update', closes)
    await step('again')
    await call('end', () => me.sock.end(undefined))
    await call('end', () => me.sock.end(new Error('more')))
    record('isBuffering', me.sock.ev.isBuffering())
  },

  'end at once': async ({ account, call, until }) => {
    const me = account()
    await me.open()
    await call('end', () => me.sock.end(undefined))
    await until('connection.update', closes)
  },

  'ws.close': async ({ paired, call, step, until }) => {
    const me = await paired()
    await step('close')
    me.nudged = false
    await call('close', () => me.sock.ws.close())
    await until('connection.update', closes)
  },

  'the state of ws': async ({ account, emulator, record, until, step, synced }) => {
    const me = account('Tienda', { autoScan: false })
    const state = () => {
      const { isOpen, isClosed, isClosing, isConnecting, socket } = me.sock.ws
      return { isOpen, isClosed, isClosing, isConnecting, socket: socket === null ? null : typeof socket, readyState: socket?.readyState }
    }
    await me.open()
    record('at first', state())
    const { qr } = await until('connection.update', (update) => update.qr)
    record('with a QR code', state())
    await emulator.scan(qr, { account: me.name })
    await until('connection.update', opens)
    record('open', state())
    await synced(me)
    await step('the end')
    await me.sock.end(undefined)
    record('ended', state())
  },

  'what may not be configured': async ({ account, call }) => {
    const me = account()
    await call('mobile', () => me.open({ mobile: true }))
    await call('tcp', () => me.open({ waWebSocketUrl: 'tcp://127.0.0.1:1' }))
  },

  'waitForConnectionUpdate': async ({ paired, call, step, until }) => {
    const me = await paired()
    await step('it comes')
    const comes = call('wait', () => me.sock.waitForConnectionUpdate(async ({ isOnline }) => isOnline === false))
    await me.sock.sendPresenceUpdate('unavailable').catch(() => {})
    await comes
    await step('it does not come')
    await call('wait', () => me.sock.waitForConnectionUpdate(async () => false, 200))
    await step('the end comes')
    me.nudged = false
    const never = call('wait', () => me.sock.waitForConnectionUpdate(async () => false))
    await me.sock.end(new Error('enough'))
    await until('connection.update', closes)
    await never
  },

  'whoever does not want to be shown as online': async ({ account, until, synced }) => {
    const me = account('Tienda', { config: { markOnlineOnConnect: false } })
    await me.open()
    await until('connection.update', opens)
    await until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    await synced(me)
  },

  'what comes while the program is away': async (scene) => {
    const { contact, say, step, until, message } = scene
    const me = await resting(scene)
    const maria = await contact('María')
    for (const text of ['uno', 'dos', 'tres']) await say(maria, me.name, text)
    await scene.prompt()
    await step('back')
    await me.open()
    await until('connection.update', opens)
    await until('connection.update', ({ receivedPendingNotifications }) => receivedPendingNotifications)
    await message(({ key }) => key.id === 'IN3')
  },

  'a closed socket': async (scene) => {
    const { call, step } = scene
    const me = await resting(scene)
    await step('calls')
    const to = '15550001001@s.whatsapp.net'
    const { sock } = me
    await call('sendMessage', () => sock.sendMessage(to, { text: 'x' }))
    await call('relayMessage', () => sock.relayMessage(to, { conversation: 'x' }, { messageId: 'X1' }))
    await call('groupMetadata', () => sock.groupMetadata('120363000000000001@g.us'))
    await call('sendPresenceUpdate', () => sock.sendPresenceUpdate('composing', to))
    await call('readMessages', () => sock.readMessages([{ remoteJid: to, id: 'X', fromMe: false }]))
    await call('query', () => sock.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } }))
    await call('sendNode', () => sock.sendNode({ tag: 'presence', attrs: { type: 'available', name: 'x' } }))
    await call('fetchBlocklist', () => sock.fetchBlocklist())
    await call('profilePictureUrl', () => sock.profilePictureUrl(to))
    await call('onWhatsApp', () => sock.onWhatsApp('15550001001'))
    await call('logout', () => sock.logout())
    await call('waitForSocketOpen', () => sock.waitForSocketOpen())
  },

  'before the socket is open': async ({ account, call, until }) => {
    const me = account('Tienda', { autoScan: false })
    await me.open()
    await call('sendMessage', () => me.sock.sendMessage('15550001001@s.whatsapp.net', { text: 'x' }))
    await until('connection.update', ({ qr }) => qr)
    await call('sendMessage before pairing', () => me.sock.sendMessage('15550001001@s.whatsapp.net', { text: 'x' }))
    await call('relayMessage before pairing', () => me.sock.relayMessage('15550001001@s.whatsapp.net', { conversation: 'x' }, { messageId: 'X1' }))
    await call('chatModify before pairing', () => me.sock.chatModify({ archive: true, lastMessages: [] }, '15550001001@s.whatsapp.net'))
  },
}
