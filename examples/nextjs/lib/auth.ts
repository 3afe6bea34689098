// Who is signed in: e-mail and password by better-auth, in this program's own database.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { headers } from 'next/headers'

import { accounts, db, POSTGRES, signIns, users, verifications, type Database } from './db'
import { log } from './log'
import { once } from './once'

export interface User {
  id: string
  name: string
  email: string
}

/** BETTER_AUTH_SECRET; without it one is made at the first start and kept, readable for its owner alone. */
function secret(): string {
  if (process.env.BETTER_AUTH_SECRET) return process.env.BETTER_AUTH_SECRET
  const file = path.resolve(/* turbopackIgnore: true */ process.env.SECRET_FILE ?? 'data/secret')
  mkdirSync(path.dirname(file), { recursive: true })
  try {
    // Of two that start at once one makes it.
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(/* turbopackIgnore: true */ file, 'utf8').trim()
}

function make(database: Database) {
  const perMinute = Number(process.env.SIGN_IN_LIMIT ?? 10)
  return betterAuth({
    secret: secret(),
    baseURL: process.env.PUBLIC_URL,
    telemetry: { enabled: false },
    logger: { level: 'error', log: (level, message) => log[level]({ from: 'sign-in' }, message) },
    // The page that comes from where the request goes; with PUBLIC_URL also that one.
    trustedOrigins: (request) => {
      const host = request?.headers.get('x-forwarded-host') ?? request?.headers.get('host')
      return host ? [`http://${host}`, `https://${host}`] : []
    },
    database: drizzleAdapter(database, {
      provider: POSTGRES ? 'pg' : 'sqlite',
      schema: { user: users, session: signIns, account: accounts, verification: verifications },
    }),
    emailAndPassword: { enabled: true, minPasswordLength: 8, disableSignUp: process.env.SIGN_UP === 'closed' },
    session: { expiresIn: 60 * 60 * 24 * 7 },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 300,
      customRules: { '/sign-in/email': { window: 60, max: perMinute }, '/sign-up/email': { window: 60, max: perMinute } },
    },
  })
}

const holder = once('auth', () => ({}) as { database?: Database; auth?: ReturnType<typeof make> })

export async function auth() {
  const database = await db()
  // Another one after the database was away.
  if (holder.database !== database) Object.assign(holder, { database, auth: make(database) })
  return holder.auth!
}

/** Whose cookies these are; null when nobody's or when they have expired. */
export async function userOf(from: Headers): Promise<User | null> {
  const found = await (await auth()).api.getSession({ headers: from })
  return found ? { id: found.user.id, name: found.user.name, email: found.user.email } : null
}

/** Who looks at the page that is being made. */
export const currentUser = async (): Promise<User | null> => userOf(await headers())
