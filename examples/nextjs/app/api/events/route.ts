import type { Events } from '@/lib/api'
import { userOf } from '@/lib/auth'
import { subscribe } from '@/lib/events'
import { countStream } from '@/lib/metrics'
import { route } from '@/lib/route'

/** So often a sign of life is sent, and the sign-in is looked at again. */
const HEARTBEAT = 20_000
/** A page that reads so much more slowly than things happen begins anew. */
const MOST_WAITING = 1000

export const GET = route({}, async ({ user, request }) => {
  const encoder = new TextEncoder()
  let end = () => {}
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      let ended = false
      const send = (text: string) => {
        if ((controller.desiredSize ?? 0) < -MOST_WAITING) end()
        else controller.enqueue(encoder.encode(text))
      }
      const event = <K extends keyof Events>(name: K, data: Events[K]) => send(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
      const unsubscribe = subscribe(user.id, event)
      const gone = countStream()
      const heartbeat = setInterval(async () => {
        const here = await userOf(request.headers).then((now) => now?.id === user.id, () => true)
        if (ended) return
        if (here) return send(': here\n\n')
        event('signed-out', {})
        end()
      }, HEARTBEAT)
      end = () => {
        if (ended) return
        ended = true
        clearInterval(heartbeat)
        unsubscribe()
        gone()
        try {
          controller.close()
        } catch {
          // The page has gone.
        }
      }
      request.signal.addEventListener('abort', () => end())
      event('ready', {})
    },
    cancel: () => end(),
  })
  return new Response(stream, {
    // The last one is for proxies: nginx would collect events otherwise.
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform', 'X-Accel-Buffering': 'no' },
  })
})
