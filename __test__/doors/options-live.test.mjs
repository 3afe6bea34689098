// Options of `makeWASocket` on running sockets: what each one does, seen from the service. What npm Baileys does with them is
// compared in parity-*.test.mjs.
import assert from 'node:assert/strict'
import http from 'node:http'
import https from 'node:https'
import { createRequire, register } from 'node:module'
import { test } from 'node:test'

import sharp from 'sharp'

import { temporaryFolder } from '../harness/baileys.mjs'
import { png } from '../harness/pictures.mjs'
import { httpProxy, socksProxy } from '../harness/proxies.mjs'
import { stage, waitFor } from '../interop/sides.mjs'
import { door } from './door.mjs'

const { makeWASocket, useMultiFileAuthState } = createRequire(import.meta.url)('../../dist/baileys/index.js')

/** A store of a program's own that writes down what is done with it. */
function cache() {
  const entries = new Map()
  const asked = []
  return {
    entries, asked,
    get: (key) => (asked.push(key), entries.get(key)),
    set: (key, value) => void entries.set(key, value),
    del: (key) => void entries.delete(key),
    flushAll: () => entries.clear(),
  }
}

const leaving = async (emulator, account, filter) => (await emulator.stanzas({ account, direction: 'out', ...filter })).map(({ stanza }) => stanza)

test('markOnlineOnConnect: the account is there at once, or when the program says so', async (t) => {
  const { emulator } = await stage(t)
  const presences = async (account) => (await leaving(emulator, account, { tag: 'presence' })).map(({ attrs }) => attrs.type)
  const ana = await door(t, emulator, 'Ana')
  await waitFor(async () => (await presences('Ana')).length > 0, 'the presence of Ana')
  assert.ok((await presences('Ana')).every((type) => type === 'available'))
  const ben = await door(t, emulator, 'Ben', { markOnlineOnConnect: false })
  await waitFor(async () => (await presences('Ben')).length > 0, 'the presence of Ben')
  assert.ok((await presences('Ben')).every((type) => type === 'unavailable'))
  // What arrives there is no delivery: the phone goes on ringing.
  const maria = await emulator.contact('María')
  await maria.send('Ben', { text: 'hola' }, { id: 'IN1' })
  await waitFor(() => ben.messages.some(({ key }) => key.id === 'IN1'), 'the message')
  const receipts = () => leaving(emulator, 'Ben', { tag: 'receipt', id: 'IN1' })
  await waitFor(async () => (await receipts()).length > 0, 'its receipt')
  assert.equal((await receipts())[0].attrs.type, 'inactive')
  await waitFor(() => ben.sock.authState.creds.me.name, 'the own name')
  await ben.sock.sendPresenceUpdate('available')
  await waitFor(async () => (await presences('Ben')).at(-1) === 'available', 'to be there')
  assert.ok(ana.sock)
})

test('maxMsgRetryCount: so often a message is given again', async (t) => {
  const { emulator } = await stage(t)
  for (const [account, most, given] of [['Ana', 2, 2], ['Ben', 0, 0]]) {
    const it = await door(t, emulator, account, { maxMsgRetryCount: most })
    const maria = await emulator.contact('María')
    const { key } = await it.sock.sendMessage(maria.jid, { text: 'hola' })
    const copies = () => leaving(emulator, account, { tag: 'message', id: key.id })
    await waitFor(async () => (await copies()).length > 0, 'the message to leave')
    const before = (await copies()).length
    for (let count = 1; count <= 4; count++) {
      const retry = { tag: 'retry', attrs: { count: String(count), id: key.id, t: '1700000000', v: '1' } }
      const registration = { tag: 'registration', attrs: {}, content: { base64: 'AAAAAQ==' } }
      const stanza = { tag: 'receipt', attrs: { from: maria.jid, id: key.id, type: 'retry', t: '1700000000' }, content: [retry, registration] }
      await emulator.inject({ account, stanza })
    }
    // What comes after them has been acted on, so they have been, too.
    await maria.send(account, { text: 'done' }, { id: `DONE${account}` })
    await waitFor(() => it.messages.some((message) => message.key.id === `DONE${account}`), 'what comes after')
    if (given > 0) await waitFor(async () => (await copies()).length === before + given, 'to be given again')
    assert.equal((await copies()).length, before + given, account)
  }
})

