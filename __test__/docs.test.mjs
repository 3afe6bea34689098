// What the documentation says is tried: every JavaScript block runs, every link leads somewhere, every script exists.
//
// A block runs as it stands, as a module of its own, with `chasqui` installed beside it. A comment above it may say
//
//   <!-- test: with phone, client, maria; then
//   assert.equal(…)
//   -->
//
// phone   virtual phone: it scans the QR codes of the block's clients, for the account "Tienda"
// client  an open client of that account
// maria   the contact María; +573005550100 in the block is replaced by her number
// then    code that follows the block in its module, to look at what it did and to end what it left open;
//         it has `assert`, `emulator` (which plays the service) and `next(client, event, accept)`
//
// or, where it cannot be run, `<!-- test: not run, because … -->`.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { startEmulator } from 'chasqui/testing'

import { temporary } from './help.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const runner = path.join(root, '__test__', 'harness', 'run-block.mjs')
const read = (file) => readFileSync(path.join(root, file), 'utf8')

const pages = ['', 'docs', 'examples/express', 'examples/jest', 'examples/nextjs', 'examples/vitest'].flatMap((folder) =>
  readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.md')).map((name) => path.join(folder, name)),
)

/** María has the same number in every emulator. */
const number = await (async () => {
  const emulator = await startEmulator()
  after(() => emulator.stop())
  return (await emulator.contact('María')).jid.split('@')[0]
})()

function blocksOf(page) {
  const blocks = []
  for (const match of read(page).matchAll(/(?:<!-- test: ([^]*?)-->\s*)?^```js\n([^]*?)^```$/gm)) {
    const [, directive = '', code] = match
    const line = read(page).slice(0, match.index + match[0].indexOf('```js')).split('\n').length
    const parsed = /^(?:not run, (?<reason>[^]+)|(?:with (?<wanted>[\w, ]+))?(?:;? ?then\n(?<then>[^]*))?)$/.exec(directive.trimEnd())
    assert.ok(parsed, `${page}:${line}: not understood: ${directive}`)
    const { reason, wanted = '', then = '' } = parsed.groups
    const names = wanted.split(', ').filter(Boolean)
    assert.deepEqual(names.filter((name) => !['phone', 'client', 'maria'].includes(name)), [], `${page}:${line}`)
    blocks.push({ name: `${page}:${line}`, code, reason: reason?.trim(), wanted: names, then })
  }
  return blocks
}

const documented = pages.filter((page) => page === 'README.md' || path.dirname(page) === 'docs')
const blocks = documented.flatMap(blocksOf)

for (const { name, code, reason, wanted, then } of blocks) {
  test(`the example at ${name} works`, { skip: reason }, async (t) => {
    const folder = temporary(t)
    mkdirSync(path.join(folder, 'node_modules'))
    symlinkSync(root, path.join(folder, 'node_modules', 'chasqui'), 'junction')
    const text = `${code}\n${then}`
    const addressed = wanted.includes('maria') ? text.replaceAll('+573005550100', `+${number}`) : text
    writeFileSync(path.join(folder, 'example.mjs'), addressed)
    const child = spawn(process.execPath, [runner, path.join(folder, 'example.mjs'), ...wanted], { cwd: folder })
    // Only for what never ends; the rest waits on conditions.
    const hanging = setTimeout(() => child.kill('SIGKILL'), 60_000)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data))
    const [status, signal] = await once(child, 'close')
    clearTimeout(hanging)
    assert.equal(status, 0, `${signal === 'SIGKILL' ? 'it did not end by itself' : 'it failed'}:\n${output}`)
  })
}

