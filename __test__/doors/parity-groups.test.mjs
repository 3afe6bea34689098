// Groups, people and receipts: the same on npm baileys and on chasqui/baileys.
import { sameAsBaileys } from './parity/same.mjs'

sameAsBaileys('groups', 'people', 'receipts')
