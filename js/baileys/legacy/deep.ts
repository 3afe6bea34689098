/** What programs import from paths inside Baileys 6, besides what it exports. */
export * from './index.js'
export { makeWASocket as default } from './socket.js'
export { makeOrderedDictionary, ObjectRepository, type OrderedDictionary } from './dictionary.js'
export { type BaileysInMemoryStoreConfig, type InMemoryStore, waChatKey, waLabelAssociationKey, waMessageID } from './store.js'
export * from '../deep.js'
