// Health, metrics and rate limits, without a server around them.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'

const folder = await mkdtemp(path.join(tmpdir(), 'chasqui-operations-'))
process.env.DATABASE_URL = path.join(folder, 'data/test.db')
process.env.SESSIONS_FOLDER = path.join(folder, 'sessions')
process.env.RATE_LIMIT_SEND = '2'
process.env.LOG_LEVEL = 'silent'

const { GET: getHealth } = await import('../app/api/health/route')
const { GET: getMetrics } = await import('../app/api/metrics/route')
const { AppError } = await import('../lib/failure')
const { closeDatabase } = await import('../lib/db')
const metrics = await import('../lib/metrics')
const { allow } = await import('../lib/rate-limit')
const { beginShutdown } = await import('../lib/running')

after(async () => {
  await closeDatabase()
  await rm(folder, { recursive: true })
})

const read = (authorization?: string) =>
  getMetrics(new Request('http://localhost/api/metrics', authorization ? { headers: { authorization } } : {}))
/** The check of database and disk is kept for a second. */
const later = () => new Promise((resolve) => setTimeout(resolve, 1100))

test('counts, with labels that cannot grow', async () => {
  metrics.setSessionCounter(() => ({ CONNECTED: 2, QR: 1 }))
  metrics.countMessage('in', 'customer')
  metrics.countMessage('in', 'customer')
  metrics.countSendFailure('TIMED_OUT')
  metrics.countReconnect(503)
  metrics.countRequest({
    route: metrics.routeName('/api/conversations/a%20b/messages', { id: 'a b' }),
    method: 'GET',
    status: 200,
    seconds: 0.02,
  })
  for (let i = 0; i < 500; i += 1) metrics.countRequest({ route: `/api/${i}`, method: `M${i}`, status: 404, seconds: 0 })
  metrics.countSendFailure('code with\n"everything"')
  const gone = metrics.countStream()
  metrics.countStream()
  gone()
  gone()
  const { text } = await metrics.readMetrics()
  for (const line of [
    'chasqui_sessions{status="CONNECTED"} 2',
    'chasqui_sessions{status="QR"} 1',
    'chasqui_sessions{status="DISCONNECTED"} 0',
    'chasqui_messages_total{direction="in",author="customer"} 2',
    'chasqui_send_failures_total{code="TIMED_OUT"} 1',
    'chasqui_send_failures_total{code="other"} 1',
    'chasqui_reconnects_total{reason="503"} 1',
    'chasqui_http_requests_total{route="/api/conversations/[id]/messages",method="GET",status="200"} 1',
    'chasqui_http_request_seconds_count{route="/api/conversations/[id]/messages"} 1',
    'chasqui_outbox_pending 0',
    'chasqui_event_streams 1',
  ])
    assert.ok(text.includes(`${line}\n`), `${line}\n\n${text}`)
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m)
  assert.ok(text.match(/^chasqui_http_requests_total/gm)!.length < 70)
})

test('metrics need their token, and are off in production without one', async () => {
  assert.equal((await read()).status, 200)
  Object.assign(process.env, { NODE_ENV: 'production' })
  const off = await read()
  assert.deepEqual([off.status, (await off.json()).code], [404, 'NOT_FOUND'])
  process.env.METRICS_TOKEN = 'secret'
  for (const wrong of [undefined, 'Bearer', 'Bearer secre', 'Basic secret', 'Bearer secret2'])
    assert.equal((await read(wrong)).status, 401, wrong)
  const right = await read('Bearer secret')
  assert.deepEqual([right.status, right.headers.get('content-type')?.split(';')[0]], [200, 'text/plain'])
})

test('each user has limits of their own for each group of routes', async () => {
  await allow('ana', 'send')
  await allow('ana', 'send')
  const refused = await allow('ana', 'send').then(
    () => assert.fail('a third one'),
    (error: unknown) => error,
  )
  assert.ok(refused instanceof AppError)
  assert.deepEqual([refused.code, refused.status], ['TOO_MANY_REQUESTS', 429])
  assert.ok(refused.retryAfter! >= 1 && refused.retryAfter! <= 60)
  await allow('ana', 'read')
  await allow('bruno', 'send')
  assert.match((await metrics.readMetrics()).text, /chasqui_rate_limited_total\{group="send"\} 1\n/)
})

test('health: well, a disk that cannot be written to, a database that is gone, the end', async () => {
  const well = await getHealth()
  const { uptime, ...rest } = await well.json()
  assert.equal(well.status, 200)
  assert.deepEqual(rest, { success: true, status: 'ok', database: 'ok', disk: 'ok', sessions: { CONNECTED: 2, QR: 1 }, version: '0.1.0' })
  assert.equal(typeof uptime, 'number')
  assert.deepEqual(await readdir(process.env.SESSIONS_FOLDER!), [], 'its test file is gone')

  await rm(process.env.SESSIONS_FOLDER!, { recursive: true })
  await writeFile(process.env.SESSIONS_FOLDER!, 'a file in its place')
  await later()
  const full = await getHealth()
  assert.deepEqual([full.status, (await full.json()).code], [503, 'DISK_FULL'])
  await rm(process.env.SESSIONS_FOLDER!)

  await rm(process.env.DATABASE_URL!)
  await later()
  const gone = await getHealth()
  const answer = await gone.json()
  assert.deepEqual([gone.status, answer.code, answer.database, answer.disk], [503, 'DATABASE_UNAVAILABLE', 'failing', 'ok'])

  beginShutdown()
  const ending = await getHealth()
  assert.deepEqual([ending.status, (await ending.json()).code], [503, 'SHUTTING_DOWN'])
})
