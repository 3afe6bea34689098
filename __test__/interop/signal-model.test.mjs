// The Signal layer against two strangers: whatever is lost, repeated, reordered, damaged and begun anew between two to
// four devices, what is delivered within the limits is read once and as it was written, and both write the same format.
//
//   SIGNAL_SEED=n      repeats a schedule (the keys are others)        SIGNAL_ROUNDS=n    runs so many schedules of each kind

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { Reader } from 'protobufjs/minimal.js'

import { randomFrom } from '../harness/kills.mjs'
import { device, member, startOurs } from './signal-devices.mjs'

const STRANGERS = ['libsignal', 'client']
const ROUNDS = Number(process.env.SIGNAL_ROUNDS ?? 1)
/** Receiving chains that a session keeps, and sessions that a record keeps. */
const [CHAINS, SESSIONS] = [5, 40]

let program
before(async () => (program = await startOurs()))
after(() => program?.stop())

// --- Schedules ----------------------------------------------------------------------------------------------------

class Chance {
  constructor(seed) {
    this.next = randomFrom(seed)
  }

  below = (limit) => Math.floor(this.next() * limit)
  of = (items) => items[this.below(items.length)]
  take = (items) => items.splice(this.below(items.length), 1)[0]

  /** One of `[weight, value]`. */
  weighted(choices) {
    let left = this.next() * choices.reduce((sum, [weight]) => sum + weight, 0)
    return choices.find(([weight]) => (left -= weight) < 0)?.[1] ?? choices.at(-1)[1]
  }

  text = () => this.of(['', 'hola', '😀'.repeat(this.below(20)), 'x'.repeat(this.below(600))]) + this.below(1e9)
}

/** One test per round; its name has the seed. */
function schedules(name, run) {
  for (let round = 0; round < ROUNDS; round++) {
    const seed = process.env.SIGNAL_SEED ? Number(process.env.SIGNAL_SEED) + round : Math.floor(Math.random() * 2 ** 32)
    test(`${name} (SIGNAL_SEED=${seed})`, () => run(new Chance(seed)))
  }
}

let names = 0
const fresh = (kinds, make) => kinds.map((kind) => {
  const name = `${kind}${++names}`
  return Object.assign(make(kind, name, program), { name })
})

// --- Formats ------------------------------------------------------------------------------------------------------

/** Number, wire type, and value or bytes of each field, as they stand. */
function fields(bytes) {
  const reader = Reader.create(bytes)
  const found = []
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    assert.ok([0, 2].includes(tag & 7), `wire type ${tag & 7}`)
    found.push([tag >>> 3, (tag & 7) === 0 ? reader.uint32() : Buffer.from(reader.bytes())])
  }
  return found
}

const value = (bytes, number) => fields(bytes).find(([at]) => at === number)?.[1]
const inner = ({ type, body }) => (type === 'pkmsg' ? value(body.subarray(1), 4) : body)
const ratchetKey = (message) => value(inner(message).subarray(1, -8), 1).toString('base64')

/** What a message is made of, without what is different in each. */
function shape({ type, body }) {
  const number = (found) => (typeof found === 'number' ? 'number' : undefined)
  const key = (found) => (found.length === 33 && found[0] === 5 ? 'key' : `${found.length} bytes`)
  const describe = ([at, found]) => {
    if (type === 'pkmsg' && at === 4) return [at, shape({ type: 'msg', body: found })]
    if (type === 'msg' && at === 4) return [at, found.length % 16 === 0 ? 'blocks' : `${found.length} bytes`]
    return [at, number(found) ?? key(found)]
  }
  return [body[0].toString(16), fields(body.subarray(1, type === 'msg' ? -8 : undefined)).map(describe)]
}

async function initiate(from, to, oneTime = true) {
  await from.initiate(to.name, await to.bundle(oneTime))
}

async function pass(from, to, text) {
  const message = await from.encrypt(to.name, text)
  assert.equal(await to.decrypt(from.name, message), text)
  return message
}

