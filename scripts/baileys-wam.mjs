// Writes js/baileys/wam.json: the names and numbers of the statistics format, as npm baileys exports them.
//
//   node scripts/baileys-wam.mjs
//
// An event is [name, id, weight, channel, private id or null, "property number type …"], a global [name, id, type, channels]; types are
// places in `types`, which holds names, and enums as "NAME number …". A program loads it when it looks at the tables.
import { writeFileSync } from 'node:fs'

import { WEB_EVENTS, WEB_GLOBALS } from 'baileys'

const types = []
const places = new Map()
function placeOf(type) {
  const text = typeof type === 'string' ? type : Object.entries(type).flat().join(' ')
  const key = `${typeof type} ${text}`
  if (!places.has(key)) places.set(key, types.push(typeof type === 'string' ? text : [text]) - 1)
  return places.get(key)
}

const events = WEB_EVENTS.map(({ name, id, props, wamChannel, privateStatsIdInt, weight }) => {
  const shown = Object.entries(props).map(([property, [number, type]]) => `${property} ${number} ${placeOf(type)}`)
  return [name, id, weight, wamChannel, privateStatsIdInt ?? null, shown.join(' ')]
})
const globals = WEB_GLOBALS.map(({ name, id, type, channels }) => [name, id, placeOf(type), channels])

const lines = (list) => `[\n${list.map((item) => JSON.stringify(item)).join(',\n')}\n]`
writeFileSync(new URL('../js/baileys/wam.json', import.meta.url), `{"types": ${lines(types)},\n"events": ${lines(events)},\n"globals": ${lines(globals)}}\n`)
