// `proto`: the classes and enums of Baileys, and what they make of random messages.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ours, random, theirs } from './differential.mjs'

const isClass = (value) => typeof value === 'function' && typeof value.decode === 'function'

/** Every class of Baileys with its path, and every enum. */
function all(space, path = []) {
  return Object.entries(space).flatMap(([name, value]) => {
    if (!/^[A-Z]/.test(name) || !value) return []
    const here = [...path, name]
    if (isClass(value)) return [[here, value], ...all(value, here)]
    if (typeof value !== 'object') return []
    return Object.values(value).every((item) => typeof item === 'number') ? [[here, value]] : all(value, here)
  })
}
const at = (path) => path.reduce((space, name) => space?.[name], ours.proto)
const found = all(theirs.proto)

test('every class and enum is here, enums with the same values in both directions', (t) => {
  let classes = 0
  for (const [path, value] of found) {
    const mine = at(path)
    assert.ok(mine, path.join('.'))
    if (isClass(value)) {
      classes++
      for (const name of ['create', 'encode', 'decode', 'fromObject', 'toObject', 'getTypeUrl']) assert.equal(typeof mine[name], 'function', `${path.join('.')}.${name}`)
      assert.equal(mine.getTypeUrl(), value.getTypeUrl())
      assert.equal(new mine().constructor, mine)
      continue
    }
    for (const [name, number] of Object.entries(value)) {
      assert.equal(mine[name], number, `${path.join('.')}.${name}`)
      assert.ok(mine[number] !== undefined, `${path.join('.')}[${number}]`)
    }
  }
  t.diagnostic(`${classes} classes, ${found.length - classes} enums; top level: ${Object.keys(theirs.proto).length}`)
  assert.equal(Object.keys(theirs.proto).filter((name) => !(name in ours.proto)).length, 0)
})

/** What the newer schema has changed: another number, another name, other names of values. */
const CHANGED = ['pollResultSnapshotMessageV3', 'BotUserSelectionMode']

test('the fields that the newer schema does not have any more', () => {
  const lost = found.flatMap(([path, value]) => {
    if (!isClass(value)) return []
    const { fields } = at(path).$type
    const names = Object.getOwnPropertyNames(value.prototype).filter((name) => !/^(_.*|constructor|toJSON)$/.test(name))
    // A oneof is shown as a property of its own there.
    return names.filter((name) => !(name in fields) && !(name in at(path).prototype)).map((name) => [...path, name].join('.'))
  })
  const domains = ['Audio', 'Document', 'Image'].map((kind) => `Message.${kind}Message.mediaKeyDomain`)
  assert.deepEqual(lost.sort(), [
    'BotMetadata.avatarMetadata', ...domains, 'Message.MMSThumbnailMetadata.mediaKeyDomain', 'Message.MessageHistoryMetadata.oldestMessageTimestamp',
    'Message.PaymentExtendedMetadata.messageParamsJson', 'Message.StickerMessage.mediaKeyDomain', 'Message.VideoMessage.mediaKeyDomain',
    'SyncActionValue.AgentAction.deviceID', 'SyncActionValue.ChatAssignmentAction.deviceAgentID', 'SyncActionValue.MusicUserIdAction.musicUserIdMap',
    'SyncActionValue.businessBroadcastAssociationAction',
  ].sort())
})

