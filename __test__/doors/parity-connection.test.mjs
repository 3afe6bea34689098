// How connections begin and end: the same on npm baileys and on chasqui/baileys.
import { sameAsBaileys } from './parity/same.mjs'

sameAsBaileys('connection')
