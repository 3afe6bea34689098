// The members of real sockets: those of this door beside those of npm Baileys, each for an account of its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import sharp from 'sharp'

import { stage, waitFor } from '../interop/sides.mjs'
import { door } from './door.mjs'


const refusal = ({ isBoom, message, data, output }) => ({ isBoom, message, data, statusCode: output?.statusCode })

test('the members of a socket ask and are answered as those of Baileys', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const ana = await door(t, emulator, 'Ana')
  const { sock } = ana
  const group = await sock.groupCreate('Cine', [ben.jid])
  assert.deepEqual(await sock.groupMetadata(group.id), await ben.socket.groupMetadata(group.id))
  const refused = { isBoom: true, message: 'item-not-found', data: 404, statusCode: 500 }
  assert.deepEqual(await sock.groupMetadata('120363000000000099@g.us').catch(refusal), refused)
  assert.deepEqual(await sock.onWhatsApp(ben.jid, '5550000000001'), [{ jid: ben.jid, exists: true }])
  assert.deepEqual(await sock.getUSyncDevices([ben.jid], false, false), await (await baileys('Eva')).socket.getUSyncDevices([ben.jid], false, false))
  assert.deepEqual(await sock.fetchPrivacySettings(), await ben.socket.fetchPrivacySettings(true))
  await sock.updateBlockStatus(ben.jid, 'block')
  assert.deepEqual(await sock.fetchBlocklist(), [ben.lid])
  await sock.updateBlockStatus(ben.lid, 'unblock')
  await sock.updateProfileStatus('hola')
  assert.equal((await ben.socket.fetchStatus(sock.user.id.replace(/:\d+/, '')))[0].status.status, 'hola')
  assert.equal((await sock.newsletterCreate('Canal')).name, 'Canal')
  assert.ok((await sock.refreshMediaConn()).auth)
  await sock.sendUnifiedSession()
  await sock.digestKeyBundle()
  await sock.uploadPreKeysToServerIfRequired()
  await sock.uploadPreKeys()
  await sock.rotateSignedPreKey()
  await sock.rejectCall('CALL1', ben.lid)
  await sock.sendPresenceUpdate('available')
  assert.equal(await sock.messageMutex.mutex(() => 5), 5)
  await assert.rejects(sock.messageMutex.mutex(() => Promise.reject(new Error('no'))), /no/)
  const order = []
  await Promise.all([1, 2, 3].map((n) => sock.messageMutex.mutex(async () => order.push(n))))
  assert.deepEqual(order, [1, 2, 3])
})

test('what a socket changes is told by its own events, and by none without emitOwnEvents', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const ana = await door(t, emulator, 'Ana')
  const silent = await door(t, emulator, 'Eva', { emitOwnEvents: false })
  for (const it of [ana, silent]) {
    await it.sock.chatModify({ pin: true }, ben.lid)
    await it.sock.addLabel(ben.lid, { id: '7', name: 'Amigos', color: 3 })
  }
  await waitFor(() => ana.told.some(([name]) => name === 'labels.edit'), 'the label')
  assert.ok(ana.told.some(([name, chats]) => name === 'chats.update' && chats[0].id === ben.lid && chats[0].pinned))
  assert.ok(!silent.told.some(([name, chats]) => name === 'labels.edit' || (name === 'chats.update' && 'pinned' in chats[0])))
})

test('older messages are asked for from the phone', async (t) => {
  const { emulator } = await stage(t)
  await emulator.history.set('Ana', { generate: { chats: 1, messages: 30, seed: 3 }, recent: 5 })
  const ana = await door(t, emulator, 'Ana', { syncFullHistory: false })
  const sets = () => ana.told.filter(([name]) => name === 'messaging-history.set').map(([, set]) => set)
  const known = () => sets().flatMap(({ messages }) => messages).toSorted((a, b) => Number(a.messageTimestamp) - Number(b.messageTimestamp))
  await waitFor(() => known().length === 5, 'the recent messages')
  const [oldest] = known()
  const request = await ana.sock.fetchMessageHistory(10, oldest.key, oldest.messageTimestamp)
  const { messages, syncType } = await waitFor(() => sets().find(({ peerDataRequestSessionId }) => peerDataRequestSessionId === request), 'the answer of the phone', 10_000)
  assert.equal(messages.length, 10)
  assert.equal(syncType, 6)
})

test('a message is asked for from the phone once', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const ana = await door(t, emulator, 'Ana')
  const id = await ben.send((await emulator.contact('Ana')).jid, 'hola')
  await waitFor(() => ana.messages.some(({ key }) => key.id === id), 'the message')
  const key = { remoteJid: ben.lid, fromMe: false, id }
  const [first, second] = await Promise.all([ana.sock.requestPlaceholderResend(key), ana.sock.requestPlaceholderResend(key)])
  assert.equal(second, undefined)
  assert.match(first, /^[0-9A-F]{18,}$/)
  await waitFor(() => ana.messages.filter(({ key }) => key.id === id).length === 2, 'the message from the phone', 10_000)
  const known = { ...key, id: '3EB0AABBCCDDEEFF001122' }
  const waiting = ana.sock.requestPlaceholderResend(known)
  ana.sock.ev.emit('messages.upsert', { type: 'notify', messages: [{ key: known, message: { conversation: 'it' } }] })
  assert.equal(await waiting, 'RESOLVED')
  await assert.rejects(ana.sock.requestPlaceholderResend({ remoteJid: ben.lid }), ({ output }) => output.statusCode === 400)
})

