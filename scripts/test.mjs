// npm test: sets up what is missing, then runs cargo's tests and Node's.
// With --javascript it runs only the latter, on what is built; with --boundary only those of them that another version of
// Node may decide, and not those of the protocol, which is Rust's.

import { readdirSync } from 'node:fs'
import path from 'node:path'

import { build } from './build.mjs'
import { prepare } from './nextjs.mjs'
import { root, run, step } from './setup.mjs'

const boundary = process.argv.includes('--boundary')
if (!boundary && !process.argv.includes('--javascript')) {
  // One build for all: the addons and the example that Node's tests use share every compiled crate with the test programs.
  await build({ targets: ['--workspace', '--lib', '--bins', '--tests', '--example', 'peer'] })
  step('Running the Rust tests')
  await run('cargo', ['test', '--workspace', '--quiet', '--lib', '--bins', '--tests'])
}
// Several tests share them.
if (!boundary) for (const engine of ['chasqui', 'baileys']) await prepare({ engine })
step(`Running the JavaScript tests on Node ${process.version}`)
const PROTOCOL = /^((interop|emulator|promises|nextjs)[\\/](?!it-installs|memory|the-event-loop|media)|doors[\\/](parity|members|pure|fuzz|types|options|answers|inventory|schema))/
const all = readdirSync(path.join(root, '__test__'), { recursive: true }).filter((name) => name.endsWith('.test.mjs'))
const tests = boundary ? all.filter((name) => !PROTOCOL.test(name)) : all
// Most of a test is waiting: two files at a time, also on two cores.
await run(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=300000', ...tests.map((name) => path.join('__test__', name))])
step('All tests passed')
