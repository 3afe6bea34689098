/**
 * `proto`: the protobuf messages as Baileys' users see them: classes with `create`, `encode`, `decode`, `fromObject`
 * and `toObject`; fields that are not set read `null`; bytes are Buffers, 64-bit numbers are Longs.
 *
 * Building it from schema.json takes about 100 ms of work. It is done in slices while the first socket connects, so
 * that the program's event loop is never held for long, and at once where somebody asks for it earlier.
 */
import type { INamespace, NamespaceBase, ReflectionObject } from 'protobufjs'
import * as declared from './types/proto.js'

interface ByName {
  [name: string]: unknown
}
type Static = 'create' | 'encode' | 'decode' | 'fromObject' | 'toObject'
type Message = typeof declared.proto.Message
/**
 * Everything that the schema declares: classes, their nested classes, and enums (name to number and back). The parts of the door
 * look most of it up by name, and say what they take it for; `proto` has all the types.
 */
export type ProtoRoot = ByName & Pick<typeof declared.proto, 'ADVSignedDeviceIdentity' | 'DeviceProps' | 'MessageKey' | 'WebMessageInfo'> & {
  Message: ByName & (new (properties?: declared.proto.IMessage) => declared.proto.Message) & Pick<Message, Static | 'ExtendedTextMessage'>
}

/** Milliseconds that one slice may take before the program's other work gets its turn. */
const SLICE_MS = 4

function* build(): Generator<undefined, ProtoRoot> {
  // Half of the time of an import, and a program may never need it.
  const protobuf = require('protobufjs/light.js') as typeof import('protobufjs/light.js')
  const schema = require('./schema.json') as typeof import('./schema.json') as INamespace
  // What the schema does not have any more and programs may still name.
  const former = require('./schema-former.json') as typeof import('./schema-former.json')
  yield
  const root = new protobuf.Root()
  for (const [name, item] of Object.entries(schema.nested ?? {})) {
    // `Message` holds half of the schema: what is declared inside is added piece by piece.
    const { nested = {}, ...outer } = item as INamespace
    root.addJSON({ [name]: outer })
    const space = root.get(name) as NamespaceBase
    for (const [inner, declared] of Object.entries(nested)) {
      space.addJSON({ [inner]: declared })
      yield
    }
    yield
  }
  root.addJSON(former.messages)
  ;(root.get('Message') as NamespaceBase).addJSON(former.inMessage)
  for (const item of root.nestedArray) {
    if (item instanceof protobuf.Namespace) item.resolveAll()
    else item.resolve()
    yield
  }
  root.resolveAll()

  /** The class or enum of one item, with what is declared inside as its properties. */
  function show(item: ReflectionObject): unknown {
    if (item instanceof protobuf.Enum) {
      // A value that is newer than the schema is kept as its number.
      const closed = item as unknown as { _features: object }
      closed._features = { ...closed._features, enum_type: 'OPEN' }
      // Names are own keys, numbers resolve through the prototype.
      return Object.assign(Object.create(item.valuesById), item.values, (former.values as { [name: string]: object })[item.name])
    }
    if (!(item instanceof protobuf.Type)) return showNested(item as NamespaceBase, {})
    const message = item.ctor
    const name = item.fullName.slice(1)
    const getTypeUrl = (prefix = 'type.googleapis.com'): string => `${prefix}/proto.${name}`
    Object.defineProperty(message, 'getTypeUrl', { value: getTypeUrl })
    for (const field of item.fieldsArray) {
      if (!field.repeated && !field.map) message.prototype[field.name] = null
    }
    return showNested(item, message)
  }
  function showNested(space: NamespaceBase, target: object): object {
    for (const item of space.nestedArray) Object.defineProperty(target, item.name, { value: show(item), enumerable: true })
    return target
  }

  const shown: Record<string, unknown> = {}
  for (const item of root.nestedArray) {
    shown[item.name] = show(item)
    yield
  }
  const proto = shown as unknown as ProtoRoot
  // The decoder of a class is generated at its first use.
  proto.Message.decode(new Uint8Array())
  yield
  proto.Message.ExtendedTextMessage.decode(new Uint8Array())
  proto.WebMessageInfo.fromObject({})
  return proto
}

let building: Generator<undefined, ProtoRoot> | undefined
let built: ProtoRoot | undefined

/** Goes on building for up to `milliseconds`. */
function advance(milliseconds: number): void {
  const end = performance.now() + milliseconds
  building ??= build()
  while (built === undefined) {
    const step = building.next()
    if (step.done) built = step.value
    else if (performance.now() >= end) return
  }
}

/** The schema, built now if it is not yet. */
export function loadProto(): ProtoRoot {
  advance(Infinity)
  return built as ProtoRoot
}

/** Builds the schema between the program's other work. */
export function warmProto(): void {
  if (built !== undefined) return
  advance(SLICE_MS)
  setImmediate(warmProto)
}

/** The public `proto`: looks like the built schema, which is built when it is looked at. */
const lazy = new Proxy({} as typeof declared.proto, {
  get: (_target, name) => Reflect.get(loadProto(), name),
  has: (_target, name) => Reflect.has(loadProto(), name),
  ownKeys: () => Reflect.ownKeys(loadProto()),
  getOwnPropertyDescriptor: (_target, name) => {
    const value: unknown = Reflect.get(loadProto(), name)
    return value === undefined ? undefined : { value, enumerable: true, configurable: true, writable: false }
  },
})

// The declarations have no code of their own: this is what they stand for.
Object.assign(declared, { proto: lazy })
export import proto = declared.proto