test('media that is gone is uploaded by the phone once more', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const ana = await door(t, emulator, 'Ana')
  const to = (await emulator.contact('Ana')).jid
  await ben.socket.sendMessage(to, { document: Buffer.from('a file'), mimetype: 'text/plain', fileName: 'a.txt' })
  const message = await waitFor(() => ana.messages.find(({ message }) => message?.documentMessage), 'the document')
  const before = message.message.documentMessage.directPath
  ana.told.length = 0
  assert.equal(await ana.sock.updateMediaMessage(message), message)
  const { directPath, url } = message.message.documentMessage
  assert.notEqual(directPath, before)
  assert.equal(url, `https://mmg.whatsapp.net${directPath}`)
  assert.ok(ana.told.some(([name, updates]) => name === 'messages.update' && updates[0].key.id === message.key.id && updates[0].update.message))
  const gone = { ...message, key: { ...message.key, id: '3EB0AABBCCDDEEFF001122' } }
  assert.deepEqual(await ana.sock.updateMediaMessage(gone).catch(refusal), { isBoom: true, message: 'Failed to re-upload media (2)', data: { code: '2' }, statusCode: 404 })
  assert.deepEqual(await ana.sock.updateMediaMessage({ key: {}, message: { conversation: 'x' } }).catch(refusal), { isBoom: true, message: 'given message is not a media message', data: { conversation: 'x' }, statusCode: 400 })
})

test('a picture that only contacts see is seen with their token', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const picture = await sharp({ create: { width: 640, height: 640, channels: 3, background: '#c00' } }).jpeg().toBuffer()
  await ben.socket.updateProfilePicture(ben.jid, picture)
  await ben.socket.updateProfilePicturePrivacy('contacts')
  const { sock } = await door(t, emulator, 'Ana')
  const asked = { tag: 'iq', attrs: { type: 'get', xmlns: 'w:profile:picture', to: '@s.whatsapp.net', target: ben.jid }, content: [{ tag: 'picture', attrs: { type: 'image', query: 'url' } }] }
  const hidden = { isBoom: true, message: 'not-authorized', data: 401, statusCode: 500 }
  assert.deepEqual(await sock.query(asked).catch(refusal), hidden)
  assert.deepEqual(await sock.profilePictureUrl(ben.jid, 'image').catch(refusal), hidden)
  await ben.socket.issuePrivacyTokens([sock.user.lid.replace(/:\d+/, '')])
  await waitFor(() => sock.profilePictureUrl(ben.jid, 'image').then((url) => url?.startsWith('https:'), () => false), 'the picture')
  assert.deepEqual(await sock.query(asked).catch(refusal), hidden)
})

test('a label in a group is told to its members', async (t) => {
  const { emulator, baileys } = await stage(t)
  const ben = await baileys('Ben')
  const ana = await door(t, emulator, 'Ana')
  const { id } = await ana.sock.groupCreate('Cine', [ben.jid])
  const seen = []
  ben.socket.ev.on('group.member-tag.update', (update) => seen.push(update))
  const eva = await baileys('Eva')
  await ana.sock.groupParticipantsUpdate(id, [eva.jid], 'add')
  for (const socket of [eva.socket, ana.sock]) assert.match(await socket.updateMemberLabel(id, 'quien paga el cine, las entradas y todo'), /^3EB0[0-9A-F]{18}$/)
  await waitFor(() => seen.length === 2, 'the labels')
  const [theirs, mine] = seen.map(({ participant: _, messageTimestamp: __, participantAlt: ___, ...rest }) => rest)
  assert.deepEqual(mine, theirs)
  assert.deepEqual(mine, { groupId: id, label: 'quien paga el cine, las entrad' })
})

test('a socket that is closed refuses every question', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana')
  ana.state = 'stopping'
  await ana.sock.end(undefined)
  for (const call of [() => ana.sock.groupMetadata('120363000000000099@g.us'), () => ana.sock.chatModify({ pin: true }, '5550000000001@s.whatsapp.net'), () => ana.sock.sendPresenceUpdate('available'), () => ana.sock.rotateSignedPreKey()]) {
    await assert.rejects(call(), ({ isBoom, message, output }) => isBoom && message === 'Connection Closed' && output.statusCode === 428)
  }
})

