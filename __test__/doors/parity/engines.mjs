// The libraries under test: npm Baileys, and the door that takes its place, in two editions.
import https from 'node:https'
import { createRequire } from 'node:module'

import { mediaAgent } from '../../harness/https-agent.mjs'
import { onPatientLine } from '../../harness/patient-line.mjs'

const require = createRequire(import.meta.url)

/** By edition: the name of the npm package, and the file of the door. */
const EDITIONS = {
  7: { theirs: 'baileys', ours: '../../../dist/baileys/index.js' },
  6: { theirs: 'baileys-6', ours: '../../../dist/baileys/legacy/index.js' },
}

/**
 * A library with what a program has to tell it to reach the emulator; `reference` is the one whose behaviour is right.
 *
 * @param {'theirs' | 'ours'} side
 * @param {6 | 7} edition
 */
export async function engineOf(side, edition = 7) {
  const source = EDITIONS[edition][side]
  if (side === 'theirs' && edition === 6) await onPatientLine()
  const module = side === 'theirs' ? await import(source) : require(source)
  // The old packages are CommonJS: what they export by name is below `default`, too.
  const lib = module.makeWASocket ? module : module.default
  return {
    lib,
    edition,
    reference: side === 'theirs',
    makeWASocket: lib.makeWASocket ?? lib.default,
    /** What the program would not say to the live service. */
    config(emulator, { agent, dispatcher }) {
      if (side === 'theirs') lib.WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(emulator.rootKey, 'base64')
      // It downloads by axios, and tells it of no agent.
      if (side === 'theirs' && edition === 6) https.globalAgent = mediaAgent({ caPem: emulator.ca, wssUrl: emulator.url })
      // By default 6.7.21 takes no history, and 6.17 takes all.
      const history = edition === 6 ? { shouldSyncHistoryMessage: () => false } : {}
      return { ...history, waWebSocketUrl: side === 'theirs' ? emulator.url : emulator.endpoint, agent, fetchAgent: agent, options: { dispatcher } }
    },
  }
}
