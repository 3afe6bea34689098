'use client'
import { useLanguage } from './LanguageProvider'
import { useEvents, useStreamState } from './useEvents'

/** Says when news of the server no longer arrive; keeps the connection open while pages change. */
export function StreamNotice() {
  const { texts } = useLanguage()
  useEvents({})
  const waiting = useStreamState() === 'waiting'
  return (
    <div className="stream-notice" role="status">
      {waiting && <p>{texts.navigation.reconnecting}</p>}
    </div>
  )
}
