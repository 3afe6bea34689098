// A program on this door, as the documentation of Baileys shows one: it connects again after every end.
import { createRequire } from 'node:module'

import { temporaryFolder } from '../harness/baileys.mjs'
import { waitFor } from '../interop/sides.mjs'

const { makeWASocket, useMultiFileAuthState } = createRequire(import.meta.url)('../../dist/baileys/index.js')

/** A socket of this door that is open, and closed when the test ends. `again()` opens the folder once more. */
export async function door(t, emulator, account, options) {
  const folder = temporaryFolder()
  const it = { sock: undefined, told: [], state: 'new', messages: [] }
  t.after(async () => {
    it.state = 'stopping'
    await it.sock.end(undefined)
  })
  const start = async () => {
    const { state, saveCreds } = await useMultiFileAuthState(folder)
    const sock = (it.sock = makeWASocket({ auth: state, waWebSocketUrl: emulator.endpoint, ...options }))
    sock.ev.on('creds.update', saveCreds)
    sock.ev.process((events) => it.told.push(...Object.entries(events)))
    sock.ev.on('messages.upsert', ({ messages }) => it.messages.push(...messages))
    sock.ev.on('connection.update', ({ connection, qr }) => {
      if (sock !== it.sock) return
      if (qr) emulator.scan(qr, { account })
      if (connection === 'open') it.state = 'open'
      if (connection === 'close' && it.state !== 'stopping') start()
    })
  }
  const open = () => waitFor(() => it.state === 'open', `${account} to be open`)
  it.again = async (more) => {
    options = { ...options, ...more }
    it.state = 'again'
    await it.sock.end(undefined)
    await open()
  }
  await start()
  await open()
  return it
}