/** A random message of a class, from what our schema says of its fields and Baileys knows too. */
function filled(dice, path, depth = 0) {
  const { $type } = at(path)
  const theirClass = path.reduce((space, name) => space[name], theirs.proto)
  const message = {}
  const taken = new Set()
  for (const field of $type.fieldsArray) {
    if (!(field.name in theirClass.prototype) || !dice.chance(depth === 0 ? 0.3 : 0.15)) continue
    const { resolvedType, partOf } = field.resolve()
    if (CHANGED.includes(field.name) || CHANGED.includes(resolvedType?.name)) continue
    // One of several: Baileys writes them all.
    if (partOf?.fieldsArray.length > 1 && taken.has(partOf.name)) continue
    if (partOf) taken.add(partOf.name)
    const make = () => {
      if (resolvedType?.values) {
        const known = resolvedType.fullName.slice(1).split('.').reduce((space, name) => space?.[name], theirs.proto)
        return known ? dice.pick(Object.values(known)) : undefined
      }
      if (resolvedType) {
        const inner = resolvedType.fullName.slice(1).split('.')
        return depth < 4 && inner.reduce((space, name) => space?.[name], theirs.proto) ? filled(dice, inner, depth + 1) : undefined
      }
      if (field.type === 'string') return dice.pick(['', 'text', 'ü'])
      if (field.type === 'bytes') return dice.bytes(dice.below(5))
      if (field.type === 'bool') return dice.chance(0.5)
      if (/64/.test(field.type)) return dice.pick([0, 5, 2 ** 40])
      if (/float|double/.test(field.type)) return 1.5
      return dice.pick([0, 1, 1000])
    }
    if (field.map) continue
    const value = field.repeated ? dice.many(dice.below(3), make).filter((item) => item !== undefined) : make()
    if (value !== undefined) message[field.name] = value
  }
  return message
}

test('random messages: the same JSON and objects, and each reads what the other wrote', (t) => {
  const dice = random(2024)
  let compared = 0
  for (const [path, theirClass] of found) {
    if (!isClass(theirClass)) continue
    const mine = at(path)
    const { $type } = mine
    for (let turn = 0; turn < 3; turn++) {
      const plain = filled(dice, path)
      const name = path.join('.')
      const [a, b] = [mine.fromObject(plain), theirClass.fromObject(plain)]
      const [bytes, expected] = [Buffer.from(mine.encode(a).finish()), Buffer.from(theirClass.encode(b).finish())]
      // Lists of numbers are packed there, whatever the schema says: the bytes may differ, what is read from them not.
      assert.deepEqual(theirClass.decode(bytes), theirClass.decode(expected), name)
      const [read, theirRead] = [mine.decode(expected), theirClass.decode(bytes)]
      assert.equal(JSON.stringify(sorted(JSON.parse(JSON.stringify(read)))), JSON.stringify(sorted(JSON.parse(JSON.stringify(theirRead)))), name)
      const shown = { longs: String, enums: String, bytes: String }
      assert.deepEqual(withoutEmpty(mine.toObject(read, shown)), withoutEmpty(theirClass.toObject(theirRead, shown)), name)
      for (const field of Object.keys(theirRead)) if (field in $type.fields && !$type.fields[field].map) assert.ok(field in read, `${name}.${field}`)
      compared++
    }
  }
  t.diagnostic(`${compared} messages`)
})
const withoutEmpty = (value) => JSON.parse(JSON.stringify(sorted(value), (_name, item) => (Array.isArray(item) && item.length === 0 ? undefined : item)))
const sorted = (value) => (Array.isArray(value) ? value.map(sorted) : value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])])) : value)

test('bytes are Buffers, 64 bits are Longs, what is not set reads null', () => {
  for (const { proto } of [theirs, ours]) {
    const message = proto.Message.decode(proto.Message.encode({ imageMessage: { mediaKey: Buffer.from([1]), fileLength: 5 } }).finish())
    assert.ok(Buffer.isBuffer(message.imageMessage.mediaKey))
    assert.deepEqual({ ...message.imageMessage.fileLength }, { low: 5, high: 0, unsigned: true })
    assert.equal(message.conversation, null)
    assert.equal(JSON.stringify(message), '{"imageMessage":{"fileLength":"5","mediaKey":"AQ=="}}')
    assert.deepEqual(Object.keys(proto.Message.fromObject({ conversation: 'a' })), ['conversation'])
    assert.throws(() => proto.Message.decode(Buffer.from([0x0a])), RangeError)
  }
  assert.throws(() => ours.proto.Message.decode(Buffer.from([0x0a, 0x7f])), RangeError)
})
