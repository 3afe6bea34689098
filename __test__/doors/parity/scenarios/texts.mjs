// Texts in both directions, and what is done to them.

const text = (value, contextInfo) => ({ extendedTextMessage: { text: value, ...(contextInfo ? { contextInfo } : {}) } })

export default {
  'a text comes': async ({ paired, contact, say, message, step }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('the text')
    await say(maria, me.name, 'hola')
    await message(({ key }) => key.id === 'IN1')
    await step('another one')
    await say(maria, me.name, '¿sigues ahí?')
    await message(({ key }) => key.id === 'IN2')
  },

  'a text goes, is delivered and read': async ({ paired, contact, send, until, step, got }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('sent')
    const sent = await send(me, maria.jid, { text: '¿cómo estás?' })
    await got(maria)
    await until('messages.update', (updates) => updates.some(({ update }) => update.status === 3))
    await step('read')
    await maria.read()
    await until('messages.update', (updates) => updates.some(({ key, update }) => key.id === sent?.key.id && update.status === 4))
  },

  'to a LID, to oneself, to a number with device': async ({ paired, contact, send, step, got, call }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('to a LID')
    await send(me, maria.lid, { text: 'by LID' })
    await got(maria)
    await step('to oneself')
    await send(me, me.jid, { text: 'a note' })
    await step('to the old form')
    await call('c.us', () => me.sock.sendMessage(maria.jid.replace('@s.whatsapp.net', '@c.us'), { text: 'old' }))
    await step('with options')
    await send(me, maria.jid, { text: 'mine' }, { messageId: 'CHOSEN1', timestamp: new Date(1_700_000_000_000) })
    await got(maria, ({ text: said }) => said === 'mine')
  },

  'own messages are told only where that is wanted': async ({ paired, contact, call, step, nudge, got }) => {
    const me = await paired('Tienda', { receipts: 'drop', config: { emitOwnEvents: false } })
    const maria = await contact('María')
    await step('sent')
    await call('sendMessage', () => me.sock.sendMessage(maria.jid, { text: 'quiet' }))
    await nudge()
    await got(maria)
  },

  'the own phone writes, and another own device': async ({ paired, contact, peer, step, message, say, engine, missing }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const other = await peer('Tienda')
    await step('the other device writes')
    await other.send(maria.jid, 'from the other', 'OTHER1')
    await message(({ key }) => key.id === 'OTHER1')
    await step('the other device edits')
    await other.socket.sendMessage(maria.jid, { text: 'from the other, better', edit: { remoteJid: maria.jid, fromMe: true, id: 'OTHER1' } }, { messageId: 'OTHER2' })
    await message(({ key }) => key.id === 'OTHER2')
    await step('the other device reads')
    await say(maria, me.name, 'to both')
    await message(({ key }) => key.id === 'IN1')
    const told = other.messages.find(({ key }) => key.id === 'IN1')
    if (told) await other.socket.readMessages([told.key])
  },

  'quoted: sent and received': async ({ paired, contact, say, send, message, step, got }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('asked')
    await say(maria, me.name, 'the question')
    const asked = await message(({ key }) => key.id === 'IN1')
    await step('answered')
    const answer = await send(me, maria.jid, { text: 'the answer' }, { quoted: asked })
    await got(maria)
    await step('quoted by her')
    await say(maria, me.name, text('why?', { stanzaId: answer?.key.id ?? 'X', participant: me.lid, quotedMessage: { conversation: 'the answer' } }))
    await message(({ key }) => key.id === 'IN2')
  },

  'mentions': async ({ paired, contact, say, send, message, step, got, newGroup }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('sent')
    await send(me, group.jid, { text: `@${maria.lid.split('@')[0]}`, mentions: [maria.lid] })
    await got(maria)
    await step('everybody')
    await send(me, group.jid, { text: '@all', mentionAll: true })
    await got(maria)
    await step('received')
    await say(maria, group.jid, text(`@${me.lid.split('@')[0]}`, { mentionedJid: [me.lid] }))
    await message(({ key }) => key.id === 'IN1')
  },

  'edits': async ({ paired, contact, say, send, until, message, step, got }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('sent')
    const sent = await send(me, maria.jid, { text: 'helo' })
    await got(maria)
    await step('edited')
    await send(me, maria.jid, { text: 'hello', edit: sent?.key ?? { remoteJid: maria.jid, fromMe: true, id: 'X' } })
    await got(maria)
    await step('she writes')
    await say(maria, me.name, 'hloa')
    await message(({ key }) => key.id === 'IN1')
    await step('she edits')
    await say(maria, me.name, { protocolMessage: { key: { remoteJid: me.lid, fromMe: true, id: 'IN1' }, type: 14, editedMessage: { conversation: 'hola' }, timestampMs: 1_700_000_000_000 } })
    await until('messages.update')
  },

  'revokes': async ({ paired, contact, say, send, until, message, step, got }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('sent')
    const sent = await send(me, maria.jid, { text: 'oops' })
    await got(maria)
    await step('revoked')
    await send(me, maria.jid, { delete: sent?.key ?? { remoteJid: maria.jid, fromMe: true, id: 'X' } })
    await got(maria)
    await step('she writes')
    await say(maria, me.name, 'sorry')
    await message(({ key }) => key.id === 'IN1')
    await step('she revokes')
    await say(maria, me.name, { protocolMessage: { key: { remoteJid: me.lid, fromMe: true, id: 'IN1' }, type: 0 } })
    await until('messages.update')
  },

  'reactions': async ({ paired, contact, say, send, until, message, step, got }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('she writes')
    await say(maria, me.name, 'news')
    const news = await message(({ key }) => key.id === 'IN1')
    await step('reacted')
    await send(me, maria.jid, { react: { text: '👍', key: news?.key } })
    await got(maria)
    await step('taken back')
    await send(me, maria.jid, { react: { text: '', key: news?.key } })
    await got(maria)
    await step('an answer')
    const sent = await send(me, maria.jid, { text: 'what?' })
    await step('she reacts')
    await say(maria, me.name, { reactionMessage: { key: { remoteJid: me.lid, fromMe: false, id: sent?.key.id ?? 'X' }, text: '😂', senderTimestampMs: 1_700_000_000_000 } })
    await until('messages.reaction')
    await step('she takes it back')
    await say(maria, me.name, { reactionMessage: { key: { remoteJid: me.lid, fromMe: false, id: sent?.key.id ?? 'X' }, text: '', senderTimestampMs: 1_700_000_000_000 } })
    await until('messages.reaction')
  },

  'polls': async ({ paired, peer, send, message, step, waitFor, lib, record, say }) => {
    const kept = new Map()
    const me = await paired('Tienda', { receipts: 'drop', config: { getMessage: async ({ id }) => kept.get(id) } })
    const ana = await peer('Ana')
    await step('the poll')
    const sent = await send(me, ana.jid, { poll: { name: 'Which?', values: ['tea', 'coffee'], selectableCount: 1, messageSecret: Buffer.alloc(32, 7) } })
    if (sent) kept.set(sent.key.id, sent.message)
    const told = await waitFor(() => ana.messages.find(({ message: content }) => content?.pollCreationMessageV3), 'the poll')
    record('she got', told.message.pollCreationMessageV3)
    await step('a poll comes')
    await ana.socket.sendMessage(me.jid, { poll: { name: 'When?', values: ['now', 'later'], selectableCount: 0, messageSecret: Buffer.alloc(32, 8) } }, { messageId: 'POLL1' })
    await message(({ key }) => key.id === 'POLL1')
  },

  'disappearing messages': async ({ paired, contact, say, send, message, step, got, until }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('switched on')
    await send(me, maria.jid, { disappearingMessagesInChat: 86_400 })
    await got(maria)
    await step('a text with a timer')
    await send(me, maria.jid, { text: 'soon gone' }, { ephemeralExpiration: 86_400 })
    await got(maria)
    await step('she switches it off')
    await say(maria, me.name, { protocolMessage: { type: 3, ephemeralExpiration: 0 } })
    await until('chats.update')
    await step('she switches it on')
    await say(maria, me.name, { protocolMessage: { type: 3, ephemeralExpiration: 604_800, ephemeralSettingTimestamp: 1_700_000_000 } })
    await until('chats.update')
    await step('she writes with a timer')
    await say(maria, me.name, { ephemeralMessage: { message: text('soon gone, too', { expiration: 604_800 }) } })
    await message(({ key }) => key.id === 'IN3')
  },

  'groups: texts, quotes, reactions, edits and revokes': async ({ paired, contact, say, send, message, step, got, until, newGroup }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('sent')
    const sent = await send(me, group.jid, { text: 'who comes?' })
    await got(maria)
    await step('received')
    await say(maria, group.jid, 'I do')
    const answer = await message(({ key }) => key.id === 'IN1')
    await step('quoted')
    await send(me, group.jid, { text: 'good' }, { quoted: answer })
    await got(maria)
    await step('reacted')
    await send(me, group.jid, { react: { text: '👍', key: answer?.key } })
    await got(maria)
    await step('she reacts')
    await say(maria, group.jid, { reactionMessage: { key: { remoteJid: group.jid, fromMe: false, participant: me.lid, id: sent?.key.id ?? 'X' }, text: '🎉', senderTimestampMs: 1_700_000_000_000 } })
    await until('messages.reaction')
    await step('she edits')
    await say(maria, group.jid, { protocolMessage: { key: { remoteJid: group.jid, fromMe: true, id: 'IN1' }, type: 14, editedMessage: { conversation: 'I do!' }, timestampMs: 1_700_000_000_000 } })
    await until('messages.update')
    await step('she revokes')
    await say(maria, group.jid, { protocolMessage: { key: { remoteJid: group.jid, fromMe: true, id: 'IN1' }, type: 0 } })
    await until('messages.update')
    await step('revoked')
    await send(me, group.jid, { delete: sent?.key ?? { remoteJid: group.jid, fromMe: true, id: 'X' } })
    await got(maria)
    await step('revoked as an admin')
    await send(me, group.jid, { delete: { remoteJid: group.jid, fromMe: false, id: 'IN1', participant: maria.lid } })
    await got(maria)
  },

  'status posts': async ({ paired, contact, say, call, message, step, got, nudge }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('she posts')
    await say(maria, 'status@broadcast', text('a sunny day'), { recipients: [me.name] })
    const post = await message(({ key }) => key.id === 'IN1')
    await step('posted')
    await call('sendMessage', () => me.sock.sendMessage('status@broadcast', { text: 'open' }, { statusJidList: [maria.jid], backgroundColor: '#112233', font: 2 }))
    await nudge()
    await got(maria)
    await step('the post is seen')
    if (post) await call('readMessages', () => me.sock.readMessages([post.key]))
  },

  'a message for the phone alone': async ({ paired, contact, emulator, message, step }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('view once')
    await maria.send(me.name, { text: 'secret' }, { id: 'ONCE1', unavailable: 'view_once' })
    await message(({ key }) => key.id === 'ONCE1')
  },

  'ignored chats': async ({ paired, contact, say, step, message, emulator, waitFor, sent }) => {
    const ignored = []
    const me = await paired('Tienda', { receipts: 'drop', config: { shouldIgnoreJid: (jid) => ignored.includes(jid) } })
    const [maria, pedro] = [await contact('María'), await contact('Pedro')]
    ignored.push(maria.lid, maria.jid)
    await step('ignored')
    await say(maria, me.name, 'not for you')
    await say(pedro, me.name, 'for you')
    await message(({ key }) => key.id === 'IN2')
    await sent(me, { tag: 'ack', id: 'IN1' })
  },

  'ignored chats: receipts, presence and calls': async ({ engine, paired, contact, send, step, emulator, settle, call, maybe, until }) => {
    const ignored = []
    const me = await paired('Tienda', { config: { shouldIgnoreJid: (jid) => ignored.includes(jid) } })
    // Baileys tells of the history, in which nothing is, at some time.
    if (engine.reference) await maybe('messaging-history.set', ({ syncType }) => syncType === 0, { from: 0, timeout: 5000 })
    const [maria, pedro] = [await contact('María'), await contact('Pedro')]
    ignored.push(maria.lid, maria.jid)
    const receipt = (id, attrs) => emulator.inject({ account: me.name, stanza: { tag: 'receipt', attrs: { id, t: '1700000000', ...attrs } } })
    for (const [name, person] of [['ignored', maria], ['not ignored', pedro]]) {
      const told = (event) => (person === maria ? settle(400) : until(event))
      await step(`${name}: receipts`)
      await send(me, person.lid, { text: 'x' })
      await told('messages.update')
      await step(`${name}: an own device has read`)
      await receipt(`READ${person.lid}`, { from: me.lid, type: 'read-self', recipient: person.lid })
      await told('messages.update')
      await emulator.person(person.jid, { available: true })
      await step(`${name}: presence`)
      await call('presenceSubscribe', () => me.sock.presenceSubscribe(person.lid))
      await told('presence.update')
      await step(`${name}: a call`)
      const offer = { tag: 'offer', attrs: { 'call-id': `CALL${person.lid}`, 'call-creator': person.lid, caller_pn: person.jid }, content: [{ tag: 'audio', attrs: {} }] }
      await emulator.inject({ account: me.name, stanza: { tag: 'call', attrs: { from: person.lid, id: `C${person.lid}`, t: '1700000000' }, content: [offer] } })
      // Baileys 6 does not ignore calls.
      await (engine.edition === 6 ? until('call') : told('call'))
    }
  },

  'messages are patched before they go': async ({ paired, contact, send, step, got, record, newGroup, call }) => {
    const seen = []
    const config = {
      patchMessageBeforeSending: (message, jids) => {
        seen.push([Object.keys(message), jids?.map((jid) => jid.replace(/:\d+@/, ':N@'))])
        return { ...message, extendedTextMessage: { ...message.extendedTextMessage, text: `${message.extendedTextMessage?.text} (patched)` } }
      },
    }
    const me = await paired('Tienda', { receipts: 'drop', config })
    const maria = await contact('María')
    await step('to a person')
    seen.length = 0
    await send(me, maria.jid, { text: 'x' })
    await got(maria)
    record('called with', seen.splice(0))
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('to a group')
    seen.length = 0
    await send(me, group.jid, { text: 'y' })
    await got(maria)
    record('called with', seen.splice(0))
  },

  'a retry is answered from getMessage': async ({ engine, paired, contact, send, step, got, waitFor, emulator, record }) => {
    const asked = []
    // Baileys 6 remembers nothing itself.
    const known = engine.edition === 6 ? text('two') : undefined
    const me = await paired('Tienda', { receipts: 'delay', config: { getMessage: async (key) => (asked.push(key), known) } })
    const maria = await contact('María')
    await step('the first')
    await send(me, maria.jid, { text: 'one' })
    await got(maria)
    await step('she has forgotten')
    await maria.forgetSessions()
    await send(me, maria.jid, { text: 'two' })
    await got(maria, ({ text: said }) => said === 'two')
    record('asked', asked)
  },

  'the service refuses a message': async ({ paired, contact, send, step, emulator, until }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('before')
    await send(me, maria.jid, { text: 'one' })
    // After npm Baileys has given back what it held, and not together with it.
    await emulator.faults.add({ what: 'delay', milliseconds: 400, account: me.name, direction: 'in', tag: 'ack' })
    for (const code of [403, 479, 463]) {
      await step(`refused with ${code}`)
      await emulator.inject({ account: me.name, refuse: code })
      await send(me, maria.jid, { text: 'two' })
      await until('messages.update', (updates) => updates.some(({ update }) => update.status === 0))
    }
  },

  'relayMessage': async ({ paired, contact, call, step, got, sent, nudge }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('raw')
    await call('relayMessage', () => me.sock.relayMessage(maria.jid, { conversation: 'raw' }, { messageId: 'RAW1' }))
    await got(maria)
    await step('with nodes')
    await call('relayMessage', () => me.sock.relayMessage(maria.jid, { extendedTextMessage: { text: 'with' } }, {
      messageId: 'RAW2', additionalAttributes: { edit: '0' }, additionalNodes: [{ tag: 'biz', attrs: { a: '1' }, content: [{ tag: 'inner', attrs: {} }] }],
    }))
    await got(maria)
    await sent(me, { tag: 'message' })
    await step('without an id')
    await call('relayMessage', async () => typeof (await me.sock.relayMessage(maria.jid, { conversation: 'no id' }, {})))
    await nudge()
  },

  'relayMessage to one device': async ({ paired, contact, call, step, got, sent, send, newGroup }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('before')
    await send(me, maria.lid, { text: 'first' })
    await got(maria, ({ text }) => text === 'first')
    await send(me, group.jid, { text: 'second' })
    await got(maria, ({ text }) => text === 'second')
    const relay = async (name, chat, jid, count, more) => {
      await step(name)
      await call('relayMessage', () => me.sock.relayMessage(chat, { extendedTextMessage: { text: name } }, { messageId: name.toUpperCase().replaceAll(' ', ''), participant: { jid, count }, ...more }))
      if (jid !== me.jid) await got(maria, ({ text }) => text === name)
      await sent(me, { tag: 'message', id: name.toUpperCase().replaceAll(' ', '') })
    }
    await relay('to her', maria.lid, maria.lid, 1)
    await relay('with nodes', maria.lid, maria.lid, 2, { additionalAttributes: { category: 'none' }, additionalNodes: [{ tag: 'biz', attrs: { a: '1' } }] })
    await relay('in a group', group.jid, maria.lid, 3)
    await relay('to the own phone', maria.jid, me.jid, 1)
  },

  'messages are patched for single devices': async ({ engine, paired, contact, send, call, step, got, record, newGroup }) => {
    const seen = []
    const config = {
      patchMessageBeforeSending: (message, jids) => {
        seen.push([Object.keys(message), jids?.map((jid) => jid.replace(/:\d+@/, ':N@'))])
        if (!message.extendedTextMessage) return message
        return (jids ?? ['nobody@lid']).map((recipientJid) => {
          const own = { extendedTextMessage: { text: `for ${recipientJid.split('@')[1]}` } }
          // In Baileys 6 the message itself says whose it is.
          return engine.edition === 6 ? { recipientJid, ...own } : { recipientJid, message: own }
        })
      },
    }
    const me = await paired('Tienda', { receipts: 'drop', config })
    const maria = await contact('María')
    await step('to a person')
    seen.length = 0
    await send(me, maria.lid, { text: 'x' })
    await got(maria)
    record('called with', seen.splice(0))
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('to a group')
    await call('sendMessage', () => me.sock.sendMessage(group.jid, { text: 'y' }))
  },

  'a group whose messages disappear': async ({ paired, contact, send, step, got, sent, newGroup }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name], ephemeral: 86_400 })
    await step('to it')
    await send(me, group.jid, { text: 'x' }, { ephemeralExpiration: 86_400 })
    await got(maria)
    await sent(me, { tag: 'message' }, 'stanzas')
  },

  'a status': async ({ paired, contact, send, call, step, got, sent }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('for her')
    await send(me, 'status@broadcast', { text: 'x' }, { statusJidList: [maria.jid], backgroundColor: '#112233', font: 2 })
    await got(maria)
    await sent(me, { tag: 'message' }, 'stanzas')
    await step('for nobody')
    await call('sendMessage', () => me.sock.sendMessage('status@broadcast', { text: 'y' }))
  },

  'what stanzas are sent': async ({ paired, contact, send, step, sent, message, say, newGroup }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    await step('to a person')
    await send(me, maria.jid, { text: 'x' })
    await sent(me, { tag: 'message' }, 'stanzas')
    await step('she answers')
    await say(maria, me.name, 'y')
    const answer = await message(({ key }) => key.id === 'IN1')
    await me.sock.readMessages([answer.key])
    await sent(me, { tag: 'receipt' }, 'receipts')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('to a group')
    await send(me, group.jid, { text: 'x' })
    await send(me, group.jid, { poll: { name: 'q', values: ['a', 'b'] } })
    await sent(me, { tag: 'message' }, 'stanzas')
  },
}
