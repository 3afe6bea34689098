/** Channels, which Baileys calls newsletters. */
export type NewsletterViewRole = 'ADMIN' | 'GUEST' | 'OWNER' | 'SUBSCRIBER'

export interface NewsletterUpdate {
  name?: string | undefined
  description?: string | undefined
  picture?: string | undefined
}
export interface NewsletterMetadata {
  id: string
  owner?: string | undefined
  name: string
  description?: string | undefined
  invite?: string | undefined
  creation_time?: number | undefined
  subscribers?: number | undefined
  picture?: { url?: string | undefined; directPath?: string | undefined; mediaKey?: string | undefined; id?: string | undefined } | undefined
  verification?: 'VERIFIED' | 'UNVERIFIED' | undefined
  reaction_codes?: { code: string; count: number }[] | undefined
  mute_state?: 'ON' | 'OFF' | undefined
  thread_metadata?: { creation_time?: number | undefined; name?: string | undefined; description?: string | undefined } | undefined
}

interface Text {
  id: string
  text: string
  update_time: string
}
interface Picture {
  direct_path: string
  id: string
  type: string
}
/** As the service answers. */
export interface NewsletterCreateResponse {
  id: string
  state: { type: string }
  thread_metadata: {
    creation_time: string
    description: Text
    handle: string | null
    invite: string
    name: Text
    picture: Picture
    preview: Picture
    subscribers_count: string
    verification: 'VERIFIED' | 'UNVERIFIED'
  }
  viewer_metadata: { mute: 'ON' | 'OFF'; role: NewsletterViewRole }
}