for (const stranger of STRANGERS) {
  for (const oneTime of [true, false]) {
    test(`${stranger} writes what we write, ${oneTime ? 'with' : 'without'} a one-time prekey`, async () => {
      const shapes = []
      for (const kinds of [['ours', stranger], [stranger, 'ours']]) {
        const [from, to] = fresh(kinds, device)
        await initiate(from, to, oneTime)
        const messages = [await pass(from, to, 'first'), await pass(from, to, 'second'), await pass(to, from, 'answer'), await pass(from, to, 'third')]
        assert.deepEqual(messages.map(({ type }) => type), ['pkmsg', 'pkmsg', 'msg', 'msg'])
        const counters = messages.map((message) => [2, 3].map((at) => value(inner(message).subarray(1, -8), at)))
        assert.deepEqual(counters, [[0, 0], [1, 0], [0, 0], [0, 1]])
        shapes.push(messages.map(shape))
      }
      assert.deepEqual(shapes[0], shapes[1])
      const message = ['33', [[1, 'key'], [2, 'number'], [3, 'number'], [4, 'blocks']]]
      const rest = [[2, 'key'], [3, 'key'], [4, message], [5, 'number'], [6, 'number']]
      assert.deepEqual(shapes[0][0], ['33', oneTime ? [[1, 'number'], ...rest] : rest])
      assert.deepEqual(shapes[0][3], message)
    })
  }

  test(`we and ${stranger} read what is 2,000 messages ahead, and refuse what is further`, async () => {
    for (const kinds of [['ours', stranger], [stranger, 'ours']]) {
      const [from, to] = fresh(kinds, device)
      await initiate(from, to)
      await pass(from, to, 'hello')
      await pass(to, from, 'hello to you')
      // The first of a new chain is number 0; libsignal counts it, too.
      const furthest = to.kind === 'libsignal' ? 1999 : 2000
      let message
      for (let number = 0; number <= furthest; number++) message = await from.encrypt(to.name, `number ${number}`)
      const beyond = await from.encrypt(to.name, 'beyond')
      // The other stranger goes up to 25,000.
      if (to.kind !== 'client') await assert.rejects(to.decrypt(from.name, beyond), ({ code }) => to.kind !== 'ours' || code === 'FutureMessage')
      assert.equal(await to.decrypt(from.name, message), `number ${furthest}`)
      assert.equal(await to.decrypt(from.name, beyond), 'beyond')
    }
  })

  test(`we and ${stranger} begin at once: each reads what the other wrote, and both go on`, async () => {
    const [a, b] = fresh(['ours', stranger], device)
    await Promise.all([initiate(a, b), initiate(b, a)])
    const sent = []
    for (const [from, to] of [[a, b], [b, a], [a, b], [b, a]]) sent.push([from, to, await from.encrypt(to.name, `from ${from.name}`)])
    for (const [from, to, message] of sent) assert.equal(await to.decrypt(from.name, message), `from ${from.name}`)
    for (const [from, to] of [[b, a], [b, a], [a, b]]) {
      const message = await from.encrypt(to.name, 'go on')
      if (await to.canTake(from.name, message)) assert.equal(await to.decrypt(from.name, message), 'go on')
    }
    await initiate(a, b)
    for (const [from, to] of [[a, b], [b, a], [a, b]]) await pass(from, to, 'anew')
  })
}

// --- The model of conversations -----------------------------------------------------------------------------------

class Conversations {
  constructor(kinds, chance) {
    this.chance = chance
    this.devices = fresh(kinds, device)
    const pairs = this.devices.flatMap((from) => this.devices.filter((to) => to !== from).map((to) => [from, to]))
    // What two strangers make of each other says nothing of us.
    this.links = pairs.filter((pair) => pair.some(({ kind }) => kind === 'ours'))
      .map(([from, to]) => ({ from, to, underWay: [], read: [], keys: [], begun: 0 }))
    this.counts = { read: 0, repeated: 0, lost: 0, damaged: 0, begun: 0 }
  }

  /** Whether the receiver must still have the chain of a message. */
  within({ from, to, keys, begun }, message) {
    const back = this.links.find((link) => link.from === to && link.to === from)
    const age = [...keys].reverse().indexOf(ratchetKey(message))
    return begun + back.begun <= SESSIONS && (age < CHAINS || to.kind === 'libsignal')
  }

  async begin(link) {
    this.counts.begun++
    link.begun++
    await initiate(link.from, link.to, this.chance.below(4) > 0)
  }

  async send(link) {
    const { from, to, underWay } = link
    if (!(await from.isOpen(to.name))) await this.begin(link)
    const text = this.chance.text()
    const message = { ...(await from.encrypt(to.name, text)), text }
    link.session = message.session
    underWay.push(message)
  }

