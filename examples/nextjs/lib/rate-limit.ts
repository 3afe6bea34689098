// How much one user may ask of this server: per group of routes, so that a page that reads a lot still can send.
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

import { countFrom } from './environment'
import { AppError } from './failure'
import { countRateLimited } from './metrics'
import { once } from './once'

export type RateGroup = 'send' | 'change' | 'read'

/** Requests in a minute, unless the variable says otherwise. */
const LIMITS: Record<RateGroup, [variable: string, byDefault: number]> = {
  send: ['RATE_LIMIT_SEND', 30],
  change: ['RATE_LIMIT_CHANGE', 60],
  read: ['RATE_LIMIT_READ', 600],
}

const limiters = () =>
  once('rate-limits', () => {
    const limiter = (group: RateGroup) => new RateLimiterMemory({ keyPrefix: group, points: countFrom(...LIMITS[group]), duration: 60 })
    return { send: limiter('send'), change: limiter('change'), read: limiter('read') }
  })

/** Counts one request of this user; throws TOO_MANY_REQUESTS where that is one too many. */
export async function allow(userId: string, group: RateGroup): Promise<void> {
  try {
    await limiters()[group].consume(userId)
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    countRateLimited(group)
    const retryAfter = Math.max(1, Math.ceil(refused.msBeforeNext / 1000))
    throw new AppError('TOO_MANY_REQUESTS', `Too many requests; try again in ${retryAfter} s.`, { retryAfter })
  }
}
