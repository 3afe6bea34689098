// Runs one example of the documentation in a process of its own: `node run-block.mjs FILE [phone] [client] [maria]`.
//
// What a reader's machine has and a test must not use is the real service. Here an emulator stands in for it: clients
// that name no endpoint get its, below the class, and the doors find it in their environment. The example's text does
// not know of it.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

import { next } from '../help.mjs'

const [file, ...wanted] = process.argv.slice(2)
const require = createRequire(import.meta.url)
const native = require('../../dist/native.js')
const { WhatsAppClient } = require('../../dist/client.js')
const { startEmulator } = require('../../dist/testing.js')

const emulator = await startEmulator()
process.env.CHASQUI_ENDPOINT = JSON.stringify(emulator.endpoint)
process.env.PORT = '0'

const addon = native.loadClientAddon()
const { NativeClient } = addon
native.loadClientAddon = () => ({
  ...addon,
  NativeClient: function (options, ...rest) {
    return new NativeClient(JSON.stringify({ endpoint: emulator.endpoint, ...JSON.parse(options) }), ...rest)
  },
})

Object.assign(globalThis, { assert, emulator, next })

const scan = ({ text }) => emulator.scan(text, { account: 'Tienda' })
if (wanted.includes('phone')) {
  const { connect } = WhatsAppClient.prototype
  WhatsAppClient.prototype.connect = function () {
    this.on('qr', scan)
    return connect.call(this)
  }
}
if (wanted.includes('client')) {
  globalThis.client = new WhatsAppClient({ session: 'shop', store: 'memory:' })
  globalThis.client.on('qr', scan)
  await globalThis.client.connect()
  await globalThis.client.opened()
}
if (wanted.includes('maria')) globalThis.maria = await emulator.contact('María')

await import(pathToFileURL(file))

// What the example made is its own to end: nothing here ends the process.
await globalThis.client?.disconnect()
await emulator.stop()
