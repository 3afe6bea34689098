// A process that is killed while a file is on its way, up or down.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage } from './sides.mjs'

// Opens the session, begins the work, and says when a part of it is done; it is killed then.
const PROGRAM = `
  import { WhatsAppClient } from 'chasqui'
  const { options, work, after } = JSON.parse(process.env.WORK)
  const client = new WhatsAppClient(options)
  await client.connect()
  await client.opened()
  const onProgress = ({ bytes }) => bytes >= after && process.send('on its way')
  if (work.to) await client.send(work.to, { document: work.file }, { onProgress })
  else await client.download(Buffer.from(work.raw, 'base64'), { path: work.target, onProgress })
  process.send('done')
`

async function killedOnItsWay(side, work, after) {
  await side.stop()
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, WORK: JSON.stringify({ options: side.options, work, after }) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [said] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => ['it ended early'])])
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  assert.equal(said, 'on its way')
}

test('killed in mid-upload: no message was sent, and the next attempt goes on where the host was left', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const file = path.join(temporaryFolder(t), 'long.bin')
  const bytes = randomBytes(40_000_000)
  writeFileSync(file, bytes)
  const slow = await here.emulator.media.faults.add({ what: 'slow', direction: 'upload', bytesPerSecond: 40_000_000 })
  await killedOnItsWay(ana, { to: ben.jid, file }, 20_000_000)
  await here.emulator.media.faults.clear(slow.id)
  await ana.start()
  assert.deepEqual((await ana.stanzas({ direction: 'out', tag: 'message' })).filter(({ attrs }) => attrs.category !== 'peer'), [])
  assert.deepEqual(await here.emulator.media.list(), [])

  const steps = []
  const { id } = await ana.client.send(ben.jid, { document: file }, { onProgress: ({ bytes }) => steps.push(bytes) })
  assert.deepEqual(await ben.download(await ben.showed(id)), bytes)
  assert.ok(steps[0] > 1_000_000, `it began anew: ${steps[0]}`)
})

test('killed in mid-download: nothing has the name of the file, and the next attempt brings it', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const bytes = randomBytes(3_000_000)
  const { key } = await ben.socket.sendMessage(ana.lid, { document: bytes, mimetype: 'x/y', fileName: 'z' })
  const raw = Buffer.from((await ana.showed(key.id)).raw())
  const target = path.join(temporaryFolder(t), 'long.bin')
  const slow = await here.emulator.media.faults.add({ what: 'slow', direction: 'download', bytesPerSecond: 2_000_000 })
  await killedOnItsWay(ana, { raw: raw.toString('base64'), target }, 1_000_000)
  assert.ok(!existsSync(target))
  await here.emulator.media.faults.clear(slow.id)
  await ana.start()
  await ana.client.download(raw, { path: target })
  assert.deepEqual(readFileSync(target), bytes)
})
