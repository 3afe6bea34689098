// Chasqui as the measured programs see it.

import path from 'node:path'

import { WhatsAppClient } from 'chasqui'

/**
 * One session. `connect` pairs when it is new, and gives its codes to `onQr`; `send` resolves when the server has
 * acknowledged. The store is SQLite in its default, fully durable mode; all sessions of a folder share one file.
 */
export function openSession({ name, server, secure, folder, onQr, onText, onHistory, onGroup, onPresence }) {
  const endpoint = secure
    ? { url: server.url, rootKey: server.rootKey, ca: server.ca }
    : { url: server.wsUrl, rootKey: server.rootKey }
  const store = `sqlite:${path.join(folder, 'chasqui.db')}`
  const client = new WhatsAppClient({ session: name, store, endpoint, pushName: name, reconnect: false })
  client.on('qr', (qr) => onQr(qr.text))
  client.on('message', (message) => onText(message.text))
  client.on('history', ({ messages }) => messages.forEach(({ id }) => onHistory(id)))
  client.on('group', ({ action }) => action === 'subject' && onGroup())
  client.on('presence', ({ person }) => onPresence(person.jid))
  client.on('error', (error) => console.error(`${name}: ${error.message}`))
  return {
    async connect() {
      await client.connect()
      await client.opened()
    },
    send: (to, text) => client.send(to, { text }),
    allGroups: () => client.groups.list(),
    exist: async (numbers) => (await client.people.exists(numbers)).filter(({ exists }) => exists).length,
    close: () => client.disconnect(),
  }
}
