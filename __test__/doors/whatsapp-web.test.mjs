// The whatsapp-web.js door against a client in memory: sequences, shapes and states.
import assert from 'node:assert/strict'
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'

import { FakeClient, Log, bob, loadDoor } from './fake-client.mjs'

const { Client, LocalAuth, NoAuth, Message, MessageMedia, Events, WAState, RemoteAuth } = loadDoor('whatsapp-web')

let dataPath
beforeEach(async () => {
  dataPath = await mkdtemp(path.join(tmpdir(), 'chasqui-door-'))
  FakeClient.made.length = 0
  FakeClient.connecting = async (client) => client.open()
})
afterEach(() => rm(dataPath, { recursive: true, force: true }))

/** A client whose events are logged as [event, ...arguments]. */
function make(options) {
  const client = new Client({ authStrategy: new LocalAuth({ clientId: 'c-1', dataPath }), ...options })
  const log = new Log()
  for (const event of Object.values(Events)) client.on(event, (...args) => log.add([event, ...args]))
  return { client, log, engine: () => FakeClient.made.at(-1) }
}
const named = (name) => ([event]) => event === name
const names = (log) => log.entries.map(([event]) => event)
async function ready(options) {
  const made = make(options)
  await made.client.initialize()
  await made.log.until(named('ready'))
  return made
}

test('a paired session becomes ready without a QR code, and its folder has the name that programs look for', async () => {
  const { client, log, engine } = make()
  assert.equal(await client.getState(), null)
  await client.initialize()
  assert.deepEqual(names(log), [], 'nothing is emitted before initialize() has resolved')
  await log.until(named('ready'))
  assert.deepEqual(log.entries, [['authenticated', undefined], ['ready']])
  assert.equal(await client.getState(), WAState.CONNECTED)
  const wid = { server: 'c.us', user: '15550001002', _serialized: '15550001002@c.us' }
  assert.deepEqual(client.info, { pushname: 'Bob', wid, me: wid, phone: undefined, platform: undefined })
  const folder = path.join(dataPath, 'session-c-1')
  assert.equal(engine().options.store, `sqlite:${path.join(folder, 'chasqui.db')}`)
  assert.notEqual(engine().options.reconnect, false)
  await access(folder)
  assert.equal(client.options.puppeteer.userDataDir, folder)
  assert.equal(client.pupPage.isClosed(), false)
  assert.equal(await client.pupPage.evaluate('1'), 1)
  await assert.rejects(client.pupPage.evaluate('window.Store'), { code: 'ERR_NO_BROWSER' })
  await client.destroy()
  assert.equal(await client.getState(), null)
  assert.equal(client.pupPage.isClosed(), true)
})

test('pairing gives qr, authenticated and ready, with the hooks of the strategy in their order', async () => {
  FakeClient.connecting = async (client) => client.qr('https://wa.me/settings/linked_devices#ref,a,b,c,1')
  const calls = []
  const strategy = new NoAuth()
  for (const hook of ['beforeBrowserInitialized', 'afterBrowserInitialized', 'onAuthenticationNeeded', 'getAuthEventPayload', 'afterAuthReady']) {
    strategy[hook] = async () => void calls.push(hook)
  }
  const { client, log, engine } = make({ authStrategy: strategy })
  await client.initialize()
  assert.deepEqual(await log.until(named('qr')), ['qr', 'ref,a,b,c,1'])
  assert.equal(await client.getState(), WAState.UNPAIRED)
  engine().qr('ref2,a,b,c,1')
  await log.until(([, qr]) => qr === 'ref2,a,b,c,1')
  engine().pair()
  assert.equal(await client.getState(), WAState.PAIRING)
  engine().open(bob, true)
  await log.until(named('ready'))
  assert.deepEqual(names(log), ['qr', 'qr', 'authenticated', 'ready'])
  assert.deepEqual(calls, ['beforeBrowserInitialized', 'afterBrowserInitialized', 'onAuthenticationNeeded', 'getAuthEventPayload', 'afterAuthReady'])
  assert.equal(engine().options.store, 'memory:')
  await client.destroy()
})

