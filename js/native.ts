/** Finds and loads the two addons, and says what they look like from here. */

import { readFileSync } from 'node:fs'
import * as path from 'node:path'

import { ChasquiError } from './error.js'

/** What was `taken` is confirmed; what was `begun`, or not even that (`left`), comes again at the next opening. */
export type Outcome = 'taken' | 'begun' | 'left'

/** One session in the addon. Calls return at once; results and events come in batches, see {@link NativeEvent}. */
export interface NativeClient {
  connect(ticket: number): void
  /** As `connect`; who else has the session is asked to let it go, and waited for. */
  takeOver(ticket: number, timeout?: number): void
  opened(ticket: number): void
  send(ticket: number, to: string, contentJson: string, id?: string, timeout?: number): void
  relay(ticket: number, to: string, message: Uint8Array, id: string, isNew: boolean, moreJson?: string): void
  /** Throws what `send` would refuse in any session. */
  check(to: string, contentJson: string): void
  /** Marks messages as read, or as played. */
  read(ticket: number, keysJson: string, played?: boolean): void
  change(ticket: number, changesJson: string, timeout?: number): void
  pairingCode(ticket: number, phone: string, code?: string): void
  resolve(ticket: number, who: string): void
  /** Answers an `ask` event; without JSON there is no answer. */
  tell(ask: string, answerJson?: string): void
  /** Uploads a file that is `{ kind, … }`: bytes, a path, a URL, or what `give` gives. */
  upload(ticket: number, aboutJson: string, bytes?: Uint8Array, path?: string, url?: string): void
  /** `{ raw, path?, limit? }`. */
  download(ticket: number, requestJson: string): void
  /** The next piece of an upload; nothing is its end. */
  give(ticket: number, piece?: Uint8Array): void
  /** A piece of a download was taken. */
  taken(ticket: number): void
  /** `{ chat, count?, before?, timeout? }`. */
  fetchHistory(ticket: number, requestJson: string): void
  /** Asks the archive; `found` answers. */
  archive(ticket: number, queryJson: string): void
  /** Calls a method of `chasqui-requests`. */
  request(ticket: number, method: string, argsJson: string, timeout?: number): void
  /** Gives out stanzas that the pattern names as `node` events, or no longer. */
  watch(number: number, patternJson?: string): void
  importBaileys(ticket: number, folder: string): void
  exportBaileys(ticket: number, folder: string, version?: string): void
  answerKeys(number: number, answer?: string, refusal?: string): void
  flushAuth(ticket: number): void
  /** Values of the auth state that the session is, by the names of their files. */
  getAuth(ticket: number, files: string[]): void
  setAuth(ticket: number, valuesJson: string, anyway?: boolean): void
  wipeAuth(ticket: number): void
  disconnect(ticket: number): void
  logout(ticket: number): void
  abort(ticket: number): void
  /** Gives back one batch: `count` inbox events were in it, the last of them `seq`; all but the `held` ones are confirmed. */
  delivered(seq: number, count: number, held?: number[]): void
  /** Ends the holding of inbox events. */
  finished(seqs: number[], outcome: Outcome): void
  /** A handler threw on an event that is held, and will be called with it once more. */
  retried(seq: number): void
  status(): string
  stats(): string
  close(): void
}

export interface ClientAddon {
  /** XEdDSA, by 32 bytes of private key: 64 bytes. */
  curveSign(privateKey: Uint8Array, message: Uint8Array): Uint8Array
  curveVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  /** Of 128 bytes; the value MACs are joined. */
  latticeHash(base: Uint8Array, subtract: Uint8Array, add: Uint8Array): Uint8Array
  /** A node as `[tag, [name, value, …], content]`. */
  encodeNode(json: string, bytes: Uint8Array): Uint8Array
  decodeNode(bytes: Uint8Array): { json: string; length: number }
  /** Of Opus, WAV and MP4, where they say it. */
  playingMillis(file: Uint8Array): Promise<number | null>
  shrinkPicture(
    file: Uint8Array,
    size: number,
    quality: number,
    isSquare: boolean,
  ): Promise<{ jpeg: Uint8Array; originalWidth: number; originalHeight: number }>
  NativeClient: new (
    optionsJson: string,
    onBatch: (events: string, raw?: Uint8Array | null) => void,
    /** 32 bytes each, the present one first. */
    keys?: Uint8Array,
    /** `creds.json` of a program that keeps an auth state of Baileys; `creds` events tell it what changes. */
    creds?: string,
    /** Questions about keys that the program keeps itself, to be answered by `answerKeys`. */
    onKeys?: (number: number, question: string) => void,
  ) => NativeClient
}

export interface NativeEmulator {
  start(): Promise<string>
  stop(): Promise<void>
  call(method: string, argsJson: string): Promise<string>
}

export interface EmulatorAddon {
  NativeEmulator: new (optionsJson: string, onEvent: (json: string) => void) => NativeEmulator
}

const root = path.join(__dirname, '..')
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }

export const version = manifest.version

/** The engine. */
export function loadClientAddon(): ClientAddon {
  return load('chasqui') as ClientAddon
}

/** The emulator; only `chasqui/testing` asks for it. */
export function loadEmulatorAddon(): EmulatorAddon {
  return load('chasqui-emulator') as EmulatorAddon
}

const loaded = new Map<string, unknown>()

function load(name: string): unknown {
  const known = loaded.get(name)
  if (known) return known
  const platform = platformName()
  const file = `${name}.${platform}.node`
  // A checkout has its own build; an installation has the package of its platform.
  const places = [path.join(root, 'npm', platform, file), `chasqui-${platform}/${file}`]
  const causes: unknown[] = []
  for (const place of places) {
    try {
      const addon: unknown = require(place)
      loaded.set(name, addon)
      return addon
    } catch (cause) {
      causes.push(cause)
    }
  }
  const broken = causes.find((cause) => (cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND')
  throw new ChasquiError(
    'INTERNAL',
    broken instanceof Error
      ? `The native addon for ${platform} could not be loaded: ${broken.message}`
      : `The native addon for ${platform} is not installed. Install the package chasqui-${platform}@${version} ` +
        '(npm leaves it out with --omit=optional, or when node_modules comes from another platform), ' +
        'or run "npm run build" in a checkout.',
    { platform },
    { cause: broken ?? causes[0] },
  )
}

/** The platform as napi-rs names it: `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`. */
export function platformName(platform: string = process.platform, arch: string = process.arch, musl = isMusl()): string {
  const abi = platform === 'linux' ? (musl ? '-musl' : '-gnu') : platform === 'win32' ? '-msvc' : ''
  return `${platform}-${arch}${abi}`
}

function isMusl(): boolean {
  if (process.platform !== 'linux') return false
  // A report takes milliseconds; this program of the system is a text that names its library.
  try {
    return readFileSync('/usr/bin/ldd', 'latin1').includes('musl')
  } catch {
    // There is none.
  }
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return !report.header?.glibcVersionRuntime
}
