/** Where a session lives. A strategy is any object with these hooks; the client calls them in the order of whatsapp-web.js. */

import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'

import type { Client } from './client.js'

export interface AuthenticationNeeded {
  failed?: boolean
  restart?: boolean
  failureEventPayload?: unknown
}

/** Keeps nothing: every start pairs anew. */
export class NoAuth {
  declare client: Client

  setup(client: Client): void {
    Object.defineProperty(this, 'client', { value: client, writable: true, configurable: true })
  }
  async beforeBrowserInitialized(): Promise<void> {}
  async afterBrowserInitialized(): Promise<void> {}
  async onAuthenticationNeeded(): Promise<AuthenticationNeeded> {
    return { failed: false, restart: false, failureEventPayload: undefined }
  }
  async getAuthEventPayload(): Promise<unknown> {
    return undefined
  }
  async afterAuthReady(): Promise<void> {}
  async disconnect(): Promise<void> {}
  async destroy(): Promise<void> {}
  async logout(): Promise<void> {}
}

export type AuthStrategy = NoAuth & {
  /** Folder of the session. Without one the session is gone with the process. */
  userDataDir?: string
}

/** Keeps the session in the folder `dataPath/session-clientId`, in `chasqui.db`. */
export class LocalAuth extends NoAuth {
  readonly clientId: string | undefined
  readonly dataPath: string
  readonly rmMaxRetries: number
  userDataDir: string | undefined

  constructor({ clientId, dataPath = './.wwebjs_auth/', rmMaxRetries = 4 }: { clientId?: string; dataPath?: string; rmMaxRetries?: number } = {}) {
    super()
    if (clientId !== undefined && !/^[-_\w]+$/i.test(clientId)) {
      throw new Error('Invalid clientId. Only alphanumeric characters, underscores and hyphens are allowed.')
    }
    this.clientId = clientId
    this.dataPath = path.resolve(dataPath)
    this.rmMaxRetries = rmMaxRetries
  }

  override async beforeBrowserInitialized(): Promise<void> {
    const folder = path.join(this.dataPath, this.clientId === undefined ? 'session' : `session-${this.clientId}`)
    const { userDataDir } = this.client.options.puppeteer
    if (userDataDir !== undefined && userDataDir !== folder) {
      throw new Error('LocalAuth is not compatible with a user-supplied userDataDir.')
    }
    await mkdir(folder, { recursive: true })
    this.userDataDir = folder
    this.client.options.puppeteer = { ...this.client.options.puppeteer, userDataDir: folder }
  }

  override async logout(): Promise<void> {
    if (this.userDataDir) await rm(this.userDataDir, { recursive: true, force: true, maxRetries: this.rmMaxRetries })
  }
}
