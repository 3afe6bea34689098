// What comes wrong, and what goes wrong: a clear answer in JSON, the server goes on, nothing is lost.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'

import { startEmulator } from 'chasqui/testing'

import { prepare } from '../../scripts/nextjs.mjs'
import { temporaryFolder } from '../harness/baileys.mjs'
import { ENGINES, PATIENCE, startApp, waitFor } from './app.mjs'

/** As many bytes as a WhatsApp text may have, and one more. */
const LONG = 'x'.repeat(65_537)

for (const engine of ENGINES) {
  describe(`bad input, with ${engine}`, { timeout: 280_000 }, () => {
    let emulator, app, rosa, maria, conversation
    before(async () => {
      emulator = await startEmulator()
      app = await startApp(emulator, { engine })
      rosa = await app.user('Rosa')
      await rosa.link(emulator)
      maria = await emulator.contact('María')
      await maria.send('Rosa', { text: '<script>alert(1)</script>' })
      conversation = await waitFor(async () => (await rosa.conversations())[0], 'the conversation', PATIENCE)
      // What the rule answers would come between.
      await rosa.call(`/api/conversations/${conversation.id}`, { automatic: false }, 'PATCH')
    })
    after(async () => {
      await app?.end('SIGKILL')
      await emulator?.stop()
    })
    /** Fails unless it is refused so. */
    const refused = async (expected, user, address, body, method) => {
      const { http, success, code, error } = await user.call(address, body, method)
      assert.deepEqual([http, code, success], [...expected, false], `${method ?? ''} ${address} ${JSON.stringify(body)?.slice(0, 100)}: ${error}`)
      assert.ok(error.length > 5)
    }
    const kept = async (text) => waitFor(async () => (await rosa.messages(conversation.id)).find((message) => message.text === text), `"${text}" to be kept`, PATIENCE)
    /** Messages go both ways. */
    const works = async (mark) => {
      await rosa.connected()
      const sent = await rosa.call('/api/whatsapp/send', { to: maria.jid, content: `${mark} to María` })
      assert.equal(sent.http, 200, sent.error)
      await maria.waitForMessage(({ text }) => text === `${mark} to María`, { timeout: PATIENCE })
      await maria.send('Rosa', { text: `${mark} from María` })
      await kept(`${mark} from María`)
    }

    test('requests that are wrong', async () => {
      const at = `/api/conversations/${conversation.id}`
      for (const [expected, ...request] of [
        [[400, 'INVALID_JSON'], '/api/whatsapp/send', '{'],
        [[400, 'INVALID_JSON'], '/api/whatsapp/send', ''],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', '[]'],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', 'null'],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', {}],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: 5, content: {} }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: 'María', content: 'x' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: '', content: 'x' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: '12', content: 'x' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: '+1 555 010 0000 00000 00000', content: 'x' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: '120363000000000001@g.us', content: 'x' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: '../../etc@s.whatsapp.net', content: 'x' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: maria.jid, content: '' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: maria.jid, content: ' \n ' }],
        [[400, 'INVALID_INPUT'], '/api/whatsapp/send', { to: maria.jid, content: LONG }],
        [[413, 'TOO_LARGE'], '/api/whatsapp/send', { to: maria.jid, content: 'x'.repeat(2_000_000) }],
        [[404, 'NOT_ON_WHATSAPP'], '/api/whatsapp/send', { to: '+15550009998', content: 'x' }],
        [[400, 'INVALID_INPUT'], `${at}/messages`, { content: '' }],
        [[400, 'INVALID_INPUT'], at, { automatic: 'yes' }, 'PATCH'],
        [[404, 'NOT_FOUND'], '/api/conversations/..%2f..%2fetc%2fpasswd/messages'],
        [[404, 'NOT_FOUND'], "/api/conversations/' or 1=1 --/messages"],
        [[404, 'NOT_FOUND'], '/api/media/..%2f..%2fsecret'],
        [[404, 'NOT_FOUND'], '/api/media/999999'],
        [[400, 'INVALID_INPUT'], '/api/products', { code: '../x', name: 'x', price: 1, currency: 'COP' }],
        [[400, 'INVALID_INPUT'], '/api/products', { code: 'x', name: 'x', price: -1, currency: 'COP' }],
        [[404, 'NOT_FOUND'], '/api/products/none', { price: 1 }, 'PATCH'],
        [[404, 'NOT_FOUND'], '/api/customers/none', { consent: true }, 'PATCH'],
        [[404, 'NOT_FOUND'], '/api/notifications/none'],
        [[400, 'INVALID_INPUT'], '/api/notifications', { content: '' }],
      ]) await refused(expected, rosa, ...request)
      assert.equal((await rosa.messages(conversation.id))[0].text, '<script>alert(1)</script>', 'as it was written')
      await works('after wrong requests')
    })

    test('cookies that are forged, old, or sent by the page of another site', async () => {
      const send = { to: maria.jid, content: 'not from Rosa' }
      for (const cookie of ['', 'better-auth.session_token=forged', rosa.cookie.slice(0, -8) + 'AAAAAAA%3D', '__proto__=x; =;;;']) {
        const { status } = await fetch(`${app.base}/api/whatsapp/send`, { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: JSON.stringify(send) })
        assert.equal(status, 401, cookie)
      }
      for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
        const response = await rosa.raw('/api/whatsapp/disconnect', { method: 'POST', headers: { origin } })
        assert.deepEqual([response.status, (await response.json()).code], [403, 'FORBIDDEN'], origin)
      }
      await works('after forged cookies')
    })

    test('the sign-in expires', async () => {
      const eva = await app.user('Eva')
      assert.equal((await eva.status()).http, 200)
      await inDatabase(app, "update sign_ins set expires_at = 1000 where user_id = (select id from users where name = 'Eva')")
      await refused([401, 'NOT_SIGNED_IN'], eva, '/api/whatsapp/status')
      assert.equal((await (await app.user('Eva')).status()).http, 200, 'she signs in again')
    })

    test('the database is locked by another program', async () => {
      const unlock = await lock(app)
      await maria.send('Rosa', { text: 'while it was locked' })
      await refused([503, 'DATABASE_UNAVAILABLE'], rosa, '/api/whatsapp/send', { to: maria.jid, content: 'cannot be written' })
      assert.equal((await rosa.call('/api/conversations')).http, 200, 'reading goes on')
      unlock()
      await kept('while it was locked')
      await works('after the lock')
    })

    test('the database is gone, and comes back', async () => {
      const away = path.join(app.data, 'away')
      mkdirSync(away)
      const files = readdirSync(app.data).filter((name) => name.startsWith('app.db'))
      for (const name of files) renameSync(path.join(app.data, name), path.join(away, name))
      await refused([503, 'DATABASE_UNAVAILABLE'], rosa, '/api/whatsapp/status')
      await refused([503, 'DATABASE_UNAVAILABLE'], rosa, '/api/whatsapp/send', { to: maria.jid, content: 'to nowhere' })
      assert.equal((await fetch(`${app.base}/api/health`)).status, 503)
      await maria.send('Rosa', { text: 'while it was gone' })
      for (const name of files) renameSync(path.join(away, name), path.join(app.data, name))
      await kept('while it was gone')
      await waitFor(async () => (await fetch(`${app.base}/api/health`)).ok, 'the server to be well', PATIENCE)
      await works('after it was gone')
    })

    test('the folder of a session is deleted while it is in use', async () => {
      const [folder] = readdirSync(app.sessions).filter((name) => !name.startsWith('.'))
      rmSync(path.join(app.sessions, folder), { recursive: true })
      await maria.send('Rosa', { text: 'to a folder that is gone' })
      await emulator.disconnect({ account: 'Rosa' })
      // Whatever the engine makes of it, the routes answer, and a new device can be linked.
      await waitFor(async () => {
        const { http, status } = await rosa.status()
        assert.equal(http, 200)
        return status === 'DISCONNECTED' || status === 'CONNECTED'
      }, 'the end of the session', PATIENCE)
      const { http } = await rosa.call('/api/whatsapp/disconnect', {})
      assert.equal(http, 200)
      await rosa.link(emulator)
      await works('with another folder')
    })
  })
}

