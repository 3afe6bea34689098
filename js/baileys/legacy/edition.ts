/** Baileys 6: its defaults and the shapes of its events. */
import type { Edition } from '../edition.js'
import { toLegacyEvents } from './events.js'

export const EDITION_6: Edition = {
  name: 6,
  // The version stays that of the engine: the service refuses those that Baileys 6 announced.
  defaults: {
    browser: ['Ubuntu', 'Chrome', '22.04.4'],
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => true,
    printQRInTerminal: false,
  },
  events: toLegacyEvents,
}
