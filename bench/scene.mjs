// What the end-to-end measurements share: an emulator, a folder, and processes of the two engines.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { Child } from './ipc.mjs'
import { Server } from './server.mjs'

export class Scene {
  #children = new Set()
  server
  folder

  /** Runs `act` with a scene, and clears it away whatever happens. */
  static async run(act) {
    const scene = new Scene()
    scene.folder = mkdtempSync(path.join(tmpdir(), 'chasqui-bench-'))
    try {
      scene.server = await Server.start()
      return await act(scene)
    } finally {
      for (const child of scene.#children) await child.stop()
      await scene.server?.stop()
      rmSync(scene.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    }
  }

  /** A fresh process of an engine. Codes that it shows are scanned by the account of the session's name. */
  client(engine, { secure = false, durable = true, history = false, program = './client.mjs', auth } = {}) {
    const onEvent = ({ qr, name }) => {
      // Codes rotate: an old one, or one scanned already, is refused and of no interest.
      this.server.scan(qr, name).catch(() => {})
    }
    const argument = { engine, server: this.server.info, secure, folder: this.folder, durable, history, auth }
    const child = new Child(program, argument, { onEvent, exposeGc: true })
    this.#children.add(child)
    return child
  }

  /** Has an engine's process do something, and ends it. */
  async with(engine, options, act) {
    const child = this.client(engine, options)
    try {
      return await act(child)
    } finally {
      await child.stop()
      this.#children.delete(child)
    }
  }

  /** Pairs sessions in processes of their own, some per process. */
  async pair(engine, names, options = {}) {
    const PER_PROCESS = engine === 'baileys' ? 50 : 500
    for (let at = 0; at < names.length; at += PER_PROCESS) {
      const some = names.slice(at, at + PER_PROCESS)
      await this.with(engine, options, (child) => child.ask('pair', { names: some, atOnce: 8 }, 60 + 3 * some.length))
    }
  }
}

/** A paired session that has written to and heard from María, in a process that has warmed up. */
export async function withAcquainted(scene, engine, secure, act) {
  await scene.pair(engine, ['Rosa'])
  const { jid } = await scene.server.contact('María')
  await scene.with(engine, { secure }, async (child) => {
    await child.ask('send', { name: 'Rosa', to: jid, count: 20, atOnce: 1 })
    await child.ask('close')
    await queued(scene, child, 500)
    await child.ask('close')
    await act(child, jid)
  })
}

/** The cost of connecting and taking in so many texts, which were encrypted before. */
export async function queued(scene, child, count, options = {}) {
  await scene.server.write('María', 'Rosa', count)
  return child.ask('receive', { name: 'Rosa', count, ...options }, 300)
}
