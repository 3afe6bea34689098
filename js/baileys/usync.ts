/** Queries about users: which protocols are asked, for whom, and what was answered. */
import { assertNodeErrorFree, getBinaryNodeChild, getBinaryNodeChildren, getBinaryNodeChildString, type BinaryNode } from './nodes.js'
import type { USyncQueryResultList } from './prekeys.js'

export interface USyncQueryProtocol {
  name: string
  getQueryElement: () => BinaryNode
  /** What stands inside the user; null where nothing does. */
  getUserElement: (user: USyncUser) => BinaryNode | null
  parser: (node: BinaryNode) => unknown
}
export interface USyncQueryResult {
  list: USyncQueryResultList[]
  sideList: USyncQueryResultList[]
}

export class USyncUser {
  declare id?: string
  declare lid?: string
  declare phone?: string
  declare username?: string
  declare usernameKey?: string
  declare type?: string
  declare personaId?: string

  withId(id: string): this {
    this.id = id
    return this
  }
  withLid(lid: string): this {
    this.lid = lid
    return this
  }
  withPhone(phone: string): this {
    this.phone = phone
    return this
  }
  withUsername(username: string): this {
    this.username = username
    return this
  }
  withUsernameKey(usernameKey: string): this {
    this.usernameKey = usernameKey
    return this
  }
  withType(type: string): this {
    this.type = type
    return this
  }
  withPersonaId(personaId: string): this {
    this.personaId = personaId
    return this
  }
}

const date = (seconds: string | undefined): Date => new Date(Number(seconds || 0) * 1000)
const text = ({ content }: BinaryNode): string | null =>
  content instanceof Uint8Array ? Buffer.from(content).toString('utf8') : typeof content === 'string' ? content : null

export class USyncContactProtocol implements USyncQueryProtocol {
  name = 'contact'
  getQueryElement(): BinaryNode {
    return { tag: 'contact', attrs: {} }
  }
  getUserElement(user: USyncUser): BinaryNode {
    if (user.phone) return { tag: 'contact', attrs: {}, content: user.phone }
    const { type, username, usernameKey, lid } = user
    if (!username) return { tag: 'contact', attrs: type ? { type } : {} }
    return { tag: 'contact', attrs: { username, ...(usernameKey ? { pin: usernameKey } : {}), ...(lid ? { lid } : {}) } }
  }
  parser(node: BinaryNode): boolean {
    if (node.tag !== 'contact') return false
    assertNodeErrorFree(node)
    return node.attrs['type'] === 'in'
  }
}

export interface DeviceListData {
  id: number
  keyIndex?: number
  isHosted?: boolean
}
export interface KeyIndexData {
  timestamp: number
  signedKeyIndex?: Uint8Array
  expectedTimestamp?: number
}
export interface ParsedDeviceInfo {
  deviceList?: DeviceListData[]
  keyIndex?: KeyIndexData
}
export interface StatusData {
  status?: string | null
  setAt?: Date
}
export interface DisappearingModeData {
  duration: number
  setAt?: Date
}

export class USyncDeviceProtocol implements USyncQueryProtocol {
  name = 'devices'
  getQueryElement(): BinaryNode {
    return { tag: 'devices', attrs: { version: '2' } }
  }
  getUserElement(): BinaryNode | null {
    return null
  }
  parser(node: BinaryNode): ParsedDeviceInfo {
    if (node.tag !== 'devices') return { deviceList: [] }
    assertNodeErrorFree(node)
    const devices = getBinaryNodeChildren(getBinaryNodeChild(node, 'device-list'), 'device')
    const deviceList = devices.map(({ attrs }) => ({
      id: Number(attrs['id']),
      keyIndex: Number(attrs['key-index']),
      isHosted: attrs['is_hosted'] === 'true',
    }))
    const index = getBinaryNodeChild(node, 'key-index-list')
    if (!index) return { deviceList }
    const expected = index.attrs['expected_ts']
    const keyIndex = {
      timestamp: Number(index.attrs['ts']),
      ...(index.content ? { signedKeyIndex: index.content as Uint8Array } : {}),
      ...(expected ? { expectedTimestamp: Number(expected) } : {}),
    }
    return { deviceList, keyIndex }
  }
}

export class USyncStatusProtocol implements USyncQueryProtocol {
  name = 'status'
  getQueryElement(): BinaryNode {
    return { tag: 'status', attrs: {} }
  }
  getUserElement(): null {
    return null
  }
  parser(node: BinaryNode): StatusData | undefined {
    if (node.tag !== 'status') return undefined
    assertNodeErrorFree(node)
    const { code, t } = node.attrs
    // 401: it is not for this account.
    return { status: text(node) || (code === '401' ? '' : null), setAt: date(t) }
  }
}

