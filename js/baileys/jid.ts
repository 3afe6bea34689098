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
  const server = jid.slice(at + 1)
  const [userAndAgent = '', device] = jid.slice(0, at).split(':')
  const [user = '', agent] = userAndAgent.split('_')
  const domainType = DOMAIN_TYPES[server] ?? (agent ? Number(agent) : 0)
  return { server: server as JidServer, user, domainType, ...(device ? { device: Number(device) } : {}) }
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
  return jidDecode(a)?.user === jidDecode(b)?.user
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
