/** What programs use of the ciphers: addresses, sessions, devices, single ciphertexts. The engine does all of it by itself. */
import { Boom } from '@hapi/boom'

import { unpadRandomMax16 } from '../bits.js'
import type { SocketContext } from '../context.js'
import { areJidsSameUser, isLidUser, isPnUser, jidDecode, jidEncode, jidNormalizedUser } from '../jid.js'
import type { BinaryNode } from '../nodes.js'
import { loadProto } from '../proto.js'
import type { WAMessageContent } from '../types.js'
import { forEach, patchOf } from './patch.js'

type Fields = { [field: string]: any }
interface Sealed {
  jid: string
  type: 'pkmsg' | 'msg'
  ciphertext: string
}
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

interface Sealing {
  asked: boolean
  sealed: Sealed[]
}

/** Numbers of Signal's address domains. */
const DOMAINS: { [server: string]: number } = { lid: 1, hosted: 128, 'hosted.lid': 129 }

export const signalAddress = (jid: string): string => {
  const { user = '', server = '', device = 0 } = jidDecode(jid) ?? {}
  const domain = DOMAINS[server]
  return `${user}${domain ? `_${domain}` : ''}.${device}`
}

const isUnproven = (error: unknown): boolean => (error as { cause?: { data?: { unproven?: boolean } } }).cause?.data?.unproven === true

