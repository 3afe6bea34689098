// Messages: the same on npm baileys and on chasqui/baileys.
import { sameAsBaileys } from './parity/same.mjs'

sameAsBaileys('texts', 'contents')
