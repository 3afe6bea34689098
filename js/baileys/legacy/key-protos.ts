/** The protobuf messages of the Signal protocol's own wire format, which Baileys 6.17 shows. Built when they are looked at. */
import type { INamespace, Root } from 'protobufjs'

type Fields = { [name: string]: [type: string, id: number, rule?: 'repeated'] }

const TEXTSECURE: { [message: string]: Fields } = {
  WhisperMessage: { ephemeralKey: ['bytes', 1], counter: ['uint32', 2], previousCounter: ['uint32', 3], ciphertext: ['bytes', 4] },
  PreKeyWhisperMessage: {
    registrationId: ['uint32', 5],
    preKeyId: ['uint32', 1],
    signedPreKeyId: ['uint32', 6],
    baseKey: ['bytes', 2],
    identityKey: ['bytes', 3],
    message: ['bytes', 4],
  },
  KeyExchangeMessage: {
    id: ['uint32', 1],
    baseKey: ['bytes', 2],
    ephemeralKey: ['bytes', 3],
    identityKey: ['bytes', 4],
    baseKeySignature: ['bytes', 5],
  },
}
const GROUP: { [message: string]: Fields } = {
  SenderKeyMessage: { id: ['uint32', 1], iteration: ['uint32', 2], ciphertext: ['bytes', 3] },
  SenderKeyDistributionMessage: { id: ['uint32', 1], iteration: ['uint32', 2], chainKey: ['bytes', 3], signingKey: ['bytes', 4] },
  SenderChainKey: { iteration: ['uint32', 1], seed: ['bytes', 2] },
  SenderMessageKey: { iteration: ['uint32', 1], seed: ['bytes', 2] },
  SenderSigningKey: { public: ['bytes', 1], private: ['bytes', 2] },
  SenderKeyStateStructure: {
    senderKeyId: ['uint32', 1],
    senderChainKey: ['SenderChainKey', 2],
    senderSigningKey: ['SenderSigningKey', 3],
    senderMessageKeys: ['SenderMessageKey', 4, 'repeated'],
  },
  SenderKeyRecordStructure: { senderKeyStates: ['SenderKeyStateStructure', 1, 'repeated'] },
}

function build(messages: { [message: string]: Fields }): { [message: string]: unknown } {
  const protobuf = require('protobufjs/light.js') as typeof import('protobufjs/light.js')
  const nested = Object.entries(messages).map(([message, fields]) => {
    const described = Object.entries(fields).map(([name, [type, id, rule]]) => [name, { type, id, ...(rule ? { rule } : {}) }])
    return [message, { edition: 'proto2', fields: Object.fromEntries(described) }]
  })
  const root: Root = protobuf.Root.fromJSON({ nested: Object.fromEntries(nested) as NonNullable<INamespace['nested']> })
  root.resolveAll()
  return Object.fromEntries(Object.keys(messages).map(message => [message, root.lookupType(message).ctor]))
}

function lazily(messages: { [message: string]: Fields }): { readonly [message: string]: any } {
  let built: { [message: string]: unknown } | undefined
  const shown = {}
  for (const message of Object.keys(messages)) {
    Object.defineProperty(shown, message, { enumerable: true, get: () => (built ??= build(messages))[message] })
  }
  return shown
}

export const textsecure = lazily(TEXTSECURE)
export const groupproto = lazily(GROUP)
