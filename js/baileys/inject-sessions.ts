/** Sessions from the key bundles that the service hands out. */
import { generateSignalPubKey } from './curve.js'
import {
  assertNodeErrorFree, getBinaryNodeChild, getBinaryNodeChildBuffer, getBinaryNodeChildren, getBinaryNodeChildUInt, type BinaryNode,
} from './nodes.js'
import type { SessionBundle } from './prekeys.js'

const publicKey = (node: BinaryNode | undefined, tag: string): Uint8Array => generateSignalPubKey(getBinaryNodeChildBuffer(node, tag) as Uint8Array)
const keyId = (node: BinaryNode | undefined): number => getBinaryNodeChildUInt(node as BinaryNode, 'id', 3) as number

function bundleOf(user: BinaryNode): SessionBundle {
  const signed = getBinaryNodeChild(user, 'skey')
  const once = getBinaryNodeChild(user, 'key')
  return {
    registrationId: getBinaryNodeChildUInt(user, 'registration', 4) as number,
    identityKey: publicKey(user, 'identity'),
    // Without it the repository refuses the bundle.
    signedPreKey: (signed && {
      keyId: keyId(signed),
      publicKey: publicKey(signed, 'value'),
      signature: getBinaryNodeChildBuffer(signed, 'signature') as Uint8Array,
    }) as SessionBundle['signedPreKey'],
    preKey: once && { keyId: keyId(once), publicKey: publicKey(once, 'value') },
  }
}

/** Gives the bundles of the answer `node` to the repository; none where the service refuses one. @throws Boom 500 with its reason */
export const parseAndInjectE2ESessions = async (
  node: BinaryNode,
  repository: { injectE2ESession(about: { jid: string; session: SessionBundle }): Promise<void> },
): Promise<void> => {
  const users = getBinaryNodeChildren(getBinaryNodeChild(node, 'list'), 'user')
  for (const user of users) assertNodeErrorFree(user)
  for (const user of users) await repository.injectE2ESession({ jid: user.attrs['jid'] as string, session: bundleOf(user) })
}
