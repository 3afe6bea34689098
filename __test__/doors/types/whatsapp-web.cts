// The same door from CommonJS.
import { Client, NoAuth } from 'chasqui/whatsapp-web.js'
import WAWebJS from 'chasqui/whatsapp-web.js'

export const client = new Client({ authStrategy: new NoAuth() })
export const same: boolean = WAWebJS.Client === Client
