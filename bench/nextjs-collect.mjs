// Loaded before the server of examples/nextjs (`node --import`): it collects its garbage when SIGUSR2 comes, so that its memory can be compared.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
process.on('SIGUSR2', () => collect())
