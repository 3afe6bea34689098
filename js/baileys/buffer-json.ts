/** How bytes are written in JSON: `{ type: 'Buffer', data: base64 }`. */

/** Bytes that were written without the replacer: an object from index to number. */
function isIndexed(value: object): boolean {
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every(key => !Number.isNaN(parseInt(key, 10))) && Object.values(value).every(item => typeof item === 'number')
}

export const BufferJSON = {
  replacer: (_key: any, value: any): any => {
    if (!Buffer.isBuffer(value) && !(value instanceof Uint8Array) && value?.type !== 'Buffer') return value
    return { type: 'Buffer', data: Buffer.from(value?.data ?? value).toString('base64') }
  },
  reviver: (_key: any, value: any): any => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    if (value.type === 'Buffer' && typeof value.data === 'string') return Buffer.from(value.data, 'base64')
    return isIndexed(value) ? Buffer.from(Object.values(value) as number[]) : value
  },
}