test('maxMsgRetryCount: so often a message is asked for again', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana', { maxMsgRetryCount: 1 })
  const maria = await emulator.contact('María')
  await maria.send('Ana', { text: 'hola' }, { id: 'IN1' })
  await waitFor(() => ana.messages.some(({ key }) => key.id === 'IN1'), 'the first')
  const enc = { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(60, 9).toString('base64') } }
  const stanza = { tag: 'message', attrs: { from: maria.lid, sender_pn: maria.jid, id: 'GARBLED1', t: '1700000000', type: 'text' }, content: [enc] }
  for (let times = 0; times < 3; times++) await emulator.inject({ account: 'Ana', stanza })
  const refused = () => leaving(emulator, 'Ana', { tag: 'ack', id: 'GARBLED1' })
  await waitFor(async () => (await refused()).length > 0, 'to be given up', 60_000)
  assert.equal((await leaving(emulator, 'Ana', { tag: 'receipt', type: 'retry', id: 'GARBLED1' })).length, 1)
})

test('retryRequestDelayMs: so long a message that cannot be read waits to be asked for', async (t) => {
  const { emulator } = await stage(t)
  const enc = { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(60, 9).toString('base64') } }
  const ana = await door(t, emulator, 'Ana', { retryRequestDelayMs: 1500 })
  const maria = await emulator.contact('María')
  await maria.send('Ana', { text: 'hola' }, { id: 'IN1' })
  await waitFor(() => ana.messages.some(({ key }) => key.id === 'IN1'), 'the first')
  const stanza = { tag: 'message', attrs: { from: maria.lid, sender_pn: maria.jid, id: 'GARBLED1', t: '1700000000', type: 'text' }, content: [enc] }
  const began = Date.now()
  await emulator.inject({ account: 'Ana', stanza })
  await waitFor(async () => (await leaving(emulator, 'Ana', { tag: 'receipt', type: 'retry', id: 'GARBLED1' })).length > 0, 'the request')
  assert.ok(Date.now() - began >= 1500)
})

test('cachedGroupMetadata: a group that the program knows is not asked for', async (t) => {
  const { emulator } = await stage(t)
  const kept = new Map()
  const asked = []
  const ana = await door(t, emulator, 'Ana', { cachedGroupMetadata: async (jid) => (asked.push(jid), kept.get(jid)) })
  const maria = await emulator.contact('María')
  const queries = async (jid) => (await leaving(emulator, 'Ana', { tag: 'iq', xmlns: 'w:g2', child: 'query' })).filter(({ attrs }) => attrs.to === jid).length
  // While nobody listens, so that the engine is not told of the groups.
  await emulator.faults.add({ what: 'drop', account: 'Ana', direction: 'in', tag: 'notification', type: 'w:gp2' })
  const groups = []
  for (const subject of ['Paseo', 'Cine', 'Libros']) groups.push(await emulator.group({ subject, members: ['María', 'Ana'] }))
  const [known, other, stale] = groups
  const metadata = ({ jid, members }) => ({ id: jid, subject: 'x', addressingMode: 'lid', participants: members.map(({ lid, jid }) => ({ id: lid, phoneNumber: jid, admin: null })) })
  kept.set(known.jid, metadata(known))
  await ana.sock.sendMessage(known.jid, { text: 'one' })
  await maria.waitForMessage(({ text }) => text === 'one')
  assert.equal(await queries(known.jid), 0)
  await ana.sock.sendMessage(known.jid, { text: 'two' })
  await maria.waitForMessage(({ text }) => text === 'two')
  assert.equal(await queries(known.jid), 0)
  assert.deepEqual(asked, [known.jid, known.jid])
  // A group that it does not know is asked for, and one that is not to be taken from it.
  await ana.sock.sendMessage(other.jid, { text: 'three' })
  await maria.waitForMessage(({ text }) => text === 'three')
  assert.equal(await queries(other.jid), 1)
  await ana.sock.sendMessage(known.jid, { text: 'four' }, { useCachedGroupMetadata: false })
  await maria.waitForMessage(({ text }) => text === 'four')
  assert.equal(await queries(known.jid), 1)
  assert.equal(asked.filter((jid) => jid === known.jid).length, 2)
  // A list in which the account is not is no list of the group: who is in it is asked for.
  kept.set(stale.jid, metadata({ ...stale, members: stale.members.filter(({ jid }) => jid !== maria.jid).slice(0, 0) }))
  await ana.sock.sendMessage(stale.jid, { text: 'five' })
  await maria.waitForMessage(({ text }) => text === 'five')
  assert.equal(await queries(stale.jid), 1)
})

