import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'

import type { Events } from '@/lib/api'

import { listen, streamState, watchStream, type StreamState } from './eventStream'

type Handlers = { [K in keyof Events]?: (data: Events[K]) => void }

/** Calls the handler of each event while the component is shown. All components of a page share one connection. */
export function useEvents(handlers: Handlers) {
  const hear = useEffectEvent(<K extends keyof Events>(name: K, data: Events[K]) => handlers[name]?.(data))
  useEffect(() => listen((name, data) => hear(name, data)), [])
}

export const useStreamState = (): StreamState => useSyncExternalStore(watchStream, streamState, () => 'connecting')
