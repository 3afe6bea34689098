// Previews of links, from Chasqui to Baileys and back.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'

import { png } from '../harness/pictures.mjs'
import { stage, waitFor } from './sides.mjs'

/** A web server whose pages are functions of the answer; with what was asked of it. */
async function site(t, pages) {
  const requests = []
  const server = createServer((request, response) => {
    requests.push(request.url)
    const page = pages[request.url]
    if (page === undefined) return response.writeHead(404).end()
    if (typeof page === 'function') return page(response)
    if (Buffer.isBuffer(page)) return response.writeHead(200, { 'content-type': 'image/png' }).end(page)
    return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
  }).listen(0, '127.0.0.1')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await waitFor(() => server.listening, 'the web server')
  return { url: `http://127.0.0.1:${server.address().port}`, requests }
}

const head = (more = '') => `<!DOCTYPE html><html><head><title>The shop</title>${more}</head><body>…</body></html>`
const withPicture = (address) => head(`<meta property="og:title" content="Cakes &amp; more"><meta name="description" content="Baked daily"><meta property="og:image" content="${address}">`)

test('a text shows the page that it links to, with a picture within it and a larger one at the hosts', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana', { allowPrivateUrls: true }), await here.baileys('Ben')]
  const { url } = await site(t, {
    '/cakes': (response) => response.writeHead(302, { location: '/cakes/today' }).end(),
    '/cakes/today': withPicture('../cake.png'),
    '/cake.png': png(800, 400),
  })
  const text = `Look (${url}/cakes), it is fresh`
  const { id } = await ana.client.send(ben.jid, { text, linkPreview: true })
  const got = await ben.showed(id)
  const shown = got.message.extendedTextMessage
  assert.deepEqual([shown.text, shown.matchedText, shown.title, shown.description], [text, `${url}/cakes`, 'Cakes & more', 'Baked daily'])
  assert.deepEqual([...shown.jpegThumbnail.subarray(0, 2)], [0xff, 0xd8])
  assert.deepEqual([shown.thumbnailWidth, shown.thumbnailHeight], [800, 400])
  assert.deepEqual([...(await ben.download(got)).subarray(0, 2)], [0xff, 0xd8])
  const [stanza] = await ana.stanzas({ direction: 'out', tag: 'message', id })
  assert.equal(stanza.attrs.type, 'media')
})

test('a preview is what the program says, and without one asked for no page is fetched', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana', { allowPrivateUrls: true }), await here.baileys('Ben')]
  const { url, requests } = await site(t, { '/': head() })
  for (const linkPreview of [undefined, false]) {
    const { id } = await ana.client.send(ben.jid, { text: `see ${url}/`, linkPreview })
    assert.ok(!(await ben.showed(id)).message.extendedTextMessage.matchedText)
  }
  const linkPreview = { url, title: 'Our own', description: 'words', image: png(300, 300) }
  const { id } = await ana.client.send(ben.jid, { text: `see ${url}/`, linkPreview })
  const shown = (await ben.showed(id)).message.extendedTextMessage
  assert.deepEqual([shown.matchedText, shown.title, shown.description, shown.thumbnailWidth], [url, 'Our own', 'words', 300])
  assert.ok(shown.jpegThumbnail.length > 100)
  const lost = await ana.client.send(ben.jid, { text: `see ${url}/`, linkPreview: { ...linkPreview, image: '/nowhere.png' } })
  assert.equal((await ben.showed(lost.id)).message.extendedTextMessage.title, 'Our own')
  assert.deepEqual(requests, [])
  for (const linkPreview of ['yes', { url: 'https://other.example/' }, { url, title: 7 }]) {
    await assert.rejects(ana.client.send(ben.jid, { text: `see ${url}/`, linkPreview }), { code: 'INVALID_CONTENT' })
  }
  const both = await ana.client.sendMany(ben.jid, [{ text: `first ${url}/`, linkPreview: true }, { text: 'second' }])
  assert.equal((await ben.showed(both[0].id)).message.extendedTextMessage.title, 'The shop')
})

