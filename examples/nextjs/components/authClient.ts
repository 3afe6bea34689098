import { createAuthClient } from 'better-auth/react'

/** Signs in and out at /api/auth. */
export const authClient = createAuthClient()
