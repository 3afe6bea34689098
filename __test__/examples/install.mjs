// Installs an example as a user would: the packed tarballs of the main and the platform package, no link to the checkout.
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const scratch = (name) => mkdtemp(path.join(tmpdir(), `chasqui-${name}-`))

let tarballs
/** The tarballs of this checkout, packed once. */
export const pack = () =>
  (tarballs ??= (async () => {
    const folder = await scratch('pack')
    await run(process.execPath, [path.join(root, 'scripts/pack.mjs'), folder], { cwd: root })
    return (await readdir(folder)).map((name) => path.join(folder, name))
  })())

/** A copy of the example with everything installed, no script run; its folder. */
export async function install(example) {
  const folder = path.join(await scratch('example'), example)
  await cp(path.join(root, 'examples', example), folder, {
    recursive: true,
    filter: (source) => !['node_modules', '.next'].includes(path.basename(source)),
  })
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', ...(await pack())], { cwd: folder })
  return folder
}

/** Runs a program to its end; its output is the error where it fails. */
export function run(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`)),
    )
  })
}

/** A server program on a free port; resolves once it answers. */
export async function serve(args, { cwd, env, base }) {
  const port = await freePort()
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = new Promise((resolve) => child.on('close', resolve))
  const url = `http://127.0.0.1:${port}${base}`
  const call = async (action, body) => {
    const options = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(`${url}/${action}`, options)
    if (!response.ok) throw new Error(`${action}: ${response.status} ${await response.text()}\n${output}`)
    return response.json()
  }
  await until(() => call('status').catch(() => child.exitCode !== null && Promise.reject(new Error(output))))
  return {
    call,
    async stop() {
      child.kill()
      await ended
    },
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** What `look` gives, once it gives something. */
export async function until(look, timeout = 120_000) {
  const end = Date.now() + timeout
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > end) throw new Error(`waited ${timeout} ms in vain for ${look}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
