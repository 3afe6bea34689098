// Loaded before a program (`node --import`) that downloads files: they come from the emulator, whose certificate nobody knows. npm
// Baileys is pointed at the emulator as well, as CHASQUI_ENDPOINT does with the door.
import https from 'node:https'

import { mediaDispatcher } from '../harness/dispatcher.mjs'

const { url, rootKey, ca } = JSON.parse(process.env.CHASQUI_ENDPOINT)
const dispatcher = await mediaDispatcher({ caPem: ca, wssUrl: url })
globalThis[Symbol.for('undici.globalDispatcher.1')] = dispatcher
if (process.env.WHATSAPP_LIBRARY === 'baileys') {
  const { DEFAULT_CONNECTION_CONFIG, WA_CERT_DETAILS } = await import('baileys')
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'base64')
  const agent = new https.Agent({ ca })
  Object.assign(DEFAULT_CONNECTION_CONFIG, { waWebSocketUrl: url, agent, fetchAgent: agent, options: { dispatcher } })
}