test('whatever a page does, the text is sent', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana', { allowPrivateUrls: true }), await here.baileys('Ben')]
  const huge = Buffer.concat([png(10, 10).subarray(0, 16), Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]), png(10, 10).subarray(24)])
  const endless = (type, first) => (response) => {
    response.writeHead(200, { 'content-type': type })
    response.write(first)
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))) { /* as much as goes */ }
    }
    response.on('drain', more)
    more()
  }
  const { url } = await site(t, {
    '/empty': '',
    '/untitled': '<p>nothing</p>',
    '/file': (response) => response.writeHead(200, { 'content-type': 'application/zip' }).end('PK'),
    '/loop': (response) => response.writeHead(302, { location: '/loop' }).end(),
    '/elsewhere': (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    '/cut': (response) => response.writeHead(200, { 'content-type': 'text/html', 'content-length': 100_000 }).write(head().slice(0, 30), () => response.destroy()),
    '/endless': endless('text/html', head()),
    '/html-picture': withPicture('/untitled'),
    '/endless-picture': withPicture('/endless.png'),
    '/endless.png': endless('image/png', png(10, 10)),
    '/huge-picture': withPicture('/huge.png'),
    '/huge.png': huge,
    '/no-picture': withPicture('/gone.png'),
  })
  for (const [path, title] of [
    ['/gone'], ['/empty'], ['/untitled'], ['/file'], ['/loop'], ['/elsewhere'], ['/cut'], ['/endless', 'The shop'],
    ['/html-picture', 'Cakes & more'], ['/endless-picture', 'Cakes & more'], ['/huge-picture', 'Cakes & more'], ['/no-picture', 'Cakes & more'],
  ]) {
    const { id } = await ana.client.send(ben.jid, { text: url + path, linkPreview: true })
    const shown = (await ben.showed(id)).message.extendedTextMessage
    assert.deepEqual([shown.text, shown.title || undefined, shown.jpegThumbnail?.length || undefined], [url + path, title, undefined], path)
  }
  // Nothing listens there any more.
  const closed = await ana.client.send(ben.jid, { text: 'http://127.0.0.1:9/', linkPreview: true })
  assert.ok(await ben.showed(closed.id))
})

test('a page in a private network is not fetched, unless that is allowed', async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const { url, requests } = await site(t, { '/': head() })
  const { id } = await ana.client.send(ben.jid, { text: `${url}/`, linkPreview: true })
  assert.ok(!(await ben.showed(id)).message.extendedTextMessage.title)
  assert.deepEqual(requests, [])
})

test("Baileys' preview is shown, and its larger picture downloaded", async (t) => {
  const here = await stage(t)
  const [ana, ben] = [await here.chasqui('Ana'), await here.baileys('Ben')]
  const picture = await here.emulator.media.put('linkThumbnail', png(50, 50))
  const extendedTextMessage = {
    text: 'https://shop.example/ is open', matchedText: 'https://shop.example/', title: 'Shop', description: 'All', jpegThumbnail: png(2, 2),
    thumbnailDirectPath: picture.directPath, mediaKey: picture.mediaKey, mediaKeyTimestamp: picture.mediaKeyTimestamp,
    thumbnailSha256: picture.fileSha256, thumbnailEncSha256: picture.fileEncSha256, thumbnailWidth: 50, thumbnailHeight: 50,
  }
  const shown = await ana.showed(await ben.socket.relayMessage(ana.lid, { extendedTextMessage }, {}))
  const thumbnail = png(2, 2).toString('base64')
  assert.deepEqual(shown.linkPreview, { url: 'https://shop.example/', title: 'Shop', description: 'All', thumbnail, large: true })
  assert.deepEqual(await ana.client.download(shown), png(50, 50))
})
