// Reduces the stanzas of a client to their form: which attributes there are, of which kind their values, which children.
// What is a matter of chance or of the account (ids, keys, times, numbers) becomes the name of its kind.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

import { proto } from 'baileys'

/** Contents that are protobufs, by tag. */
const PROTOBUFS = {
  'client-payload': proto.ClientPayload,
  'device-identity': proto.ADVSignedDeviceIdentity,
  patch: proto.SyncdPatch,
}
/** Fields whose bytes are a protobuf again. */
const NESTED = { deviceProps: proto.DeviceProps, details: proto.ADVDeviceIdentity }
/** Fields that are told as a whole. */
const WHOLE = new Set(['historySyncConfig'])
/** Fields that come out of chance or of the account. */
const PRIVATE = new Set(['username', 'eRegid', 'eIdent', 'eSkeyVal', 'eSkeySig', 'sessionId', 'messageSecret', 'text', 'rawId', 'timestamp', 'keyIndex', 'stanzaId', 'id', 'senderTimestampMs', 'timestampMs', 'url', 'directPath', 'mediaKeyTimestamp'])
/** Fields that come and go by chance, with the reporting token and with the keys of a group. */
const FLEETING = new Set(['reportingTokenVersion', 'senderKeyDistributionMessage'])
/** Fields whose bytes have the length that an encoder gives them. */
const ENCODED = new Set(['jpegThumbnail'])
/** Fields whose texts are addresses. */
const ADDRESSES = new Set(['participant', 'remoteJid', 'mentionedJid'])
/** Children that come and go by chance: Baileys reads a padded message for its reporting token, which seldom succeeds. */
const CHANCE = new Set(['reporting'])
/** Byte contents whose length is chance: ciphertexts. */
const CIPHERTEXTS = new Set(['enc'])

/** The name of what a stanza is for. */
export function operation({ tag, attrs, content }) {
  const child = Array.isArray(content) ? content[0] : undefined
  const words = (...list) => list.filter(Boolean).join(' ')
  switch (tag) {
    case 'iq':
      return words('iq', attrs.type, attrs.xmlns, child?.tag, child?.attrs.stage, uploads(child) && 'with a patch')
    case 'message':
      if (attrs.category) return words('message', attrs.category)
      if (attrs.to.endsWith('@g.us')) return words('message group', purpose(attrs), forMany(attrs, content))
      return words('message', purpose(attrs) ?? encryption(attrs.to, content))
    case 'receipt':
      return words('receipt', attrs.to?.endsWith('@g.us') && 'group', attrs.type ?? 'delivery', child?.attrs.count)
    case 'ack':
      return words('ack', attrs.class, attrs.class !== 'message' && attrs.type, attrs.error)
    case 'client-payload':
      return words('payload', decode(proto.ClientPayload, content).devicePairingData ? 'registration' : 'login')
    case 'presence':
      return words('presence', attrs.type)
    default:
      return words(tag, child?.tag)
  }
}

/** Whether settings are changed, and not asked for. */
const uploads = (child) => child?.tag === 'sync' && child.content.some(({ content }) => Array.isArray(content))

/** What a message is, other than a text. */
const purpose = ({ type, edit }) => (type !== 'text' ? type : edit && `edit ${edit}`)

/** What a message to a group brings besides itself. */
function forMany({ participant }, content) {
  if (participant) return 'resent'
  return content.some(({ tag }) => tag === 'participants') ? 'with keys' : 'alone'
}

/** How the person is written to, whatever the own devices get. */
function encryption(to, content) {
  const resent = content.find(({ tag }) => tag === 'enc')
  if (resent) return `resent ${resent.attrs.type}`
  const user = (jid) => jid.split(/[:@]/)[0]
  const copies = content.find(({ tag }) => tag === 'participants').content
  return copies.find(({ attrs }) => user(attrs.jid) === user(to)).content[0].attrs.type
}

/** All stanzas of each operation, as one map from place to the set of forms there. */
export function forms(stanzas) {
  const operations = new Map()
  for (const stanza of stanzas) {
    const name = operation(stanza)
    const places = operations.get(name) ?? new Map()
    operations.set(name, places)
    const here = new Map()
    node(stanza, stanza.tag, here)
    for (const [place, form] of here) merge(places, place, form)
  }
  return new Map([...operations].map(([name, places]) => [name, new Map([...places].map(([place, set]) => [place, [...set].sort().join(' or ')]))]))
}

function merge(places, place, form) {
  if (!places.has(place)) places.set(place, new Set())
  for (const one of form) places.get(place).add(one)
}

function node({ tag, attrs, jids, content }, path, places) {
  for (const [name, value] of Object.entries(attrs)) {
    const echoed = name === 'id' && attrs.type === 'result'
    const counted = name === 'version' && tag === 'collection'
    merge(places, `${path} @${name}`, [echoed ? 'as asked' : counted ? 'a version' : kind(value, jids.includes(name))])
  }
  if (Array.isArray(content)) {
    const steady = content.filter((child) => !CHANCE.has(child.tag))
    merge(places, `${path} children`, [children(steady)])
    for (const child of steady) node(child, `${path}/${child.tag}`, places)
  } else if (content?.base64 !== undefined && PROTOBUFS[tag]) {
    for (const [field, form] of fields(decode(PROTOBUFS[tag], content))) merge(places, `${path} ${field}`, [form])
  } else {
    merge(places, `${path} content`, [typeof content === 'string' ? kind(content, false) : bytes(tag, content)])
  }
}

/** Tags in their order; what is repeated, once with its count. */
function children(nodes) {
  const runs = []
  for (const { tag } of nodes) {
    if (runs.at(-1)?.tag === tag) runs.at(-1).count++
    else runs.push({ tag, count: 1 })
  }
  return runs.map(({ tag, count }) => (count > 1 ? `${tag} ×${count}` : tag)).join(', ') || 'an empty list'
}

