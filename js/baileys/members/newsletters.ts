/** Newsletters, which users know as channels. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { getBinaryNodeChild, type BinaryNode } from '../nodes.js'
import type { NewsletterMetadata, NewsletterUpdate, WAMediaUpload } from '../types.js'
import { attributes, iq, node } from './ask.js'
import { engineCall } from './engine-call.js'
import { mex } from './mex.js'

/** Which operation of the service is meant. */
const CREATE = '8823471724422422'
const METADATA = '6563316087068696'
const UPDATE = '24250201037901610'
const SUBSCRIBERS = '9783111038412085'
const FOLLOW = '24404358912487870'
const UNFOLLOW = '9767147403369991'
const MUTE = '29766401636284406'
const UNMUTE = '9864994326891137'
const ADMIN_COUNT = '7130823597031706'
const CHANGE_OWNER = '7341777602580933'
const DEMOTE = '6551828931592903'
const DELETE = '30062808666639665'

/** As the service has it; numbers are texts. */
interface CreatedNewsletter {
  id: string
  thread_metadata?: {
    name?: { text?: string }
    description?: { text?: string }
    creation_time?: string
    invite?: string
    subscribers_count?: string
    verification?: NewsletterMetadata['verification']
    picture?: { id?: string; direct_path?: string } | null
  }
  viewer_metadata?: { mute?: NewsletterMetadata['mute_state'] }
}

const metadataOf = ({ id, thread_metadata: thread = {}, viewer_metadata: viewer }: CreatedNewsletter): NewsletterMetadata => ({
  id,
  owner: undefined,
  name: thread.name?.text as string,
  creation_time: Number(thread.creation_time),
  description: thread.description?.text,
  invite: thread.invite,
  subscribers: Number(thread.subscribers_count),
  verification: thread.verification,
  picture: { id: thread.picture?.id, directPath: thread.picture?.direct_path },
  mute_state: viewer?.mute,
})

export const makeNewsletters = (context: SocketContext) => {
  const { query, client } = context
  const ask = <T>(id: string, variables: object, operation: string): Promise<T> => mex<T>(context, id, variables, operation)
  /** What only needs to be known by its newsletter. */
  const about = (id: string, jid: string, operation: string): Promise<unknown> => ask(id, { newsletter_id: jid }, operation)

  /** As the service has it; nothing where there is no such newsletter. */
  const newsletterMetadata = async (type: 'invite' | 'jid', key: string): Promise<NewsletterMetadata | null> => {
    const wanted = { fetch_creation_time: true, fetch_full_image: true, fetch_viewer_metadata: true }
    const found = await ask(METADATA, { ...wanted, input: { key, type: type.toUpperCase() } }, 'xwa2_newsletter')
    return typeof found === 'object' ? (found as NewsletterMetadata | null) : null
  }

  const update = async (jid: string, updates: NewsletterUpdate): Promise<unknown> =>
    ask(UPDATE, { newsletter_id: jid, updates: { ...updates, settings: null } }, 'xwa2_newsletter_update')

  return {
    newsletterMetadata,

    newsletterCreate: async (name: string, description?: string): Promise<NewsletterMetadata> => {
      const made = await ask<CreatedNewsletter | null>(CREATE, { input: { name, description: description ?? null } }, 'xwa2_newsletter_create')
      if (!made) throw new Boom('Failed to newsletter create, unexpected response structure.', { statusCode: 400 })
      return metadataOf(made)
    },

    newsletterUpdate: async (jid: string, updates: NewsletterUpdate): Promise<unknown> => update(jid, updates),
    newsletterUpdateName: async (jid: string, name: string): Promise<unknown> => update(jid, { name }),
    newsletterUpdateDescription: async (jid: string, description: string): Promise<unknown> => update(jid, { description }),
    newsletterRemovePicture: async (jid: string): Promise<unknown> => update(jid, { picture: '' }),

    newsletterUpdatePicture: async (jid: string, content: WAMediaUpload): Promise<unknown> => {
      const { generateProfilePicture } = await import('../index.js')
      const draw = generateProfilePicture as unknown as (content: WAMediaUpload) => Promise<{ img: Buffer }>
      const { img } = await draw(content)
      return update(jid, { picture: img.toString('base64') })
    },

    newsletterSubscribers: async (jid: string): Promise<unknown> => about(SUBSCRIBERS, jid, 'xwa2_newsletter_subscribers'),

    newsletterFollow: (jid: string): Promise<unknown> => about(FOLLOW, jid, 'xwa2_newsletter_join_v2'),
    newsletterUnfollow: (jid: string): Promise<unknown> => about(UNFOLLOW, jid, 'xwa2_newsletter_leave_v2'),
    newsletterMute: (jid: string): Promise<unknown> => about(MUTE, jid, 'xwa2_newsletter_mute_v2'),
    newsletterUnmute: (jid: string): Promise<unknown> => about(UNMUTE, jid, 'xwa2_newsletter_unmute_v2'),

    newsletterAdminCount: async (jid: string): Promise<number | undefined> =>
      ((await about(ADMIN_COUNT, jid, 'xwa2_newsletter_admin')) as { admin_count?: number } | null)?.admin_count,

    newsletterChangeOwner: async (jid: string, newOwnerJid: string): Promise<void> => {
      await ask(CHANGE_OWNER, { newsletter_id: jid, user_id: newOwnerJid }, 'xwa2_newsletter_change_owner')
    },
    newsletterDemote: async (jid: string, userJid: string): Promise<void> => {
      await ask(DEMOTE, { newsletter_id: jid, user_id: userJid }, 'xwa2_newsletter_demote')
    },
    newsletterDelete: async (jid: string): Promise<void> => {
      await about(DELETE, jid, 'xwa2_newsletter_delete_v2')
    },

    /** Without `reaction` the own one is taken back. */
    newsletterReactMessage: async (jid: string, serverId: string, reaction?: string): Promise<void> => {
      await engineCall(() => client().channels.react(jid, Number(serverId), reaction ?? ''))
    },

    /** The answer as it is. `since` in seconds; `after`: the number that the service gave a message. */
    newsletterFetchMessages: async (jid: string, count: number, since: number, after: number): Promise<BinaryNode> => {
      const updates = attributes({ count, since, after: after || undefined })
      return query(iq('get', 'newsletter', [node('message_updates', updates)], jid))
    },

    /** News of counts and reactions for some time; `duration` in seconds. */
    subscribeNewsletterUpdates: async (jid: string): Promise<{ duration: string } | null> => {
      const answer = await query(iq('set', 'newsletter', [node('live_updates')], jid))
      const duration = getBinaryNodeChild(answer, 'live_updates')?.attrs['duration']
      return duration ? { duration } : null
    },
  }
}
