// Two customers who do not exist, with what they say. They write by a little script, and then when they are answered.
import { PNG } from 'pngjs'
import { proto } from 'chasqui/baileys'

const PERSON_READS = 1500
const PERSON_TYPES = 3000

const pause = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })

/** A cup of coffee, more or less. */
function picture() {
  const image = new PNG({ width: 360, height: 270 })
  const { width, height, data } = image
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromMiddle = Math.hypot(x - 170, y - 135)
      const isHandle = x > 255 && Math.abs(Math.hypot(x - 265, y - 135) - 34) < 9
      let colour = [214 - y / 6, 170 - y / 8, 120 - y / 10]
      if (fromMiddle < 96 || isHandle) colour = [250, 248, 244]
      if (fromMiddle < 78) colour = [92 - fromMiddle / 4, 58 - fromMiddle / 5, 40 - fromMiddle / 8]
      data.set([...colour.map(Math.round), 255], (y * width + x) * 4)
    }
  }
  return PNG.sync.write(image)
}

async function photo(emulator, caption) {
  const file = picture()
  const media = await emulator.media.put('image', file)
  return { raw: proto.Message.encode({ imageMessage: { ...media, mimetype: 'image/png', caption, width: 360, height: 270 } }).finish() }
}

const CUSTOMERS = [
  {
    name: 'Lucía Ferrer',
    begins: 1000,
    says: ['Hola, ¿están abiertos hoy?', '/catalogo', '/pedido CAFE-250 2', '¡Gracias! ¿Cuándo llega?'],
    answers: ['Perfecto.', '¿Y puedo pagar en efectivo?', 'Muy bien, allí estaré. 😊', 'Hasta luego.'],
  },
  {
    name: 'Martin Oakley',
    begins: 4000,
    says: [
      'Hi! Do you ship to the north side?',
      (emulator) => photo(emulator, 'I had this one last week. Is it the medium roast?'),
      '/order CHOCO-200',
      'START',
    ],
    answers: ['Great, thanks!', 'How long does it take?', 'That works for me.', 'See you!'],
  },
]

/** Both write to the account `shop` until the signal comes; `tell` says what happens. */
export function customersWrite({ emulator, shop, signal, tell }) {
  return Promise.all(
    CUSTOMERS.map((customer) =>
      chat(customer, { emulator, shop, signal, tell }).catch((error) => signal.aborted || tell(`${customer.name}: ${error.message}`)),
    ),
  )
}

async function chat({ name, begins, says, answers }, { emulator, shop, signal, tell }) {
  const phone = await emulator.contact(name)
  const say = async (line) => {
    await pause(PERSON_TYPES, signal)
    await phone.send(shop, typeof line === 'string' ? { text: line } : await line(emulator))
    tell(`${name} writes: ${typeof line === 'string' ? line : '(a picture)'}`)
  }
  /** Whether anything came within this time; it is read, as people do. */
  const hears = async (timeout) => {
    const came = await phone.waitForMessage({ timeout }).then(
      () => true,
      (error) => error.code !== 'TIMEOUT' && Promise.reject(error),
    )
    if (signal.aborted) throw signal.reason
    if (!came) return false
    await pause(PERSON_READS, signal)
    await phone.read()
    return true
  }
  await pause(begins, signal)
  for (const line of says) {
    await say(line)
    await hears(8000)
    // What came with it.
    while (await hears(500));
  }
  for (const line of answers) {
    while (!(await hears(60_000)));
    await say(line)
    while (await hears(3000));
  }
  for (;;) await hears(60_000)
}
