/** Addresses as Baileys' users handle them: strings, told apart by what they end in. */
import type { FullJid, JidServer } from './types.js'

export const S_WHATSAPP_NET = '@s.whatsapp.net'
export const STORIES_JID = 'status@broadcast'

const DOMAIN_TYPES: Record<string, number> = { lid: 1, hosted: 128, 'hosted.lid': 129 }

/** `user[_agent][:device]@server` in its parts. */
export function jidDecode(jid: string | undefined): (FullJid & { domainType: number }) | undefined {
  if (typeof jid !== 'string') return undefined
  const at = jid.indexOf('@')
  if (at < 0) return undefined
  const server = jid.slice(at + 1) as JidServer
  const colon = before(jid, ':', 0, at)
  const underscore = before(jid, '_', 0, colon)
  const user = jid.slice(0, underscore)
  const agent = jid.slice(underscore + 1, before(jid, '_', underscore + 1, colon))
  const domainType = DOMAIN_TYPES[server] ?? (underscore < colon && agent ? Number(agent) : 0)
  const device = jid.slice(colon + 1, before(jid, ':', colon + 1, at))
  return colon < at && device ? { server, user, domainType, device: Number(device) } : { server, user, domainType }
}

/** Where a sign stands first between two places, or the second of them. */
function before(text: string, sign: string, from: number, end: number): number {
  const at = text.indexOf(sign, from)
  return at < 0 || at > end ? end : at
}

/** The user of an address, or nothing where it is none. */
function userOf(jid: string | undefined): string | undefined {
  if (typeof jid !== 'string') return undefined
  const at = jid.indexOf('@')
  return at < 0 ? undefined : jid.slice(0, before(jid, '_', 0, before(jid, ':', 0, at)))
}

export function jidEncode(user: string | number | null, server: string, device?: number, agent?: number): string {
  return `${user || ''}${agent ? `_${agent}` : ''}${device ? `:${device}` : ''}@${server}`
}

/** Without device and agent, and in the form that the service uses. */
export function jidNormalizedUser(jid: string | undefined): string {
  const parts = jidDecode(jid)
  if (!parts) return ''
  return jidEncode(parts.user, parts.server === 'c.us' ? 's.whatsapp.net' : parts.server)
}

export function areJidsSameUser(a: string | undefined, b: string | undefined): boolean {
  return userOf(a) === userOf(b)
}

const endsIn = (suffix: string) => (jid: string | undefined) => jid?.endsWith(suffix)

export const isPnUser = endsIn('@s.whatsapp.net')
export const isLidUser = endsIn('@lid')
export const isJidGroup = endsIn('@g.us')
export const isJidBroadcast = endsIn('@broadcast')
export const isJidNewsletter = endsIn('@newsletter')
export const isHostedPnUser = endsIn('@hosted')
export const isHostedLidUser = endsIn('@hosted.lid')
export const isJidStatusBroadcast = (jid: string): boolean => jid === STORIES_JID

/** Meta's assistants. */
export const isJidMetaAI = endsIn('@bot')
const BOT_NUMBER = /^1313555\d{4}$|^131655500\d{2}$/
export const isJidBot = (jid: string | undefined): boolean | '' | undefined =>
  jid && BOT_NUMBER.test(jid.split('@')[0] ?? '') && jid.endsWith('@c.us')

/** The device of one address put to another. */
export const transferDevice = (fromJid: string, toJid: string): string => {
  const device = jidDecode(fromJid)?.device ?? 0
  const to = jidDecode(toJid)
  if (!to) throw new TypeError(`Not a JID: ${toJid}`)
  return jidEncode(to.user, to.server, device)
}

const DOMAIN_SERVERS = new Map<unknown, JidServer>([
  [1, 'lid'],
  [128, 'hosted'],
  [129, 'hosted.lid'],
])

export const getServerFromDomainType = (initialServer: string, domainType: number | undefined): JidServer =>
  DOMAIN_SERVERS.get(domainType) ?? (initialServer as JidServer)
