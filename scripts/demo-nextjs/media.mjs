// Loaded before the server (`node --import`): files of messages come from the emulator, whatever host of WhatsApp their address names.
const { url, ca } = JSON.parse(process.env.CHASQUI_ENDPOINT)
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1')

// Node has undici built in, and loads it at the first use of `fetch`.
await fetch('data:,')
const usual = globalThis[GLOBAL_DISPATCHER]
const emulator = new usual.constructor({ connect: { ca } })
const origin = new URL(url).origin.replace(/^ws/, 'http')
const isWhatsApp = (host) => host === 'whatsapp.net' || host.endsWith('.whatsapp.net') || host === new URL(url).host

globalThis[GLOBAL_DISPATCHER] = {
  dispatch(options, handler) {
    const { host } = new URL(options.origin)
    return isWhatsApp(host) ? emulator.dispatch({ ...options, origin }, handler) : usual.dispatch(options, handler)
  },
}
