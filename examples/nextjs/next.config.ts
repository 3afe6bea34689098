import type { NextConfig } from 'next'

const config: NextConfig = {
  // These have native parts or keep state: the server loads them from node_modules instead of bundling them.
  serverExternalPackages: ['baileys', '@libsql/client', 'pg', 'pino', 'prom-client'],
  poweredByHeader: false,
  agentRules: false,
  turbopack: { root: process.cwd() },
}
export default config
