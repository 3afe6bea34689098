// New files in the place of old ones: all of them, or, where something fails, none.
import { lstat, mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'

const isThere = (file: string) =>
  lstat(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
      throw error
    },
  )

export class Swap {
  readonly #undo: (() => Promise<void>)[] = []
  readonly #aside: string[] = []

  /** Puts `source` to where `target` is, all on one file system. What is there goes to `aside` until this is done. */
  async put(source: string, target: string, aside?: string) {
    if (aside) await this.away(target, aside)
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
    await rename(source, target)
    this.#undo.push(() => rename(target, source))
  }

  /** Takes `target` away, to `aside` until this is done. */
  async away(target: string, aside: string) {
    if (!(await isThere(target))) return
    await mkdir(path.dirname(aside), { recursive: true, mode: 0o700 })
    await rename(target, aside)
    this.#undo.push(() => rename(aside, target))
    this.#aside.push(aside)
  }

  /** Everything as it was. */
  async undo() {
    for (const step of this.#undo.toReversed()) await step()
  }

  /** What was taken away is not wanted again. */
  async done() {
    for (const aside of this.#aside) await rm(aside, { recursive: true, force: true })
  }
}