test('cachedGroupMetadata: whom its list lacks gets the message all the same, once the service has said so', async (t) => {
  const { emulator } = await stage(t)
  let kept
  const ana = await door(t, emulator, 'Ana', { cachedGroupMetadata: async () => kept })
  const [maria, pedro] = [await emulator.contact('María'), await emulator.contact('Pedro')]
  await emulator.faults.add({ what: 'drop', account: 'Ana', direction: 'in', tag: 'notification', type: 'w:gp2' })
  const group = await emulator.group({ subject: 'Paseo', members: ['María', 'Pedro', 'Ana'] })
  const of = ({ lid }) => lid !== pedro.lid
  kept = { id: group.jid, subject: 'x', addressingMode: 'lid', participants: group.members.filter(of).map(({ lid }) => ({ id: lid, admin: null })) }
  await ana.sock.sendMessage(group.jid, { text: 'one' })
  await maria.waitForMessage(({ text }) => text === 'one')
  // The service has told that it knows other devices: the next message goes to all.
  await ana.sock.sendMessage(group.jid, { text: 'two' })
  await pedro.waitForMessage(({ text }) => text === 'two')
})

test('useUserDevicesCache: devices are asked for anew where the cache is not to be used', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana')
  const maria = await emulator.contact('María')
  const queries = async () => (await leaving(emulator, 'Ana', { tag: 'iq', xmlns: 'usync' })).length
  await ana.sock.relayMessage(maria.jid, { conversation: 'one' }, {})
  const before = await queries()
  await ana.sock.relayMessage(maria.jid, { conversation: 'two' }, {})
  assert.equal(await queries(), before)
  await ana.sock.relayMessage(maria.jid, { conversation: 'three' }, { useUserDevicesCache: false })
  await maria.waitForMessage(({ text }) => text === 'three')
  assert.equal(await queries(), before + 1)
})

test('patchMessageBeforeSending: each device may get a message of its own, or none', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const patch = (message, jids) =>
    message.extendedTextMessage && jids?.some((jid) => jid.includes(':'))
      ? jids.map((jid) => ({ recipientJid: jid, message: { extendedTextMessage: { text: `for the device ${/:(\d+)@/.exec(jid)?.[1] ?? 0}` } } }))
      : message
  const ana = await door(t, emulator, 'Ana', { patchMessageBeforeSending: patch })
  await ana.sock.sendMessage(ben.jid, { text: 'hola' })
  await ben.got(`for the device ${ben.device}`)
  const group = await emulator.group({ subject: 'Paseo', members: ['Ben', 'Ana'] })
  const lists = await door(t, emulator, 'Eva', { patchMessageBeforeSending: (message) => [{ recipientJid: ben.jid, message }] })
  await assert.rejects(lists.sock.sendMessage(group.jid, { text: 'x' }), { message: 'Per-jid patching is not supported in groups' })
})

