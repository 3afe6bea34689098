// Loaded before the server of examples/nextjs (`node --import`): files come from the emulator, whose certificate nobody knows, and npm Baileys,
// where it stands behind `baileys`, is pointed at the emulator as CHASQUI_ENDPOINT does it with Chasqui. The program knows nothing of it.
import { existsSync } from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { mediaDispatcher } from '../harness/dispatcher.mjs'

const { url, rootKey, ca } = JSON.parse(process.env.CHASQUI_ENDPOINT)
const dispatcher = await mediaDispatcher({ caPem: ca, wssUrl: url })
globalThis[Symbol.for('undici.globalDispatcher.1')] = dispatcher
const library = path.join(process.cwd(), 'node_modules/baileys')
if (!existsSync(path.join(process.cwd(), 'node_modules/chasqui'))) {
  const { DEFAULT_CONNECTION_CONFIG, WA_CERT_DETAILS } = await import(pathToFileURL(path.join(library, 'lib/index.js')).href)
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'base64')
  const agent = new https.Agent({ ca })
  Object.assign(DEFAULT_CONNECTION_CONFIG, { waWebSocketUrl: url, agent, fetchAgent: agent, options: { dispatcher } })
}