test('requests beyond the limit are refused, for a while and for one user', { timeout: 120_000 }, async (t) => {
  const emulator = await startEmulator()
  const app = await startApp(emulator, { env: { RATE_LIMIT_SEND: '5' } })
  t.after(async () => {
    await app.end('SIGKILL')
    await emulator.stop()
  })
  const [rosa, eva] = [await app.user('Rosa'), await app.user('Eva')]
  const answers = []
  for (let count = 0; count < 8; count++) answers.push(await rosa.call('/api/whatsapp/send', { to: '+15550100000', content: 'x' }))
  assert.deepEqual(answers.map(({ http }) => http), [409, 409, 409, 409, 409, 429, 429, 429])
  assert.equal(answers.at(-1).code, 'TOO_MANY_REQUESTS')
  assert.ok(Number(answers.at(-1).headers.get('retry-after')) >= 1)
  assert.equal((await eva.call('/api/whatsapp/send', { to: '+15550100000', content: 'x' })).http, 409)
  assert.equal((await rosa.status()).http, 200)
})

/** A small file system of its own for the server's data; undefined where this machine does not let us make one. */
function smallDisk(t) {
  const folder = temporaryFolder()
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]).status !== 0) return undefined
  t.after(() => spawnSync('umount', ['-l', folder]))
  return folder
}

