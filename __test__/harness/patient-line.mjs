// Baileys 6 reads what comes before its handshake has ended as a part of it, and then waits for ever. It ends when its last bytes have
// left and its keys are derived. On a real line nothing comes that soon; here it comes when nothing of this is under way.
import { webcrypto } from 'node:crypto'

/** What comes in a handshake, and the first that comes after it. */
const FIRST = 2

/** From now on no WebSocket of this process gives out the first that comes while something is leaving, or keys are derived. */
export async function onPatientLine() {
  const { default: WebSocket } = await import('ws')
  const { emit, send } = WebSocket.prototype
  const [leaving, held, given] = [new Map(), new Map(), new WeakMap()]
  let deriving = 0
  const deliver = () => {
    for (const [line, events] of held) {
      while (events.length > 0 && (given.get(line) >= FIRST || (deriving === 0 && !leaving.get(line)))) {
        given.set(line, (given.get(line) ?? 0) + 1)
        emit.apply(line, events.shift())
      }
      if (events.length === 0) held.delete(line)
    }
  }
  // Whoever has waited goes on in promises first.
  const then = (work) => setImmediate(() => (work(), deliver()))

  const subtle = Object.getPrototypeOf(webcrypto.subtle)
  for (const name of ['importKey', 'deriveBits']) {
    const derive = subtle[name]
    subtle[name] = function (...args) {
      deriving++
      const result = derive.apply(this, args)
      const done = () => then(() => deriving--)
      result.then(done, done)
      return result
    }
  }
  WebSocket.prototype.send = function (data, ...rest) {
    const callback = rest.find((one) => typeof one === 'function')
    const options = rest.filter((one) => one !== null && typeof one === 'object')
    leaving.set(this, (leaving.get(this) ?? 0) + 1)
    return send.call(this, data, ...options, (error) => {
      callback?.(error)
      then(() => (leaving.get(this) > 1 ? leaving.set(this, leaving.get(this) - 1) : leaving.delete(this)))
    })
  }
  WebSocket.prototype.emit = function (event, ...args) {
    const passes = given.get(this) >= FIRST && !held.has(this)
    if (passes || (event !== 'message' && event !== 'close')) return emit.call(this, event, ...args)
    if (!held.has(this)) held.set(this, [])
    held.get(this).push([event, ...args])
    // Nothing leaves any more.
    then(() => event === 'close' && leaving.delete(this))
    return true
  }
}