test('pre-keys are uploaded, and the signed one is renewed, when the program says so', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana')
  const { sock } = ana
  const requests = async (child) => (await emulator.stanzas({ account: 'Ana', direction: 'out', tag: 'iq', xmlns: 'encrypt', child })).map(({ stanza }) => stanza)
  const keysOf = ({ content }) => content.find(({ tag }) => tag === 'list').content.length
  const uploads = (await requests('list')).length
  const { nextPreKeyId } = sock.authState.creds
  await sock.uploadPreKeys(7)
  assert.deepEqual((await requests('list')).slice(uploads).map(keysOf), [7])
  await waitFor(() => sock.authState.creds.nextPreKeyId === nextPreKeyId + 7, 'the next number')
  await assert.rejects(sock.uploadPreKeys(0), { isBoom: true })
  const { signedPreKey } = sock.authState.creds
  const told = ana.told.length
  await sock.rotateSignedPreKey()
  assert.equal((await requests('rotate')).length, 1)
  await waitFor(() => sock.authState.creds.signedPreKey.keyId === signedPreKey.keyId + 1, 'the next signed pre-key')
  await waitFor(() => ana.told.slice(told).some(([event, { signedPreKey }]) => event === 'creds.update' && signedPreKey), 'its event')
  // Somebody new writes by the new keys.
  const maria = await emulator.contact('María')
  await maria.send('Ana', { text: 'hola' })
  await waitFor(() => ana.messages.some(({ message }) => message?.conversation === 'hola' || message?.extendedTextMessage?.text === 'hola'), 'her message')
})

test('what the service refuses of pre-keys is told', async (t) => {
  const { emulator } = await stage(t)
  const { sock } = await door(t, emulator, 'Ana')
  await emulator.faults.add({ what: 'refuse', account: 'Ana', tag: 'iq', xmlns: 'encrypt', code: 503 })
  for (const call of [() => sock.uploadPreKeys(), () => sock.rotateSignedPreKey(), () => sock.digestKeyBundle()]) await assert.rejects(call(), { isBoom: true })
})

test('resyncAppState fetches what nobody told of', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana')
  const { sock } = ana
  await waitFor(() => sock.authState.creds.myAppStateKeyId, 'the key')
  await sock.resyncAppState(['regular_low'], false)
  await emulator.faults.add({ what: 'drop', account: 'Ana', direction: 'in', tag: 'notification', type: 'server_sync' })
  const maria = await emulator.contact('María')
  await emulator.phoneChanges('Ana', [{ type: 'pin', chat: maria.lid, pinned: true }])
  const pinned = () => ana.told.some(([event, updates]) => event === 'chats.update' && updates.some((update) => update.pinned))
  assert.ok(!pinned())
  await sock.resyncAppState(['regular_low'], false)
  await waitFor(pinned, 'the change')
  await assert.rejects(sock.resyncAppState(['irregular'], false), { isBoom: true })
})

test('resyncAppState goes on with a collection that could not be followed', async (t) => {
  const { emulator } = await stage(t)
  const ana = await door(t, emulator, 'Ana')
  const { sock } = ana
  await waitFor(() => sock.authState.creds.myAppStateKeyId, 'the key')
  await sock.resyncAppState(['regular_low'], false)
  const fault = await emulator.faults.add({ what: 'appState', wrong: 'patchMac', collection: 'regular_low', account: 'Ana' })
  const maria = await emulator.contact('María')
  await emulator.phoneChanges('Ana', [{ type: 'pin', chat: maria.lid, pinned: true }])
  await sock.resyncAppState(['regular_low'], false)
  await assert.rejects(sock.chatModify({ pin: true }, maria.lid))
  await emulator.faults.clear(fault.id)
  await sock.resyncAppState(['regular_low'], false)
  await sock.chatModify({ pin: false }, maria.lid)
})

test('sendRetryRequest asks the sender once more, and not without end', async (t) => {
  const { emulator } = await stage(t)
  const { sock } = await door(t, emulator, 'Ana', { maxMsgRetryCount: 2 })
  const maria = await emulator.contact('María')
  const node = { tag: 'message', attrs: { id: 'LOST1', from: maria.lid, t: '1700000000', type: 'text' } }
  for (let times = 0; times < 3; times++) await sock.sendRetryRequest(node, times === 0)
  const sent = await waitFor(async () => {
    const found = (await emulator.stanzas({ account: 'Ana', direction: 'out', tag: 'receipt', type: 'retry' })).map(({ stanza }) => stanza)
    return found.length > 1 && found
  }, 'the requests')
  assert.deepEqual(sent.map(({ attrs }) => [attrs.id, attrs.to]), [['LOST1', maria.lid], ['LOST1', maria.lid]])
  const [first, second] = sent.map(({ content }) => Object.fromEntries(content.map(({ tag, attrs }) => [tag, attrs])))
  assert.ok(first.keys && second.keys)
  assert.deepEqual([first.retry.count, second.retry.count], ['1', '2'])
  await assert.rejects(sock.sendRetryRequest({ tag: 'message', attrs: {} }), { isBoom: true })
})

test('statistics are sent as Baileys encodes them', async (t) => {
  const { emulator } = await stage(t)
  const { sock } = await door(t, emulator, 'Ana')
  await sock.sendWAMBuffer(Buffer.from('WAM')).catch(() => undefined)
  const [{ stanza }] = await emulator.stanzas({ account: 'Ana', direction: 'out', tag: 'iq', xmlns: 'w:stats' })
  assert.deepEqual([stanza.attrs.type, stanza.content[0].tag], ['set', 'add'])
})
