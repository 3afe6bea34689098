/** The credentials of a device that is not linked yet. */
import { randomBytes } from 'node:crypto'
import { Boom } from '@hapi/boom'

import { Curve, signedKeyPair } from './curve.js'
import type { AuthenticationCreds } from './types.js'

/** Small, as the devices in use have it. */
export const generateRegistrationId = (): number => (randomBytes(1)[0] ?? 0) & 0x3fff

export const initAuthCreds = (): AuthenticationCreds => {
  const signedIdentityKey = Curve.generateKeyPair()
  return {
    noiseKey: Curve.generateKeyPair(),
    pairingEphemeralKeyPair: Curve.generateKeyPair(),
    signedIdentityKey,
    signedPreKey: signedKeyPair(signedIdentityKey, 1),
    registrationId: generateRegistrationId(),
    advSecretKey: randomBytes(32).toString('base64'),
    processedHistoryMessages: [],
    nextPreKeyId: 1,
    firstUnuploadedPreKeyId: 1,
    accountSyncCounter: 0,
    accountSettings: { unarchiveChats: false },
    registered: false,
    pairingCode: undefined,
    lastPropHash: undefined,
    routingInfo: undefined,
    additionalData: undefined,
  }
}

/** The own JID, or a Boom 401 before the device is linked. */
export const assertMeId = (creds: AuthenticationCreds): string => {
  const id = creds.me?.id
  if (!id) throw new Boom('Cannot proceed: socket is not authenticated yet (creds.me.id is missing)', { statusCode: 401 })
  return id
}
