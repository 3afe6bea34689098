// What people can write to the shop. A command gets what it needs to answer, and knows nothing of connections.

export const products = [
  { id: 1, name: 'Café de origen', price: 32_000 },
  { id: 2, name: 'Panela', price: 6_500 },
  { id: 3, name: 'Chocolate', price: 14_000 },
]
const orders = new Map()
const pesos = (amount) => `$ ${amount.toLocaleString('es-CO')}`

export const commands = {
  ayuda: {
    about: 'lo que puedo hacer',
    run: ({ reply }) => reply(['*Ayuda*', ...Object.entries(commands).map(([name, { about }]) => `/${name}: ${about}`)].join('\n')),
  },
  catalogo: {
    about: 'lo que vendemos',
    run: ({ reply }) => reply(['*Catálogo*', ...products.map(({ id, name, price }) => `${id}. ${name}, ${pesos(price)}`)].join('\n')),
  },
  pedido: {
    about: 'pedir: /pedido PRODUCTO CANTIDAD',
    async run({ args: [id, count = '1'], from, reply, react }) {
      const product = products.find((one) => one.id === Number(id))
      const amount = Number(count)
      if (!product || !Number.isInteger(amount) || amount < 1) return reply('No entendí. Así: /pedido 2 3')
      const order = [...(orders.get(from) ?? []), { ...product, amount }]
      orders.set(from, order)
      await react('✅')
      const total = order.reduce((sum, item) => sum + item.price * item.amount, 0)
      await reply(`Anotado: ${amount} × ${product.name}. En total ${pesos(total)}.`)
    },
  },
}