function bytes(tag, content) {
  if (content === undefined) return 'none'
  return CIPHERTEXTS.has(tag) ? 'bytes' : `${Buffer.from(content.base64, 'base64').length} bytes`
}

function kind(value, isJid) {
  if (isJid) {
    const [, user, device, server] = /^([^:@]*)(:\d+)?@?(.*)$/.exec(value)
    if (!user) return 'JID of the server'
    return `JID ${{ 's.whatsapp.net': 'PN', lid: 'LID' }[server] ?? server}${device ? ' with device' : ''}`
  }
  if (/^2:[A-Za-z0-9+/]{8}$/.test(value)) return 'a hash of devices'
  if (/^\d{4,}-\d+$/.test(value)) return 'n-n'
  if (/^3EB0[0-9A-F]{18}$/.test(value)) return '3EB0 and 18 hex digits'
  if (/^3EB0[0-9A-F]+$/.test(value)) return `3EB0 and ${value.length - 4} hex digits`
  if (/^[0-9A-F]{16,}$/.test(value)) return `${value.length} hex digits`
  if (/^\d+\.\d+-\d+$/.test(value)) return 'a.b-n'
  if (/^\d{10}$/.test(value)) return 'Unix seconds'
  if (/^\d{4,}$/.test(value)) return 'a number'
  if (/^[0-9A-Za-z]{22}$/.test(value)) return 'an invite code'
  return `"${value}"`
}

const decode = (type, { base64 }) => type.decode(Buffer.from(base64, 'base64'))

/** The fields that are set, with their values or the kind of them. */
export function fields(message, path = '') {
  const found = []
  for (const name of Object.keys(message)) {
    const value = message[name]
    const place = path ? `${path}.${name}` : name
    if (FLEETING.has(name) || value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue
    if (WHOLE.has(name)) found.push([place, fields(value).map((field) => field.join(' ')).join(', ')])
    else if (NESTED[name]) found.push(...fields(NESTED[name].decode(value), place))
    else if (ENCODED.has(name)) found.push([place, 'bytes'])
    else if (value instanceof Uint8Array) found.push([place, PRIVATE.has(name) || value.length > 8 ? `${value.length} bytes` : `0x${Buffer.from(value).toString('hex')}`])
    else if (ADDRESSES.has(name)) found.push([place, [value].flat().map((jid) => kind(jid, true)).join(', ')])
    else if (PRIVATE.has(name)) found.push([place, 'set'])
    else if (typeof value === 'object' && typeof value.toNumber !== 'function') found.push(...fields(value, place))
    else found.push([place, String(value)])
  }
  return found
}

/** What differs: `{ operation, place, baileys, chasqui }`. A stanza that one side never sends differs as a whole. */
export function differences(baileys, chasqui) {
  const rows = []
  for (const operation of new Set([...baileys.keys(), ...chasqui.keys()])) {
    const [theirs, ours] = [baileys.get(operation), chasqui.get(operation)]
    if (!theirs || !ours) {
      rows.push({ operation, place: '(whole)', baileys: theirs ? 'sent' : '–', chasqui: ours ? 'sent' : '–' })
      continue
    }
    for (const place of new Set([...theirs.keys(), ...ours.keys()])) {
      // What is inside a node that one side does not have at all is told by the children of the node above. Fields have none.
      if (!operation.endsWith(' protobuf') && ![theirs, ours].every((places) => hasNode(places, place))) continue
      const [one, other] = [theirs.get(place) ?? '–', ours.get(place) ?? '–']
      if (one !== other) rows.push({ operation, place, baileys: one, chasqui: other })
    }
  }
  return rows.sort((a, b) => order(a).localeCompare(order(b), 'en'))
}

const hasNode = (places, place) => [...places.keys()].some((other) => other.split(' ')[0] === place.split(' ')[0])

const order = ({ operation, place }) => `${operation}\n${place}`

/** The rows of the one table of a Markdown text: operation, place, Baileys, Chasqui, reason. */
function documented(markdown) {
  const lines = markdown.split('\n').filter((line) => /^\| `/.test(line))
  return lines.map((line) => {
    const [operation, place, baileys, chasqui, reason] = line.split('|').slice(1, -1).map((cell) => cell.trim())
    const plain = (cell) => cell.replace(/^`(.*)`$/, '$1')
    return { operation: plain(operation), place: plain(place), baileys: plain(baileys), chasqui: plain(chasqui), reason }
  })
}

/** Fails unless a page lists exactly the differences that were found, each with its reason. */
export function assertDocumented(found, page) {
  const known = documented(readFileSync(page, 'utf8'))
  const lines = (rows) => rows.map(row).sort()
  const bare = known.map(({ reason, ...rest }) => rest)
  assert.deepEqual(known.filter(({ reason }) => !reason).map(row), [], 'each has a reason')
  if (process.env.PARITY_PRINT) process.stdout.write(lines(found.map((one) => ({ ...one, reason: known.find((other) => row({ ...other, reason: '' }) === row(one))?.reason }))).join('\n') + '\n')
  assert.deepEqual(lines(found).filter((line) => !lines(bare).includes(line)), [], 'differences that are not documented')
  assert.deepEqual(lines(bare).filter((line) => !lines(found).includes(line)), [], 'documented differences that are none')
}

/** A row as it stands in the table. */
const row = ({ operation, place, baileys, chasqui, reason = '' }) =>
  `| ${[operation, place, baileys, chasqui].map((cell) => `\`${cell}\``).join(' | ')} | ${reason} |`
