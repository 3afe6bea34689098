// Imported before everything else: scripts read the same .env files as the server.
import nextEnv from '@next/env'

nextEnv.loadEnvConfig(process.cwd(), process.env.NODE_ENV === 'development', { info: () => undefined, error: console.error })
