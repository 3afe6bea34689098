/** Changes of chats, labels, contacts and settings. They go by the app state, which the engine keeps. */
import type { Change } from '../../../index.js'
import { chatModificationToAppPatch as appPatchOf } from '../chat-modification.js'
import type { SocketContext } from '../context.js'
import { jidNormalizedUser } from '../jid.js'
import type { ChatModification, LabelActionBody, QuickReplyAction, WAPatchCreate, WAPatchName } from '../types.js'
import { attributes, iq, node } from './ask.js'
import { changeOf } from './app-patch.js'
import { engineCall } from './engine-call.js'

/** `participant`: the author, needed for others' messages in groups. */
export interface StarredMessage {
  id: string
  fromMe?: boolean
  participant?: string
}

const chatModificationToAppPatch = appPatchOf as unknown as (mod: ChatModification, jid: string) => WAPatchCreate

/** A modification may be about several messages; an action of the app state is about one. */
function changesOf(mod: ChatModification, jid: string): Change[] {
  if ('star' in mod) {
    const { messages, star } = mod.star as { messages: StarredMessage[]; star: boolean }
    return messages.map(message => {
      const change = changeOf(chatModificationToAppPatch({ star: { messages: [message], star } }, jid))
      return message.participant ? ({ ...change, sender: jidNormalizedUser(message.participant) } as Change) : change
    })
  }
  const change = changeOf(chatModificationToAppPatch(mod, jid))
  const author = 'deleteForMe' in mod ? mod.deleteForMe.key.participant : undefined
  return [author ? ({ ...change, sender: jidNormalizedUser(author) } as Change) : change]
}

export const makeChats = (context: SocketContext) => {
  const { client, query } = context

  const change = (changes: Change[]): Promise<void> => engineCall(() => client().change(changes))

  const chatModify = async (mod: ChatModification, jid: string): Promise<void> => change(changesOf(mod, jid))

  return {
    chatModify: (mod: ChatModification, jid: string): Promise<void> => chatModify(mod, jid),
    appPatch: async (patchCreate: WAPatchCreate): Promise<void> => change([changeOf(patchCreate)]),

    /** The engine takes in every change as it is announced; what there is at the moment, it has. */
    resyncAppState: async (_collections: readonly WAPatchName[], _isInitialSync: boolean): Promise<void> => void client(),

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