test('userDevicesCache: what getUSyncDevices learns is kept there', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const userDevicesCache = cache()
  const ana = await door(t, emulator, 'Ana', { userDevicesCache })
  const first = await ana.sock.getUSyncDevices([ben.jid], true, false)
  const queries = async () => (await leaving(emulator, 'Ana', { tag: 'iq', xmlns: 'usync' })).length
  const before = await queries()
  assert.deepEqual(await ana.sock.getUSyncDevices([ben.jid], true, false), first)
  assert.equal(await queries(), before)
  assert.ok(userDevicesCache.entries.has(ben.jid.split('@')[0]))
})

test('placeholderResendCache: what the program has asked the phone for is not asked for again', async (t) => {
  const { emulator } = await stage(t)
  const placeholderResendCache = cache()
  const ana = await door(t, emulator, 'Ana', { placeholderResendCache })
  placeholderResendCache.set('GONE1', true)
  assert.equal(await ana.sock.requestPlaceholderResend({ remoteJid: ana.sock.user.id, id: 'GONE1', fromMe: false }), undefined)
  assert.ok(placeholderResendCache.asked.includes('GONE1'))
  assert.equal(ana.sock.placeholderResendCache, placeholderResendCache)
})

test('callOfferCache: calls are kept there', async (t) => {
  const { emulator } = await stage(t)
  const callOfferCache = cache()
  const ana = await door(t, emulator, 'Ana', { callOfferCache })
  const maria = await emulator.contact('María')
  const offer = { tag: 'offer', attrs: { 'call-id': 'CALL1', 'call-creator': maria.lid, caller_pn: maria.jid }, content: [{ tag: 'video', attrs: {} }] }
  await emulator.inject({ account: 'Ana', stanza: { tag: 'call', attrs: { from: maria.lid, id: 'C1', t: '1700000000' }, content: [offer] } })
  await waitFor(() => ana.told.some(([event]) => event === 'call'), 'the call')
  assert.deepEqual([...callOfferCache.entries.keys()], ['CALL1'])
})

test('mediaCache: a file that was sent is not uploaded again', async (t) => {
  const { emulator } = await stage(t)
  const mediaCache = cache()
  const ana = await door(t, emulator, 'Ana', { mediaCache })
  const maria = await emulator.contact('María')
  const url = `data:text/plain;base64,${Buffer.from('hola').toString('base64')}`
  const send = () => ana.sock.sendMessage(maria.jid, { document: { url }, mimetype: 'text/plain', fileName: 'a.txt' })
  const [first, second] = [await send(), await send()]
  assert.equal(mediaCache.entries.size, 1)
  assert.deepEqual(second.message.documentMessage.mediaKey, first.message.documentMessage.mediaKey)
  assert.equal((await emulator.media.list?.())?.length ?? 1, 1)
})

test('defaultQueryTimeoutMs: so long an answer is waited for', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana', { defaultQueryTimeoutMs: 300 })
  await emulator.faults.add({ what: 'drop', account: 'Ana', direction: 'out', tag: 'iq', xmlns: 'w:g2' })
  const began = Date.now()
  await assert.rejects(ana.sock.groupMetadata('120363000000000099@g.us'), ({ isBoom, message, output }) => isBoom && message === 'Timed Out' && output.statusCode === 408)
  assert.ok(Date.now() - began < 10_000)
})

