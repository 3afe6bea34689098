// Two books of a scenario, side by side.

/** What comes before or after other events as the service and the store are fast or slow, also with npm Baileys; each kind keeps its own order. */
const ANY_TIME = new Set(['lid-mapping.update', 'settings.update', 'messaging-history.set', 'messaging-history.status', 'message-receipt.update'])
const kindOf = ({ event, payload }) => {
  const told = event === 'connection.update' ? Object.keys(payload).join() : ''
  // What waited at the service may come before `open` or after it.
  if (told === 'receivedPendingNotifications' || told === 'isOnline' || payload.connection === 'open') return `${told} told`
  return ANY_TIME.has(event) ? event : 'others'
}
/** What events are paired by. */
const keyOf = ({ event, payload }) => {
  if (event === 'connection.update') return `${event} ${Object.keys(payload)}`
  if (event === 'messaging-history.set') return `${event} ${payload.syncType}`
  return event
}
/** What only one side told is named more closely. */
const nameOf = ({ event, payload }) => (event === 'connection.update' ? `${event}.${Object.keys(payload)}` : event)

/**
 * What differs: `{ path, theirs, ours }`, a path from the step down to the field. Events that only one side told stand there whole.
 */
export function compare(theirs, ours) {
  const differences = []
  const add = (path, a, b) => differences.push({ path, theirs: a, ours: b })
  const names = [...new Set([...theirs.steps, ...ours.steps].map(({ name }) => name))]
  for (const name of names) {
    const [a, b] = [theirs, ours].map(({ steps }) => steps.find((step) => step.name === name) ?? { events: [], calls: [], missing: [], creds: {} })
    const kinds = new Set([...a.events, ...b.events].map(kindOf))
    const pairs = [...kinds].flatMap((kind) => {
      const [left, right] = [a, b].map(({ events }) => events.filter((entry) => kindOf(entry) === kind))
      return aligned(left, right, keyOf)
    })
    for (const [x, y] of pairs) {
      const at = `${name} > ${(x ?? y).event}`
      if (!x || !y) add(`${name} > ${nameOf(x ?? y)}`, x?.payload, y?.payload)
      else {
        fields(x.payload, y.payload, at, add)
        fields(x.with, y.with, `${at} > with`, add)
      }
    }
    fields(a.creds, b.creds, `${name} > creds.update`, add)
    for (const [x, y] of aligned(a.calls, b.calls, (call) => call.name)) {
      if (x?.lacks) continue
      const at = `${name} > ${(x ?? y).name}()`
      const result = (call) => call && ('throws' in call ? { throws: call.throws } : { gives: call.gives })
      fields(result(x), result(y), at, add)
    }
    fields(a.missing, b.missing, `${name} > never told`, add)
  }
  // What nobody caught; npm Baileys leaves some of that behind.
  if (ours.stray?.length > 0 && !theirs.stray?.length) add('unhandled', undefined, ours.stray)
  fields(theirs.failure, ours.failure, 'the scenario ended early', add)
  return differences
}

/** Pairs of two lists in their order, those of the same key; rather those that are wholly alike. What has no partner stands alone. */
function aligned(left, right, key) {
  const [a, b] = [left, right].map((list) => list.map((item) => ({ item, key: key(item), whole: JSON.stringify(item.payload ?? item) })))
  const worth = (x, y) => (x.key !== y.key ? 0 : x.whole === y.whole ? 3 : 1)
  const best = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const both = worth(a[i], b[j])
      best[i][j] = Math.max(both && best[i + 1][j + 1] + both, best[i + 1][j], best[i][j + 1])
    }
  }
  const pairs = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const both = i < a.length && j < b.length ? worth(a[i], b[j]) : 0
    if (both && best[i][j] === best[i + 1][j + 1] + both) pairs.push([a[i++].item, b[j++].item])
    else if (j >= b.length || (i < a.length && best[i][j] === best[i + 1][j])) pairs.push([a[i++].item, undefined])
    else pairs.push([undefined, b[j++].item])
  }
  return pairs
}

function fields(a, b, path, add) {
  if (Object.is(a, b)) return
  // A Buffer is the Uint8Array that Baileys sometimes gives instead.
  if (typeof a === 'string' && typeof b === 'string' && a.includes('Uint8Array') && b.replaceAll('Buffer', 'Uint8Array') === a) return
  const both = (test) => test(a) && test(b)
  if (both(Array.isArray)) {
    for (let at = 0; at < Math.max(a.length, b.length); at++) fields(a[at], b[at], `${path}[${at}]`, add)
  } else if (both((value) => value !== null && typeof value === 'object' && !Array.isArray(value))) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) fields(a[name], b[name], `${path}.${name}`, add)
  } else if (JSON.stringify(a) !== JSON.stringify(b)) add(path, a, b)
}
