/** Objects of a socket that programs look at, or take turns by. */
import type { SocketContext } from '../context.js'
import { MessageRetryManager } from '../retry-manager.js'

export interface Mutex {
  /** One after another, whatever became of the one before. */
  mutex<T>(code: () => Promise<T> | T): Promise<T>
}

function makeMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve()
  return {
    mutex<T>(code: () => Promise<T> | T): Promise<T> {
      const result = last.then(code, code)
      last = result.catch(() => undefined)
      return result
    },
  }
}

const MAX_RETRIES = 5

export const makeShared = ({ config, logger }: SocketContext) => ({
  messageMutex: makeMutex(),
  receiptMutex: makeMutex(),
  notificationMutex: makeMutex(),
  appStatePatchMutex: makeMutex(),
  devicesMutex: makeMutex(),
  messageRetryManager: new MessageRetryManager(logger, (config['maxMsgRetryCount'] as number | undefined) ?? MAX_RETRIES),
  /** What Baileys goes by; the engine goes by what the service says. */
  serverProps: { privacyTokenOn1to1: true, profilePicPrivacyToken: true, lidTrustedTokenIssueToLid: false },
  /** Statistics to be sent; there are none. */
  wamBuffer: { protocolVersion: 5, sequence: 0, events: [] as unknown[], buffer: [] as unknown[] },
})
