// Files over time: uploads that are used again, parts of files, and what the hosts have lost.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { buffer } from 'node:stream/consumers'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage } from './sides.mjs'

const uploads = async (here) => (await here.emulator.media.list()).length

test('the same bytes of the same kind are uploaded once, also over a restart, and anew when that is wanted', async (t) => {
  const here = await stage(t)
  const encryptionKey = randomBytes(32)
  const [ana, ben] = [await here.chasqui('Ana', { encryptionKey }), await here.baileys('Ben')]
  const bytes = randomBytes(200_000)
  const send = async (content) => {
    const progress = []
    const { id } = await ana.client.send(ben.jid, content, { onProgress: (step) => progress.push(step) })
    const got = await ben.showed(id)
    assert.deepEqual(await ben.download(got), bytes)
    assert.equal(progress.at(-1).bytes, progress.at(-1).total)
    return got.message.documentMessage ?? got.message.videoMessage
  }
  const first = await send({ document: bytes, fileName: 'a' })
  const before = await uploads(here)
  const second = await send({ document: new Blob([bytes]), fileName: 'b' })
  assert.deepEqual([second.fileName, Buffer.from(second.mediaKey)], ['b', Buffer.from(first.mediaKey)])
  await ana.stop()
  await ana.start()
  await send({ document: bytes })
  assert.equal(await uploads(here), before)
  await send({ document: bytes, reuse: false })
  assert.equal(await uploads(here), before + 1)
  await send({ video: bytes, mimetype: 'video/mp4' })
  assert.equal(await uploads(here), before + 2)
})

test('a part of a file is the same bytes, wherever it begins and ends', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.chasqui('Ben')]
  const bytes = randomBytes(200_000)
  const ranges = [[0, 1], [0, 16], [15, 17], [16, 32], [1000, 2000], [65_535, 65_537], [65_536, 131_072], [199_999, 200_000], [150_000], [undefined, 10], [0, 1e9], [199_990, 250_000]]
  for (const [kind, verified] of [['video', true], ['document', false]]) {
    const { id } = await ana.client.send(ben.jid, { [kind]: bytes, mimetype: 'video/mp4' })
    const got = await ben.showed(id)
    for (const [start, end] of ranges) {
      const part = await buffer(ben.client.downloadStream(got, { start, end }))
      assert.deepEqual(part, bytes.subarray(start ?? 0, end), `${kind} ${start}-${end}`)
    }
    for (const range of [{ start: 200_000 }, { start: 5, end: 5 }, { start: 9, end: 3 }]) {
      assert.equal((await ben.client.download(got, range)).length, 0)
    }
    assert.deepEqual(await ben.client.download(got, { start: 70_000, end: 70_100, limit: 100 }), bytes.subarray(70_000, 70_100))
    await assert.rejects(ben.client.download(got, { start: 70_000, limit: 100 }), { code: 'MEDIA_TOO_LARGE' })
    for (const range of [{ start: -1 }, { end: 1.5 }, { start: '3' }]) await assert.rejects(ben.client.download(got, range), { code: 'INVALID_OPTION' })
    // A byte is wrong: what a sidecar covers is refused, the rest cannot be verified.
    const fault = await here.emulator.media.faults.add({ what: 'flip', direction: 'download', after: 70_000 })
    const part = ben.client.download(got, { start: 66_000, end: 72_000 })
    if (verified) await assert.rejects(part, { code: 'MEDIA_CORRUPT' })
    else assert.equal((await part).length, 6000)
    await here.emulator.media.faults.clear(fault.id)
    await here.emulator.media.faults.add({ what: 'cut', direction: 'download', after: 1000, times: 2 })
    assert.deepEqual(await ben.client.download(got, { start: 10, end: 150_000 }), bytes.subarray(10, 150_000), 'over cut connections')
  }
})

test('a file that the hosts have lost is asked for at the phone, which has it, or not, or says nothing of use', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const group = await here.emulator.group({ subject: 'Files', members: ['Ana', 'Ben'] })
  const bytes = randomBytes(50_000)
  const { media } = here.emulator
  const lost = async (to, everywhere) => {
    const { key, message } = await ben.socket.sendMessage(to, { document: bytes, mimetype: 'x/y', fileName: 'z' })
    const got = await ana.showed(key.id)
    await media.remove(message.documentMessage.directPath, { everywhere })
    return got
  }
  for (const to of [ana.lid, group.jid]) {
    assert.deepEqual(await ana.client.download(await lost(to)), bytes)
    const path = `${temporaryFolder(t)}/z`
    assert.equal((await ana.client.download(await lost(to), { path })).size, bytes.length)
    assert.deepEqual(await ana.client.download(await lost(to), { start: 100, end: 200 }), bytes.subarray(100, 200))
  }
  for (const [name, everywhere, what] of [['has it no longer', true], ['says so', false, 'notFound'], ['answers with what does not decrypt', false, 'wrongTag']]) {
    const got = await lost(ana.lid, everywhere)
    if (what) await media.faults.add({ what, direction: 'retry', times: 1 })
    await assert.rejects(ana.client.download(got), ({ code, data }) => code === 'MEDIA_GONE' && [404, 410].includes(data.status), name)
  }
  // Nobody answers: whoever waits may give up.
  const got = await lost(ana.lid)
  await media.faults.add({ what: 'noAnswer', direction: 'retry', times: 1 })
  const controller = new AbortController()
  const waiting = ana.client.download(got, { signal: controller.signal })
  const asked = () => ana.stanzas({ direction: 'out', tag: 'receipt', type: 'server-error', id: got.id })
  while ((await asked()).length === 0) await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  await assert.rejects(waiting, { code: 'ABORTED' })
  // The next attempt asks again.
  assert.deepEqual(await ana.client.download(got), bytes)
})
