/**
 * `patchMessageBeforeSending`: what the program makes of a message before it goes, for all devices or for single ones. It is
 * called as Baileys calls it: with the chat, with the own devices and with those of the others; in groups without devices.
 */
import { Boom } from '@hapi/boom'

import { DEFAULT_CONNECTION_CONFIG } from '../constants.js'
import type { SocketContext } from '../context.js'
import { areJidsSameUser, isJidGroup, isJidNewsletter, isJidStatusBroadcast, jidNormalizedUser } from '../jid.js'
import type { WAMessageContent } from '../types.js'

type Fields = { [field: string]: any }

/** What one device is to get. */
export interface ForDevice {
  jid: string
  message: WAMessageContent
}

export interface Patched {
  message: WAMessageContent
  /** Where devices differ; those that are not named get nothing. */
  variants?: ForDevice[]
}

interface Devices {
  theirs: string[]
  ours: string[]
}
interface Members {
  getUSyncDevices(jids: string[], useCache: boolean, ignoreZeroDevices: boolean): Promise<{ jid: string }[]>
}

type Patch = (message: WAMessageContent, jids?: string[]) => unknown

export const patchOf = ({ config }: SocketContext): Patch | undefined => {
  const patch = config.patchMessageBeforeSending as Patch | undefined
  return patch === DEFAULT_CONNECTION_CONFIG.patchMessageBeforeSending ? undefined : patch
}

/** An entry of a list that the program gave: the message is a field of it, or it is the message itself. */
function entryOf({ recipientJid, ...rest }: Fields): ForDevice | undefined {
  const message = (rest['message'] ?? rest) as WAMessageContent
  return typeof recipientJid === 'string' ? { jid: recipientJid, message } : undefined
}

/** Of a list one message for each device in it, otherwise the same for all. */
export function forEach(patched: unknown, jids: string[]): ForDevice[] {
  if (!Array.isArray(patched)) return jids.map(jid => ({ jid, message: patched as WAMessageContent }))
  return (patched as Fields[]).map(entryOf).filter(entry => entry !== undefined)
}

/** What an own device gets: the engine adds the wrapper around it. */
const inside = (message: WAMessageContent): WAMessageContent => (message as Fields | undefined)?.['deviceSentMessage']?.message ?? message

export function makePatching(context: SocketContext, members: () => Members) {
  const patch = patchOf(context)
  // Baileys 6 does not ask for the chat beforehand.
  const asksForChat = context.edition.name !== 6

  async function devicesOf(jid: string): Promise<Devices> {
    const known = await context.ask<Devices | undefined>('signal.devices', { jid })
    if (known) return known
    const { id, lid } = context.me()
    const own = jidNormalizedUser(jid.endsWith('@lid') ? (lid ?? id) : id)
    const devices = (await members().getUSyncDevices([own, jid], true, false)).map(({ jid }) => jid)
    const isOwn = (device: string): boolean => areJidsSameUser(device, id) || (lid !== undefined && areJidsSameUser(device, lid))
    return { theirs: devices.filter(device => !isOwn(device)), ours: devices.filter(isOwn) }
  }

  async function forPerson(patch: Patch, message: WAMessageContent, jid: string): Promise<Patched> {
    const first = asksForChat ? await patch(message, [jid]) : undefined
    const { theirs, ours } = await devicesOf(jidNormalizedUser(jid))
    const copy = { deviceSentMessage: { destinationJid: jid, message }, messageContextInfo: message.messageContextInfo } as WAMessageContent
    const own = ours.length > 0 ? await patch(copy, ours) : undefined
    const others = theirs.length > 0 ? await patch(message, theirs) : undefined
    const copies = forEach(own, ours).map(({ jid, message }) => ({ jid, message: inside(message) }))
    const forOthers = forEach(others, theirs)
    const named = Array.isArray(first) ? forEach(first, []) : undefined
    const main = named ? (named.find(entry => entry.jid === jid) ?? named[0])?.message : (first as WAMessageContent | undefined)
    const shown = Array.isArray(others) ? (main ?? forOthers[0]?.message) : (forOthers[0]?.message ?? main)
    // A copy that the program left as it was is one of what the others get.
    const same = copies.every(entry => entry.message === message)
    if (!Array.isArray(others) && !Array.isArray(own) && (theirs.length === 0 || same)) {
      return { message: (theirs.length > 0 ? shown : same ? main : copies[0]?.message) ?? message }
    }
    const owns = same && !Array.isArray(own) ? copies.map(({ jid }) => ({ jid, message: shown ?? message })) : copies
    return { message: shown ?? message, variants: [...forOthers, ...owns] }
  }

  /** @throws Boom 500 for a list of messages where all get the same ciphertext */
  async function patched(message: WAMessageContent, jid: string, forPhone = false): Promise<Patched> {
    if (!patch) return { message }
    if (isJidGroup(jid) || isJidStatusBroadcast(jid)) {
      const result = await patch(message)
      if (Array.isArray(result)) throw new Boom('Per-jid patching is not supported in groups')
      return { message: result as WAMessageContent }
    }
    if (!isJidNewsletter(jid) && !forPhone) return forPerson(patch, message, jid)
    const [first] = forEach(await patch(message, forPhone ? [jid] : []), [jid])
    return { message: first?.message ?? message }
  }

  return patched
}
