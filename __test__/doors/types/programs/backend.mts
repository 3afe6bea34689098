// A backend with many sessions behind HTTP.
import makeWASocket, {
  type AuthenticationState, type ConnectionState, DisconnectReason, type SocketConfig, type UserFacingSocketConfig, type WABrowserDescription,
  type WAVersion, type proto, fetchLatestWaWebVersion, initAuthCreds,
} from 'baileys'
import { Boom } from '@hapi/boom'
import { createServer } from 'node:http'

type Socket = ReturnType<typeof makeWASocket>
type Session = Socket & { destroy: () => Promise<void>; retries?: number }

const sessions = new Map<string, Session>()
const codes: { [id: string]: string } = {}
const RECONNECT = Number(process.env.RECONNECT_INTERVAL ?? 0)

const base: Partial<SocketConfig> = {
  browser: ['Backend', 'Chrome', '120.0'] as WABrowserDescription,
  connectTimeoutMs: 60_000,
  keepAliveIntervalMs: 30_000,
  defaultQueryTimeoutMs: undefined,
  emitOwnEvents: true,
  retryRequestDelayMs: 350,
  maxMsgRetryCount: 4,
  fireInitQueries: true,
  transactionOpts: { maxCommitRetries: 10, delayBetweenTriesMs: 3000 },
  appStateMacVerification: { patch: false, snapshot: false },
  syncFullHistory: false,
  shouldSyncHistoryMessage: (message: proto.Message.IHistorySyncNotification) => message.syncType !== 2,
  linkPreviewImageThumbnailWidth: 192,
  countryCode: 'PE',
}

async function create(id: string, auth: AuthenticationState): Promise<Session> {
  const { version, isLatest }: { version: WAVersion; isLatest: boolean } = await fetchLatestWaWebVersion({})
  console.log(version.join('.'), isLatest)
  const config: UserFacingSocketConfig = { ...base, auth, version }
  const sock = makeWASocket(config)
  const session: Session = { ...sock, destroy: async () => sock.logout() }
  sessions.set(id, session)
  sock.ev.on('connection.update', (update: Partial<ConnectionState>) => {
    const { connection, lastDisconnect, qr, isNewLogin, receivedPendingNotifications } = update
    if (qr) codes[id] = qr
    if (connection === 'open') delete codes[id]
    if (connection === 'close') {
      const status = (lastDisconnect?.error as Boom | undefined)?.output?.statusCode
      const restart = status === DisconnectReason.restartRequired
      const shouldReconnect = status !== DisconnectReason.loggedOut && status !== DisconnectReason.forbidden
      if (lastDisconnect?.error instanceof Boom) console.log(lastDisconnect.error.output.payload.error, lastDisconnect.date.getTime())
      if (shouldReconnect) setTimeout(() => void create(id, auth), restart ? 0 : RECONNECT)
    }
    console.log(isNewLogin, receivedPendingNotifications)
  })
  sock.ws.on('error', () => sock.end(new Boom('socket', { statusCode: 500 })))
  return session
}

export const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const id = url.searchParams.get('id') ?? ''
  const session = sessions.get(id) ?? (await create(id, { creds: initAuthCreds(), keys: { get: async () => ({}), set: async () => undefined } }))
  const to = url.searchParams.get('to') ?? ''
  switch (url.pathname) {
    case '/send': {
      const [result] = (await session.onWhatsApp(to)) ?? []
      if (!result?.exists) return void response.writeHead(404).end()
      const sent = await session.sendMessage(result.jid, { text: url.searchParams.get('text') ?? '' })
      return void response.end(JSON.stringify({ id: sent?.key.id, status: sent?.status }))
    }
    case '/status': {
      const state = (session.ws as unknown as { readyState: number }).readyState
      return void response.end(JSON.stringify({ state, open: session.ws.isOpen, user: session.user?.id, name: session.user?.name }))
    }
    case '/picture':
      return void response.end((await session.profilePictureUrl(to, 'image', 5000).catch(() => undefined)) ?? '')
    case '/business': {
      const profile = await session.getBusinessProfile(to)
      return void response.end(profile ? `${profile.description} ${profile.website.join()}` : '')
    }
    case '/block':
      await session.updateBlockStatus(to, 'block')
      return void response.end(JSON.stringify(await session.fetchBlocklist()))
    case '/privacy':
      await session.updateLastSeenPrivacy('contacts')
      await session.updateOnlinePrivacy('match_last_seen')
      await session.updateReadReceiptsPrivacy('none')
      return void response.end(JSON.stringify(await session.fetchPrivacySettings(true)))
    case '/archive': {
      const last = { key: { remoteJid: to, id: 'X', fromMe: false }, messageTimestamp: 1 }
      await session.chatModify({ archive: true, lastMessages: [last] }, to)
      await session.chatModify({ mute: Date.now() + 8 * 60 * 60 * 1000 }, to)
      await session.chatModify({ markRead: false, lastMessages: [last] }, to)
      await session.chatModify({ delete: true, lastMessages: [last] }, to)
      await session.chatModify({ star: { messages: [{ id: 'X', fromMe: true }], star: true } }, to)
      return void response.end()
    }
    default:
      await session.destroy()
      return void response.writeHead(404).end()
  }
})
