// TypeScript: programs written against npm Baileys compile on the door, unchanged; every name of a type can be imported.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { listed } from '../../scripts/inventory.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const compile = (...args) =>
  new Promise((resolve) => {
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
    execFile(process.execPath, [compiler, ...args], { maxBuffer: 1 << 24 }, (error, stdout) => resolve({ status: error?.code ?? 0, stdout }))
  })

test('the programs compile on npm Baileys and on the door', async () => {
  for (const config of ['tsconfig.json', 'tsconfig.door.json']) {
    const { status, stdout } = await compile('-p', fileURLToPath(new URL(`types/programs/${config}`, import.meta.url)))
    assert.equal(status, 0, `${config}\n${stdout}`)
  }
})

test('every type and every value can be imported by its name, from both entries', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-types-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir')
  const values = Object.keys(listed.exports).filter((name) => name !== 'default')
  const old = [...new Set(Object.values(listed.otherVersions).flatMap(({ exportsNotIn7 }) => exportsNotIn7))]
  const program = (entry, more) => `import type { ${listed.types.join(', ')} } from '${entry}'
import { ${[...values, ...more].join(', ')} } from '${entry}'
export const all: unknown[] = [${[...values, ...more].join(', ')}]
export type All = [${listed.types.join(', ')}]
// @ts-expect-error: what is not there is an error
import type { NobodyHasThis } from '${entry}'
`
  writeFileSync(path.join(folder, 'seven.ts'), program('chasqui/baileys', []))
  writeFileSync(path.join(folder, 'six.ts'), program('chasqui/baileys/legacy', old))
  const paths = { 'chasqui/baileys': ['dist/baileys/index.d.ts'], 'chasqui/baileys/legacy': ['dist/baileys/legacy/index.d.ts'] }
  const absolute = Object.fromEntries(Object.entries(paths).map(([entry, [file]]) => [entry, [path.join(root, file)]]))
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { module: 'node16', target: 'es2022', strict: true, skipLibCheck: true, noEmit: true, types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')], paths: absolute },
    include: ['*.ts'],
  }))
  const { status, stdout } = await compile('-p', folder)
  assert.equal(status, 0, stdout)
})