export class USyncDisappearingModeProtocol implements USyncQueryProtocol {
  name = 'disappearing_mode'
  getQueryElement(): BinaryNode {
    return { tag: 'disappearing_mode', attrs: {} }
  }
  getUserElement(): null {
    return null
  }
  parser(node: BinaryNode): { duration: number; setAt?: Date } | undefined {
    if (node.tag !== 'disappearing_mode') return undefined
    assertNodeErrorFree(node)
    return { duration: Number(node.attrs['duration']), setAt: date(node.attrs['t']) }
  }
}

export class USyncUsernameProtocol implements USyncQueryProtocol {
  name = 'username'
  getQueryElement(): BinaryNode {
    return { tag: 'username', attrs: {} }
  }
  getUserElement(_user: USyncUser): BinaryNode | null {
    return null
  }
  parser(node: BinaryNode): string | null {
    if (node.tag !== 'username') return null
    assertNodeErrorFree(node)
    return typeof node.content === 'string' ? node.content : null
  }
}

class USyncLIDProtocol implements USyncQueryProtocol {
  name = 'lid'
  getQueryElement(): BinaryNode {
    return { tag: 'lid', attrs: {} }
  }
  getUserElement({ lid }: USyncUser): BinaryNode | null {
    return lid ? { tag: 'lid', attrs: { jid: lid } } : null
  }
  parser(node: BinaryNode): string | null | undefined {
    return node.tag === 'lid' ? node.attrs['val'] : null
  }
}

class USyncBotProfileProtocol implements USyncQueryProtocol {
  name = 'bot'
  getQueryElement(): BinaryNode {
    return { tag: 'bot', attrs: {}, content: [{ tag: 'profile', attrs: { v: '1' } }] }
  }
  getUserElement({ personaId }: USyncUser): BinaryNode {
    return { tag: 'bot', attrs: {}, content: [{ tag: 'profile', attrs: personaId ? { persona_id: personaId } : {} }] }
  }
  parser(node: BinaryNode): object {
    const profile = getBinaryNodeChild(node.tag === 'bot' ? node : getBinaryNodeChild(node, 'bot'), 'profile')
    const prompts = getBinaryNodeChildren(getBinaryNodeChild(profile, 'prompts'), 'prompt')
    const commands = getBinaryNodeChild(profile, 'commands')
    return {
      isDefault: Boolean(getBinaryNodeChild(profile, 'default')),
      jid: node.attrs['jid'],
      name: getBinaryNodeChildString(profile, 'name'),
      attributes: getBinaryNodeChildString(profile, 'attributes'),
      description: getBinaryNodeChildString(profile, 'description'),
      category: getBinaryNodeChildString(profile, 'category'),
      personaId: profile?.attrs['persona_id'],
      commandsDescription: getBinaryNodeChildString(commands, 'description'),
      commands: getBinaryNodeChildren(commands, 'command').map(command => ({
        name: getBinaryNodeChildString(command, 'name'),
        description: getBinaryNodeChildString(command, 'description'),
      })),
      prompts: prompts.map(prompt => `${getBinaryNodeChildString(prompt, 'emoji')} ${getBinaryNodeChildString(prompt, 'text')}`),
    }
  }
}

export class USyncQuery {
  protocols: USyncQueryProtocol[] = []
  users: USyncUser[] = []
  context = 'interactive'
  mode = 'query'

  withMode(mode: string): this {
    this.mode = mode
    return this
  }
  withContext(context: string): this {
    this.context = context
    return this
  }
  withUser(user: USyncUser): this {
    this.users.push(user)
    return this
  }

  /** What each protocol found about each user; a protocol that found nothing is left out. */
  parseUSyncQueryResult(result: BinaryNode | undefined): USyncQueryResult | undefined {
    if (result?.attrs['type'] !== 'result') return undefined
    const users = getBinaryNodeChildren(getBinaryNodeChild(getBinaryNodeChild(result, 'usync'), 'list'), 'user')
    const parsers = new Map(this.protocols.map(protocol => [protocol.name, protocol]))
    const list: USyncQueryResultList[] = []
    for (const { attrs, content } of users) {
      const id = attrs['jid']
      if (!id) continue
      const found: USyncQueryResultList = { id }
      for (const node of Array.isArray(content) ? content : []) {
        const value = parsers.get(node.tag)?.parser(node)
        if (value !== null && value !== undefined) found[node.tag] = value
      }
      list.push(found)
    }
    return { list, sideList: [] }
  }

  withDeviceProtocol(): this {
    return this.#with(new USyncDeviceProtocol())
  }
  withContactProtocol(): this {
    return this.#with(new USyncContactProtocol())
  }
  withStatusProtocol(): this {
    return this.#with(new USyncStatusProtocol())
  }
  withDisappearingModeProtocol(): this {
    return this.#with(new USyncDisappearingModeProtocol())
  }
  withBotProfileProtocol(): this {
    return this.#with(new USyncBotProfileProtocol())
  }
  withLIDProtocol(): this {
    return this.#with(new USyncLIDProtocol())
  }
  withUsernameProtocol(): this {
    return this.#with(new USyncUsernameProtocol())
  }
  #with(protocol: USyncQueryProtocol): this {
    this.protocols.push(protocol)
    return this
  }
}
