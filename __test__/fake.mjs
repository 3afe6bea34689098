// A stand-in for the addon: tests say what it gives and see what it was told.

import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const native = require('../dist/native.js')

/** The clients made since `useFake`, each with `calls` and `give(events, raw)`. */
export const made = []

class FakeClient {
  constructor(optionsJson, onBatch, keys) {
    this.options = JSON.parse(optionsJson)
    this.keys = keys
    this.onBatch = onBatch
    this.calls = []
    this.windows = []
    this.held = []
    this.finishedSeqs = { confirmed: [], returned: [], begun: [] }
    this.retriedSeqs = []
    this.taken = []
    made.push(this)
    for (const name of ['connect', 'takeOver', 'opened', 'send', 'read', 'disconnect', 'logout', 'abort']) {
      this[name] = (...args) => void this.calls.push([name, ...args])
    }
  }
  delivered(seq, count, held = []) {
    this.windows.push([seq, count])
    this.held.push(...held)
    this.taken.shift()()
  }
  finished(seqs, outcome) {
    this.finishedSeqs[outcome === 'taken' ? 'confirmed' : 'returned'].push(...seqs)
    if (outcome === 'begun') this.finishedSeqs.begun.push(...seqs)
  }
  retried(seq) {
    this.retriedSeqs.push(seq)
  }
  stats() {
    return '{"session":"s"}'
  }
  /** Resolves when the batch is dispatched: on a busy machine that may take more than one slice. */
  give(events, raw = null) {
    return new Promise((resolve) => {
      this.taken.push(resolve)
      this.onBatch(JSON.stringify(events), raw)
    })
  }
  /** The newest call of that name, with its ticket. */
  call(name) {
    const call = this.calls.findLast(([called]) => called === name)
    return { ticket: call[1], args: call.slice(2) }
  }
}

/** Lets the TypeScript class load this instead of the addon. */
export function useFake() {
  native.loadClientAddon = () => ({ NativeClient: FakeClient })
}

/** Lets every client go: what a failed test left waiting would hold the process. */
export async function endAll() {
  for (const fake of made) await fake.give([{ t: 'gone', error: { code: 'INTERNAL', message: 'the test is over' } }])
}
