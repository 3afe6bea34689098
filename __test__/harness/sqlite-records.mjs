// Reads the rows of a store's file without SQLite: every version of every page that lies in the file or in its log,
// so that what was there for a moment is found too. https://www.sqlite.org/fileformat2.html

import { existsSync, readFileSync } from 'node:fs'

const INTERIOR = 0x02
const LEAF = 0x0a

/** `{ namespace, key, value }` of each row of the table `kv`, in no order, some more than once. */
export function storeRecords(file) {
  const main = readFileSync(file)
  const log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0)
  const size = main.length >= 100 ? main.readUInt16BE(16) : log.readUInt32BE(8)
  const pages = []
  const newest = new Map()
  const add = (number, page) => {
    pages.push({ number, page })
    newest.set(number, page)
  }
  for (let at = 0; at + size <= main.length; at += size) add(at / size + 1, main.subarray(at, at + size))
  for (let at = 32; at + 24 + size <= log.length; at += 24 + size) add(log.readUInt32BE(at), log.subarray(at + 24, at + 24 + size))
  return pages.flatMap(({ number, page }) => [...rowsOf(number, page, size, newest)])
}

function* rowsOf(number, page, size, newest) {
  const start = number === 1 ? 100 : 0
  const kind = page[start]
  if (kind !== INTERIOR && kind !== LEAF) return
  const count = page.readUInt16BE(start + 3)
  const pointers = start + (kind === INTERIOR ? 12 : 8)
  for (let n = 0; n < count && pointers + 2 * n + 2 <= size; n++) {
    try {
      const cell = page.readUInt16BE(pointers + 2 * n) + (kind === INTERIOR ? 4 : 0)
      const row = columns(payload(page, cell, size, newest))
      if (row) yield row
    } catch (error) {
      // A page that is out of use may hold half a cell.
      if (!(error instanceof RangeError)) throw error
    }
  }
}

/** The content of a cell, with what lies on overflow pages. */
function payload(page, cell, size, newest) {
  const [length, at] = varint(page, cell)
  if (length > 1 << 26) throw new RangeError('no cell')
  const most = Math.floor(((size - 12) * 64) / 255) - 23
  if (length <= most) return page.subarray(at, at + length)
  const least = Math.floor(((size - 12) * 32) / 255) - 23
  const fitting = least + ((length - least) % (size - 4))
  const local = fitting <= most ? fitting : least
  const parts = [page.subarray(at, at + local)]
  let next = page.readUInt32BE(at + local)
  for (let left = length - local; left > 0; left -= size - 4) {
    const overflow = newest.get(next)
    if (!overflow) throw new RangeError('a chain of overflow pages ends early')
    parts.push(overflow.subarray(4, 4 + Math.min(left, size - 4)))
    next = overflow.readUInt32BE(0)
  }
  return Buffer.concat(parts)
}

/** The row `session, ns, key, value`; `undefined` for one of another table. */
function columns(record) {
  const [headerLength, first] = varint(record, 0)
  const types = []
  let at = first
  while (at < headerLength) {
    const [type, next] = varint(record, at)
    types.push(type)
    at = next
  }
  const isBlob = (type) => type >= 12 && type % 2 === 0
  if (types.length !== 4 || types[0] > 9 || types[1] > 9 || !isBlob(types[2]) || !isBlob(types[3])) return undefined
  const length = (type) => (type >= 12 ? (type - 12) >> 1 : [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type])
  const [, ns, key, value] = types.map((type) => {
    const field = record.subarray(at, at + length(type))
    at += length(type)
    return field
  })
  if (value.length !== length(types[3])) return undefined
  return { namespace: ns.length > 0 ? ns.readUIntBE(0, ns.length) : types[1] - 8, key, value }
}

function varint(bytes, at) {
  let value = 0
  for (let n = 0; n < 8; n++) {
    const byte = bytes.readUInt8(at++)
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) return [value, at]
  }
  throw new RangeError('no varint')
}
