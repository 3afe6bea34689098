// Random values for the helpers of both libraries: messages from the schema, addresses, keys, and what nobody should pass.
import { ours, theirs } from '../differential.mjs'

const at = (space, path) => path.reduce((inner, name) => inner?.[name], space)
/** The newer schema has changed these. */
const CHANGED = ['pollResultSnapshotMessageV3', 'BotUserSelectionMode']

/** A plain object of a class, with the fields that both schemas have. `odd`: how often a value has the wrong type. */
export function message(dice, path = ['Message'], { odd = 0, depth = 0, likely = [] } = {}) {
  const { $type } = at(ours.proto, path)
  const theirClass = at(theirs.proto, path)
  const result = {}
  const taken = new Set()
  const chance = depth === 0 ? Math.min(0.3, 6 / $type.fieldsArray.length) : 0.15
  for (const field of $type.fieldsArray) {
    if (!(field.name in theirClass.prototype) || !dice.chance(likely.includes(field.name) ? 0.5 : chance)) continue
    const { resolvedType, partOf } = field.resolve()
    if (field.map || CHANGED.includes(field.name) || CHANGED.includes(resolvedType?.name)) continue
    if (partOf?.fieldsArray.length > 1 && taken.has(partOf.name)) continue
    if (partOf) taken.add(partOf.name)
    const make = () => {
      if (dice.chance(odd)) return dice.pick([null, undefined, '', 0, -1, 'text', [], {}])
      if (resolvedType?.values) {
        const known = at(theirs.proto, resolvedType.fullName.slice(1).split('.'))
        return known ? dice.pick(Object.values(known).filter((value) => typeof value === 'number')) : undefined
      }
      if (resolvedType) {
        const inner = resolvedType.fullName.slice(1).split('.')
        return depth < 5 && at(theirs.proto, inner) ? message(dice, inner, { odd, depth: depth + 1, likely }) : undefined
      }
      if (field.type === 'string') return /jid|participant/i.test(field.name) ? jid(dice) : text(dice)
      if (field.type === 'bytes') return dice.bytes(dice.pick([0, 1, 5, 32]))
      if (field.type === 'bool') return dice.chance(0.5)
      if (/64/.test(field.type)) return dice.pick([0, 5, 1_700_000_000, 2 ** 40])
      if (/float|double/.test(field.type)) return dice.pick([0, 1.5, -2.25])
      return dice.pick([0, 1, 1000, 86_400])
    }
    const value = field.repeated ? dice.many(dice.below(3), make).filter((item) => item !== undefined && item !== null) : make()
    if (value !== undefined) result[field.name] = value
  }
  return result
}

const WORDS = ['', 'hola', 'ü', '🎉', 'https://example.com/a?b=c', '@15550001001', ' ', 'a'.repeat(300), '\0', '{"a":1}']
export const text = (dice) => dice.pick(WORDS)

const USERS = ['15550001001', '15550001002', '200000000000001', '200000000000002', '120363000000000001', 'status', '13135550002', '0', '']
const SERVERS = ['s.whatsapp.net', 'lid', 'g.us', 'broadcast', 'newsletter', 'hosted', 'hosted.lid', 'c.us', 'bot', 'call', '']
export const jid = (dice) => `${dice.pick(USERS)}${dice.chance(0.25) ? `:${dice.pick(['0', '7', '99'])}` : ''}@${dice.pick(SERVERS)}`

/** Anything that has the look of an address. */
export const likeJid = (dice) => dice.pick([jid(dice), jid(dice), text(dice), `${jid(dice)}@x`, `@${dice.pick(SERVERS)}`, '_1@lid', '1_128:3@hosted', 'a:b:c@d', undefined])

export const key = (dice) => ({
  remoteJid: jid(dice), fromMe: dice.chance(0.5), id: dice.pick(['A', '3EB0AAAA', 'B'.repeat(32), '']),
  ...(dice.chance(0.4) ? { participant: jid(dice) } : {}), ...(dice.chance(0.2) ? { remoteJidAlt: jid(dice), participantAlt: jid(dice) } : {}),
})

/** What makes of a content message something else. */
export const WRAPPERS = [
  'ephemeralMessage', 'viewOnceMessage', 'viewOnceMessageV2', 'viewOnceMessageV2Extension', 'documentWithCaptionMessage', 'editedMessage',
  'associatedChildMessage', 'groupStatusMessage', 'groupStatusMessageV2', 'botInvokeMessage', 'groupMentionedMessage',
]
export const wrapped = (dice, content) => (dice.chance(0.5) ? content : { [dice.pick(WRAPPERS)]: { message: wrapped(dice, content) } })

export const webMessage = (dice, more = {}) => ({
  key: key(dice), message: dice.chance(0.9) ? wrapped(dice, message(dice, ['Message'], more)) : undefined,
  messageTimestamp: dice.pick([1_700_000_000, 0, undefined]), status: dice.pick([undefined, 0, 1, 2, 3, 4, 5]),
  ...(dice.chance(0.3) ? { participant: jid(dice) } : {}), ...(dice.chance(0.3) ? { pushName: text(dice) } : {}),
  ...(dice.chance(0.2) ? { messageStubType: dice.below(60), messageStubParameters: dice.many(dice.below(3), () => jid(dice)) } : {}),
})

/** A copy that shares nothing. */
export const copy = (value) => {
  if (Buffer.isBuffer(value)) return Buffer.from(value)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (value instanceof Date) return new Date(value)
  if (Array.isArray(value)) return value.map(copy)
  return value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)])) : value
}
