// Devices of three kinds behind one face, for holding the Signal layer against others': `ours` (the example program
// `peer` of chasqui-signal), `libsignal` (what Baileys uses) and `client` (@signalapp/libsignal-client, the last version
// whose messages begin with 33).
//
//   device.bundle(oneTime)              { registrationId, identity, signedId, signed, signature, oneTimeId?, oneTime? }
//   device.initiate(peer, bundle)       device.archive(peer)        device.isOpen(peer)
//   device.encrypt(peer, text)          { type, body, session? }    session: its base key in base64, from `ours`
//   device.decrypt(peer, message)       the text; throws
//   device.canTake(peer, message)       whether it is one that this kind survives
//
// Every record goes through its stored form after each operation.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import * as reference from '@signalapp/libsignal-client'
import { BufferJSON, unpadRandomMax16, writeRandomPadMax16 } from 'baileys'
import { GroupCipher, GroupSessionBuilder, SenderKeyDistributionMessage, SenderKeyName, SenderKeyRecord } from 'baileys/lib/Signal/Group/index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const libsignal = createRequire(createRequire(import.meta.url).resolve('baileys'))('libsignal')

const buffers = (object) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, Buffer.isBuffer(value) ? value.toString('base64') : value]))
const pad = (text) => Buffer.from(writeRandomPadMax16(Buffer.from(text)))
const unpad = (bytes) => Buffer.from(unpadRandomMax16(bytes)).toString()

// --- ours ---------------------------------------------------------------------------------------------------------

/** Builds the program, if it is not built, and starts it. */
export async function startOurs() {
  // The whole workspace is named so that its crates are those that the other tests have compiled.
  const args = ['build', '--workspace', '--example', 'peer', '--quiet', '--message-format=json-render-diagnostics']
  const { stdout, status } = spawnSync('cargo', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] })
  if (status !== 0) throw new Error('the example "peer" could not be built')
  const built = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line))
  const { executable } = built.find(({ target, executable }) => executable && target.name === 'peer' && target.src_path.includes(`${path.sep}chasqui-signal${path.sep}`))

  const child = spawn(executable, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift().resolve(JSON.parse(line)))
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`"peer" ended with ${signal ?? code}`))
  })
  return {
    async ask(device, op, argument = {}) {
      const answer = await new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        child.stdin.write(`${JSON.stringify({ device, op, ...buffers(argument) })}\n`)
      })
      if (answer.error) throw Object.assign(new Error(answer.error), { code: answer.error })
      return answer
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

class Ours {
  kind = 'ours'

  constructor(program, name) {
    this.ask = (op, argument) => program.ask(name, op, argument)
  }

  async bundle(oneTime) {
    const { registrationId, signedId, oneTimeId, ...keys } = await this.ask('bundle', { oneTime })
    const decoded = Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
    return { registrationId, signedId, ...(oneTimeId && { oneTimeId }), ...decoded }
  }

  initiate = (peer, bundle) => this.ask('initiate', { peer, bundle: buffers(bundle) })
  archive = (peer) => this.ask('archive', { peer })
  isOpen = async (peer) => (await this.ask('open', { peer })).open
  canTake = async () => true

  async encrypt(peer, text) {
    const { type, body, session } = await this.ask('encrypt', { peer, text: Buffer.from(text) })
    return { type, body: Buffer.from(body, 'base64'), session }
  }

  async decrypt(peer, { type, body }) {
    return Buffer.from((await this.ask('decrypt', { peer, type, body })).text, 'base64').toString()
  }
}

// --- libsignal ----------------------------------------------------------------------------------------------------

/** It tells the console of every session and every failure. */
async function quietly(work) {
  const { info, warn, error } = console
  console.info = console.warn = console.error = () => {}
  try {
    return await work()
  } finally {
    Object.assign(console, { info, warn, error })
  }
}

// It orders sessions by the millisecond of their last use: with two in one, the order would be another.
let last = 0
const { now } = Date
Date.now = () => (last = Math.max(last + 1, now()))

class Libsignal {
  kind = 'libsignal'
  #identity = libsignal.keyhelper.generateIdentityKeyPair()
  #registrationId = libsignal.keyhelper.generateRegistrationId()
  #signed = libsignal.keyhelper.generateSignedPreKey(this.#identity, 1)
  #prekeys = new Map()
  #lastPrekey = 0
  #records = new Map()
  #store = {
    loadSession: async (address) => this.#record(address),
    storeSession: async (address, record) => void this.#records.set(address, JSON.stringify(record.serialize())),
    isTrustedIdentity: async () => true,
    loadPreKey: async (id) => this.#prekeys.get(id),
    removePreKey: async (id) => void this.#prekeys.delete(id),
    loadSignedPreKey: async (id) => (id === 1 ? this.#signed.keyPair : undefined),
    getOurIdentity: async () => this.#identity,
    getOurRegistrationId: async () => this.#registrationId,
  }

