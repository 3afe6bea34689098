// Texts in both directions, and what is done to them.

export default {
  'a text comes': async ({ paired, contact, say, message, step }) => {
    const me = await paired()
    const maria = await contact('María')
    await step('the text')
    await say(maria, me.name, 'hola')
    await message(({ key }) => key.id === 'IN1')
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
}
