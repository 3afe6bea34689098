/** The answer of the service about collections, and the files that it names. */
import { downloadContentFromMessage } from './download.js'
import { getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode } from './nodes.js'
import { loadProto, type proto } from './proto.js'
import type { ProtoClass } from './types.js'

type ExternalBlob = proto.IExternalBlobReference
/** What one file may hold. */
const MAX_BLOB = 1 << 28

const message = <T>(name: string): ProtoClass<T> => loadProto()[name] as ProtoClass<T>

export const downloadExternalBlob = async (blob: ExternalBlob, options: RequestInit): Promise<Buffer<ArrayBuffer>> => {
  const stream = await downloadContentFromMessage(blob, 'md-app-state', { options })
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > MAX_BLOB) throw new RangeError('A file of the app state is larger than is taken.')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

export const downloadExternalPatch = async (blob: ExternalBlob, options: RequestInit): Promise<proto.SyncdMutations> =>
  message<proto.SyncdMutations>('SyncdMutations').decode(await downloadExternalBlob(blob, options))

export interface CollectionSync {
  patches: proto.ISyncdPatch[]
  hasMorePatches: boolean
  snapshot?: proto.ISyncdSnapshot | undefined
}

/** By the names of the collections in the answer. */
export const extractSyncdPatches = async (result: BinaryNode, options: RequestInit): Promise<{ [name: string]: CollectionSync }> => {
  const collections = getBinaryNodeChildren(getBinaryNodeChild(result, 'sync'), 'collection')
  const read = collections.map(async node => [node.attrs['name'], await readCollection(node, options)] as const)
  return Object.fromEntries(await Promise.all(read)) as { [name: string]: CollectionSync }
}

/** Bytes that went through JSON are an object of numbers. */
const bytesOf = (content: NonNullable<BinaryNode['content']>): Buffer =>
  content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(Object.values(content) as number[])

async function readCollection(node: BinaryNode, options: RequestInit): Promise<CollectionSync> {
  const { version, has_more_patches: more } = node.attrs
  const inSnapshot = getBinaryNodeChild(node, 'snapshot')?.content
  const blob = inSnapshot && message<ExternalBlob>('ExternalBlobReference').decode(bytesOf(inSnapshot))
  const snapshot = blob && message<proto.ISyncdSnapshot>('SyncdSnapshot').decode(await downloadExternalBlob(blob, options))
  const patches: proto.ISyncdPatch[] = []
  for (const { content } of getBinaryNodeChildren(getBinaryNodeChild(node, 'patches') ?? node, 'patch')) {
    if (!content) continue
    const patch = message<proto.ISyncdPatch>('SyncdPatch').decode(bytesOf(content))
    patch.version ||= { version: Number(version) + 1 }
    patches.push(patch)
  }
  return { patches, hasMorePatches: more === 'true', snapshot: snapshot || undefined }
}
