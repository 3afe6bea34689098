// A process that answers what is due for one user, as the server does; killed by its test. A line for each batch that went out.
import { makeAnswering } from '../../lib/bot/worker'

const [, , userId] = process.argv
const answering = makeAnswering({ wakeOutbox: () => process.stdout.write('sent\n') })
answering.wake(userId!)
// Until it is killed.
setInterval(() => undefined, 60_000)
