// What came with Baileys 7 cannot be compared with Baileys 6: calls of it, and scenarios that do nothing without it, are left out, and said so.
import { readFileSync } from 'node:fs'

const { otherVersions } = JSON.parse(readFileSync(new URL('../inventory/baileys.json', import.meta.url), 'utf8'))
const { lacks, socketLacks } = otherVersions['6.7.21']
/** Of `signalRepository`. */
const REPOSITORY = ['close', 'deleteSession', 'getSenderKeyDistributionMessage', 'getSessionInfo', 'hasSenderKey', 'lidMapping', 'migrateSession', 'validateSession']
const LACKED = new Set([...lacks, ...socketLacks, ...REPOSITORY])

/** Scenarios that Baileys 6 does not come through, and why. */
export const LEFT_OUT = {
  'media: an album': 'albums came with 7',
  'people: channels: followed': 'it follows channels by a query that the service does not know',
  'socket: createBufferedFunction': 'what is buffered in a function never comes',
}

/** Whether a member of the socket came with 7, for those who compare with 6. */
export const isNewer = ({ edition }, member) => edition === 6 && LACKED.has(member)

/** The member or export that an error is about, if the reference is Baileys 6 and has none of that name. */
export function lackedBy({ edition, reference }, error) {
  if (edition !== 6 || !reference) return undefined
  const [, name] = /(\w+) is not a function$/.exec(String(error?.message ?? error)) ?? []
  return LACKED.has(name) ? name : undefined
}
