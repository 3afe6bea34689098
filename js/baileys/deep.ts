/** What programs import from paths inside Baileys, besides what it exports: everything of this module is behind every such path. */
import { createRequire } from 'node:module'
import path from 'node:path'

import { type ILogger, quietLogger } from './quiet-logger.js'

export * from './index.js'
export { makeWASocket as default } from './socket.js'
export * from './labels.js'
export type { ILogger } from './quiet-logger.js'
export type {
  ChatLabelAssociation, ChatLabelAssociationActionBody, DayOfWeekBussines, HoursDay, Label, LabelActionBody, LabelAssociation,
  LabelAssociationTypes, MessageLabelAssociation, MessageLabelAssociationActionBody, QuickReplyAction, UpdateBussinesProfileProps,
} from './types.js'

/** A pino logger where the program has pino, as Baileys would make one; else one that says nothing. */
function makeLogger(): ILogger {
  try {
    const pino = createRequire(path.join(process.cwd(), 'index.js'))('pino') as (options: object) => ILogger
    return pino({ timestamp: () => `,"time":"${new Date().toJSON()}"` })
  } catch {
    return quietLogger('info')
  }
}

let made: ILogger | undefined
/** The logger that Baileys exports from `lib/Utils/logger`; made when it is looked at. */
export const logger: ILogger = new Proxy({} as ILogger, {
  get: (_target, name) => Reflect.get((made ??= makeLogger()), name) as unknown,
  set: (_target, name, value) => Reflect.set((made ??= makeLogger()), name, value),
  has: (_target, name) => Reflect.has((made ??= makeLogger()), name),
})
