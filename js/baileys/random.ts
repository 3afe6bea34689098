/** Random bytes for what is made with each message: the system is asked for many at once. */
import { randomFillSync } from 'node:crypto'

const POOL = 4096
const pool = Buffer.alloc(POOL)
let used = POOL

/** Bytes that nobody else gets. */
export function random(length: number): Buffer<ArrayBuffer> {
  if (length > POOL / 4) return randomFillSync(Buffer.alloc(length))
  if (used + length > POOL) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + length))
  // What was given out is a secret of its own.
  pool.fill(0, used, used + length)
  used += length
  return bytes
}
