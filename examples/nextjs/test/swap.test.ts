// New files take the place of old ones, or nothing has changed.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { Swap } from '../lib/backup/swap'

const contents = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .sort()
      .map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')]),
  )

test('what fails in between is undone, and what is done leaves nothing aside', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-swap-'))
  const at = (...parts: string[]) => path.join(folder, ...parts)
  for (const [name, text] of [
    ['old/a/creds', 'old a'],
    ['old/gone', 'old gone'],
    ['new/a/creds', 'new a'],
    ['new/b', 'new b'],
  ] as const) {
    mkdirSync(path.dirname(at(name)), { recursive: true })
    writeFileSync(at(name), text)
  }
  const before = contents(folder)
  const change = async (swap: Swap) => {
    await swap.put(at('new/a'), at('old/a'), at('old/.aside/a'))
    await swap.put(at('new/b'), at('old/deep/b'), at('old/.aside/b'))
    await swap.away(at('old/gone'), at('old/.aside/gone'))
    await swap.away(at('old/never'), at('old/.aside/never'))
  }
  const failing = new Swap()
  await change(failing)
  await assert.rejects(failing.put(at('new/none'), at('old/a'), at('old/.aside/a-again')))
  await failing.undo()
  assert.deepEqual(contents(folder), before)

  const swap = new Swap()
  await change(swap)
  await swap.done()
  assert.deepEqual(contents(at('old')), { 'a/creds': 'new a', 'deep/b': 'new b' })
  rmSync(folder, { recursive: true })
})
