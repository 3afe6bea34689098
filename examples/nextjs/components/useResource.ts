import { useCallback, useEffect, useRef, useState } from 'react'

import type { ShownError } from '@/lib/i18n'

import { codeOf, request } from './request'
import { useEvents } from './useEvents'

export interface Resource<T> {
  /** Null until the first answer. */
  data: T | null
  error: ShownError | null
  loading: boolean
  reload: () => Promise<void>
  /** Changes what is shown, to what another route or an event has told. */
  change: (next: (data: T) => T) => void
}

/** What a route gives: asked for at once, whenever the path changes, and after every new connection of the events. */
export function useResource<T>(path: string): Resource<T> {
  const [data, setData] = useState<T | null>(null)
  const [error, setError] = useState<ShownError | null>(null)
  const [loading, setLoading] = useState(true)
  const current = useRef<AbortController>(null)

  const reload = useCallback(async () => {
    current.current?.abort()
    const controller = (current.current = new AbortController())
    setLoading(true)
    try {
      const answer = await request<T>(path, { signal: controller.signal })
      if (controller.signal.aborted) return
      setData(answer)
      setError(null)
    } catch (thrown) {
      if (controller.signal.aborted) return
      setError(codeOf(thrown))
    }
    setLoading(false)
  }, [path])

  useEffect(() => {
    void reload()
    return () => current.current?.abort()
  }, [reload])
  useEvents({ ready: () => void reload() })

  const change = useCallback((next: (data: T) => T) => setData((now) => now && next(now)), [])
  return { data, error, loading, reload, change }
}
