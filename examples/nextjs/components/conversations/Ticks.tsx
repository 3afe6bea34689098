import type { MessageView } from '@/lib/api'

import { useLanguage } from '../LanguageProvider'

const FIRST = 'm1.5 6.5 3.2 3.2 6.6-7'
const SECOND = 'm7.6 9.4.4.3 6.6-7'

/** How far a message of ours has come: clock, one tick, two ticks, two blue ticks, or an exclamation mark. */
export function Ticks({ status }: { status: MessageView['status'] }) {
  const { texts } = useLanguage()
  const label = texts.messages.status[status]
  return (
    <span className="ticks" data-status={status} role="img" aria-label={label} title={label}>
      <svg
        viewBox="0 0 16 12"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        {status === 'pending' && (
          <>
            <circle cx="8" cy="6" r="4.75" />
            <path d="M8 3.4V6l1.7 1.2" />
          </>
        )}
        {status === 'failed' && (
          <>
            <circle cx="8" cy="6" r="5" />
            <path d="M8 3.2v3.2M8 8.7v.1" />
          </>
        )}
        {status === 'sent' && <path d="m3.5 6.5 3.2 3.2 6-7" />}
        {(status === 'delivered' || status === 'read') && (
          <>
            <path d={FIRST} />
            <path d={SECOND} />
          </>
        )}
      </svg>
    </span>
  )
}
