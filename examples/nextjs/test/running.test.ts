// Who has the sessions is known to other processes, and forgotten when it is killed.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

const HOLD = `const { holdSessions } = await import('./lib/running.ts'); console.log(await holdSessions())`

test('one process has the sessions, until it ends or is killed', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-running-'))
  const env = { ...process.env, SESSIONS_FOLDER: path.join(folder, 'sessions') }
  const args = (code: string) => ['--import', 'tsx', '--input-type=module', '-e', code]
  const ask = () => spawnSync(process.execPath, args(HOLD), { env, encoding: 'utf8' }).stdout.trim()
  const holder = spawn(process.execPath, args(`${HOLD}; setInterval(() => {}, 1000)`), { env, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [told] = await once(holder.stdout, 'data')
    assert.equal(String(told).trim(), 'true')
    assert.equal(ask(), 'false')
    holder.kill('SIGKILL')
    await once(holder, 'close')
    assert.equal(ask(), 'true')
    assert.equal(ask(), 'true', 'one that ended has them no longer')
  } finally {
    holder.kill('SIGKILL')
    await rm(folder, { recursive: true })
  }
})