export function makeSignal(context: SocketContext) {
  const patch = patchOf(context)
  async function counterparts(jids: string[]): Promise<(string | undefined)[]> {
    const found = await context.ask<(string | null)[]>('signal.counterparts', { jids })
    return found.map(jid => jid ?? undefined)
  }
  /** With the device of what was asked for. */
  const like = (jid: string, other: string | undefined): string | null => {
    if (!other) return null
    const { device } = jidDecode(jid) ?? {}
    const { user = '', server = '' } = jidDecode(other) ?? {}
    return jidEncode(user, server, device)
  }

  /** A phone number with the device, also where that is the phone. */
  const likeDevice = (lid: string, pn: string | undefined): string | null => {
    const { user } = jidDecode(pn) ?? {}
    return user ? `${user}:${jidDecode(lid)?.device ?? 0}@s.whatsapp.net` : null
  }

  const lidMapping = {
    /** The service is asked where it is not known. */
    getLIDForPN: async (pn: string): Promise<string | null> => {
      if (!isPnUser(pn)) return null
      const [known] = await counterparts([pn])
      return like(pn, known ?? (await found(pn)))
    },
    getPNForLID: async (lid: string): Promise<string | null> => {
      if (!isLidUser(lid)) return null
      return likeDevice(lid, (await counterparts([lid]))[0])
    },
    getLIDsForPNs: async (pns: string[]): Promise<{ pn: string; lid: string }[] | null> => {
      const known = await counterparts(pns.filter(isPnUser))
      const pairs = pns.filter(isPnUser).flatMap((pn, at) => {
        const lid = like(pn, known[at])
        return lid ? [{ pn, lid }] : []
      })
      return pairs.length > 0 ? pairs : null
    },
    getPNsForLIDs: async (lids: string[]): Promise<{ pn: string; lid: string }[] | null> => {
      const known = await counterparts(lids.filter(isLidUser))
      const pairs = lids.filter(isLidUser).flatMap((lid, at) => {
        const pn = likeDevice(lid, known[at])
        return pn ? [{ pn, lid }] : []
      })
      return pairs.length > 0 ? pairs : null
    },
    storeLIDPNMappings: async (pairs: { lid: string; pn: string }[]): Promise<void> => {
      const usable = pairs.filter(({ lid, pn }) => isLidUser(lid) && isPnUser(pn))
      await context.ask('signal.learn', { pairs: usable.map(({ lid, pn }) => [jidNormalizedUser(pn), jidNormalizedUser(lid)]) })
    },
  }

  async function found(pn: string): Promise<string | undefined> {
    try {
      return (await context.client().resolve(jidNormalizedUser(pn))).lid
    } catch {
      return undefined
    }
  }

  const seal = (jids: string[], message?: Uint8Array): Promise<Sealing> => context.ask<Sealing>('signal.seal', { jids, message })

  /** The program may make another message of it for each device. */
  async function sealForAll(jids: string[], message: WAMessageContent): Promise<Sealed[]> {
    const { Message } = loadProto()
    const patched = patch ? await patch(message, jids) : message
    if (!Array.isArray(patched)) return (await seal(jids, Message.encode(patched as WAMessageContent).finish())).sealed
    const all: Sealed[] = []
    for (const { jid, message } of forEach(patched, jids)) all.push(...(await seal([jid], Message.encode(message).finish())).sealed)
    return all
  }

  async function assertSessions(jids: string[]): Promise<boolean> {
    const { asked } = await seal(jids)
    return asked
  }

  async function createParticipantNodes(
    recipientJids: string[],
    message: WAMessageContent,
    extraAttrs: BinaryNode['attrs'] = {},
    dsmMessage?: WAMessageContent,
  ): Promise<{ nodes: BinaryNode[]; shouldIncludeDeviceIdentity: boolean }> {
    const { Message } = loadProto()
    const own = ({ id, lid }: { id: string; lid?: string }, jid: string): boolean => areJidsSameUser(jid, id) || (lid !== undefined && areJidsSameUser(jid, lid))
    const me = context.me()
    const copies = dsmMessage ? recipientJids.filter(jid => own(me, jid)) : []
    const others = recipientJids.filter(jid => !copies.includes(jid))
    const sealed = [
      ...(others.length > 0 ? await sealForAll(others, message) : []),
      ...(copies.length > 0 && dsmMessage ? (await seal(copies, Message.encode(dsmMessage).finish())).sealed : []),
    ]
    const nodes = sealed.map(({ jid, type, ciphertext }) => ({
      tag: 'to',
      attrs: { jid },
      content: [{ tag: 'enc', attrs: { v: '2', type, ...extraAttrs }, content: Buffer.from(ciphertext, 'base64') }],
    }))
    return { nodes, shouldIncludeDeviceIdentity: sealed.some(({ type }) => type === 'pkmsg') }
  }

  async function decryptMessage(sealed: { jid: string; type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }): Promise<Buffer> {
    const { jid, type, ciphertext } = sealed
    const open = async (): Promise<Buffer> => Buffer.from(await context.ask<string>('signal.open', { jid, type, ciphertext }), 'base64')
    try {
      return await open()
    } catch (error) {
      if (!isUnproven(error)) throw error
      // Whose device it is stands beside a ciphertext, and is not given here; it stands beside the device's keys, too.
      await assertSessions([jid])
      return open()
    }
  }

  async function encryptMessage({ jid, data }: { jid: string; data: Uint8Array }): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Buffer }> {
    // What is encrypted is padded by the engine, which is how Baileys gives it here.
    const [sealed] = (await seal([jid], unpadRandomMax16(data))).sealed
    if (!sealed) throw new Boom('No sessions', { statusCode: 500 })
    return { type: sealed.type, ciphertext: Buffer.from(sealed.ciphertext, 'base64') }
  }

  const sessions = (jids: string[]): Promise<({ baseKey: string; registrationId: number } | null)[]> => context.ask('signal.known', { jids })
  const ofChat = async (method: string, args: { chat: string; jid: string; bytes?: Uint8Array }): Promise<Buffer> =>
    Buffer.from(await context.ask<string>(`signal.${method}`, args), 'base64')
  /** The own key of a chat as others take it. */
  async function distribution(chat: string, jid: string): Promise<Buffer> {
    const message = loadProto().Message.decode(await ofChat('distribution', { chat, jid })) as Fields
    return Buffer.from(message['senderKeyDistributionMessage'].axolotlSenderKeyDistributionMessage as Uint8Array)
  }

  const signalRepository: Fields = {
    lidMapping,
    decryptMessage,
    encryptMessage,
    jidToSignalProtocolAddress: signalAddress,
    validateSession: async (jid: string): Promise<{ exists: boolean; reason?: string }> => {
      const [known] = await sessions([jid])
      return known ? { exists: true } : { exists: false, reason: 'no session' }
    },
    getSessionInfo: async (jid: string): Promise<{ baseKey: Buffer; registrationId: number } | null> => {
      const [known] = await sessions([jid])
      return known ? { baseKey: Buffer.from(known.baseKey, 'base64'), registrationId: known.registrationId } : null
    },
    injectE2ESession: async ({ jid, session }: { jid: string; session: Fields }): Promise<void> => {
      const { registrationId, identityKey, signedPreKey, preKey } = session
      const signed = [signedPreKey.keyId, base64(signedPreKey.publicKey), base64(signedPreKey.signature)]
      const prekey = preKey ? [preKey.keyId, base64(preKey.publicKey)] : undefined
      await context.ask('signal.inject', { jid, keys: { registrationId, identity: base64(identityKey), signed, prekey } })
    },
    hasSenderKey: ({ group, authorJid }: { group: string; authorJid: string }): Promise<boolean> =>
      context.ask<boolean>('signal.hasKey', { chat: group, jid: authorJid }),
    deleteSession: async (jids: string[]): Promise<void> => {
      if (jids.length > 0) await context.ask('signal.forget', { jids })
    },
    encryptGroupMessage: async ({ group, meId, data }: { group: string; meId: string; data: Uint8Array }) => ({
      // As it is before this message is encrypted: with it, the message can be read.
      senderKeyDistributionMessage: await distribution(group, meId),
      ciphertext: await ofChat('sealForChat', { chat: group, jid: meId, bytes: unpadRandomMax16(data) }),
    }),
    decryptGroupMessage: ({ group, authorJid, msg }: { group: string; authorJid: string; msg: Uint8Array }): Promise<Buffer> =>
      ofChat('openOfChat', { chat: group, jid: authorJid, bytes: msg }),
    getSenderKeyDistributionMessage: ({ group, meId }: { group: string; meId: string }): Promise<Buffer> => distribution(group, meId),
    processSenderKeyDistributionMessage: async ({ item, authorJid }: { item: Fields; authorJid: string }): Promise<void> => {
      const message = loadProto().Message.encode({ senderKeyDistributionMessage: item } as never).finish()
      await context.ask('signal.takeDistribution', { chat: item['groupId'], jid: authorJid, bytes: message })
    },
    // The engine moves sessions to the LID itself.
    migrateSession: async (): Promise<{ migrated: number; skipped: number; total: number }> => ({ migrated: 0, skipped: 0, total: 0 }),
    close: (): void => undefined,
  }

  return {
    signalRepository,
    assertSessions,
    createParticipantNodes,
  }
}
