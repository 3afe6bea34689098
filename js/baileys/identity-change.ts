/** Somebody uses another phone: the session with it is made anew. */
import { areJidsSameUser, jidDecode } from './jid.js'
import { getBinaryNodeChild, type BinaryNode } from './nodes.js'

export type IdentityChangeResult =
  | { action: 'no_identity_node' }
  | { action: 'invalid_notification' }
  | { action: 'skipped_companion_device'; device: number }
  | { action: 'skipped_self_primary' }
  | { action: 'debounced' }
  | { action: 'skipped_offline' }
  | { action: 'skipped_no_session' }
  | { action: 'session_refreshed' }
  | { action: 'session_refresh_failed'; error: unknown }

export interface IdentityChangeContext {
  meId: string | undefined
  meLid: string | undefined
  validateSession(jid: string): Promise<{ exists: boolean; reason?: string }>
  assertSessions(jids: string[], force?: boolean): Promise<boolean>
  /** Who was seen a moment ago. */
  debounceCache: { get(jid: string): boolean | undefined; set(jid: string, value: boolean): unknown }
  logger: { debug(value: unknown, message?: string): void; info(value: unknown, message?: string): void; warn(value: unknown, message?: string): void }
  /** Called before a session is made anew. */
  onBeforeSessionRefresh?(jid: string): void
}

export async function handleIdentityChange(node: BinaryNode, ctx: IdentityChangeContext): Promise<IdentityChangeResult> {
  const { meId, meLid, debounceCache, logger } = ctx
  const { from, offline } = node.attrs
  if (!from) return { action: 'invalid_notification' }
  if (!getBinaryNodeChild(node, 'identity')) return { action: 'no_identity_node' }
  logger.info({ jid: from }, 'the identity of a person changed')
  const device = jidDecode(from)?.device
  if (device) return { action: 'skipped_companion_device', device }
  if ([meId, meLid].some(own => own && areJidsSameUser(from, own))) return { action: 'skipped_self_primary' }
  if (debounceCache.get(from)) return { action: 'debounced' }
  debounceCache.set(from, true)
  const { exists } = await ctx.validateSession(from)
  if (!exists) return { action: 'skipped_no_session' }
  // Of what was missed while away, a session is made when it is needed.
  if (offline) return { action: 'skipped_offline' }
  ctx.onBeforeSessionRefresh?.(from)
  try {
    await ctx.assertSessions([from], true)
    return { action: 'session_refreshed' }
  } catch (error) {
    logger.warn({ jid: from, error }, 'could not make the session anew')
    return { action: 'session_refresh_failed', error }
  }
}
