// What every script needs first: the tools, the npm packages, and a way to run things with progress.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

const started = Date.now()

/** Prints what begins now, with the seconds since the start. */
export function step(text) {
  const seconds = ((Date.now() - started) / 1000).toFixed(0).padStart(4)
  console.log(`[${seconds} s] ${text}`)
}

/** Ends the program with a plain sentence. */
export function fail(sentence) {
  console.error(`\n${sentence}`)
  process.exit(1)
}

/** Names what is missing, before anything takes time. */
export function checkTools() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(`Node.js 20 or newer is needed; this is ${process.version}. See https://nodejs.org/.`)
  }
  if (!answers('cargo')) {
    fail('Rust is needed to build the addon, and "cargo" was not found. Install it from https://rustup.rs/ and try again.')
  }
  // On Windows rustup brings or finds the linker itself.
  if (process.platform !== 'win32' && !answers(process.env.CC || 'cc')) {
    fail('A C compiler is needed (for SQLite and for linking), and "cc" was not found. Install gcc or clang and try again.')
  }
}

function answers(tool) {
  return spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0
}

/** Installs the npm packages of a checkout that has none yet. */
export async function install() {
  if (existsSync(path.join(root, 'node_modules', 'typescript'))) return
  step('Installing the npm packages')
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
}

/** Runs a program in the repository, its output shown; ends the script when it fails. */
export async function run(program, args, options = {}) {
  const shell = process.platform === 'win32' && program === 'npm'
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', shell, ...options })
  const code = await new Promise((resolve) => {
    child.once('error', (error) => fail(`${program} could not be started: ${error.message}`))
    child.once('exit', (status, signal) => resolve(signal ? 1 : status))
  })
  if (code !== 0) fail(`"${[program, ...args].join(' ')}" failed; its output above says why.`)
}
