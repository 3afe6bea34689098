/** Statistics about the use of a client, in the binary form that the service takes. */
import { FLAG_BYTE, FLAG_EVENT, FLAG_EXTENDED, FLAG_FIELD, FLAG_GLOBAL } from './constants.js'
import { WEB_EVENTS, WEB_GLOBALS } from './wam-tables.js'

type WamValue = number | string | boolean | null
export type { WamValue as Value }
/** How an event is described in the table of events. */
export interface Event {
  name: string
  id: number
  props: { [property: string]: [id: number, type: string | { [value: string]: number }] }
  weight: number
  wamChannel: string
  privateStatsIdInt: number
}
/** The same for what goes with every event. */
export interface Global {
  name: string
  id: number
  type: string | { [value: string]: number }
  validator?: string
  channels: string[]
}
/** One event by its name. */
export interface EventInputType {
  [event: string]: { props: { [property: string]: WamValue }; globals: { [name: string]: WamValue } }
}

export class BinaryInfo {
  protocolVersion = 5
  sequence = 0
  events: EventInputType[] = []
  buffer: Buffer[] = []

  constructor(options: Partial<BinaryInfo> = {}) {
    Object.assign(this, options)
  }
}

/** Of a value, in the upper half of its first byte. */
const KIND = { ZERO: 1, ONE: 2, INT8: 3, INT16: 4, INT32: 5, FLOAT64: 7, TEXT8: 8, TEXT16: 9, TEXT32: 10 }

/** The kind of a value, and its bytes. */
function valueOf(value: WamValue): [kind: number, bytes: Buffer] {
  if (value === 0 || value === false) return [KIND.ZERO, Buffer.alloc(0)]
  if (value === 1 || value === true) return [KIND.ONE, Buffer.alloc(0)]
  if (typeof value === 'number') return numberOf(value)
  if (typeof value === 'string') return textOf(Buffer.from(value))
  throw 'missing'
}

function numberOf(value: number): [number, Buffer] {
  const bytes = Buffer.alloc(8)
  const fits = (bits: number): boolean => Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1)
  if (fits(8)) return [KIND.INT8, bytes.subarray(0, bytes.writeInt8(value))]
  if (fits(16)) return [KIND.INT16, bytes.subarray(0, bytes.writeInt16LE(value))]
  if (fits(32)) return [KIND.INT32, bytes.subarray(0, bytes.writeInt32LE(value))]
  return [KIND.FLOAT64, bytes.subarray(0, bytes.writeDoubleLE(value))]
}

function textOf(text: Buffer): [number, Buffer] {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  if (text.length < 2 ** 8) return [KIND.TEXT8, Buffer.concat([length.subarray(0, 1), text])]
  if (text.length < 2 ** 16) return [KIND.TEXT16, Buffer.concat([length.subarray(0, 2), text])]
  return [KIND.TEXT32, Buffer.concat([length, text])]
}

function entry(id: number, value: WamValue, flag: number): Buffer {
  // A global that is not known any more.
  const [kind, bytes] = value === null && flag === FLAG_GLOBAL ? [0, Buffer.alloc(0)] : valueOf(value)
  const first = flag | (kind << 4)
  const head = id < 256 ? [first, id] : [first | FLAG_BYTE, id & 0xff, id >> 8]
  return Buffer.concat([Buffer.from(head), bytes])
}

function headOf({ protocolVersion, sequence }: BinaryInfo): Buffer {
  const head = Buffer.from('WAM\0\x01\0\0\0')
  head.writeUInt8(protocolVersion, 3)
  head.writeUInt16BE(sequence, 5)
  return head
}

function* entriesOf(input: EventInputType): Generator<Buffer> {
  const [name, { props, globals }] = Object.entries(input)[0] as [string, EventInputType[string]]
  for (const [global, value] of Object.entries(globals)) {
    const known = WEB_GLOBALS.find(item => item.name === global)
    if (!known) throw new TypeError(`There is no global "${global}".`)
    yield entry(known.id, value, FLAG_GLOBAL)
  }
  const event = WEB_EVENTS.find(item => item.name === name)
  if (!event) throw new TypeError(`There is no event "${name}".`)
  const given = Object.entries(props)
  const hasValues = given.some(([, value]) => value !== null)
  yield entry(event.id, -event.weight, hasValues ? FLAG_EVENT : FLAG_EVENT | FLAG_EXTENDED)
  for (const [index, [property, value]] of given.entries()) {
    const number = event.props[property]?.[0]
    if (number === undefined) throw new TypeError(`The event "${name}" has no "${property}".`)
    yield entry(number, value, index < given.length - 1 ? FLAG_EVENT : FLAG_FIELD | FLAG_EXTENDED)
  }
}

export const encodeWAM = (binaryInfo: BinaryInfo): Buffer => {
  binaryInfo.buffer = [headOf(binaryInfo)]
  for (const event of binaryInfo.events) binaryInfo.buffer.push(...entriesOf(event))
  return Buffer.concat(binaryInfo.buffer)
}
