// The emulator, in a process of its own; it is driven over its HTTP administration.

import { startEmulator } from 'chasqui/testing'

import { serve } from './ipc.mjs'

serve({
  async start() {
    const { url, wsUrl, httpUrl, rootKey, ca } = await startEmulator({ port: 0, captureLimit: 100 })
    return { url, wsUrl, httpUrl, rootKey, ca }
  },
})
