// Writes js/baileys/types/proto.ts, the TypeScript face of `proto`, from the one schema of the repository.
// `npm run proto:json` after every change of whatsapp.proto; `--check` only says whether the file is current.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

const source = new URL('../crates/chasqui-proto/proto/whatsapp.proto', import.meta.url)
const former = new URL('../js/baileys/schema-former.json', import.meta.url)
const target = new URL('../js/baileys/types/proto.ts', import.meta.url)

const HEAD = `/**
 * \`proto\` for TypeScript, made from the schema by scripts/proto-types.mjs: not edited by hand. Only declarations; what stands behind
 * them at run time is in ../proto.ts.
 */
import type Long from 'long'
import type { IConversionOptions, Reader, Writer } from 'protobufjs'

type AnyKind = new (properties?: any) => object

/** What every message class has; \`Fields\` are those of a plain object that stands for a message. */
declare class Kind<Fields> {
  constructor(properties?: Fields)
  static create<K extends AnyKind>(this: K, properties?: ConstructorParameters<K>[0]): InstanceType<K>
  static encode<K extends AnyKind>(this: K, message: NonNullable<ConstructorParameters<K>[0]>, writer?: Writer): Writer
  static decode<K extends AnyKind>(this: K, bytes: Reader | Uint8Array, length?: number): InstanceType<K>
  static fromObject<K extends AnyKind>(this: K, object: { [field: string]: any }): InstanceType<K>
  static toObject<K extends AnyKind>(this: K, message: InstanceType<K>, options?: IConversionOptions): { [field: string]: any }
  static verify(object: { [field: string]: any }): string | null
  static getTypeUrl(prefix?: string): string
  toJSON(): { [field: string]: any }
}

`

const NUMBERS = ['int32', 'uint32', 'sint32', 'fixed32', 'sfixed32', 'float', 'double']
const LONGS = ['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64']

/** The text of the file. */
export function typesText() {
  const { root } = protobuf.parse(readFileSync(source, 'utf8'), { keepCase: true })
  const wa = root.lookup('wa')
  const { messages, inMessage, values } = JSON.parse(readFileSync(former, 'utf8'))
  wa.addJSON(messages)
  wa.get('Message').addJSON(inMessage)
  root.resolveAll()

  const prefix = wa.fullName.length + 1
  /** A message's name as its plain form is called: `proto.Message.IImageMessage`. */
  const nameOf = (item, plain) => ['proto', ...item.fullName.slice(prefix).split('.')]
    .map((part, n, all) => (plain && n === all.length - 1 ? `I${part}` : part)).join('.')

  function valueType(type, resolved) {
    if (resolved) return nameOf(resolved, resolved instanceof protobuf.Type)
    if (NUMBERS.includes(type)) return 'number'
    if (LONGS.includes(type)) return 'number | Long'
    return { string: 'string', bool: 'boolean', bytes: 'Uint8Array' }[type]
  }
  function fieldType(field) {
    const one = valueType(field.type, field.resolvedType)
    if (field.map) return `{ [key: string]: ${one} }`
    if (!field.repeated) return one
    return one.includes('|') ? `(${one})[]` : `${one}[]`
  }
  function show(item, indent) {
    if (item instanceof protobuf.Enum) {
      const names = Object.entries({ ...item.values, ...values[item.name] })
      return [`enum ${item.name} {`, ...names.map(([name, number]) => `  ${name} = ${number},`), '}'].map(line => indent + line)
    }
    const inner = item.nestedArray?.flatMap(nested => show(nested, indent + '  ')) ?? []
    const lines = []
    if (item instanceof protobuf.Type) {
      const { name, fieldsArray: fields } = item
      lines.push(`interface I${name} {`, ...fields.map(field => `  ${field.name}?: ${fieldType(field)} | null | undefined`), '}')
      // A message that was made has its lists and maps, if empty.
      const sure = fields.filter(field => field.repeated || field.map || field.required)
      // Which of several fields is set.
      const choices = item.oneofsArray.filter(({ name }) => !name.startsWith('_'))
      const chosen = choices.map(({ name, oneof }) => `  ${name}?: ${oneof.map(field => `'${field}'`).join(' | ')} | undefined`)
      lines.push(`interface ${name} extends I${name} {}`)
      if (sure.length + chosen.length === 0) lines.push(`class ${name} extends Kind<I${name}> {}`)
      else lines.push(`class ${name} extends Kind<I${name}> {`, ...sure.map(field => `  ${field.name}: ${fieldType(field)}`), ...chosen, '}')
    }
    const outer = lines.map(line => indent + line)
    return inner.length ? [...outer, `${indent}namespace ${item.name} {`, ...inner, `${indent}}`] : outer
  }
  const body = wa.nestedArray.flatMap(item => show(item, '  '))
  return [HEAD + 'export declare namespace proto {', ...body, '}', ''].join('\n')
}

/** The file as it stands. */
export function typesFile() {
  return readFileSync(target, 'utf8')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--check')) writeFileSync(target, typesText())
  else if (typesText() !== typesFile()) {
    console.error('js/baileys/types/proto.ts is not what whatsapp.proto says: run `node scripts/proto-types.mjs`')
    process.exitCode = 1
  }
}
