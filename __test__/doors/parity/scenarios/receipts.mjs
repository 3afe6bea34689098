// What is said of messages: delivered, read, played, and what could not be read.

export default {
  'readMessages, sendReceipts and their stanzas': async ({ paired, contact, say, message, step, call, sent, newGroup }) => {
    const me = await paired()
    const maria = await contact('María')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('they come')
    const keys = []
    for (const to of [me.name, me.name, group.jid, group.jid]) {
      const id = await say(maria, to, 'x')
      keys.push((await message(({ key }) => key.id === id))?.key)
    }
    await step('read')
    await call('readMessages', () => me.sock.readMessages(keys))
    await sent(me, { tag: 'receipt', type: 'read' })
    await step('played')
    await call('sendReceipts', () => me.sock.sendReceipts(keys.slice(0, 1), 'played'))
    await call('sendReceipt', () => me.sock.sendReceipt(keys[2]?.remoteJid, keys[2]?.participant, [keys[2]?.id], 'played'))
    await sent(me, { tag: 'receipt', type: 'played' })
    await step('nothing')
    await call('readMessages', () => me.sock.readMessages([]))
  },

  'read receipts are switched off': async ({ paired, contact, say, message, step, call, sent }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('switched off')
    await call('updateReadReceiptsPrivacy', () => me.sock.updateReadReceiptsPrivacy('none'))
    await call('fetchPrivacySettings', () => me.sock.fetchPrivacySettings(true))
    await step('read')
    await say(maria, me.name, 'x')
    const got = await message(({ key }) => key.id === 'IN1')
    await call('readMessages', () => me.sock.readMessages([got.key]))
    await sent(me, { tag: 'receipt', id: 'IN1' })
  },

  'in a group': async ({ paired, contact, send, until, step, got, newGroup }) => {
    const me = await paired()
    const [maria, pedro] = [await contact('María'), await contact('Pedro')]
    const group = await newGroup({ subject: 'Paseo', members: ['María', 'Pedro', me.name] })
    await step('sent')
    await send(me, group.jid, { text: 'x' })
    await got(maria)
    await got(pedro)
    const receipts = (count, name) => {
      const seen = new Set()
      return (updates) => {
        for (const { receipt } of updates) if (receipt[name]) seen.add(receipt.userJid)
        return seen.size >= count
      }
    }
    await until('message-receipt.update', receipts(2, 'receiptTimestamp'))
    await step('María reads')
    await maria.read()
    await until('message-receipt.update', receipts(1, 'readTimestamp'))
    await step('Pedro reads')
    await pedro.read()
    await until('message-receipt.update', receipts(1, 'readTimestamp'))
  },

  'of every type': async ({ paired, contact, send, step, emulator }) => {
    const me = await paired('Tienda')
    const maria = await contact('María')
    await emulator.faults.clear()
    await emulator.faults.add({ what: 'drop', account: me.name, direction: 'in', tag: 'receipt', times: 1 })
    await step('sent')
    const { key } = await send(me, maria.jid, { text: 'x' })
    for (const type of ['sender', undefined, 'read', 'played', 'read-self', 'inactive', 'hist_sync', 'peer_msg', 'unknown']) {
      await step(`a receipt: ${type}`)
      await emulator.inject({ account: me.name, stanza: { tag: 'receipt', attrs: { from: maria.jid, id: key.id, t: '1700000000', ...(type ? { type } : {}) } } })
    }
    await step('of several')
    const list = { tag: 'list', attrs: {}, content: [{ tag: 'item', attrs: { id: 'OTHER1' } }, { tag: 'item', attrs: { id: 'OTHER2' } }] }
    await emulator.inject({ account: me.name, stanza: { tag: 'receipt', attrs: { from: maria.jid, id: key.id, t: '1700000000', type: 'read' }, content: [list] } })
  },

  'what cannot be read, until it comes again': async ({ paired, contact, say, message, step, emulator, sent }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('the first')
    await say(maria, me.name, 'one')
    await message(({ key }) => key.id === 'IN1')
    await step('garbled')
    const enc = { tag: 'enc', attrs: { v: '2', type: 'msg' }, content: { base64: Buffer.alloc(60, 9).toString('base64') } }
    await emulator.inject({ account: me.name, stanza: { tag: 'message', attrs: { from: maria.lid, sender_pn: maria.jid, id: 'GARBLED1', t: '1700000000', type: 'text', notify: 'María' }, content: [enc] } })
    await message(({ key }) => key.id === 'GARBLED1')
    await sent(me, { tag: 'receipt', type: 'retry' })
  },

  'she sets up a new phone': async ({ paired, contact, say, send, message, step, got }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('before')
    await say(maria, me.name, 'one')
    await message(({ key }) => key.id === 'IN1')
    await step('the new phone')
    await maria.renewIdentity()
    await step('after')
    await say(maria, me.name, 'two')
    await message(({ key }) => key.id === 'IN2')
    await step('answered')
    await send(me, maria.jid, { text: 'three' })
    await got(maria)
  },
}