test('emitOwnEvents, enableRecentMessageCache and logger: what follows an own message', async (t) => {
  const { emulator } = await stage(t)
  const lines = []
  const line = (...args) => void lines.push(args)
  const logger = { level: 'debug', child: () => logger, trace: line, debug: line, info: line, warn: line, error: line }
  const ana = await door(t, emulator, 'Ana', { emitOwnEvents: false, enableRecentMessageCache: false, logger })
  const ben = await door(t, emulator, 'Ben')
  const maria = await emulator.contact('María')
  const ids = []
  for (const { sock } of [ana, ben]) ids.push((await sock.sendMessage(maria.jid, { text: 'hola' })).key.id)
  await waitFor(() => ben.messages.some(({ key }) => key.id === ids[1]), 'the own message of Ben')
  assert.ok(!ana.messages.some(({ key }) => key.id === ids[0]))
  assert.equal(ana.sock.messageRetryManager, null)
  assert.notEqual(ben.sock.messageRetryManager, null)
  assert.ok(lines.length > 0)
})

test('version: what the service asks for is said', async (t) => {
  const version = [2, 3000, 1_099_999_999]
  const { emulator } = await stage(t, { minVersion: version })
  const ana = await door(t, emulator, 'Ana', { version })
  assert.equal(ana.state, 'open')
  const { state } = await useMultiFileAuthState(temporaryFolder(t))
  const old = makeWASocket({ auth: state, waWebSocketUrl: emulator.endpoint })
  const closed = new Promise((resolve) => old.ev.on('connection.update', ({ connection, lastDisconnect }) => connection === 'close' && resolve(lastDisconnect.error)))
  assert.equal((await closed).output.statusCode, 405)
})

test('agent: the connection goes through the proxy that the agent stands for', async (t) => {
  const { emulator } = await stage(t)
  const [user, password] = ['tienda', 'p@ss']
  const proxies = { http: await httpProxy(t, { user, password }), socks5: await socksProxy(t, { user, password }) }
  // As https-proxy-agent 7 and socks-proxy-agent 8 keep it.
  const agents = {
    http: { proxy: new URL(`http://${user}:${encodeURIComponent(password)}@127.0.0.1:${proxies.http.port}`) },
    socks5: { proxy: { host: '127.0.0.1', port: proxies.socks5.port, type: 5, userId: user, password } },
  }
  const { port } = new URL(emulator.url)
  for (const [kind, agent] of Object.entries(agents)) {
    await door(t, emulator, kind, { agent })
    assert.ok(proxies[kind].targets.some((target) => target.endsWith(`:${port}`)), kind)
  }
})

test('fetchAgent and customUploadHosts: where and how files are uploaded', async (t) => {
  const { emulator } = await stage(t)
  const used = []
  const fetchAgent = new https.Agent({ ca: emulator.ca })
  const { createConnection } = fetchAgent
  fetchAgent.createConnection = (...args) => (used.push(args[0].host ?? args[0].hostname), Reflect.apply(createConnection, fetchAgent, args))
  const ana = await door(t, emulator, 'Ana', { fetchAgent, customUploadHosts: [{ hostname: '127.0.0.2:1', maxContentLengthBytes: 1e6 }] })
  const maria = await emulator.contact('María')
  await ana.sock.sendMessage(maria.jid, { document: Buffer.from('hola'), mimetype: 'text/plain', fileName: 'a.txt' })
  await maria.waitForMessage()
  // The program's own host first, and where it does not take the file the service's.
  assert.equal(used[0], '127.0.0.2')
  assert.ok(used.length > 1)
})