test('codes that ran out are renewed for ever, or as often as qrMaxRetries says', async () => {
  FakeClient.connecting = async (client) => client.qr()
  const endless = make()
  await endless.client.initialize()
  await endless.log.until(named('qr'))
  endless.engine().close('PAIRING_TIMEOUT')
  await endless.log.until(named('qr'), 1)
  assert.equal(endless.log.entries.some(named('disconnected')), false)
  await endless.client.destroy()

  const limited = make({ qrMaxRetries: 1 })
  await limited.client.initialize()
  limited.engine().qr()
  limited.engine().qr()
  await limited.log.until(named('disconnected'))
  assert.deepEqual(names(limited.log), ['qr', 'qr', 'disconnected'])
  assert.equal(limited.log.entries.at(-1)[1], 'Max qrcode retries reached')
  assert.ok(limited.engine().calls.includes('disconnect'))
})

test('a strategy that fails gives auth_failure', async () => {
  FakeClient.connecting = async (client) => client.qr()
  const strategy = Object.assign(new NoAuth(), { onAuthenticationNeeded: async () => ({ failed: true, failureEventPayload: 'no' }) })
  const { client, log } = make({ authStrategy: strategy })
  await client.initialize()
  assert.deepEqual(await log.until(named('auth_failure')), ['auth_failure', 'no'])
})

test('an incoming text has the fields of a Message', async () => {
  const { client, log, engine } = await ready()
  engine().message({ id: '3EB0C127A77D7C2E13D900', text: 'see https://example.org/x now' })
  const [, message] = await log.until(named('message'))
  assert.deepEqual(names(log).slice(-2), ['message_create', 'message'])
  assert.equal(log.entries.at(-2)[1], message)
  assert.ok(message instanceof Message)
  const { _data, ...json } = JSON.parse(JSON.stringify(message))
  assert.deepEqual(json, {
    id: {
      fromMe: false, remote: '15550001005@c.us', id: '3EB0C127A77D7C2E13D900',
      _serialized: 'false_15550001005@c.us_3EB0C127A77D7C2E13D900',
    },
    ack: 1, hasMedia: false, body: 'see https://example.org/x now', type: 'chat', timestamp: 1_700_000_700,
    from: '15550001005@c.us', to: '15550001002@c.us', deviceType: 'web', isForwarded: false, forwardingScore: 0, isStatus: false,
    isStarred: false, fromMe: false, hasQuotedMsg: false, hasReaction: false, vCards: [], mentionedIds: [], groupMentions: [],
    isGif: false, isEphemeral: false, links: [{ link: 'https://example.org/x', isSuspicious: false }],
  })
  assert.deepEqual(Object.keys(message), [
    '_data', 'mediaKey', 'id', 'ack', 'hasMedia', 'body', 'type', 'timestamp', 'from', 'to', 'author', 'deviceType', 'isForwarded',
    'forwardingScore', 'isStatus', 'isStarred', 'broadcast', 'fromMe', 'hasQuotedMsg', 'hasReaction', 'duration', 'location', 'vCards',
    'inviteV4', 'mentionedIds', 'groupMentions', 'orderId', 'token', 'isGif', 'isEphemeral', 'links',
  ])
  assert.equal(_data.notifyName, 'Erin')
  assert.equal(_data.from._serialized, '15550001005@c.us')
  assert.equal(_data.fromLid, '500000000000005@lid')
  assert.equal(message.client, client)
  await client.destroy()
})

