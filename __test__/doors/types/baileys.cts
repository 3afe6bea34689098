// The same door from CommonJS.
import makeWASocket, { DisconnectReason, useMultiFileAuthState } from 'chasqui/baileys'

export async function start(): Promise<number> {
  const { state } = await useMultiFileAuthState('auth')
  const sock = makeWASocket({ auth: state })
  sock.ev.once('connection.update', ({ isNewLogin }) => console.log(isNewLogin))
  await sock.logout()
  return DisconnectReason.restartRequired
}
