import { useEffect, useRef, useState } from 'react'

import { request } from '../request'

const PAUSE_MS = 5000

/** Tells the server that the messages were seen, while the page is visible and there are unread ones. */
export function useMarkRead(conversationId: string, unread: number) {
  const [visible, setVisible] = useState(false)
  const [turn, setTurn] = useState(0)
  const busy = useRef(false)
  /** More came while the server was being told. */
  const again = useRef(false)

  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible')
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])

  useEffect(() => {
    if (!visible || unread === 0) return
    if (busy.current) {
      again.current = true
      return
    }
    busy.current = true
    again.current = false
    const next = () => {
      busy.current = false
      setTurn((count) => count + 1)
    }
    request(`/api/conversations/${encodeURIComponent(conversationId)}/read`, { method: 'POST' }).then(
      () => {
        busy.current = false
        if (again.current) next()
      },
      () => setTimeout(next, PAUSE_MS),
    )
  }, [conversationId, unread, visible, turn])
}
