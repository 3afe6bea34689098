// Files of messages, below one folder.
import { constants } from 'node:fs'
import { copyFile, link, mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'

const SAFE_PART = /^(?!\.)[\w.-]{1,255}$/
const DEEPEST = 6

/** A path below the folder of media, with / between its parts. */
export const isMediaPath = (name: string) => name.split('/').length <= DEEPEST && name.split('/').every((part) => SAFE_PART.test(part))

/** Every regular file below `folder`, by its path in it: links are not followed, and what is still fetched is left out. */
export async function* mediaFiles(folder: string, below = ''): AsyncGenerator<string> {
  const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const entry of entries) {
    const name = below ? `${below}/${entry.name}` : entry.name
    if (!isMediaPath(name)) continue
    if (entry.isDirectory()) yield* mediaFiles(folder, name)
    else if (entry.isFile() && !name.endsWith('.part')) yield name
  }
}

/** The same file under another name where that can be; else a copy. False where it is gone. */
export async function linkOrCopy(source: string, target: string): Promise<boolean> {
  await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
  try {
    await link(source, target)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
  }
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
