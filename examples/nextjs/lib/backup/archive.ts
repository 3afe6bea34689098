// The file that a backup is: a tar with gzip, whose manifest says what is in it and how to know that it is whole.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

import { create, extract } from 'tar'
import { z } from 'zod'

import { isMediaPath } from './media'
import { isSessionName } from './sessions'
import { TABLES } from './tables'

const MANIFEST = 'manifest.json'
const FORMAT = 1
const MAX_MANIFEST = 256 << 20

/** Where the parts are inside of the archive. */
export const partOf = {
  table: (name: string) => `tables/${name}.jsonl`,
  session: (name: string) => `sessions/${name}.jsonl`,
  media: (name: string) => `media/${name}`,
}

const isPart = (name: string) => {
  const [folder, ...rest] = name.split('/')
  const file = rest.join('/')
  if (folder === 'media') return isMediaPath(file)
  const stem = file.replace(/\.jsonl$/, '')
  if (stem === file) return false
  return folder === 'tables' ? (TABLES as string[]).includes(stem) : folder === 'sessions' && isSessionName(stem)
}

const Manifest = z.object({
  program: z.literal('chasqui-example-nextjs'),
  format: z.literal(FORMAT),
  version: z.string(),
  createdAt: z.iso.datetime(),
  database: z.enum(['sqlite', 'postgres']),
  rows: z.record(z.string(), z.number().int().min(0)),
  sessions: z.number().int().min(0),
  media: z.number().int().min(0),
  parts: z.array(z.object({ path: z.string().refine(isPart), size: z.number().int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
})
export type Manifest = z.infer<typeof Manifest>

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** What the manifest says of a part that lies in `folder`. */
export async function describePart(folder: string, name: string): Promise<Manifest['parts'][number]> {
  const file = path.join(folder, name)
  return { path: name, size: (await stat(file)).size, sha256: await hashFile(file) }
}

/** Packs the parts in `folder` into `target`, which is there whole or not at all. */
export async function pack(folder: string, about: Omit<Manifest, 'program' | 'format'>, target: string) {
  const manifest: Manifest = { program: 'chasqui-example-nextjs', format: FORMAT, ...about }
  await writeFile(path.join(folder, MANIFEST), `${JSON.stringify(manifest)}\n`, { mode: 0o600 })
  const draft = path.join(folder, 'draft.tar.gz')
  const names = [MANIFEST, ...about.parts.map((part) => part.path)]
  await create({ cwd: folder, file: draft, gzip: true, portable: true, strict: true, mode: 0o600 }, names)
  const handle = await open(draft, 'r')
  await handle.sync().finally(() => handle.close())
  await rename(draft, target)
}

export class DamagedBackup extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`This is not a whole backup: ${why}. Nothing was changed.`, options)
    this.name = 'DamagedBackup'
  }
}

/** Unpacks an archive into an empty folder, and looks whether every part is as it was written. */
export async function unpack(archive: string, folder: string): Promise<Manifest> {
  const found = new Set<string>()
  const foreign: string[] = []
  try {
    await extract({
      file: archive,
      cwd: folder,
      strict: true,
      preserveOwner: false,
      filter: (name, entry) => {
        // Parts are in folders that are made for them.
        if ('type' in entry && entry.type === 'Directory') return false
        const fits = 'type' in entry && entry.type === 'File' && (name === MANIFEST || isPart(name)) && !found.has(name)
        if (fits) found.add(name)
        else foreign.push(name)
        return fits
      },
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && !found.size) throw new Error(`There is no file ${archive}.`, { cause: error })
    if (/^(ENOSPC|EACCES|EROFS)$/.test((error as NodeJS.ErrnoException).code ?? '')) throw error
    throw new DamagedBackup(error instanceof Error ? error.message : String(error), { cause: error })
  }
  if (foreign.length) throw new DamagedBackup(`"${foreign[0]}" does not belong into one`)
  const manifest = await readManifest(path.join(folder, MANIFEST))
  found.delete(MANIFEST)
  for (const part of manifest.parts) {
    if (!found.delete(part.path)) throw new DamagedBackup(`${part.path} is missing`)
    const { size, sha256 } = await describePart(folder, part.path)
    if (size !== part.size || sha256 !== part.sha256) throw new DamagedBackup(`${part.path} is not as it was written`)
  }
  if (found.size) throw new DamagedBackup(`${[...found][0]} is not in the manifest`)
  for (const name of TABLES) {
    if (!manifest.parts.some((part) => part.path === partOf.table(name))) throw new DamagedBackup(`the table ${name} is missing`)
  }
  return manifest
}

async function readManifest(file: string): Promise<Manifest> {
  try {
    if ((await stat(file)).size > MAX_MANIFEST) throw new Error('it is too large')
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
    const format = z.object({ format: z.number() }).safeParse(parsed)
    if (format.success && format.data.format > FORMAT) throw new Error('a newer version of this program has made it')
    return Manifest.parse(parsed)
  } catch (error) {
    throw new DamagedBackup(
      error instanceof z.ZodError ? 'its manifest is not one' : `its manifest cannot be read, ${(error as Error).message}`,
      { cause: error },
    )
  }
}
