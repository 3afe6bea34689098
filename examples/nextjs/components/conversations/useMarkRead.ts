import { useEffect, useRef, useState } from 'react'

import { request } from '../request'

/** So that a flood of messages does not use up what a user may ask of the server. */
const PAUSE_MS = 2000
const PAUSE_AFTER_FAILURE_MS = 10_000

/** Tells the server that the messages were seen, while the page is visible and there are unread ones. */
export function useMarkRead(conversationId: string, unread: number) {
  const [visible, setVisible] = useState(false)
  const [turn, setTurn] = useState(0)
  const resting = useRef(false)
  /** More came while it rested. */
  const again = useRef(false)

  useEffect(() => {
    const look = () => setVisible(document.visibilityState === 'visible')
    look()
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])

  useEffect(() => {
    if (!visible || unread === 0) return
    if (resting.current) {
      again.current = true
      return
    }
    resting.current = true
    again.current = false
    const rest = (pause: number, failed: boolean) =>
      setTimeout(() => {
        resting.current = false
        if (failed || again.current) setTurn((count) => count + 1)
      }, pause)
    request(`/api/conversations/${encodeURIComponent(conversationId)}/read`, { method: 'POST' }).then(
      () => rest(PAUSE_MS, false),
      () => rest(PAUSE_AFTER_FAILURE_MS, true),
    )
  }, [conversationId, unread, visible, turn])
}