test('linkPreviewImageThumbnailWidth, generateHighQualityLinkPreview and options: how links are shown', async (t) => {
  const { emulator } = await stage(t)
  const picture = png(400, 300)
  const asked = []
  const server = http.createServer((request, response) => {
    asked.push(request.headers)
    response.end(picture)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const page = { url: 'https://shop.example/', title: 'Tienda', description: 'All day', images: [`http://127.0.0.1:${server.address().port}/a.png`] }
  const fake = `data:text/javascript,${encodeURIComponent(`export const getLinkPreview = async (link, options) => (globalThis.previewed = [link, options], ${JSON.stringify(page)})`)}`
  const hooks = `export const resolve = (name, context, next) => name === 'link-preview-js' ? { url: ${JSON.stringify(fake)}, shortCircuit: true } : next(name, context)`
  register(`data:text/javascript,${encodeURIComponent(hooks)}`)
  const maria = await emulator.contact('María')
  const fetchAgent = new https.Agent({ ca: emulator.ca })
  const shown = async (account, options) => {
    const { sock } = await door(t, emulator, account, { fetchAgent, ...options })
    return (await sock.sendMessage(maria.jid, { text: 'see https://shop.example/' })).message.extendedTextMessage
  }
  const small = await shown('Ana', { linkPreviewImageThumbnailWidth: 48, options: { headers: { 'x-tienda': 'yes' } } })
  assert.deepEqual([small.title, small.matchedText], ['Tienda', 'https://shop.example/'])
  assert.equal((await sharp(small.jpegThumbnail).metadata()).width, 48)
  assert.equal(small.thumbnailDirectPath ?? null, null)
  assert.equal(globalThis.previewed[1].headers['x-tienda'], 'yes')
  assert.equal(asked.at(-1)['x-tienda'], 'yes')
  const usual = await shown('Ben', {})
  assert.equal((await sharp(usual.jpegThumbnail).metadata()).width, 192)
  const large = await shown('Eva', { generateHighQualityLinkPreview: true })
  assert.ok(large.thumbnailDirectPath)
})

test('patchMessageBeforeSending: who is written to first is asked for once', async (t) => {
  const { emulator } = await stage(t)
  const seen = []
  const ana = await door(t, emulator, 'Ana', { patchMessageBeforeSending: (message, jids) => (seen.push(jids), message) })
  const maria = await emulator.contact('María')
  const queries = async () => (await leaving(emulator, 'Ana', { tag: 'iq', xmlns: 'usync' })).length
  const before = await queries()
  await ana.sock.sendMessage(maria.jid, { text: 'hola' })
  await maria.waitForMessage()
  assert.equal(await queries(), before + 1)
  assert.ok(seen.some((jids) => jids.includes(maria.jid)))
})

test('patchMessageBeforeSending: a service that tells no devices does not stop it for ever', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana', { patchMessageBeforeSending: (message) => ({ ...message }) })
  const maria = await emulator.contact('María')
  await emulator.faults.add({ what: 'refuse', account: 'Ana', tag: 'iq', xmlns: 'usync', code: 500 })
  await assert.rejects(ana.sock.sendMessage(maria.jid, { text: 'hola' }), { isBoom: true, data: 500 })
})

test('relayMessage to one device: a session is set up where there is none, and what cannot be sent rejects', async (t) => {
  const { emulator } = await stage(t)
  const { sock } = await door(t, emulator, 'Ana')
  const [maria, pedro] = [await emulator.contact('María'), await emulator.contact('Pedro')]
  const give = (chat, jid) => sock.relayMessage(chat, { conversation: `to ${jid}` }, { participant: { jid, count: 1 } })
  await give(maria.jid, maria.jid)
  await maria.waitForMessage(({ text }) => text === `to ${maria.jid}`)
  const group = await emulator.group({ subject: 'Paseo', members: ['María', 'Ana'] })
  await give(group.jid, maria.lid)
  await maria.waitForMessage(({ text, chat }) => text === `to ${maria.lid}` && chat === group.jid)
  await give('status@broadcast', maria.lid)
  await maria.waitForMessage(({ chat }) => chat === 'status@broadcast')
  // Who is no member gets neither the message nor the group's key.
  await assert.rejects(give(group.jid, pedro.lid), { isBoom: true, message: 'forbidden', data: 403 })
  await assert.rejects(give(maria.jid, '15559999999:3@s.whatsapp.net'), { isBoom: true })
  await assert.rejects(give(maria.jid, 'nobody'), ({ output }) => output.statusCode === 400)
})