test('the raw model of the original gives the original\'s Message', () => {
  const wid = (user) => ({ server: 'c.us', user, _serialized: `${user}@c.us` })
  const id = { fromMe: false, remote: '15550002222@c.us', id: '3EB0C127A77D7C2E13D900', _serialized: 'false_15550002222@c.us_3EB0C127A77D7C2E13D900' }
  const raw = {
    id, ack: 1, body: 'hi', type: 'chat', t: 1700000000, from: wid('15550002222'), to: wid('15550001111'), star: false, isForwarded: false,
    isEphemeral: false, links: [], mentionedJidList: [], groupMentions: [],
  }
  const { _data, ...json } = JSON.parse(JSON.stringify(new Message({}, raw)))
  assert.equal(
    JSON.stringify(json),
    '{"id":{"fromMe":false,"remote":"15550002222@c.us","id":"3EB0C127A77D7C2E13D900","_serialized":"false_15550002222@c.us_3EB0C127A77D7C2E13D900"},"ack":1,"hasMedia":false,"body":"hi","type":"chat","timestamp":1700000000,"from":"15550002222@c.us","to":"15550001111@c.us","deviceType":"web","isForwarded":false,"forwardingScore":0,"isStatus":false,"isStarred":false,"fromMe":false,"hasQuotedMsg":false,"hasReaction":false,"vCards":[],"mentionedIds":[],"groupMentions":[],"isGif":false,"isEphemeral":false,"links":[]}',
  )
  for (const [bare, device] of [['3A1E66A5488DAF482522', 'ios'], ['ACCFD0B51ECCFF508B1B64BA46376A15', 'android'], ['3AAAAAAAAAAAAAAAAAAAAAAAAAAA', 'android']]) {
    assert.equal(new Message({}, { ...raw, id: { ...id, id: bare } }).deviceType, device)
  }
})

test('groups name the author, own devices give message_create only, reactions give nothing', async () => {
  const { client, log, engine } = await ready()
  const before = log.entries.length
  engine().message({ type: 'reaction', text: undefined })
  engine().message({ type: 'protocol', text: undefined })
  engine().message({ id: 'OWN', source: 'own-device', fromMe: true, sender: { jid: bob.jid, device: 0 } })
  engine().message({
    id: 'G1', chat: '120363000000000009@g.us',
    sender: { jid: '500000000000005@lid', pn: '15550001005@s.whatsapp.net', lid: '500000000000005@lid', device: 3 },
    quoted: { id: 'Q', sender: '15550001002@s.whatsapp.net', text: 'before' },
  })
  assert.deepEqual(names(log).slice(before), ['message_create', 'message_create', 'message'])
  const [own, group] = [log.entries[before][1], log.entries[before + 2][1]]
  assert.deepEqual([own.fromMe, own.from, own.to], [true, '15550001002@c.us', '15550001005@c.us'])
  assert.deepEqual([group.from, group.author, group.to], ['120363000000000009@g.us', '15550001005@c.us', '15550001002@c.us'])
  assert.equal(group.id._serialized, 'false_120363000000000009@g.us_G1_15550001005@c.us')
  assert.equal(group.hasQuotedMsg, true)
  const quoted = await group.getQuotedMessage()
  assert.deepEqual([quoted.body, quoted.fromMe, quoted.id.id], ['before', true, 'Q'])
  await client.destroy()
})

