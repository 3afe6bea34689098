// Loaded before a program (`node --import`) that downloads files: they come from the emulator, whose certificate nobody knows. npm
// Baileys is pointed at the emulator as well, as CHASQUI_ENDPOINT does with the door.
import https from 'node:https'

import { mediaDispatcher } from '../harness/dispatcher.mjs'
import { mediaAgent } from '../harness/https-agent.mjs'

const { url, rootKey, ca } = JSON.parse(process.env.CHASQUI_ENDPOINT)
const dispatcher = await mediaDispatcher({ caPem: ca, wssUrl: url })
globalThis[Symbol.for('undici.globalDispatcher.1')] = dispatcher
const library = process.env.WHATSAPP_LIBRARY
if (library === 'baileys' || library === 'baileys-6') {
  const { DEFAULT_CONNECTION_CONFIG, WA_CERT_DETAILS } = await import(library)
  // Baileys 6 downloads by axios.
  https.globalAgent = mediaAgent({ caPem: ca, wssUrl: url })
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'base64')
  const agent = new https.Agent({ ca })
  Object.assign(DEFAULT_CONNECTION_CONFIG, { waWebSocketUrl: url, agent, fetchAgent: agent, options: { dispatcher } })
}
