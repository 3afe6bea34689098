// The members of a socket beside those of npm Baileys: over one connection of Baileys both ask the same service, and what
// they send, tell and give is compared. `overEngine` runs the members on the engine instead.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

import { Boom } from '@hapi/boom'

import { logger } from '../harness/baileys.mjs'
import { waitFor } from '../interop/sides.mjs'

const require = createRequire(import.meta.url)
const { makeMembers } = require('../../dist/baileys/members/index.js')
const { DoorEmitter } = require('../../dist/baileys/emitter.js')

/** An emitter that keeps what is emitted. */
function recording() {
  const ev = new DoorEmitter()
  const told = []
  ev.process((events) => {
    for (const [name, value] of Object.entries(events)) told.push([name, value])
  })
  return { ev, told }
}

/** A logger for Baileys that keeps the stanzas as they are sent. */
export function stanzaLogger() {
  const log = { ...logger(), level: 'trace', sent: [] }
  log.child = () => log
  log.trace = (what, message) => {
    if (message === 'xml send' || what?.msg === 'xml send') {
      log.sent.push(what.xml)
      log.onSent?.(what.xml)
    }
  }
  return log
}

/** The members over a connection of Baileys. `client`: of the engine, for what only the engine does. */
export function overBaileys(socket, { client, config = {} } = {}) {
  const { ev, told } = recording()
  const upserted = []
  const context = {
    config: { ...config },
    edition: { name: 7 },
    creds: socket.authState.creds,
    ev,
    ws: socket.ws,
    logger: logger(),
    client: () => client,
    ask: async (method) => (method === 'signal.tokens' ? [null] : assert.fail(`the test's context does not ask ${method}`)),
    query: socket.query,
    sendNode: socket.sendNode,
    generateMessageTag: socket.generateMessageTag,
    me: () => socket.authState.creds.me,
    upsertMessage: async (message, type) => void upserted.push({ messages: [message], type }),
  }
  return { members: makeMembers(context), context, told, upserted }
}

/** The members on the engine's own connection. */
export function overEngine(client, { config = {} } = {}) {
  const { ev, told } = recording()
  const query = (node, timeoutMs) =>
    client.query(node, timeoutMs ? { timeout: timeoutMs } : {}).catch((error) => {
      const { error: number, text } = error.data ?? {}
      throw number ? new Boom(text ?? error.message, { data: number }) : error
    })
  const { user } = client
  const me = () => ({ id: user.jid.replace('@', `:${user.device}@`), lid: user.lid?.replace('@', `:${user.device}@`), name: user.name })
  const context = {
    config: { ...config },
    edition: { name: 7 },
    // The engine takes the key that it has; that there is one is asked of the credentials.
    creds: { me: me(), registered: true, myAppStateKeyId: 'AAAAAAAA' },
    ev,
    logger: logger(),
    client: () => client,
    ask: async (method) => {
      if (method === 'signal.tokens') return [null]
      // What it does is seen on running sockets.
      if (method !== 'state.refresh') assert.fail(`the test's context does not ask ${method}`)
    },
    query,
    sendNode: async () => assert.fail('the engine sends no stanzas yet'),
    generateMessageTag: () => `${Math.floor(Math.random() * 1e9)}`,
    me,
    upsertMessage: async () => {},
  }
  return { members: makeMembers(context), context, told }
}

/** Baileys asks for the LID of a number; the engine knows it. */
const LOOKUP = /context='background'[^]*<query >\s*<lid \/>\s*<\/query>/

const VARIABLE = [
  [/ id='[\d.]+-\d+'/g, " id='tag'"],
  [/ (id|key|prev)='3EB0([0-9A-F]+)'/g, (_, name, hex) => ` ${name}='3EB0 and ${hex.length}'`],
  [/120363\d{12}/g, 'group'],
  // The same in bytes.
  [/313230333633(3\d){12}/g, 'group'],
  [/ (t|creation|s_t)='\d{10}'/g, " $1='seconds'"],
  [/ code='[\w-]{22}'/g, " code='code'"],
  [/ sid='[^']*'/g, " sid='sid'"],
]
const normal = (text) => VARIABLE.reduce((line, [pattern, name]) => line.replace(pattern, name), text)

