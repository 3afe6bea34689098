// What of Baileys' surface the doors have: `npm run inventory`. What is lacking is named, and makes it fail.
//
// The surface is listed in __test__/doors/inventory/baileys.json: that of 7, and by what the lines of 6 differ from it. A name that only says
// that it is missing does not count.

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
export const listed = JSON.parse(readFileSync(path.join(root, '__test__/doors/inventory/baileys.json'), 'utf8'))

const FUNCTIONS = ['function', 'class']
/** Values that other kinds of the list are made of. */
const TYPES = { const: undefined, array: 'object', Buffer: 'object', RegExp: 'object', namespace: 'object', enum: 'object', 'data property': undefined }

/** What is wrong with `value` as the thing that the list describes. */
function fault(value, { kind, params, values, methods, members }, isMissing) {
  if (isMissing(value)) return 'is missing'
  if (kind === 'data property') return undefined
  if (value === undefined) return 'is not there'
  const type = kind in TYPES ? TYPES[kind] : FUNCTIONS.includes(kind) ? 'function' : kind
  if (type && typeof value !== type) return `is a ${typeof value}, not a ${type}`
  if (kind === 'array' && !Array.isArray(value)) return 'is no array'
  if (type === 'function' && params !== undefined && value.length > params) return `wants ${value.length} parameters, not ${params}`
  for (const [name, number] of Object.entries(values ?? {})) if (value[name] !== number) return `has no ${name} that is ${number}`
  for (const name of methods ?? []) if (typeof value.prototype?.[name] !== 'function') return `has no method ${name}`
  for (const name of members ?? []) if (!(name in value)) return `has no ${name}`
  return undefined
}

function row(what, names, faultOf) {
  const lacking = names.flatMap((name) => {
    const why = faultOf(name)
    return why ? [`${name}: ${why}`] : []
  })
  return { what, have: names.length - lacking.length, of: names.length, lacking }
}

/** The TypeScript of the door by file, without what only declares or lists. */
function sources() {
  const folder = path.join(root, 'js/baileys')
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.ts'))
  const declaring = /^(types[./]|options\.ts|constants\.ts|event-batch\.ts|emitter\.ts|names\.ts)/
  const read = (file) => readFileSync(path.join(folder, file), 'utf8')
  // Below its table options.ts reads some itself.
  const [, resolving] = read('options.ts').split('export function resolveConfig')
  return [resolving, ...files.filter((file) => !declaring.test(file)).map(read)].join('\n')
}

/** The names that a program can import, as values or as types. */
function exportedTypes(from = 'dist/baileys/index.d.ts') {
  const file = path.join(root, from)
  const program = ts.createProgram([file], { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, skipLibCheck: true })
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(file))
  const resolves = (symbol) => {
    const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return (flags & (ts.SymbolFlags.Type | ts.SymbolFlags.Namespace)) !== 0
  }
  return new Set(checker.getExportsOfModule(module).filter(resolves).map(({ name }) => name))
}

/** A socket that never connects, ended when it has been looked at. */
async function withSocket(door, look) {
  const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-inventory-'))
  try {
    const { state } = await door.useMultiFileAuthState(folder)
    const sock = door.makeWASocket({ auth: state, waWebSocketUrl: 'ws://127.0.0.1:9' })
    try {
      return look(sock)
    } finally {
      await sock.end()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of the door for 6: what 6.7.21 and 6.17.16 have of the surface of 7, and besides. */
export async function takeInventoryOf6() {
  const door = require('../dist/baileys/legacy/index.js')
  const { isMissing } = require('../dist/doors/missing.js')
  const without = (names, lacked) => Object.keys(names).filter((name) => !lacked.includes(name))
  // Parameters and members of objects are those of 7.
  const faultIn = (holder, described) => (name) => {
    const { params, members, ...of6 } = described[name] ?? {}
    return name in holder ? fault(holder[name], of6, isMissing) : 'is not there'
  }
  const rows = []
  for (const [version, { lacks, exportsNotIn7, socketLacks, socketNotIn7 }] of Object.entries(listed.otherVersions)) {
    rows.push(row(`exports of ${version}`, [...without(listed.exports, lacks), ...exportsNotIn7], faultIn(door, listed.exports)))
    rows.push(await withSocket(door, (sock) => row(`members of ${version}`, [...without(listed.socket, socketLacks), ...socketNotIn7], faultIn(sock, listed.socket))))
  }
  // 6.7.21 is installed: its own word counts as well.
  const installed = await import('baileys-6')
  rows.push(row('exports of baileys-6', Object.keys(installed).filter((name) => name !== 'default'), faultIn(door, {})))
  const types = exportedTypes('dist/baileys/legacy/index.d.ts')
  const theirs = [...exportedTypes('node_modules/baileys-6/lib/index.d.ts')]
  rows.push(row('types of baileys-6', theirs, (name) => (types.has(name) ? undefined : 'is not exported')))
  return rows
}

export async function takeInventory() {
  const door = require('../dist/baileys/index.js')
  const { isMissing } = require('../dist/doors/missing.js')
  const { OPTIONS } = require('../dist/baileys/options.js')
  const text = sources()
  const types = exportedTypes()
  const told = (event) => text.includes(`'${event}'`) || (event === 'call' && /\bcall: \[/.test(text))
  // Declared by Baileys and never emitted.
  const silent = ['blocklist.set']
  // Either a part reads it, or the table says why it has no effect.
  const read = (option) => new RegExp(`\\b${option}\\b`).test(text) || OPTIONS[option]?.({}, { name: 7 }) !== undefined
  return [
    row('exports', Object.keys(listed.exports), (name) => fault(door[name], listed.exports[name], isMissing)),
    row('proto', Object.keys(listed.protoTopLevel), (name) => (name in door.proto ? undefined : 'is not there')),
    await withSocket(door, (sock) =>
      row('members', Object.keys(listed.socket), (name) => (name in sock ? fault(sock[name], listed.socket[name], isMissing) : 'is not there')),
    ),
    row('events', listed.events, (event) => (told(event) || silent.includes(event) ? undefined : 'is never told')),
    row('options', listed.options, (option) => (!(option in OPTIONS) ? 'is not in the table' : read(option) ? undefined : 'is read nowhere')),
    row('types', listed.types, (name) => (types.has(name) ? undefined : 'is not exported')),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = [...(await takeInventory()), ...(await takeInventoryOf6())]
  for (const { what, have, of } of rows) console.log(`${what.padEnd(20)} ${have}/${of}`)
  for (const { what, lacking } of rows) for (const line of lacking) console.log(`${what}: ${line}`)
  process.exitCode = rows.some(({ lacking }) => lacking.length > 0) ? 1 : 0
}