test('a sent text resolves to a Message, message_create comes before its acks, and acks never fall', async () => {
  const { client, log, engine } = await ready()
  const receipt = (status, fields) =>
    engine().emit('receipt', {
      ids: [engine().sent[0].options.id], chat: '15550001005@s.whatsapp.net', recipient: { jid: '15550001005@s.whatsapp.net', device: 0 },
      status, timestamp: 0, ...fields,
    })
  const send = engine().send
  engine().send = async function (...args) {
    const result = await send.apply(this, args)
    receipt('sent')
    return result
  }
  const message = await client.sendMessage('15550001005@c.us', 'hola')
  assert.deepEqual(engine().sent[0].to, '15550001005@s.whatsapp.net')
  assert.equal(message.timestamp, 1_700_000_000)
  assert.match(message.id._serialized, /^true_15550001005@c\.us_3EB0[0-9A-F]{18}$/)
  receipt('read')
  receipt('delivered')
  receipt('played', { recipient: { jid: bob.jid, device: 3 } })
  assert.deepEqual(
    log.entries.slice(2).map(([event, subject, ack]) => [event, subject === message, ack]),
    [['message_create', true, undefined], ['message_ack', true, 1], ['message_ack', true, 3]],
  )
  assert.equal(message.ack, 3)
  receipt('delivered', { ids: ['EARLIER'] })
  const [, earlier, ack] = log.entries.at(-1)
  assert.deepEqual([earlier.id._serialized, ack], ['true_15550001005@c.us_EARLIER', 2])
  await client.destroy()
})

test('reply goes to the chat, numbers and both forms of an id are recipients, and wrong ones are named', async () => {
  const { client, log, engine } = await ready()
  engine().message({})
  await log.until(named('message'))
  await log.entries.at(-1)[1].reply('pong')
  await client.sendMessage(15550001006, 'x')
  await client.sendMessage('15550001007@s.whatsapp.net', 'x')
  await client.sendMessage('120363000000000009@g.us', 'x')
  assert.deepEqual(engine().sent.map(({ to }) => to), [
    '15550001005@s.whatsapp.net', '15550001006@s.whatsapp.net', '15550001007@s.whatsapp.net', '120363000000000009@g.us',
  ])
  assert.deepEqual(engine().readMessages.map(({ id }) => id), ['LIVE1'], 'sending marks the chat as read')
  await assert.rejects(client.sendMessage('nobody', 'x'), /wid error: invalid wid/)
  engine().refuse = Object.assign(new Error('15550009999'), { code: 'NOT_ON_WHATSAPP' })
  await assert.rejects(client.sendMessage('15550009999@c.us', 'x'), { message: /No LID for user/, code: 'NOT_ON_WHATSAPP' })
  await client.destroy()
})

test('unlinking from the phone deletes the session and starts pairing on the same client', async () => {
  const { client, log, engine } = await ready()
  const folder = path.join(dataPath, 'session-c-1')
  await writeFile(path.join(folder, 'chasqui.db'), '')
  FakeClient.connecting = async (fake) => fake.qr()
  engine().close('LOGGED_OUT', { failure: 401 })
  await log.until(named('qr'))
  assert.deepEqual(log.entries.find(named('disconnected')), ['disconnected', 'LOGOUT'])
  assert.equal(FakeClient.made.length, 2)
  assert.deepEqual(await readdir(folder), [])
  engine().pair()
  engine().open(bob, true)
  await log.until(named('ready'), 3)
  await client.destroy()
})

test('a session taken elsewhere, a refused version and a ban end the client with their states', async () => {
  for (const [code, state] of [['REPLACED', 'CONFLICT'], ['CLIENT_OUTDATED', 'DEPRECATED_VERSION'], ['TEMPORARILY_BANNED', 'TOS_BLOCK']]) {
    const { client, log, engine } = await ready()
    engine().close(code)
    await log.until(named('disconnected'))
    assert.deepEqual(log.entries.slice(2), [['change_state', state], ['disconnected', state]])
    assert.equal(await client.getState(), null)
  }
})

test('takeoverOnConflict takes the session back', async () => {
  const { client, log, engine } = await ready({ takeoverOnConflict: true })
  engine().close('REPLACED')
  await log.until((entry) => entry[0] === 'change_state' && entry[1] === 'CONNECTED')
  assert.deepEqual(engine().calls, ['connect', 'connect'])
  await client.destroy()
})

