// How connections begin and end, and what the devices of an account share: the same on npm baileys and on chasqui/baileys.
import { sameAsBaileys } from './parity/same.mjs'

sameAsBaileys('connection', 'state')
