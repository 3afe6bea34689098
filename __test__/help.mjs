// What tests against the emulator share.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { WhatsAppClient } from 'chasqui'

/** A directory that is gone after the test. */
export function temporary(t) {
  const directory = mkdtempSync(path.join(tmpdir(), 'chasqui-test-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A client that pairs as a device of `account` whenever it shows a QR code; it is disconnected after the test. */
export function clientOf(t, emulator, account, options = {}) {
  const client = new WhatsAppClient({ session: account, store: 'memory:', endpoint: emulator.endpoint, ...options })
  client.on('qr', (qr) => emulator.scan(qr.text, { account }))
  t.after(() => client.disconnect())
  return client
}

/** The same, and it is open. */
export async function openClient(t, emulator, account, options) {
  const client = clientOf(t, emulator, account, options)
  await client.connect()
  await client.opened()
  return client
}

/** The next event for which `accept` is true. */
export function next(client, event, accept = () => true) {
  return new Promise((resolve) => {
    const listener = (value) => {
      if (!accept(value)) return
      client.off(event, listener)
      resolve(value)
    }
    client.on(event, listener)
  })
}

/** A QR code from a client that shows one, unscanned. */
export const firstQr = (client) => next(client, 'qr')
