// What recipients are shown of audio and video, with ffmpeg and without it.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { test } from 'node:test'

import { WhatsAppClient } from 'chasqui'

import { temporaryFolder } from '../harness/baileys.mjs'
import { stage, waitFor } from './sides.mjs'

const there = spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0
const skip = there ? false : 'needs ffmpeg on the PATH (Debian: apt-get install ffmpeg)'

/** A file made by ffmpeg itself, of sounds and pictures that it makes up. */
function made(t, name, ...args) {
  const file = path.join(temporaryFolder(t), name)
  execFileSync('ffmpeg', ['-nostdin', '-loglevel', 'error', ...args, file])
  return file
}
const film = (t, name, ...args) => made(t, name, '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=10:duration=3', ...args)
const sound = (t, name, ...args) => made(t, name, '-f', 'lavfi', '-i', 'sine=frequency=440:duration=2.5', ...args)

test('a video has its length, its size and its first frame, in whichever container', { skip }, async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  for (const [name, kind, field, ...args] of [
    ['a.mp4', 'video', 'videoMessage', '-pix_fmt', 'yuv420p'],
    ['a.webm', 'video', 'videoMessage', '-c:v', 'libvpx'],
    ['b.mp4', 'gif', 'videoMessage', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'],
    ['c.mp4', 'note', 'ptvMessage', '-pix_fmt', 'yuv420p'],
  ]) {
    const file = film(t, name, ...args)
    for (const source of [file, readFileSync(file)]) {
      const { id } = await ana.client.send(ben.jid, { [kind]: source, reuse: false })
      const content = (await ben.showed(id)).message[field]
      assert.deepEqual([content.width, content.height, content.seconds], [320, 180, 3], name)
      assert.deepEqual([...content.jpegThumbnail.subarray(0, 2)], [0xff, 0xd8], name)
    }
  }
})

test('a voice note is made of any audio, and says how long it is and how loud', { skip }, async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  for (const [name, ...args] of [['a.mp3'], ['a.wav', '-ac', '2'], ['a.m4a'], ['stereo.ogg', '-ac', '2', '-c:a', 'libopus']]) {
    const { id } = await ana.client.send(ben.jid, { voice: sound(t, name, ...args) })
    const got = await ben.showed(id)
    const { audioMessage } = got.message
    assert.deepEqual([audioMessage.mimetype, audioMessage.ptt], ['audio/ogg; codecs=opus', true], name)
    assert.ok([2, 3].includes(audioMessage.seconds), `${name}: ${audioMessage.seconds}`)
    assert.equal(audioMessage.waveform.length, 64)
    assert.ok(Math.max(...audioMessage.waveform) === 100 && audioMessage.waveform[32] > 80, `${name}: ${[...audioMessage.waveform]}`)
    const note = await ben.download(got)
    assert.deepEqual([note.toString('latin1', 0, 4), note.toString('latin1', 28, 36), note[37]], ['OggS', 'OpusHead', 1], name)
  }
  // What is one already is sent as it is.
  const opus = sound(t, 'mono.ogg', '-ac', '1', '-c:a', 'libopus')
  const { id } = await ana.client.send(ben.jid, { voice: opus })
  assert.deepEqual(await ben.download(await ben.showed(id)), readFileSync(opus))
  const audio = await ana.client.send(ben.jid, { audio: sound(t, 'b.mp3') })
  const { audioMessage } = (await ben.showed(audio.id)).message
  assert.deepEqual([audioMessage.mimetype, audioMessage.seconds], ['audio/mpeg', 3])
  // The same audio makes the same voice note, which is at the hosts already.
  const files = (await here.emulator.media.list()).length
  await ana.client.send(ben.jid, { voice: sound(t, 'a.wav', '-ac', '2') })
  assert.equal((await here.emulator.media.list()).length, files)
  await assert.rejects(ana.client.send(ben.jid, { voice: Buffer.from('no sound at all') }), { code: 'INVALID_CONTENT' })
})

