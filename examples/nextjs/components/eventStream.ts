// The server-sent events of /api/events: one connection for the whole page, for as long as somebody listens.
import type { Events } from '@/lib/api'

import { request } from './request'
import { toSignIn } from './signInAddress'

export type Listener = <K extends keyof Events>(name: K, data: Events[K]) => void
export type StreamState = 'connecting' | 'open' | 'waiting'

const NAMES = Object.keys({
  ready: 0,
  status: 0,
  message: 0,
  conversation: 0,
  order: 0,
  notification: 0,
  'signed-out': 0,
} satisfies Record<keyof Events, 0>) as (keyof Events)[]
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

const listeners = new Set<Listener>()
const watchers = new Set<() => void>()
let source: EventSource | null = null
let timer: ReturnType<typeof setTimeout> | undefined
let failures = 0
let state: StreamState = 'connecting'

function become(next: StreamState) {
  state = next
  for (const watcher of watchers) watcher()
}

function close() {
  clearTimeout(timer)
  timer = undefined
  source?.close()
  source = null
}

function open() {
  close()
  source = new EventSource('/api/events')
  // The browser does not try again by itself after an HTTP error, and else without pause: here every failure is treated alike.
  source.onerror = pause
  for (const name of NAMES) {
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      if (name === 'signed-out') return toSignIn()
      if (name === 'ready') {
        failures = 0
        become('open')
      }
      const parsed = JSON.parse(data || '{}')
      for (const listener of listeners) listener(name, parsed)
    })
  }
}

function pause() {
  close()
  become('waiting')
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures)
  failures += 1
  timer = setTimeout(retry, longest * (0.5 + Math.random() / 2))
}

/** EventSource does not say which HTTP error it was: a route tells whether the sign-in has ended, and goes to sign in by itself. */
async function retry() {
  await request('/api/whatsapp/status').catch(() => {})
  if (listeners.size > 0 && state === 'waiting') open()
}

function openNow() {
  if (listeners.size > 0 && state !== 'open') open()
}

const cameBack = () => {
  if (document.visibilityState === 'visible' && state === 'waiting') openNow()
}
/** A page that comes out of the browser's cache has a dead connection. */
const shownAgain = ({ persisted }: PageTransitionEvent) => {
  if (persisted && listeners.size > 0) open()
}

export function listen(listener: Listener): () => void {
  listeners.add(listener)
  if (listeners.size === 1) {
    addEventListener('online', openNow)
    addEventListener('pageshow', shownAgain)
    document.addEventListener('visibilitychange', cameBack)
    state = 'connecting'
    open()
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    removeEventListener('online', openNow)
    removeEventListener('pageshow', shownAgain)
    document.removeEventListener('visibilitychange', cameBack)
    close()
  }
}

export function watchStream(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
export const streamState = (): StreamState => state
