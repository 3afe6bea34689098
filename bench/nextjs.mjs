// examples/nextjs, a whole product, with either engine behind its import: many users on one server, and a server that is killed.

import { setMaxListeners } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { readQrCodeUrl } from '../__test__/nextjs/qr-code.mjs'
import { forEach, Shop, within } from './nextjs-server.mjs'
import { row } from './report.mjs'
import { Scene } from './scene.mjs'

const MB = 2 ** 20
/** Users, and how many of them do something at once. */
const USERS = { full: 200, quick: 20 }
const AT_ONCE = 20
/** Customers, of whom each user knows two. */
const CUSTOMERS = 20
const TEXTS_OF_EACH = 5
const REQUESTS_OF_EACH = 5
/** Seconds after which nothing is under way any more. */
const REST = 12
/** Seconds that an engine gets. */
const LIMIT = { link: 600, incoming: 180, restart: 180 }

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]

async function withShop(engine, act) {
  return Scene.run(async (scene) => {
    const shop = await Shop.start(engine, scene.server, path.join(scene.folder, 'shop'))
    try {
      return await act(scene.server, shop)
    } finally {
      await shop.stop()
    }
  })
}

/** Connects as a page does it: each code that it is told is scanned, until it is told that it is connected. False when `signal` came first. */
async function link(user, server, signal) {
  if (signal.aborted) return false
  let connected
  const done = new Promise((resolve) => (connected = resolve))
  signal.addEventListener('abort', () => connected(false), { once: true })
  const stop = await user.events((name, { qrCode, isConnected }) => {
    if (name !== 'status') return
    if (isConnected) connected(true)
    // An old code is refused: the next one comes.
    else if (qrCode) server.scan(readQrCodeUrl(qrCode), user.name).catch(() => {})
  })
  try {
    while (!signal.aborted && !(await user.call('/api/whatsapp/connect', {})).success) await sleep(1000)
    return await done
  } finally {
    await stop()
  }
}

/** Milliseconds of each of so many requests of every user, sorted. */
async function times(users, ask) {
  const found = []
  const asking = Array.from({ length: REQUESTS_OF_EACH }, () => users).flat()
  await forEach(asking, AT_ONCE, async (user) => {
    const begun = performance.now()
    const { success, error } = await ask(user)
    found.push(performance.now() - begun)
    if (!success) throw new Error(error)
  })
  return found.sort((a, b) => a - b)
}

/** What happens, in its order, each with the figures that it gives; the first that is not done in time ends it. */
async function* steps(server, shop, count) {
  const seconds = (since) => (performance.now() - since) / 1000
  const users = []
  await forEach(Array.from({ length: count }, (_, at) => `shop${at}`), 4, async (name) => users.push(await shop.app.user(name)))
  const before = await shop.memory()
  yield { memoryNone: before / MB }

  const limit = AbortSignal.timeout(LIMIT.link * 1000)
  setMaxListeners(count, limit)
  let [begun, cpu] = [performance.now(), shop.cpu()]
  await forEach(users, AT_ONCE, (user) => link(user, server, limit))
  const { connected } = await shop.metrics()
  yield { connected }
  if (connected < count) throw new Error(`${connected} of ${count} users were connected after ${seconds(begun)} s`)
  yield { linking: seconds(begun), linkingCpu: (shop.cpu() - cpu) / count }

  await sleep(REST * 1000)
  const all = await shop.memory()
  yield { memoryAll: all / MB, memoryEach: (all - before) / 1024 / count }
  cpu = shop.cpu()
  await sleep(10_000)
  yield { idle: (shop.cpu() - cpu) / 10 }

  const customers = []
  for (let at = 0; at < CUSTOMERS; at++) customers.push(await server.contact(`Customer ${at}`))
  const texts = 2 * TEXTS_OF_EACH * count
  await shop.metrics()
  ;[begun, cpu] = [performance.now(), shop.cpu()]
  const writing = forEach(users.entries(), 8, async ([at, { name }]) => {
    for (const next of [0, 1]) await server.write(customers[(at + next) % CUSTOMERS].name, name, TEXTS_OF_EACH)
  })
  const arrived = await within(LIMIT.incoming, async () => (await shop.count(`direction = 'in'`)) >= texts)
  await writing
  if (!arrived) throw new Error(`${await shop.count(`direction = 'in'`)} of ${texts} texts were in the database after ${seconds(begun)} s`)
  yield { incoming: seconds(begun) }
  // Each customer is greeted once by each shop.
  const answered = await within(LIMIT.incoming, async () => (await shop.count(`direction = 'out' and status <> 'pending'`)) >= 2 * count)
  if (!answered) throw new Error(`${await shop.count(`direction = 'out' and status <> 'pending'`)} of ${2 * count} greetings were sent`)
  const { longest, p99 } = await shop.metrics()
  yield { answered: seconds(begun), incomingCpu: (shop.cpu() - cpu) / texts, longest, loop: p99 }

  const to = new Map(users.map((user, at) => [user, customers[at % CUSTOMERS].jid]))
  const requests = {
    status: (user) => user.call('/api/whatsapp/status'),
    list: (user) => user.call('/api/conversations'),
    send: (user) => user.call('/api/whatsapp/send', { to: to.get(user), content: 'A text of a few words, like people write' }),
  }
  for (const [name, ask] of Object.entries(requests)) {
    const found = await times(users, ask)
    yield { [`${name}50`]: percentile(found, 0.5), [`${name}99`]: percentile(found, 0.99) }
  }

  await shop.end('SIGTERM')
  begun = performance.now()
  await shop.restart()
  if (!(await within(LIMIT.restart, async () => (await shop.metrics()).connected >= count, 100))) {
    throw new Error(`${(await shop.metrics()).connected} of ${count} users were connected ${seconds(begun)} s after the restart`)
  }
  yield { restart: seconds(begun), restartCpu: shop.cpu() / count }
  await sleep(REST * 1000)
  yield { memoryRestarted: (await shop.memory()) / MB }
}

