// What a program is told when something fails: messages, status codes and data of the errors.

export default {
  'what the service refuses': async ({ paired, call, step, emulator }) => {
    const me = await paired()
    const { sock } = me
    const group = '120363000000000009@g.us'
    for (const code of [400, 401, 403, 404, 406, 429, 500, 503]) {
      await step(`refused with ${code}`)
      // What is asked too often is asked again by the engine, but not what changes something.
      const { id } = await emulator.faults.add({ what: 'refuse', account: me.name, tag: 'iq', code })
      if (code !== 429) await call('groupMetadata', () => sock.groupMetadata(group))
      await call('groupUpdateSubject', () => sock.groupUpdateSubject(group, 'x'))
      await call('updateProfileStatus', () => sock.updateProfileStatus('x'))
      if (code !== 429) await call('fetchBlocklist', () => sock.fetchBlocklist())
      if (code !== 429) await call('query', () => sock.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'privacy' }, content: [{ tag: 'privacy', attrs: {} }] }))
      await emulator.faults.clear(id)
    }
  },

  'contents that are none': async ({ paired, contact, call, step }) => {
    const me = await paired()
    const maria = await contact('María')
    const { sock } = me
    await step('sent')
    const contents = {
      nothing: {}, 'an unknown name': { hologram: true }, 'no file': { image: { url: '/nowhere/at/all.jpg' } },
      'contacts without any': { contacts: { displayName: 'x', contacts: [] } },
      'a poll without answers': { poll: { name: 'x', values: 'none' } },
      'too many answers to choose': { poll: { name: 'x', values: ['a', 'b'], selectableCount: 3 } },
      'a forward of nothing': { forward: {} }, 'a call that is none': { call: {} },
    }
    for (const [name, content] of Object.entries(contents)) await call(name, () => sock.sendMessage(maria.jid, content))
    await call('a receipt for nothing', () => sock.sendReceipt(maria.jid, undefined, [], 'read'))
    await call('a chat that is none', () => sock.sendPresenceUpdate('composing'))
    await call('a code too short', () => sock.requestPairingCode('15550001001', 'ABC'))
  },

  'files that no host takes': async ({ paired, contact, call, step, emulator }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('sent')
    await emulator.media.faults.add({ what: 'status', code: 500, direction: 'upload' })
    await call('document', () => me.sock.sendMessage(maria.jid, { document: Buffer.from('x'), mimetype: 'text/plain', fileName: 'a.txt' }))
  },
}
