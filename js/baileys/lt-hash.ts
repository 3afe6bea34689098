/** The hash that stands for a collection of the app state, whatever the order of its changes. */
import { loadClientAddon } from '../native.js'
import type { LTHashState } from './app-state.js'

const MAC_BYTES = 32
const HASH_BYTES = 128
/** As `proto.SyncdMutation.SyncdOperation`. */
const REMOVE = 1

function joined(macs: readonly (Uint8Array | Buffer)[]): Buffer {
  const odd = macs.find(({ length }) => length !== MAC_BYTES)
  if (odd) throw new RangeError(`Value MACs have ${MAC_BYTES} bytes, not ${odd.length}.`)
  return Buffer.concat(macs)
}

/** Lanes of 16 bits, to which the expanded value MACs are added and from which they are subtracted. */
export const LT_HASH_ANTI_TAMPERING = {
  subtractThenAdd(base: Uint8Array, subtract: readonly Uint8Array[], add: readonly Uint8Array[]): Uint8Array {
    if (base.length !== HASH_BYTES) throw new RangeError(`Base hash must be ${HASH_BYTES} bytes, got ${base.length}`)
    return loadClientAddon().latticeHash(base, joined(subtract), joined(add))
  },
  add(base: Uint8Array, macs: readonly Uint8Array[]): Uint8Array {
    return this.subtractThenAdd(base, [], macs)
  },
  subtract(base: Uint8Array, macs: readonly Uint8Array[]): Uint8Array {
    return this.subtractThenAdd(base, macs, [])
  },
}

export interface MutationMacs {
  indexMac: Uint8Array
  valueMac: Uint8Array
  /** `proto.SyncdMutation.SyncdOperation` */
  operation: number | null | undefined
}
export interface LtHashGenerator {
  mix(mutation: MutationMacs): void
  finish(): { hash: Buffer<ArrayBuffer>; indexValueMap: LTHashState['indexValueMap'] }
}

/** Collects changes; the state that is given stays as it is. */
export const makeLtHashGenerator = ({ indexValueMap, hash }: Pick<LTHashState, 'hash' | 'indexValueMap'>): LtHashGenerator => {
  const values = { ...indexValueMap }
  const added: Uint8Array[] = []
  const replaced: Uint8Array[] = []
  return {
    mix({ indexMac, valueMac, operation }) {
      const index = Buffer.from(indexMac).toString('base64')
      const before = values[index]
      if (before) replaced.push(before.valueMac)
      if (operation === REMOVE) {
        // What is not there cannot be taken back; that it should have been shows in the MAC of the whole.
        delete values[index]
      } else {
        added.push(valueMac)
        values[index] = { valueMac }
      }
    },
    finish: () => ({
      hash: Buffer.from(LT_HASH_ANTI_TAMPERING.subtractThenAdd(hash, replaced, added)),
      indexValueMap: values,
    }),
  }
}
