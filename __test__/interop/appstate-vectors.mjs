// Writes crates/chasqui-appstate/tests/vectors/baileys.json: changes as npm Baileys makes them, and what its own decoder,
// with all MAC checks on, says of them. `node __test__/interop/appstate-vectors.mjs`; each run has other random IVs.
import { writeFileSync } from 'node:fs'
import { chatModificationToAppPatch, decodePatches, encodeSyncdPatch, newLTHashState, proto } from 'baileys'

const target = new URL('../../crates/chasqui-appstate/tests/vectors/baileys.json', import.meta.url)
const NOW = 1700000000000
Date.now = () => NOW

const keyId = Buffer.from('000000000001', 'hex').toString('base64')
const keyData = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
const getKey = async id => (id === keyId ? { keyData } : undefined)
const hex = bytes => Buffer.from(bytes).toString('hex')

const person = '15550101@s.whatsapp.net'
const group = '120363000000000000@g.us'
const lid = '99000000000001@lid'
const key = (chat, fromMe, participant) => ({ remoteJid: chat, id: '3EB0C0FFEE', fromMe, participant })
const lastMessages = [
  { key: key(group, true), messageTimestamp: 1699999990 },
  { key: key(group, false, '15550102:7@s.whatsapp.net'), messageTimestamp: 1699999999 },
]

// Each with the name of the builder that makes the same in crates/chasqui-appstate/src/vectors/baileys.rs.
const steps = [
  ['mute-until', person, { mute: NOW + 3_600_000 }],
  ['mute-off', person, { mute: null }],
  ['archive', group, { archive: true, lastMessages }],
  ['archive-off', lid, { archive: false, lastMessages: [] }],
  ['read', group, { markRead: true, lastMessages }],
  ['unread', group, { markRead: false, lastMessages }],
  ['delete-for-me', person, { deleteForMe: { key: key(person, false), timestamp: 1699999999, deleteMedia: true } }],
  ['clear', group, { clear: true, lastMessages }],
  ['delete', group, { delete: true, lastMessages }],
  ['pin', lid, { pin: true }],
  ['pin-off', lid, { pin: false }],
  ['contact', person, { contact: { fullName: 'Inés "la Nueva" \\ 🦙\u2028\u007f', firstName: 'Inés', lidJid: lid, saveOnPrimaryAddressbook: true } }],
  ['contact-off', person, { contact: null }],
  ['link-previews', '', { disableLinkPreviews: { isPreviewsDisabled: true } }],
  ['push-name', '', { pushNameSetting: 'Chaski ñ' }],
  ['quick-reply', '', { quickReply: { shortcut: 'hi', message: 'Hello\nthere', timestamp: '1700000000' } }],
  ['quick-reply-off', '', { quickReply: { timestamp: '1700000000', deleted: true } }],
  ['label', '', { addLabel: { id: 'a"\\\n\u0001\u001f/é🦙', name: 'New', color: 3, predefinedId: 2, deleted: false } }],
  ['label-chat', person, { addChatLabel: { labelId: '7' } }],
  ['label-chat-off', person, { removeChatLabel: { labelId: '7' } }],
  ['label-message', person, { addMessageLabel: { labelId: '7', messageId: '3EB0C0FFEE' } }],
  ['label-message-off', person, { removeMessageLabel: { labelId: '7', messageId: '3EB0C0FFEE' } }],
  ['star', person, { star: { messages: [key(person, true)], star: true } }],
]

const states = {}
const written = []
const stored = {}
for (const [name, jid, modification] of steps) {
  const patchCreate = chatModificationToAppPatch(structuredClone(modification), jid)
  const collection = patchCreate.type
  const before = states[collection] ?? newLTHashState()
  const { patch, state } = await encodeSyncdPatch(patchCreate, keyId, before, getKey)
  if (patchCreate.operation === proto.SyncdMutation.SyncdOperation.REMOVE) {
    // Its encoder puts the index back into its map after a removal.
    state.indexValueMap = { ...before.indexValueMap }
    delete state.indexValueMap[Buffer.from(patch.mutations[0].record.index.blob).toString('base64')]
  }
  const upload = Buffer.from(proto.SyncdPatch.encode(patch).finish())
  const syncd = proto.SyncdPatch.decode(upload)
  syncd.version = { version: state.version }
  ;(stored[collection] ??= []).push(syncd)
  states[collection] = state
  written.push({ name, collection, index: JSON.stringify(patchCreate.index), version: state.version, upload: hex(upload), hash: hex(state.hash) })
}

// Its decoder must agree with its encoder, or the vectors are worth nothing.
for (const [collection, patches] of Object.entries(stored)) {
  const warn = (_, text) => { throw new Error(`${collection}: ${text}`) }
  const logger = { warn, trace() {}, debug() {}, info() {} }
  const { state } = await decodePatches(collection, patches, newLTHashState(), getKey, {}, undefined, logger, true)
  if (!state.hash.equals(states[collection].hash)) throw new Error(`${collection}: the hashes differ`)
}

writeFileSync(target, JSON.stringify({ made: 'by __test__/interop/appstate-vectors.mjs with npm baileys 7.0.0-rc14', steps: written }, null, 1) + '\n')