  #record(address) {
    const stored = this.#records.get(address)
    return stored && libsignal.SessionRecord.deserialize(JSON.parse(stored))
  }

  #address = (peer) => new libsignal.ProtocolAddress(peer, 0)
  #cipher = (peer) => new libsignal.SessionCipher(this.#store, this.#address(peer))

  async bundle(oneTime) {
    const bundle = {
      registrationId: this.#registrationId, identity: this.#identity.pubKey,
      signedId: 1, signed: this.#signed.keyPair.pubKey, signature: Buffer.from(this.#signed.signature),
    }
    if (!oneTime) return bundle
    const { keyId, keyPair } = libsignal.keyhelper.generatePreKey(++this.#lastPrekey)
    this.#prekeys.set(keyId, keyPair)
    return { ...bundle, oneTimeId: keyId, oneTime: keyPair.pubKey }
  }

  initiate(peer, { registrationId, identity, signedId, signed, signature, oneTimeId, oneTime }) {
    const builder = new libsignal.SessionBuilder(this.#store, this.#address(peer))
    return quietly(() => builder.initOutgoing({
      registrationId, identityKey: identity, signedPreKey: { keyId: signedId, publicKey: signed, signature },
      ...(oneTime && { preKey: { keyId: oneTimeId, publicKey: oneTime } }),
    }))
  }

  archive = (peer) => quietly(() => this.#cipher(peer).closeOpenSession())
  isOpen = (peer) => this.#cipher(peer).hasOpenSession()

  async encrypt(peer, text) {
    const { type, body } = await quietly(() => this.#cipher(peer).encrypt(pad(text)))
    return { type: type === 3 ? 'pkmsg' : 'msg', body: Buffer.from(body) }
  }

  async decrypt(peer, { type, body }) {
    const cipher = this.#cipher(peer)
    return unpad(await quietly(() => (type === 'pkmsg' ? cipher.decryptPreKeyWhisperMessage(body) : cipher.decryptWhisperMessage(body))))
  }

  /** A `msg` spoils every session that it is tried in before the one that it belongs to. */
  async canTake(peer, { type, session }) {
    if (type === 'pkmsg') return true
    const [first] = this.#record(this.#address(peer).toString())?.getSessions() ?? []
    return first?.indexInfo.baseKey.toString('base64') === session
  }
}

// --- @signalapp/libsignal-client ----------------------------------------------------------------------------------

class Sessions extends reference.SessionStore {
  #records = new Map()
  async saveSession(name, record) { this.#records.set(name.name(), record.serialize()) }
  async getSession(name) {
    const stored = this.#records.get(name.name())
    return stored ? reference.SessionRecord.deserialize(stored) : null
  }
  async getExistingSessions() { return [] }
}

class Identity extends reference.IdentityKeyStore {
  key = reference.PrivateKey.generate()
  registrationId = 1 + Math.floor(Math.random() * 16_000)
  async getIdentityKey() { return this.key }
  async getLocalRegistrationId() { return this.registrationId }
  async saveIdentity() { return false }
  async isTrustedIdentity() { return true }
  async getIdentity() { return null }
}

class PreKeys extends reference.PreKeyStore {
  #records = new Map()
  async savePreKey(id, record) { this.#records.set(id, record.serialize()) }
  async getPreKey(id) {
    const stored = this.#records.get(id)
    if (!stored) throw new Error(`no prekey ${id}`)
    return reference.PreKeyRecord.deserialize(stored)
  }
  async removePreKey(id) { this.#records.delete(id) }
}

class SignedPreKeys extends reference.SignedPreKeyStore {
  constructor(record) {
    super()
    this.record = record
  }
  async saveSignedPreKey() {}
  async getSignedPreKey() { return this.record }
}

class Client {
  kind = 'client'
  #sessions = new Sessions()
  #identity = new Identity()
  #prekeys = new PreKeys()
  #signedPair = reference.PrivateKey.generate()
  #signed = this.#signedPair.getPublicKey()
  #signature = this.#identity.key.sign(this.#signed.serialize())
  #signedPrekeys = new SignedPreKeys(reference.SignedPreKeyRecord.new(1, 1, this.#signed, this.#signedPair, this.#signature))
  #lastPrekey = 0

  #address = (peer) => reference.ProtocolAddress.new(peer, 1)

  async bundle(oneTime) {
    const bundle = {
      registrationId: this.#identity.registrationId, identity: this.#identity.key.getPublicKey().serialize(),
      signedId: 1, signed: this.#signed.serialize(), signature: this.#signature,
    }
    if (!oneTime) return bundle
    const pair = reference.PrivateKey.generate()
    await this.#prekeys.savePreKey(++this.#lastPrekey, reference.PreKeyRecord.new(this.#lastPrekey, pair.getPublicKey(), pair))
    return { ...bundle, oneTimeId: this.#lastPrekey, oneTime: pair.getPublicKey().serialize() }
  }

  initiate(peer, { registrationId, identity, signedId, signed, signature, oneTimeId, oneTime }) {
    const key = (bytes) => reference.PublicKey.deserialize(bytes)
    const bundle = reference.PreKeyBundle.new(
      registrationId, 1, oneTimeId ?? null, oneTime ? key(oneTime) : null, signedId, key(signed), signature, key(identity),
    )
    return reference.processPreKeyBundle(bundle, this.#address(peer), this.#sessions, this.#identity)
  }

  async archive(peer) {
    const record = await this.#sessions.getSession(this.#address(peer))
    if (!record) return
    record.archiveCurrentState()
    await this.#sessions.saveSession(this.#address(peer), record)
  }

  isOpen = async (peer) => (await this.#sessions.getSession(this.#address(peer)))?.hasCurrentState() ?? false
  canTake = async () => true

  async encrypt(peer, text) {
    const message = await reference.signalEncrypt(pad(text), this.#address(peer), this.#sessions, this.#identity)
    const type = message.type() === reference.CiphertextMessageType.PreKey ? 'pkmsg' : 'msg'
    return { type, body: message.serialize() }
  }

  async decrypt(peer, { type, body }) {
    if (type === 'msg') {
      const message = reference.SignalMessage.deserialize(body)
      return unpad(await reference.signalDecrypt(message, this.#address(peer), this.#sessions, this.#identity))
    }
    const message = reference.PreKeySignalMessage.deserialize(body)
    return unpad(await reference.signalDecryptPreKey(message, this.#address(peer), this.#sessions, this.#identity, this.#prekeys, this.#signedPrekeys))
  }
}

/** A device of a kind; `program` is what speaks for ours. */
export function device(kind, name, program) {
  return kind === 'ours' ? new Ours(program, name) : kind === 'libsignal' ? new Libsignal() : new Client()
}

// --- sender keys --------------------------------------------------------------------------------------------------
//
//   member.distribute()                 { body, iteration } of the own key, which is made when there is none
//   member.learn(sender, distribution)  member.rotate()
//   member.encrypt(text)                { body, iteration }
//   member.decrypt(sender, message)     the text; throws

class OurMember {
  kind = 'ours'

  constructor(program, name) {
    this.ask = (op, argument) => program.ask(name, op, argument)
  }

  async distribute() {
    const { body, iteration } = await this.ask('distribute', { key: 'own' })
    return { body: Buffer.from(body, 'base64'), iteration }
  }

  learn = (sender, { body }) => this.ask('learn', { key: sender, body })
  rotate = () => this.ask('rotate', { key: 'own' })

  async encrypt(text) {
    const { body, iteration } = await this.ask('encryptGroup', { key: 'own', text: Buffer.from(text) })
    return { body: Buffer.from(body, 'base64'), iteration }
  }

  decrypt = async (sender, { body }) => Buffer.from((await this.ask('decryptGroup', { key: sender, body })).text, 'base64').toString()
}

class BaileysMember {
  kind = 'baileys'
  #records = new Map()
  #store = {
    loadSenderKey: async (name) => {
      const stored = this.#records.get(name.toString())
      return stored ? SenderKeyRecord.deserialize(Buffer.from(stored)) : new SenderKeyRecord()
    },
    // Baileys itself stores them without the replacer, and can then not use the keys of messages that were passed over.
    storeSenderKey: async (name, record) => void this.#records.set(name.toString(), JSON.stringify(record.serialize(), BufferJSON.replacer)),
  }

  #name = (sender) => new SenderKeyName('120363000000000001@g.us', { id: sender, deviceId: 0, toString: () => `${sender}.0` })
  #builder = new GroupSessionBuilder(this.#store)

  async distribute() {
    const message = await this.#builder.create(this.#name('own'))
    return { body: Buffer.from(message.serialize()), iteration: message.getIteration() }
  }

  learn = (sender, { body }) => this.#builder.process(this.#name(sender), new SenderKeyDistributionMessage(null, null, null, null, body))
  rotate = async () => void this.#records.delete(this.#name('own').toString())

  async encrypt(text) {
    return { body: Buffer.from(await new GroupCipher(this.#store, this.#name('own')).encrypt(pad(text))) }
  }

  decrypt = async (sender, { body }) => unpad(await new GroupCipher(this.#store, this.#name(sender)).decrypt(body))
}

/** A device in a group. */
export function member(kind, name, program) {
  return kind === 'ours' ? new OurMember(program, name) : new BaileysMember()
}
