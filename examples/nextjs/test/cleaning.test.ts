// What nobody needs goes, and nothing else does.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

const DAY = 24 * 60 * 60 * 1000
const here = mkdtempSync(path.join(tmpdir(), 'chasqui-cleaning-'))
const [sessions, media, outside] = ['sessions', 'data/media', 'outside'].map((name) => path.join(here, name)) as [string, string, string]
Object.assign(process.env, { DATABASE_URL: path.join(here, 'data/test.db'), SESSIONS_FOLDER: sessions, MEDIA_FOLDER: media })
const { closeDatabase, connections, conversations, db, messages, users } = await import('../lib/db')
const { holdSessions, releaseSessions } = await import('../lib/running')

after(async () => {
  await closeDatabase()
  rmSync(here, { recursive: true })
})

/** A file that was written so many days ago, as its folder was. */
function put(file: string, days: number) {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, '{}')
  const time = new Date(Date.now() - days * DAY)
  utimesSync(file, time, time)
  utimesSync(path.dirname(file), time, time)
}

const clean = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/clean.ts', ...args], { encoding: 'utf8' })
  assert.equal(stderr, '')
  assert.equal(status, 0)
  return stdout.trim().split('\n').sort()
}

test('unused sessions, and files of nobody', async () => {
  const database = await db()
  /** Name, whether it is to be open, days since it was connected and since its files were written. */
  const people: [string, boolean, number | null, number][] = [
    ['active', true, 1, 40],
    ['written', true, 50, 2],
    ['forgotten', true, 40, 40],
    ['closed', false, 40, 40],
    ['never', false, null, 35],
    ['recent', false, 29, 40],
  ]
  for (const [id, wanted, connected, written] of people) {
    await database.insert(users).values({ id, name: id, email: `${id}@example.com` })
    const lastConnectedAt = connected === null ? null : new Date(Date.now() - connected * DAY)
    await database.insert(connections).values({ userId: id, wanted, phoneNumber: '+15550100', lastConnectedAt })
    put(path.join(sessions, id, 'creds.json'), written)
  }
  put(path.join(sessions, 'deleted-user/creds.json'), 1)
  put(path.join(sessions, 'just-made/creds.json'), 0)
  put(path.join(sessions, 'pair/creds.json'), 20)
  put(path.join(sessions, 'not a session!/creds.json'), 100)
  put(path.join(outside, 'creds.json'), 100)
  symlinkSync(outside, path.join(sessions, 'link'))

  await database.insert(conversations).values({ id: 'v', userId: 'active', jid: '15550101@s.whatsapp.net' })
  await database
    .insert(messages)
    .values({
      id: 7,
      userId: 'active',
      conversationId: 'v',
      whatsappId: 'A',
      direction: 'in',
      author: 'customer',
      type: 'image',
      status: 'received',
      timestamp: new Date(),
    })
  for (const name of ['active/7', 'active/8', 'active/9.part', 'active/07', 'recent/7', 'nobody/7']) put(path.join(media, name), 1)
  put(path.join(media, 'active/10'), 0)
  symlinkSync(path.join(outside, 'creds.json'), path.join(media, 'active/12'))
  symlinkSync(outside, path.join(media, 'elsewhere'))

  const wanted = [
    'unused session: closed',
    'unused session: never',
    'session of nobody: deleted-user',
    'media of nobody: nobody',
    'media without message: active/07',
    'media without message: active/8',
    'media without message: active/9.part',
    'media without message: recent/7',
  ]
  const told = (verb: string, more: string[], end: string[]) => [...[...wanted, ...more].map((one) => `${verb} ${one}`), ...end].sort()
  const all = () =>
    readdirSync(here, { recursive: true })
      .filter((name) => !/test\.db|\.running/.test(String(name)))
      .sort()
  const before = all()
  assert.deepEqual(clean('--days', '30', '--dry-run'), told('would remove', ['unused session: forgotten'], ['9 things to remove.']))
  assert.deepEqual(all(), before)

  assert.equal(await holdSessions(), true)
  assert.deepEqual(
    clean('--days', '30'),
    told('removed', [], ['8 things removed.', 'The server runs: sessions that it has open were left alone.']),
  )
  await releaseSessions()
  assert.deepEqual(clean('--days', '30'), ['1 thing removed.', 'removed unused session: forgotten'])
  assert.deepEqual(clean('--days', '30'), ['There is nothing to remove.'])

  assert.deepEqual(readdirSync(sessions).sort(), ['.running', 'active', 'just-made', 'link', 'not a session!', 'pair', 'recent', 'written'])
  assert.deepEqual(readdirSync(path.join(media, 'active')).sort(), ['10', '12', '7'])
  assert.ok(existsSync(path.join(outside, 'creds.json')))
  const rows = await database.select().from(connections)
  assert.deepEqual(
    rows
      .filter(({ wanted }) => wanted)
      .map(({ userId }) => userId)
      .sort(),
    ['active', 'written'],
  )
})

test('how many days is to be said', () => {
  for (const args of [[], ['--days', '0'], ['--days', 'x'], ['--days', '-3'], ['--days', '30', '--all']]) {
    const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/clean.ts', ...args], { encoding: 'utf8' })
    assert.equal(status, 1, args.join(' '))
    assert.doesNotMatch(stderr, / at /)
  }
})
