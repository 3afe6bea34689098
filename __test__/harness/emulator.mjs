// Starts an emulator for tests that reach it as strangers do: its addon, called directly.

import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The addon: the one that the environment names, else the checkout's own build. */
function addonPath() {
  if (process.env.CHASQUI_EMULATOR_ADDON) return process.env.CHASQUI_EMULATOR_ADDON
  const directory = path.join(root, 'npm')
  const platform = `${process.platform}-${process.arch}`
  for (const abi of ['', '-gnu', '-musl', '-msvc']) {
    const file = path.join(directory, platform + abi, `chasqui-emulator.${platform}${abi}.node`)
    if (existsSync(file)) return file
  }
  throw new Error(`there is no emulator addon for ${platform} under npm/; run "npm run build"`)
}

/**
 * A running emulator: its `info`, what happened to contacts in `events`, of which `event` finds one, and `call(method, args)`.
 *
 * @param {object} [options] as for `startEmulator`
 */
export async function startEmulator(options = {}) {
  const { NativeEmulator } = require(addonPath())
  const events = []
  const native = new NativeEmulator(JSON.stringify(options), (json) => events.push(JSON.parse(json)))
  const info = JSON.parse(await native.start())
  return {
    info,
    events,
    event: (contact, wanted) => events.find((it) => it.contact === contact && wanted(it)),
    call: async (method, args = {}) => JSON.parse(await native.call(method, JSON.stringify(args))),
    stop: () => native.stop(),
    [Symbol.asyncDispose]: () => native.stop(),
  }
}

/** Resolves with the first true value of `condition`, asked every few milliseconds; `what` may be a function that tells how far it came. */
export async function waitFor(condition, what = 'the condition', timeout = 15_000) {
  const end = Date.now() + timeout
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) throw new Error(`timed out while waiting for ${typeof what === 'function' ? what() : what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/**
 * Slower for Baileys 6, which does not read what comes in the moment in which its handshake ends; only on one machine is the service so fast.
 * Resolves with the fault by which messages are.
 *
 * @param {{ faults: { add: (fault: object) => Promise<{ id: number }> } }} emulator of `chasqui/testing`
 */
export async function slower({ faults }) {
  for (const tag of ['success', 'ib']) await faults.add({ what: 'delay', milliseconds: 60, tag })
  await faults.add({ what: 'delay', milliseconds: 60, tag: 'iq', xmlns: 'md' })
  // It learns its own LID in the next moment, and takes what comes from its phone before for a stranger's.
  return faults.add({ what: 'delay', milliseconds: 150, tag: 'message' })
}