test('few examples are not run', (t) => {
  const skipped = blocks.filter(({ reason }) => reason)
  t.diagnostic(`${blocks.length - skipped.length} examples run, ${skipped.length} do not`)
  assert.ok(blocks.length > skipped.length)
  for (const { name, reason } of skipped) assert.match(reason, /^because \S+ \S+/, `${name} gives no reason`)
  const fences = documented.flatMap((page) => read(page).match(/^\s*```(?:js|javascript|mjs|cjs|ts|typescript)\b.*$/gm) ?? [])
  assert.equal(fences.length, blocks.length, 'a block of code is fenced in another way than those that are run')
})

test('every relative link leads to a file, and to a heading of it', () => {
  const slug = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
  const headings = (page) => [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, text]) => slug(text))
  const broken = []
  for (const page of pages) {
    for (const [, link] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue
      const [file, heading] = link.split('#')
      const target = file ? path.join(path.dirname(page), file) : page
      const leads = existsSync(path.join(root, target)) && (!heading || headings(target).includes(heading))
      if (!leads) broken.push(`${page}: ${link}`)
    }
  }
  assert.deepEqual(broken, [])
})

test('every page that the code names exists', () => {
  const sources = ['index.d.ts', 'testing.d.ts', ...readdirSync(path.join(root, 'js'), { recursive: true }).map((name) => `js/${name}`)]
  const missing = []
  for (const source of sources.filter((name) => name.endsWith('.ts'))) {
    for (const [page] of read(source).matchAll(/docs\/[\w-]+\.md/g)) {
      if (!existsSync(path.join(root, page))) missing.push(`${source}: ${page}`)
    }
  }
  assert.deepEqual(missing, [])
})

test('every script and program that a page names exists', () => {
  const { scripts, bin } = JSON.parse(read('package.json'))
  const ofExample = { ...scripts, ...JSON.parse(read('examples/nextjs/package.json')).scripts }
  // Those under examples/ speak of their own scripts.
  for (const page of pages.filter((page) => !page.startsWith('examples') || page.startsWith('examples/nextjs'))) {
    for (const [call, name] of read(page).matchAll(/\bnpm run ([\w:]+)/g)) {
      assert.ok((/nextjs/.test(page) ? ofExample : scripts)[name], `${page} says "${call}", and there is no such script`)
    }
    for (const [call, name] of read(page).matchAll(/\bnpx ([\w-]+)/g)) {
      assert.ok(bin[name], `${page} says "${call}", and there is no such program`)
    }
  }
})

test('the guide names every option of a client, and no other', () => {
  const [, members] = /export interface ClientOptions \{\n([^]*?)\n\}/.exec(read('index.d.ts'))
  const options = [...members.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name)
  const [, table] = /## Options\n([^]*?)\n## /.exec(read('docs/guide.md'))
  assert.deepEqual([...table.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name), options)
})

test('the page of the Next.js product names its variables and metrics, and no others', () => {
  const files = (folder) => readdirSync(path.join(root, 'examples/nextjs', folder), { recursive: true }).map((name) => path.join('examples/nextjs', folder, name))
  const sources = ['lib', 'app', 'components'].flatMap(files).filter((name) => /\.tsx?$/.test(name)).map(read)
  const variables = new Set()
  for (const source of sources) {
    for (const [, name] of source.matchAll(/process\.env\.([A-Z_]+)/g)) variables.add(name)
    for (const [, name] of source.matchAll(/(?:countFrom\(|\[)'([A-Z]+_[A-Z_]+)', \d/g)) variables.add(name)
    for (const [, names] of source.matchAll(/const \{([^}]*)\} = process\.env/g)) for (const [name] of names.matchAll(/[A-Z_]{3,}/g)) variables.add(name)
  }
  // Next's own; and what the engine reads.
  for (const name of ['NODE_ENV', 'NEXT_RUNTIME', 'NEXT_PHASE']) variables.delete(name)
  for (const name of ['PORT', 'CHASQUI_ENDPOINT']) variables.add(name)
  const page = read('docs/nextjs.md')
  const rows = (heading) => [...new RegExp(`\n##+ ${heading}\n([^]*?)\n##`).exec(page)[1].matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name)
  assert.deepEqual(rows('Variables').sort(), [...variables].sort())
  const metrics = [...read('examples/nextjs/lib/metrics.ts').matchAll(/name: '(chasqui_\w+)'.*?(?:labelNames: \[([^\]]*)\]|registers)/gs)]
  const named = metrics.map(([, name, labels = '']) => name + (labels && `{${labels.replace(/[' ]/g, '')}}`))
  assert.deepEqual(rows('Health and metrics').filter((name) => name.startsWith('chasqui')).sort(), named.sort())
})
