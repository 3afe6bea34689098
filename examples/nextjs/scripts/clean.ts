// npm run clean -- --days 30 [--dry-run]: removes what nobody needs any more. The server may run meanwhile.
import './environment'

import { parseArgs } from 'node:util'

import { clean } from '../lib/cleaning'
import { closeDatabase } from '../lib/db'
import { holdSessions, releaseSessions } from '../lib/running'
import { counted, Refused, run } from './command'

const DAY = 24 * 60 * 60 * 1000

await run(async () => {
  const { values } = parseArgs({ options: { days: { type: 'string' }, 'dry-run': { type: 'boolean', default: false } } })
  const days = Number(values.days)
  if (!Number.isSafeInteger(days) || days < 1) throw new Refused('Unused for how many days? npm run clean -- --days 30 [--dry-run]')
  const dryRun = values['dry-run']
  const serverRuns = !(await holdSessions())
  let count = 0
  try {
    for await (const { kind, name } of clean({ unusedSince: new Date(Date.now() - days * DAY), dryRun, serverRuns })) {
      count += 1
      console.log(`${dryRun ? 'would remove' : 'removed'} ${kind}: ${name}`)
    }
  } finally {
    await closeDatabase()
    await releaseSessions()
  }
  if (serverRuns) console.log('The server runs: sessions that it has open were left alone.')
  console.log(count ? `${counted(count, 'thing')} ${dryRun ? 'to remove' : 'removed'}.` : 'There is nothing to remove.')
})
