// Lets clients that use Node's `fetch` reach the emulator's media hosts.

// Node has undici built in, and shows it only by this.
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/**
 * A dispatcher for `fetch` that trusts the emulator's certificate and goes to the emulator for every host of the service,
 * also for those that a client has built in. It can be used again after `destroy`, which ends its connections.
 *
 * @param {{ caPem: string, wssUrl: string }} info of the emulator
 * @returns {Promise<{ dispatch: Function, destroy: () => Promise<void> }>}
 */
export async function mediaDispatcher({ caPem, wssUrl }) {
  // The first use of `fetch` loads it.
  await fetch('data:,')
  const Agent = globalThis[GLOBAL_DISPATCHER].constructor
  const origin = new URL(wssUrl).origin.replace(/^wss/, 'https')
  const ofService = (host) => host === 'whatsapp.net' || host.endsWith('.whatsapp.net')
  let agent
  return {
    dispatch: (options, handler) => {
      agent ??= new Agent({ connect: { ca: caPem } })
      const rewritten = ofService(new URL(options.origin).hostname) ? { ...options, origin } : options
      return agent.dispatch(rewritten, handler)
    },
    destroy: async () => {
      const gone = agent
      agent = undefined
      await gone?.destroy()
    },
  }
}