test('a reconnect tells its state and not ready again', async () => {
  const { client, log, engine } = await ready()
  engine().connection({ state: 'reconnecting', willRetry: true })
  assert.equal(await client.getState(), 'OPENING')
  engine().open()
  assert.deepEqual(log.entries.slice(2), [['change_state', 'OPENING'], ['change_state', 'CONNECTED']])
  await client.destroy()
})

test('promise 11: destroy and logout resolve in any state, twice', async () => {
  const fresh = make()
  await fresh.client.destroy()
  await fresh.client.logout()
  const { client, log } = await ready()
  await client.destroy()
  await client.destroy()
  assert.deepEqual(names(log), ['authenticated', 'ready'], 'destroy emits nothing')
  await client.initialize()
  await log.until(named('ready'), 2)
  await client.logout()
  await client.logout()
  assert.deepEqual(log.entries.slice(4), [['disconnected', 'LOGOUT']])
  await assert.rejects(access(path.join(dataPath, 'session-c-1')))
  await client.initialize()
  await client.destroy()
})

test('initialize rejects where the session cannot be opened, and may be called again', async () => {
  FakeClient.connecting = async (client) => {
    client.close('SESSION_HELD')
    throw Object.assign(new Error('Held by 7.'), { code: 'SESSION_HELD' })
  }
  const { client, log } = make()
  await assert.rejects(client.initialize(), { code: 'SESSION_HELD' })
  assert.deepEqual(log.entries, [])
  FakeClient.connecting = async (fake) => fake.open()
  await client.initialize()
  await log.until(named('ready'))
  await client.destroy()
})

test('a throwing listener is a warning and keeps nobody from the event', async () => {
  const { client, log, engine } = await ready()
  const warned = new Promise((resolve) => process.once('warning', resolve))
  client.prependListener('message', () => {
    throw new Error('mine')
  })
  engine().message({})
  await log.until(named('message'))
  assert.equal((await warned).message, 'mine')
  await client.destroy()
})

test('what is not there yet says so by name', async () => {
  const { client, log, engine } = await ready()
  engine().message({})
  const [, message] = await log.until(named('message'))
  await assert.rejects(client.getChats(), { code: 'NOT_IMPLEMENTED', message: /Client\.getChats/ })
  await assert.rejects(message.getContact(), { code: 'NOT_IMPLEMENTED', message: /Message\.getContact/ })
  await assert.rejects(client.sendMessage('15550001005@c.us', 'x', { media: {} }), { code: 'NOT_IMPLEMENTED', message: /media/ })
  await assert.rejects(client.sendMessage('15550001005@c.us', {}), { code: 'NOT_IMPLEMENTED' })
  assert.throws(() => new MessageMedia('image/png', ''), { code: 'NOT_IMPLEMENTED', message: /MessageMedia/ })
  assert.throws(() => MessageMedia.fromFilePath('x'), { code: 'NOT_IMPLEMENTED', message: /MessageMedia\.fromFilePath/ })
  assert.throws(() => new RemoteAuth({}), { code: 'NOT_IMPLEMENTED', message: /RemoteAuth/ })
  assert.equal({} instanceof MessageMedia, false)
  await client.destroy()
})

test('methods are replaceable on the prototype and in subclasses', async () => {
  class Mine extends Client {
    async inject() {
      this.injected = true
      return super.inject()
    }
  }
  const client = new Mine()
  await client.initialize()
  assert.equal(client.injected, true)
  const { getChats } = Client.prototype
  Client.prototype.getChats = async () => ['patched']
  assert.deepEqual(await client.getChats(), ['patched'])
  Client.prototype.getChats = getChats
  await client.destroy()
})

test('LocalAuth checks its id and refuses a foreign userDataDir', async () => {
  assert.throws(() => new LocalAuth({ clientId: 'a b' }), /Invalid clientId/)
  const { client } = make({ puppeteer: { userDataDir: '/elsewhere' } })
  await assert.rejects(client.initialize(), /LocalAuth is not compatible with a user-supplied userDataDir/)
  await client.destroy()
})