test('a playlist that is given as a video opens nothing', { skip }, async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const requests = []
  const server = createServer((request, response) => response.end(requests.push(request.url))).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await waitFor(() => server.listening, 'the web server')
  const url = `http://127.0.0.1:${server.address().port}`
  const secret = film(t, 'secret.mp4', '-pix_fmt', 'yuv420p')
  for (const playlist of [
    `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n${url}/a.ts\n#EXT-X-ENDLIST\n`,
    `#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://${secret}\n#EXT-X-ENDLIST\n`,
    `ffconcat version 1.0\nfile '${secret}'\n`,
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="1"><BaseURL>${url}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  ]) {
    const { id } = await ana.client.send(ben.jid, { video: Buffer.from(playlist), mimetype: 'video/mp4' })
    const { videoMessage } = (await ben.showed(id)).message
    assert.deepEqual([videoMessage.seconds ?? 0, videoMessage.width ?? 0, videoMessage.jpegThumbnail?.length ?? 0], [0, 0, 0], playlist)
  }
  assert.deepEqual(requests, [])
})

test('ffmpeg ends with the upload that it works for', { skip: skip || (process.platform === 'win32' && 'a program that is a script') }, async (t) => {
  const here = await stage(t)
  const folder = temporaryFolder(t)
  const [program, started] = [path.join(folder, 'slow'), path.join(folder, 'pid')]
  writeFileSync(program, `#!/bin/sh\n[ "$1" = -version ] && exit 0\necho $$ > '${started}'\nexec sleep 600\n`, { mode: 0o755 })
  const ana = await here.chasqui('Ana', { ffmpeg: program })
  const controller = new AbortController()
  const upload = ana.client.upload(Buffer.from('anything'), { kind: 'voice', signal: controller.signal })
  const pid = Number(await waitFor(() => readdirSync(folder).includes('pid') && readFileSync(started, 'utf8').trim(), 'the program to be started'))
  controller.abort()
  await assert.rejects(upload, { code: 'ABORTED' })
  const isGone = () => {
    try {
      // A process that nobody has waited for yet has ended as well.
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].startsWith('Z')
    } catch {
      return true
    }
  }
  await waitFor(isGone, 'the program to end')
})

test('without ffmpeg containers tell what they can, and what is no voice note is refused', async (t) => {
  const here = await stage(t)
  for (const ffmpeg of [false, '/nowhere/ffmpeg']) {
    const ana = await here.chasqui('Ana', { ffmpeg, session: `Ana ${ffmpeg}` })
    const wave = wav(8000, 16_000)
    const uploaded = await ana.client.upload(wave, { kind: 'audio' })
    assert.deepEqual([uploaded.mimetype, uploaded.seconds], ['audio/wav', 2])
    await assert.rejects(ana.client.upload(wave, { kind: 'voice' }), { code: 'FFMPEG_MISSING' })
    const note = Buffer.concat([page(0n, 0, Buffer.from('OpusHead\x01\x01\0\0\0\0\0\0\0\0\0', 'latin1')), page(4n * 48_000n, 1, Buffer.alloc(40))])
    const voice = await ana.client.upload(note, { kind: 'voice' })
    assert.deepEqual([voice.mimetype, voice.seconds, voice.waveform], ['audio/ogg; codecs=opus', 4, undefined])
  }
  for (const ffmpeg of ['', 7]) assert.throws(() => new WhatsAppClient({ session: 'x', store: 'memory:', ffmpeg }), { code: 'INVALID_OPTION' })
})

/** Silence of 16 bits. */
function wav(rate, samples) {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples * 2, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.set([1, 0, 1, 0], 20)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.set([2, 0, 16, 0], 32)
  header.write('data', 36)
  header.writeUInt32LE(samples * 2, 40)
  return Buffer.concat([header, Buffer.alloc(samples * 2)])
}

/** A page of Ogg with one packet. */
function page(position, number, packet) {
  const header = Buffer.alloc(28)
  header.write('OggS', 0)
  header.writeBigUInt64LE(position, 6)
  header.writeUInt32LE(7, 14)
  header.writeUInt32LE(number, 18)
  header.set([1, packet.length], 26)
  return Buffer.concat([header, packet])
}