const requestRows = (name, request) => ({
  [`${name}50`]: row(`200 users connected, 20 requests at once: ${request}, median`, 'ms'),
  [`${name}99`]: row(`200 users connected, 20 requests at once: ${request}, p99`, 'ms'),
})

export const nextjs = {
  name: 'nextjs',
  rounds: { full: 1, quick: 1 },
  rows: {
    connected: row('200 users link by QR code, 20 at once: connected', '', true),
    linking: row('200 users link by QR code, 20 at once: until all are connected', 's'),
    linkingCpu: row('200 users link by QR code, 20 at once: CPU of the server for each', 'ms'),
    memoryNone: row('200 users signed up, none connected: resident memory of the server', 'MB'),
    memoryAll: row('200 users connected: resident memory of the server', 'MB'),
    memoryEach: row('200 users connected: resident memory for each', 'kB'),
    idle: row('200 users connected, nothing happens: CPU per second', 'ms'),
    incoming: row('2,000 texts to 200 users: until all are in the database', 's'),
    answered: row('2,000 texts to 200 users: until the 400 new customers are greeted, too', 's'),
    incomingCpu: row('2,000 texts to 200 users: CPU of the server for each, with its share of the greetings', 'ms'),
    longest: row('2,000 texts to 200 users: longest event-loop delay', 'ms'),
    loop: row('2,000 texts to 200 users: event-loop delay, p99', 'ms'),
    ...requestRows('status', 'GET /api/whatsapp/status'),
    ...requestRows('list', 'GET /api/conversations'),
    ...requestRows('send', 'POST /api/whatsapp/send'),
    restart: row('restart with 200 linked users: until all are connected', 's'),
    restartCpu: row('restart with 200 linked users: CPU of the server for each', 'ms'),
    memoryRestarted: row('restart with 200 linked users: resident memory of the server', 'MB'),
  },
  sample: (engine, { quick }) =>
    withShop(engine, async (server, shop) => {
      const figures = Object.fromEntries(Object.keys(nextjs.rows).map((key) => [key, null]))
      try {
        for await (const some of steps(server, shop, USERS[quick ? 'quick' : 'full'])) Object.assign(figures, some)
      } catch (error) {
        console.error(`nextjs: ${engine}: ${error.stack}\n${shop.app.tail()}`)
      }
      return figures
    }),
}

const FLOOD = { full: 500, quick: 100 }
const KILLS = 3
/** Seconds without a further message after which none is waited for. */
const SILENCE = 15

export const nextjsKills = {
  name: 'nextjs-kills',
  rounds: { full: 1, quick: 1 },
  rows: {
    once: row('kill -9 three times in a flood of 500 texts: in the database once', '', true),
    lost: row('kill -9 three times in a flood of 500 texts: lost', ''),
    doubled: row('kill -9 three times in a flood of 500 texts: more than once', ''),
    linked: row('kill -9 three times in a flood of 500 texts: still linked afterwards', '%', true),
  },
  sample: (engine, { quick }) =>
    withShop(engine, async (server, shop) => {
      const rosa = await shop.app.user('Rosa')
      if (!(await link(rosa, server, AbortSignal.timeout(60_000)))) throw new Error('Rosa was not connected')
      await server.contact('María')
      await server.write('María', 'Rosa', 1)
      const kept = () => shop.count(`direction = 'in'`)
      if (!(await within(60, async () => (await kept()) === 1))) throw new Error('the first text did not arrive')
      // Answers are another matter.
      const { id } = (await rosa.conversations())[0]
      await rosa.call(`/api/conversations/${id}`, { automatic: false }, 'PATCH')
      const count = FLOOD[quick ? 'quick' : 'full']
      const texts = Array.from({ length: count }, (_, at) => `text ${at}`)
      const flood = forEach(texts, 1, (text) => server.say('María', 'Rosa', text))
      /** Until so many are there, or no more come. */
      const wait = async (enough) => {
        let [last, since] = [await kept(), performance.now()]
        await within(300, async () => {
          const now = await kept()
          if (now !== last) [last, since] = [now, performance.now()]
          return now >= enough || performance.now() - since > SILENCE * 1000
        }, 5)
      }
      for (let kill = 1; kill <= KILLS; kill++) {
        await wait(1 + (count * kill) / (KILLS + 1))
        await shop.end('SIGKILL')
        await shop.restart()
      }
      await flood
      await wait(1 + count)
      const found = new Map((await shop.select(`select text, count(*) as n from messages where direction = 'in' group by text`)).map(({ text, n }) => [text, Number(n)]))
      const times = texts.map((text) => found.get(text) ?? 0)
      const { isConnected } = await rosa.status()
      return {
        once: times.filter((n) => n === 1).length,
        lost: times.filter((n) => n === 0).length,
        doubled: times.filter((n) => n > 1).length,
        linked: isConnected ? 100 : 0,
      }
    }),
}
