// The scenarios in which Baileys 6 and 7 part: the same on npm baileys 6.7.21 and on chasqui/baileys/legacy. These are some of them, so that it
// takes about a minute; all of them, five minutes: `node __test__/doors/parity/run.mjs --edition 6`.
import { sameAsBaileys6 } from './parity/same.mjs'

sameAsBaileys6(
  'texts: a text comes',
  'texts: a text goes, is delivered and read',
  'texts: quoted: sent and received',
  'texts: edits',
  'texts: reactions',
  'texts: a message for the phone alone',
  'texts: groups: texts, quotes, reactions, edits and revokes',
  'contents: sent, part 1',
  'contents: sent, part 2',
  'contents: received, part 2',
  'groups: made by somebody else',
  'groups: told: people',
  'groups: requests to join',
  'groups: a group by phone numbers',
  'receipts: readMessages, sendReceipts and their stanzas',
  'receipts: in a group',
  'people: onWhatsApp',
  'people: calls',
  'connection: paired by a QR code, closed with 515, and open with the next socket',
  'connection: the credentials after pairing',
  'connection: stream errors',
  'state: the past of a new device',
  'state: contacts and settings on the phone',
  'socket: how buffered events are joined',
)
