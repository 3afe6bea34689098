/** The address of the proxy that an agent stands for: the engine connects by itself, and only needs to know where. */

export type ProxyUrl = `http://${string}` | `socks5://${string}`

/** Any host serves for the question to an agent that decides by address. */
const SERVICE = 'https://web.whatsapp.com/'

const DEFAULT_PORTS = { http: 80, socks5: 1080 }

interface SocksAddress {
  host: string
  port: number
  type: number
  userId?: string
  password?: string
}

const isObject = (value: unknown): value is { [key: PropertyKey]: unknown } => value !== null && typeof value === 'object'
const isSocks = (proxy: { [key: PropertyKey]: unknown }): boolean => typeof proxy['host'] === 'string' && typeof proxy['type'] === 'number'

function socksUrl({ host, port, type, userId, password }: SocksAddress): string {
  const credentials = userId ? `${encodeURIComponent(userId)}:${encodeURIComponent(password ?? '')}@` : ''
  return `socks${type}://${credentials}${host}:${port}`
}

/** As `https-proxy-agent`, `http-proxy-agent`, `socks-proxy-agent` and `proxy-agent` keep it. */
function addressOf(agent: { [key: PropertyKey]: unknown }): unknown {
  const { proxy, getProxyForUrl, proxyUri } = agent
  if (typeof getProxyForUrl === 'function') return getProxyForUrl.call(agent, SERVICE)
  if (isObject(proxy) && isSocks(proxy)) return socksUrl(proxy as unknown as SocksAddress)
  if (isObject(proxy)) return proxy['href']
  if (typeof proxyUri === 'string' || typeof proxy === 'string') return proxyUri ?? proxy
  // undici's ProxyAgent keeps it under a symbol of its own.
  for (const symbol of Object.getOwnPropertySymbols(agent)) {
    const kept = agent[symbol]
    if (isObject(kept) && typeof kept['uri'] === 'string') return kept['uri']
  }
  return undefined
}

/** What the engine's option `proxy` takes; `undefined` where the agent is none of a proxy, or of one that the engine cannot use. */
export function proxyOf(agent: unknown): ProxyUrl | undefined {
  if (!isObject(agent)) return undefined
  const address = addressOf(agent)
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined
  const { protocol, hostname, port, username, password } = new URL(address)
  const scheme = protocol === 'http:' ? 'http' : protocol === 'socks5:' || protocol === 'socks5h:' || protocol === 'socks:' ? 'socks5' : undefined
  if (!scheme || !hostname) return undefined
  return `${scheme}://${username ? `${username}:${password}@` : ''}${hostname}:${port || DEFAULT_PORTS[scheme]}`
}