test('the disk is full', { timeout: 200_000 }, async (t) => {
  const data = smallDisk(t)
  if (!data) return t.skip('only the superuser can make a small disk')
  const emulator = await startEmulator()
  const app = await startApp(emulator, { data })
  t.after(async () => {
    await app.end('SIGKILL')
    await emulator.stop()
  })
  const rosa = await app.user('Rosa')
  await rosa.link(emulator)
  const maria = await emulator.contact('María')
  await maria.send('Rosa', { text: 'there is room' })
  const { id } = await waitFor(async () => (await rosa.conversations())[0], 'the conversation', PATIENCE)
  await rosa.call(`/api/conversations/${id}`, { automatic: false }, 'PATCH')
  const filler = path.join(data, 'filler')
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1k', 'count=100000'])
  assert.ok(statSync(filler).size > 1e6)
  await maria.send('Rosa', { text: 'there is none' })
  // Some room may be left in what the database has already.
  const failure = await waitFor(async () => {
    const answer = await rosa.call('/api/products', { code: `p${Math.random()}`.replace('.', ''), name: 'x', description: 'x'.repeat(900), price: 1, currency: 'COP' })
    return answer.http !== 200 && answer
  }, 'an error', PATIENCE)
  assert.deepEqual([failure.http, failure.code, failure.success], [507, 'DISK_FULL', false])
  assert.equal((await rosa.status()).http, 200, 'reading goes on')
  rmSync(filler)
  await waitFor(async () => (await rosa.messages(id)).some(({ text }) => text === 'there is none'), 'what came while there was none', PATIENCE)
  await rosa.connected()
  const sent = await rosa.call('/api/whatsapp/send', { to: maria.jid, content: 'there is again' })
  assert.equal(sent.http, 200, sent.error)
})

/** Another program's SQLite, the one of the example. */
async function database(app) {
  const { createClient } = createRequire(path.join(await prepare({ engine: app.engine }), 'package.json'))('@libsql/client')
  return createClient({ url: `file:${path.join(app.data, 'app.db')}`, timeout: 5000 })
}

async function inDatabase(app, sql) {
  const client = await database(app)
  const { rowsAffected } = await client.execute(sql)
  client.close()
  assert.equal(rowsAffected, 1)
}

async function lock(app) {
  const client = await database(app)
  const transaction = await client.transaction('write')
  return () => {
    transaction.close()
    client.close()
  }
}
