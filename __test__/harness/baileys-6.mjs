// npm Baileys 6 as a peer, in a process of its own: it and 7 patch the same classes.

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { waitFor } from './emulator.mjs'

/** Another process on a busy machine, and a version that waits for answers. */
const PATIENCE = 120_000

/** The versions that are installed, and the packages that they are. */
export const SIXES = { '6.7.21': 'baileys-6', '6.17.16': 'baileys-6-17' }

const child = fileURLToPath(new URL('./baileys-6-child.mjs', import.meta.url))

/**
 * As a side of `stage()`, as far as it is needed. Resolves when it is open. Where it keeps its state: a folder, or the `rows` of a store of
 * texts, which are those that it leaves when it has stopped. `linked`: it must not show a code.
 */
export async function openSix(t, emulator, name, place, { version = '6.7.21', linked = false } = {}) {
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env
  const running = fork(child, [SIXES[version]], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const rows = place instanceof Map ? place : undefined
  const side = { name, received: [], state: 'new', calls: new Map(), last: 0 }
  running.on('message', (event) => {
    if (event.qr) {
      if (linked) side.failure = new Error(`${name} was to go on, and shows a code`)
      else emulator.scan(event.qr, { account: name }).catch((error) => (side.failure = error))
    }
    if (event.me) side.me = event.me
    if (event.state) side.state = event.state
    if (event.received) side.received.push(event.received)
    if (event.rows) {
      rows.clear()
      for (const [key, value] of event.rows) rows.set(key, value)
    }
    if (event.done) {
      const { resolve, reject } = side.calls.get(event.done)
      if (event.error) reject(new Error(event.error))
      else resolve(event.value)
    }
  })
  const call = (what, args) => new Promise((resolve, reject) => {
    side.calls.set(++side.last, { resolve, reject })
    running.send({ call: side.last, what, args })
  })
  const stop = async () => {
    if (running.exitCode !== null || running.signalCode !== null) return
    // What it has left behind has come by then.
    const gone = ['exit', 'disconnect'].map((end) => new Promise((resolve) => running.once(end, resolve)))
    running.send({ what: 'stop' })
    await Promise.all(gone)
  }
  t.after(stop)
  await waitFor(() => side.state === 'ready', `the process of ${name}`, PATIENCE)
  running.send({ what: 'start', args: { name, ...(rows ? { rows: [...rows] } : { folder: place }), url: emulator.wsUrl, rootKey: emulator.rootKey } })
  await waitFor(() => {
    if (side.failure) throw side.failure
    if (side.state === 'logged out') throw new Error(`${name} was logged out`)
    return side.state === 'open'
  }, `${name} to be open`, PATIENCE)
  return Object.assign(side, {
    stop,
    get jid() {
      return side.me.id.replace(/:\d+@/, '@')
    },
    get lid() {
      return side.me.lid.replace(/:\d+@/, '@')
    },
    get device() {
      return Number(/:(\d+)@/.exec(side.me.id)[1])
    },
    send: (to, text) => call('send', { to, text }),
    createGroup: (subject, members) => call('group', { subject, members }),
    got: (text) => waitFor(() => side.received.find((message) => message.text === text), `"${text}" at ${name}`, PATIENCE),
    async stanzas(filter) {
      const found = await emulator.stanzas({ account: name, device: side.device, ...filter })
      return found.map(({ stanza }) => stanza)
    },
    async encryptions() {
      const found = await this.stanzas({ direction: 'in', tag: 'message', child: 'enc' })
      return new Map(found.map(({ attrs, content }) => [attrs.id, content.find(({ tag }) => tag === 'enc').attrs.type]))
    },
  })
}
