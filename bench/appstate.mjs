// Settings of the account: what a snapshot and patches take, every MAC checked. Both engines read the same bytes.

import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { root } from '../scripts/setup.mjs'
import { row } from './report.mjs'

const execute = promisify(execFile)

export const appState = {
  name: 'app-state',
  rounds: { full: 3, quick: 1 },
  rows: {
    snapshot: row('settings: a snapshot of 5,000, every MAC checked (Baileys: on the event loop)', 'ms'),
    patch: row('settings: a patch of one on 5,000', 'ms'),
    patchOfAll: row('settings: a patch that replaces all 5,000', 'ms'),
    build: row('settings: making a patch of one on 5,000', 'ms'),
  },
  async sample(engine, { binaries }) {
    const folder = mkdtempSync(path.join(tmpdir(), 'chasqui-bench-'))
    try {
      let { stdout } = await execute(path.join(binaries, 'speed'), [folder])
      if (engine === 'baileys') ({ stdout } = await execute(process.execPath, [path.join(root, 'bench', 'appstate-baileys.mjs'), folder]))
      return JSON.parse(stdout.trim().split('\n').at(-1))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
