// npm run demo [-- --live]: sets up what is missing, then runs examples/demo.mjs.

import { build } from './build.mjs'
import { run, step } from './setup.mjs'

await build()
step('Starting examples/demo.mjs')
await run(process.execPath, ['examples/demo.mjs', ...process.argv.slice(2)])
