/** Objects of a socket that programs look at, or take turns by. */
import type { SocketContext } from '../context.js'
import { BinaryInfo } from '../wam.js'
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

export const makeShared = ({ config, logger }: SocketContext) => ({
  messageMutex: makeMutex(),
  receiptMutex: makeMutex(),
  notificationMutex: makeMutex(),
  appStatePatchMutex: makeMutex(),
  devicesMutex: makeMutex(),
  messageRetryManager: config.enableRecentMessageCache ? new MessageRetryManager(logger, config.maxMsgRetryCount) : null,
  /** What Baileys goes by; the engine goes by what the service says. */
  serverProps: { privacyTokenOn1to1: true, profilePicPrivacyToken: true, lidTrustedTokenIssueToLid: false },
  wamBuffer: new BinaryInfo({ protocolVersion: 5, sequence: 0, events: [] } as never),
})