  async deliver(link, message) {
    const { from, to, read, keys } = link
    if (!(await to.canTake(from.name, message))) {
      // As after the request to send it again.
      if (message.session === link.session) {
        link.session = undefined
        await this.begin(link)
      }
      return this.lose()
    }
    try {
      assert.equal(await to.decrypt(from.name, message), message.text)
    } catch (error) {
      if (error.code === 'ERR_ASSERTION' || this.within(link, message)) throw error
      return this.lose()
    }
    this.counts.read++
    read.push(message)
    const key = ratchetKey(message)
    if (!keys.includes(key)) keys.push(key)
  }

  lose() {
    this.counts.lost++
    return undefined
  }

  async repeat(link, message) {
    this.counts.repeated++
    const { from, to } = link
    await assert.rejects(to.decrypt(from.name, message), ({ code }) => to.kind !== 'ours' || !this.within(link, message) || code === 'Duplicate')
  }

  /** A copy with another bit: refused, and the original is read as if nothing had been. */
  async damage({ from, to }, { type, body }) {
    this.counts.damaged++
    const copy = Buffer.from(body)
    // Of a `pkmsg` the MAC covers only the message within; libsignal takes some other version bytes for it.
    const part = inner({ type, body })
    const start = body.indexOf(part) + 1
    copy[start + this.chance.below(part.length - 1)] ^= 1 << this.chance.below(8)
    await assert.rejects(to.decrypt(from.name, { type, body: copy }))
  }

  async step() {
    const { chance } = this
    const link = chance.of(this.links)
    const step = chance.weighted([[30, 'send'], [45, 'deliver'], [5, 'lose'], [10, 'repeat'], [6, 'damage'], [2, 'begin'], [1, 'archive']])
    if (step === 'send') {
      for (let count = 1 + chance.below(4); count > 0; count--) await this.send(link)
    } else if (step === 'begin') {
      await this.begin(link)
    } else if (step === 'archive') {
      await link.from.archive(link.to.name)
    } else if (step === 'repeat') {
      if (link.read.length > 0) await this.repeat(link, chance.of(link.read))
    } else if (link.underWay.length > 0) {
      if (step === 'damage') await this.damage(link, chance.of(link.underWay))
      else if (step === 'lose') this.lose(chance.take(link.underWay))
      // As it comes half of the time, so that ratchets turn.
      else await this.deliver(link, chance.below(2) ? link.underWay.shift() : chance.take(link.underWay))
    }
  }

  async end() {
    for (const link of this.links) {
      while (link.underWay.length > 0) await this.deliver(link, this.chance.take(link.underWay))
      for (const message of link.read) await this.repeat(link, message)
    }
    // Whatever has been, a new beginning is a good one, and is stayed with.
    for (const { from, to } of this.links) {
      await initiate(from, to)
      for (const [one, other] of [[from, to], [to, from], [from, to], [from, to], [to, from]]) await pass(one, other, 'at the end')
    }
  }
}

for (const [kinds, steps] of [
  [['ours', 'libsignal'], 400],
  [['ours', 'client'], 400],
  [['ours', 'ours', 'client'], 500],
  [['ours', 'libsignal', 'client', 'ours'], 800],
]) {
  schedules(`${kinds.join(', ')}: nothing delivered is lost, and nothing is read twice`, async (chance) => {
    const world = new Conversations(kinds, chance)
    for (let step = 0; step < steps; step++) await world.step()
    await world.end()
    for (const [what, count] of Object.entries(world.counts)) assert.ok(count > 0, `${what}: ${count}`)
    assert.ok(world.counts.read > steps / 8, JSON.stringify(world.counts))
  })
}

// --- Sender keys --------------------------------------------------------------------------------------------------

