// The emulator, in a process of its own; it is driven over its HTTP administration.

import { startEmulator } from 'chasqui/testing'

import { serve } from './ipc.mjs'

// Held for as long as the process lives. What was sent is of no interest here, and would only take memory.
const emulator = await startEmulator({ port: 0, captureLimit: 100 })

serve({
  start() {
    const { url, wsUrl, httpUrl, rootKey, ca, endpoint } = emulator
    return { url, wsUrl, httpUrl, rootKey, ca, endpoint }
  },

  /** People come and go for an account to see: so many states, so many a second, and then one person more. */
  async presences({ account, people, total, perSecond, last }) {
    const tell = (number, attrs) => emulator.inject({ account, stanza: { tag: 'presence', attrs: { from: `${number}@s.whatsapp.net`, ...attrs } } })
    const begun = performance.now()
    for (let sent = 0; sent < total; ) {
      const due = Math.min(total, Math.ceil(((performance.now() - begun) / 1000) * perSecond))
      const now = []
      for (; sent < due; sent++) {
        const left = Math.floor(sent / people) % 2
        now.push(tell(15_550_000_000 + (sent % people), left ? { type: 'unavailable', last: '1700000000' } : {}))
      }
      await Promise.all(now)
    }
    await tell(last, {})
    return (performance.now() - begun) / 1000
  },

  /** How many requests of a kind an account has made. */
  async requests({ account, child }) {
    return (await emulator.stanzas({ account, direction: 'out', tag: 'iq', child })).length
  },
})
