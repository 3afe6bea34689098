// A process that sends notifications, as the server does; killed by its test. A line for each message that went out.
import { eq } from 'drizzle-orm'

import { messages, write } from '../../lib/db'
import { makeNotifications } from '../../lib/notifications/worker'

const [, , userId = ''] = process.argv
/** As the outbox does, at the start and whenever it is woken. */
const deliver = () => write((transaction) => transaction.update(messages).set({ status: 'sent' }).where(eq(messages.userId, userId)))

const notifications = makeNotifications({
  interval: 1,
  isConnected: () => true,
  wakeOutbox: () => {
    void deliver()
    process.stdout.write('sent\n')
  },
})
await deliver()
notifications.wake(userId)
// Until it is killed.
setInterval(() => undefined, 60_000)
