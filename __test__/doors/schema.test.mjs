// What the doors took over from elsewhere in the repository is what stands there now.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { schemaFile, schemaText } from '../../scripts/proto-json.mjs'
import { typesFile, typesText } from '../../scripts/proto-types.mjs'

const { proto, fetchLatestBaileysVersion } = createRequire(import.meta.url)('../../dist/baileys/index.js')

test('schema.json is made from the schema as it is', () => {
  assert.ok(schemaFile() === schemaText(), 'run `node scripts/proto-json.mjs`')
})

test('the types of proto are made from the schema as it is', () => {
  assert.ok(typesFile() === typesText(), 'run `node scripts/proto-types.mjs`')
})

test('the announced version is the one of the engine', async () => {
  const source = await readFile(new URL('../../crates/chasqui-client/src/options.rs', import.meta.url), 'utf8')
  const [, numbers] = /DEFAULT_VERSION: \[u32; 3\] = \[([\d_, ]+)\]/.exec(source)
  assert.deepEqual((await fetchLatestBaileysVersion()).version, numbers.replaceAll('_', '').split(',').map(Number))
})

test('messages behave as those of protobufjs: set fields are own, the others read null, bytes and 64 bits keep their types', () => {
  const { Message, WebMessageInfo } = proto
  const bytes = Message.encode(
    Message.create({
      extendedTextMessage: { text: 'hi', contextInfo: { mentionedJid: ['15550001001@s.whatsapp.net'] } },
      messageContextInfo: { messageSecret: Buffer.alloc(3, 1) },
    }),
  ).finish()
  const message = Message.decode(bytes)
  assert.deepEqual(Object.keys(message), ['extendedTextMessage', 'messageContextInfo'])
  assert.equal(message.conversation, null)
  assert.equal(message.imageMessage, null)
  assert.equal(message.extendedTextMessage.matchedText, null)
  assert.ok(Buffer.isBuffer(message.messageContextInfo.messageSecret))
  assert.deepEqual(JSON.parse(JSON.stringify(message)), {
    extendedTextMessage: { text: 'hi', contextInfo: { mentionedJid: ['15550001001@s.whatsapp.net'] } },
    messageContextInfo: { messageSecret: 'AQEB' },
  })
  const info = WebMessageInfo.fromObject({ key: { id: 'x' }, messageTimestamp: 5_000_000_000, status: 'READ' })
  assert.equal(info.status, 4)
  assert.equal(info.messageTimestamp.toNumber(), 5_000_000_000)
  assert.equal(WebMessageInfo.StubType[28], 'GROUP_PARTICIPANT_REMOVE')
  assert.equal(Message.ProtocolMessage.Type.REVOKE, 0)
  assert.ok(Object.keys(proto).length > 200)
})

test('programs in TypeScript compile against both doors, from both module formats', () => {
  const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', fileURLToPath(new URL('./types', import.meta.url))], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
})