test('Baileys writes the sender keys and group messages that we write', async () => {
  const shapes = []
  for (const kinds of [['ours', 'baileys'], ['baileys', 'ours']]) {
    const [from, to] = fresh(kinds, member)
    const distribution = await from.distribute()
    await to.learn(from.name, distribution)
    const message = await from.encrypt('hello')
    assert.equal(await to.decrypt(from.name, message), 'hello')
    const shown = (bytes) => fields(bytes).map(([at, found]) => [at, typeof found === 'number' ? 'number' : found.length])
    shapes.push([distribution.body[0], shown(distribution.body.subarray(1)), message.body[0], shown(message.body.subarray(1, -64))])
  }
  assert.deepEqual(shapes[0].slice(0, 3), [0x33, [[1, 'number'], [2, 'number'], [3, 32], [4, 33]], 0x33])
  assert.deepEqual(shapes[0][3].map(([at]) => at), [1, 2, 3])
  assert.deepEqual(shapes[0].slice(0, 3), shapes[1].slice(0, 3))
  assert.deepEqual(shapes[0][3].slice(0, 2), shapes[1][3].slice(0, 2))
})

class Group {
  constructor(kinds, chance) {
    this.chance = chance
    this.members = fresh(kinds, member).map((one) => Object.assign(one, { generation: 0 }))
    const pairs = this.members.flatMap((from) => this.members.filter((to) => to !== from).map((to) => [from, to]))
    // keys: by generation, the first iteration that can be read, in the order in which they came.
    this.links = pairs.map(([from, to]) => ({ from, to, keys: new Map(), underWay: [], read: [] }))
    this.counts = { read: 0, refused: 0, repeated: 0, damaged: 0 }
  }

  async distribute({ from, to, keys }) {
    // Baileys adds a key again that it has, and drops another one for it.
    if (to.kind === 'baileys' && keys.has(from.generation)) return
    const distribution = await from.distribute()
    await to.learn(from.name, distribution)
    if (!keys.has(from.generation)) keys.set(from.generation, value(distribution.body.subarray(1), 2))
  }

  async send(from) {
    await from.distribute()
    const text = this.chance.text()
    const { body } = await from.encrypt(text)
    const message = { body, text, generation: from.generation, iteration: value(body.subarray(1, -64), 2) }
    for (const link of this.links) if (link.from === from) link.underWay.push(message)
  }

  /** Whether the message can be read: with one of the last five keys, from where that was given. */
  readable = ({ keys }, { generation, iteration }) => [...keys].slice(-5).some(([known, start]) => known === generation && iteration >= start)

  async deliver(link, message) {
    const { from, to } = link
    if (this.readable(link, message)) {
      assert.equal(await to.decrypt(from.name, message), message.text)
      this.counts.read++
      link.read.push(message)
    } else {
      await assert.rejects(to.decrypt(from.name, message), ({ code }) => to.kind !== 'ours' || ['NoSenderKey', 'Duplicate'].includes(code))
      this.counts.refused++
    }
  }

  async repeat(link, message) {
    const { from, to } = link
    await assert.rejects(to.decrypt(from.name, message), ({ code }) => to.kind !== 'ours' || !this.readable(link, message) || code === 'Duplicate')
    this.counts.repeated++
  }

  async damage({ from, to }, { body }) {
    const copy = Buffer.from(body)
    copy[1 + this.chance.below(body.length - 1)] ^= 1 << this.chance.below(8)
    await assert.rejects(to.decrypt(from.name, { body: copy }))
    this.counts.damaged++
  }

  async step() {
    const { chance } = this
    const link = chance.of(this.links)
    const step = chance.weighted([[25, 'send'], [50, 'deliver'], [5, 'lose'], [10, 'repeat'], [6, 'damage'], [20, 'distribute'], [2, 'rotate']])
    if (step === 'send') await this.send(link.from)
    else if (step === 'distribute') await this.distribute(link)
    else if (step === 'rotate') {
      await link.from.rotate()
      link.from.generation++
    } else if (step === 'repeat') {
      if (link.read.length > 0) await this.repeat(link, chance.of(link.read))
    } else if (link.underWay.length > 0) {
      if (step === 'damage') await this.damage(link, chance.of(link.underWay))
      else if (step === 'lose') chance.take(link.underWay)
      else await this.deliver(link, chance.below(2) ? link.underWay.shift() : chance.take(link.underWay))
    }
  }
}

for (const kinds of [['ours', 'baileys'], ['ours', 'baileys', 'ours', 'baileys']]) {
  schedules(`a group of ${kinds.join(', ')}: who has a key reads each message once`, async (chance) => {
    const group = new Group(kinds, chance)
    for (let step = 0; step < 600; step++) await group.step()
    for (const [what, count] of Object.entries(group.counts)) assert.ok(count > 0, `${what}: ${count}`)
  })
}
