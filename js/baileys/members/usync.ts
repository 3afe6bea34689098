/** Questions about users: who has an account, with which devices, and what they show of themselves. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { isLidUser, jidDecode, jidEncode, jidNormalizedUser } from '../jid.js'
import type { BinaryNode } from '../nodes.js'
import { extractDeviceJids, type USyncQueryResultList } from '../prekeys.js'
import { USyncQuery, USyncUser, type USyncQueryResult } from '../usync.js'
import type { FullJid } from '../types.js'
import { attributes, iq, node } from './ask.js'
import { userDevicesCacheOf, type CachedDevices } from './user-devices.js'

export type DeviceWithJid = FullJid & { jid: string }

/** A number as the service is asked for it. */
const phoneOf = (numberOrJid: string): string => `+${numberOrJid.replace('+', '').split('@')[0]?.split(':')[0] ?? ''}`

export const makeUSync = (context: SocketContext) => {
  const { query, generateMessageTag, config, creds } = context
  const userDevicesCache = userDevicesCacheOf(config['userDevicesCache'])

  const executeUSyncQuery = async (usyncQuery: USyncQuery): Promise<USyncQueryResult | undefined> => {
    const { protocols, users, context: about, mode } = usyncQuery
    if (protocols.length === 0) throw new Boom('USyncQuery must have at least one protocol')
    const asked = users.map(user => {
      const parts = protocols.map(protocol => protocol.getUserElement(user)).filter((part): part is BinaryNode => part !== null)
      return node('user', attributes({ jid: user.phone ? undefined : user.id }), parts.length > 0 ? parts : undefined)
    })
    const question = node('usync', { context: about, mode, sid: generateMessageTag(), last: 'true', index: '0' }, [
      node('query', {}, protocols.map(protocol => protocol.getQueryElement())),
      node('list', {}, asked),
    ])
    return usyncQuery.parseUSyncQueryResult(await query(iq('get', 'usync', [question])))
  }

  const about = async (usyncQuery: USyncQuery, jids: string[]): Promise<USyncQueryResultList[] | undefined> => {
    for (const jid of jids) usyncQuery.withUser(new USyncUser().withId(jid))
    return (await executeUSyncQuery(usyncQuery))?.list
  }

  /** Devices that nothing is known of are asked for, all at once, and kept. */
  async function fetchDevices(users: string[]): Promise<Map<string, CachedDevices>> {
    const usyncQuery = new USyncQuery().withContext('message').withDeviceProtocol().withLIDProtocol()
    const list = (await about(usyncQuery, users)) ?? []
    const me = creds.me ?? { id: '' }
    const byUser = new Map<string, CachedDevices>()
    for (const device of extractDeviceJids(list, me.id, me.lid ?? '', false)) {
      const known = byUser.get(device.user)
      if (known) known.push(device)
      else byUser.set(device.user, [device])
    }
    for (const [user, devices] of byUser) await userDevicesCache.set(user, devices)
    return byUser
  }

  return {
    userDevicesCache,
    executeUSyncQuery,

    /** Those of the numbers that have an account. */
    /** In 6 with the LIDs. */
    onWhatsApp: async (...phoneNumber: string[]): Promise<{ jid: string; exists: true; lid?: unknown }[] | undefined> => {
      const usyncQuery = new USyncQuery().withContactProtocol()
      const withLids = context.edition.name === 6
      if (withLids) usyncQuery.withLIDProtocol()
      for (const number of phoneNumber) if (!isLidUser(number)) usyncQuery.withUser(new USyncUser().withPhone(phoneOf(number)))
      if (usyncQuery.users.length === 0) return []
      const found = await executeUSyncQuery(usyncQuery)
      return found?.list.filter(({ contact }) => contact === true).map(({ id, lid }) => ({ jid: id, exists: true, ...(withLids ? { lid } : {}) }))
    },

    fetchStatus: async (...jids: string[]): Promise<USyncQueryResultList[] | undefined> =>
      about(new USyncQuery().withStatusProtocol(), jids),

    fetchDisappearingDuration: async (...jids: string[]): Promise<USyncQueryResultList[] | undefined> =>
      about(new USyncQuery().withDisappearingModeProtocol(), jids),

    /** A JID that names a device stands for itself; the others for all devices of their user but this one. */
    getUSyncDevices: async (jids: string[], useCache: boolean, ignoreZeroDevices: boolean): Promise<DeviceWithJid[]> => {
      const found: DeviceWithJid[] = []
      // The users asked for, by JID.
      const wanted = new Map<string, string>()
      for (const jid of jids) {
        const parts = jidDecode(jid)
        if (!parts) continue
        const { user, device } = parts
        if (device !== undefined) found.push({ user, device, jid } as DeviceWithJid)
        else wanted.set(jidNormalizedUser(jid), user)
      }
      const known = new Map<string, CachedDevices>()
      for (const user of useCache ? wanted.values() : []) {
        const devices = await userDevicesCache.get<CachedDevices>(user)
        if (Array.isArray(devices)) known.set(user, devices)
      }
      const missing = [...wanted].filter(([, user]) => !known.has(user)).map(([jid]) => jid)
      if (missing.length > 0) for (const [user, devices] of await fetchDevices(missing)) known.set(user, devices)
      for (const user of wanted.values()) {
        for (const device of known.get(user) ?? []) {
          if (ignoreZeroDevices && device.device === 0) continue
          found.push({ ...device, jid: jidEncode(device.user, device.server ?? 's.whatsapp.net', device.device) })
        }
      }
      return found
    },
  }
}
