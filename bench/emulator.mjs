// The emulator, in a process of its own; it is driven over its HTTP administration.

import { startEmulator } from 'chasqui/testing'

import { serve } from './ipc.mjs'

// Held for as long as the process lives. What was sent is of no interest here, and would only take memory.
const emulator = await startEmulator({ port: 0, captureLimit: 100 })

serve({
  start() {
    const { url, wsUrl, httpUrl, rootKey, ca } = emulator
    return { url, wsUrl, httpUrl, rootKey, ca }
  },
})
