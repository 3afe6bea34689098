/** Baileys 6: its defaults, its members and the shapes of its events. */
import type { Edition } from '../edition.js'
import { generateWAMessage } from './compose.js'
import { toLegacyEvents } from './events.js'
import { legacyMembers } from './members.js'

export const EDITION_6: Edition = {
  name: 6,
  // The version stays that of the engine: the service refuses those that Baileys 6 announced.
  defaults: {
    browser: ['Ubuntu', 'Chrome', '22.04.4'],
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => true,
  },
  // Not what came with 7: the status, and what may come beside the rest.
  history: [0, 2, 3, 4, 6],
  generate: generateWAMessage,
  events: toLegacyEvents,
  members: legacyMembers,
}
