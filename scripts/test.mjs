// npm test: sets up what is missing, then runs cargo's tests and Node's.

import { readdirSync } from 'node:fs'
import path from 'node:path'

import { build } from './build.mjs'
import { root, run, step } from './setup.mjs'

// One build for both: the addons that Node loads and the test programs share every compiled crate.
await build({ targets: ['--workspace', '--lib', '--bins', '--tests'] })
step('Running the Rust tests')
await run('cargo', ['test', '--workspace', '--quiet', '--lib', '--bins', '--tests'])
step('Running the JavaScript tests')
const tests = readdirSync(path.join(root, '__test__'), { recursive: true }).filter((name) => name.endsWith('.test.mjs'))
await run(process.execPath, ['--test', ...tests.map((name) => path.join('__test__', name))])
step('All tests passed')
