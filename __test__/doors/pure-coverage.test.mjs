// How much of what Baileys exports is here, and what is said about the differences.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { ours, theirs } from './differential.mjs'

const isClass = (value) => typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

test('every export of Baileys exists, with its kind and arity', (t) => {
  const names = Object.keys(theirs)
  const wrong = []
  for (const name of names) {
    assert.ok(name in ours, name)
    const [mine, expected] = [ours[name], theirs[name]]
    if (typeof mine !== typeof expected || isClass(mine) !== isClass(expected)) wrong.push(`${name}: ${typeof mine}`)
    else if (typeof expected === 'function' && mine.length !== expected.length) wrong.push(`${name}/${mine.length}, Baileys /${expected.length}`)
    else if (typeof expected === 'object' && name !== 'proto' && name !== 'WAProto' && !name.startsWith('WAMessageS')) {
      for (const [member, value] of Object.entries(expected)) {
        if (typeof value === 'function' && mine[member]?.length !== value.length) wrong.push(`${name}.${member}/${mine[member]?.length}, Baileys /${value.length}`)
      }
    }
  }
  t.diagnostic(`exports: ${names.length}`)
  assert.deepEqual(wrong, [])
})

test('the table of differences names what the tests allow', async () => {
  const whole = await readFile(new URL('../../docs/baileys-differences.md', import.meta.url), 'utf8')
  const [table, ofSix] = whole.split(/^## Helpers of `chasqui\/baileys\/legacy`$/m)
  const listed = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  const allowed = new Set(['addTransactionCapability', 'makeEventBuffer', 'proto', 'downloadContentFromMessage', 'downloadHistory', 'getAudioDuration', 'getUrlInfo', 'LT_HASH_ANTI_TAMPERING', 'prepareWAMessageMedia'])
  for (const file of await readdir(new URL('.', import.meta.url))) {
    if (!/^pure-.*\.test\.mjs$/.test(file)) continue
    const text = await readFile(new URL(file, import.meta.url), 'utf8')
    const [, block = ''] = /^const mine = \{\n(.*?)^\}/ms.exec(text) ?? []
    const names = [...block.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name)
    if (file !== 'pure-legacy.test.mjs') for (const name of names) allowed.add(name)
    else for (const name of names) assert.match(ofSix, new RegExp(`^\\| [^|]*\`${name}\``, 'm'), `${name} of Baileys 6`)
  }
  assert.deepEqual(listed.toSorted(), [...allowed].sort())
})

test('importing loads neither the schema nor its library before they are needed', () => {
  const door = fileURLToPath(new URL('../../dist/baileys/index.js', import.meta.url))
  const program = `const before = performance.now(); const { jidDecode } = require(${JSON.stringify(door)}); jidDecode('1@lid')
    const heavy = Object.keys(require.cache).filter((file) => /schema\\.json|wam\\.json|\\.node$/.test(file)); console.log(JSON.stringify(heavy))`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' })
  assert.equal(stdout.trim(), '[]', stderr)
})
