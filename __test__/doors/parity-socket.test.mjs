// Members of a socket, and media: the same on npm baileys and on chasqui/baileys.
import { sameAsBaileys } from './parity/same.mjs'

sameAsBaileys('socket', 'media', 'errors')
