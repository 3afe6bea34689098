// What came with Baileys 7 cannot be compared with Baileys 6: calls of it, and scenarios that do nothing without it, are left out, and said so.
import { readFileSync } from 'node:fs'

const { otherVersions } = JSON.parse(readFileSync(new URL('../inventory/baileys.json', import.meta.url), 'utf8'))
const { lacks, socketLacks } = otherVersions['6.7.21']
const LACKED = new Set([...lacks, ...socketLacks])

/** The member or export that an error is about, if the reference is Baileys 6 and has none of that name. */
export function lackedBy({ edition, reference }, error) {
  if (edition !== 6 || !reference) return undefined
  const [, name] = /(\w+) is not a function$/.exec(String(error?.message ?? error)) ?? []
  return LACKED.has(name) ? name : undefined
}