/** A stanza as text whose attributes are in order. */
const inOrder = (xml) =>
  normal(xml).replace(/<([\w:-]+) ([^<>]*?)(\/?)>/g, (_, tag, attrs, end) => `<${tag} ${(attrs.match(/[\w:]+='[^']*'/g) ?? []).toSorted().join(' ')}${end}>`)

const VALUES = [
  [/120363\d{12}/g, 'group'],
  [/^3EB0[0-9A-F]+$/, '3EB0'],
  [/^(?=.*[a-zA-Z])[\w-]{22}$/, 'a code'],
  [/^(?=.*[a-zA-Z])[\w-]{32}$/, 'auth'],
  [/^\d{10,13}$/, 'a time'],
  [/^[\d.]+-\d+$/, 'tag'],
]

/** A result in which chance is replaced by the name of its kind. `keep`: also what is undefined. */
export function plain(value, name = '') {
  if (typeof value === 'string') return VALUES.reduce((text, [pattern, kind]) => text.replace(pattern, kind), value)
  if (typeof value === 'number') return value > 1_000_000_000 ? 'a time' : value
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date) return value.getTime() > 1e12 ? 'a date' : value
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (typeof value.toNumber === 'function') return 'a time'
  if (Array.isArray(value)) return value.map((item) => plain(item, name))
  if (typeof value.toJSON === 'function') return plain(value.toJSON())
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [plain(key), plain(item, key)]))
}

/** What a call gives, or how it is refused. */
async function outcome(call) {
  try {
    return { gives: plain(await call()) }
  } catch (error) {
    if (!error.isBoom) return { throws: error.name }
    return { refuses: error.message, data: plain(error.data), statusCode: error.output.statusCode }
  }
}

/**
 * Baileys and the members side by side.
 *
 * @param {object} side a `Baileys` side whose logger is `stanzaLogger()`
 * @returns `same(name, call, options?)`: `call(members)` is done with both and must send, tell and give the same. Resolves with
 *   what Baileys and what the members gave.
 */
export function sideBySide(side, log, options) {
  const socket = new Proxy({}, { get: (_, name) => side.socket[name] })
  const ours = overBaileys(side.socket, options)
  const told = []
  side.socket.ev.process((events) => {
    for (const [name, value] of Object.entries(events)) told.push([name, value])
  })

  async function one(members, list, upserted, call, answer) {
    log.sent.length = 0
    list.length = 0
    if (upserted) upserted.length = 0
    const { ws } = side.socket
    const { emit } = ws
    const given = new Set()
    if (answer) {
      // The emulator answers too, that it knows nothing of it.
      ws.emit = (event, ...args) => (given.has(event) ? false : Reflect.apply(emit, ws, [event, ...args]))
      log.onSent = (xml) => {
        const id = / id='([^']*)'/.exec(xml)?.[1]
        const reply = answer(xml, id)
        if (!reply) return
        given.add(`TAG:${id}`)
        setImmediate(() => Reflect.apply(emit, ws, [`TAG:${id}`, { tag: 'iq', ...reply, attrs: { id, type: 'result', from: '@s.whatsapp.net', ...reply.attrs } }]))
      }
    }
    const result = await outcome(() => call(members))
    log.onSent = undefined
    if (answer) ws.emit = emit
    const sent = log.sent.filter((xml) => !/^<(ack|receipt|ib)|xmlns='w:p'/.test(xml) && !LOOKUP.test(xml)).map(inOrder)
    return { result, sent }
  }

  async function same(name, call, { events = [], only = () => true, answer, sent = true } = {}) {
    const chosen = (list) => list.filter(([name, value]) => events.includes(name) && only(value)).map(([name, value]) => [name, plain(value)])
    const theirs = await one(socket, told, undefined, call, answer)
    if (events.length > 0) await waitFor(() => events.every((event) => told.some(([name, value]) => name === event && only(value))), `${name}: the events of Baileys`)
    const theirTold = chosen(told)
    const mine = await one(ours.members, ours.told, ours.upserted, call, answer)
    ours.context.ev.flush()
    for (const upsert of ours.upserted) ours.told.push(['messages.upsert', upsert])
    const myTold = chosen(ours.told)
    assert.deepEqual(mine.result, theirs.result, `${name}: the result`)
    if (sent) assert.deepEqual(mine.sent, theirs.sent, `${name}: what is sent`)
    assert.deepEqual(myTold.toSorted(), theirTold.toSorted(), `${name}: what is told`)
    return { theirs, mine }
  }

  return { same, ours }
}
