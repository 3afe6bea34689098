/** Changes of chats, labels, contacts and settings. They go by the app state, which the engine keeps. */
import { Boom } from '@hapi/boom'

import type { Change } from '../../../index.js'
import { chatModificationToAppPatch } from '../chat-modification.js'
import type { SocketContext } from '../context.js'
import { jidNormalizedUser } from '../jid.js'
import { loadProto } from '../proto.js'
import { processSyncAction } from '../sync-action.js'
import type { ChatModification, LabelActionBody, ProtoClass, QuickReplyAction, WAPatchCreate, WAPatchName } from '../types.js'
import { attributes, iq, node } from './ask.js'
import { changeOf } from './app-patch.js'
import { engineCall } from './engine-call.js'

/** `participant`: the author, needed for others' messages in groups. */
export interface StarredMessage {
  id: string
  fromMe?: boolean
  participant?: string
}

const patchOf = chatModificationToAppPatch as unknown as (mod: ChatModification, jid: string) => WAPatchCreate

/** What is asked for, in both forms. */
interface Wanted {
  patch: WAPatchCreate
  change: Change
}

function wanted(patch: WAPatchCreate, author?: string | null): Wanted {
  const change = changeOf(patch)
  return { patch, change: author ? ({ ...change, sender: jidNormalizedUser(author) } as Change) : change }
}

/** A modification may be about several messages; an action of the app state is about one. */
function allWanted(mod: ChatModification, jid: string): Wanted[] {
  if ('star' in mod) {
    const { messages, star } = mod.star as { messages: StarredMessage[]; star: boolean }
    return messages.map(message => wanted(patchOf({ star: { messages: [message], star } }, jid), message.participant))
  }
  return [wanted(patchOf(mod, jid), 'deleteForMe' in mod ? mod.deleteForMe.key.participant : undefined)]
}

export const makeChats = (context: SocketContext) => {
  const { ask, client, config, creds, ev, logger, query } = context

  /** Tells of an own change as if another device had made it. */
  function tellOwn({ syncAction, index }: WAPatchCreate): void {
    const { SyncActionValue } = loadProto() as unknown as { SyncActionValue: ProtoClass<object> }
    const value = SyncActionValue.decode(SyncActionValue.encode(SyncActionValue.fromObject(syncAction)).finish())
    processSyncAction({ syncAction: { value }, index }, ev, creds.me, undefined, logger)
  }

  async function make(all: Wanted[]): Promise<void> {
    if (!creds.myAppStateKeyId) throw new Boom('App state key not present!', { statusCode: 400 })
    await engineCall(() => client().change(all.map(({ change }) => change)))
    if (config['emitOwnEvents'] ?? true) for (const { patch } of all) tellOwn(patch)
  }

  const chatModify = async (mod: ChatModification, jid: string): Promise<void> => make(allWanted(mod, jid))

  return {
    chatModify: (mod: ChatModification, jid: string): Promise<void> => chatModify(mod, jid),
    appPatch: async (patchCreate: WAPatchCreate): Promise<void> => make([wanted(patchCreate)]),

    /** Fetches what has changed, also in collections that could not be followed so far. */
    resyncAppState: async (...[collections]: [collections: readonly WAPatchName[], isInitialSync: boolean]): Promise<void> =>
      ask('state.refresh', { collections: [...collections] }),

    star: (jid: string, messages: StarredMessage[], star: boolean): Promise<void> => chatModify({ star: { messages, star } }, jid),

    addLabel: (jid: string, labels: LabelActionBody): Promise<void> => chatModify({ addLabel: labels }, jid),
    addChatLabel: (jid: string, labelId: string): Promise<void> => chatModify({ addChatLabel: { labelId } }, jid),
    removeChatLabel: (jid: string, labelId: string): Promise<void> => chatModify({ removeChatLabel: { labelId } }, jid),
    addMessageLabel: (jid: string, messageId: string, labelId: string): Promise<void> =>
      chatModify({ addMessageLabel: { messageId, labelId } }, jid),
    removeMessageLabel: (jid: string, messageId: string, labelId: string): Promise<void> =>
      chatModify({ removeMessageLabel: { messageId, labelId } }, jid),

    addOrEditContact: (jid: string, contact: { [field: string]: unknown }): Promise<void> => chatModify({ contact }, jid),
    removeContact: (jid: string): Promise<void> => chatModify({ contact: null }, jid),

    addOrEditQuickReply: (quickReply: QuickReplyAction): Promise<void> => chatModify({ quickReply }, ''),
    /** Quick replies are named by the time at which they were made. */
    removeQuickReply: (timestamp: string): Promise<void> => chatModify({ quickReply: { timestamp, deleted: true } }, ''),

    updateProfileName: async (name: string): Promise<void> => chatModify({ pushNameSetting: name }, ''),
    updateDisableLinkPreviewsPrivacy: (isPreviewsDisabled: boolean): Promise<void> =>
      chatModify({ disableLinkPreviews: { isPreviewsDisabled } }, ''),

    cleanDirtyBits: async (type: 'account_sync' | 'groups', fromTimestamp?: number | string): Promise<void> => {
      const timestamp = fromTimestamp ? String(fromTimestamp) : undefined
      await query(iq('set', 'urn:xmpp:whatsapp:dirty', [node('clean', attributes({ type, timestamp }))]))
    },

    /** The engine goes by the service's clock by itself. */
    updateServerTimeOffset: (_node: { attrs: { t?: string } }): void => undefined,
  }
}
