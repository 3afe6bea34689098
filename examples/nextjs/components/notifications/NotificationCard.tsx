'use client'
import { useId, useState } from 'react'

import type { NotificationView } from '@/lib/api'

import { ConfirmDialog } from '../ConfirmDialog'
import { useLanguage } from '../LanguageProvider'
import { request } from '../request'
import { NotificationReport } from './NotificationReport'

const COUNTS = ['queued', 'pending', 'sent', 'delivered', 'read', 'failed', 'skipped'] as const

/** A notification with how far it got. */
export function NotificationCard({
  notification,
  changed,
}: {
  notification: NotificationView
  changed: (notification: NotificationView) => void
}) {
  const {
    texts: { notifications: texts },
    formats,
  } = useLanguage()
  const [reporting, setReporting] = useState(false)
  const [cancelling, setCancelling] = useState(false)
  const report = useId()
  const { id, content, state, createdAt, recipients } = notification
  const handled = recipients - notification.queued - notification.pending

  const cancel = async () => {
    const path = `/api/notifications/${encodeURIComponent(id)}/cancel`
    changed((await request<{ notification: NotificationView }>(path, { method: 'POST' })).notification)
  }
  return (
    <li className="card notification" data-testid="notification" data-state={state}>
      <header>
        <span className="badge" data-state={state}>
          {texts.states[state]}
        </span>
        <time dateTime={createdAt} className="muted">
          {formats.dateTime(createdAt)}
        </time>
      </header>
      <p className="notification-text" dir="auto">
        {content}
      </p>
      <progress max={recipients || 1} value={handled} aria-label={texts.progress(handled, recipients)} />
      <p className="muted">{texts.progress(handled, recipients)}</p>
      <dl className="counts">
        {COUNTS.filter((count) => notification[count] > 0 || count === 'delivered' || count === 'read').map((count) => (
          <div key={count} data-count={count}>
            <dt>{texts.counts[count]}</dt>
            <dd>{formats.number(notification[count])}</dd>
          </div>
        ))}
      </dl>
      <div className="actions">
        <button type="button" aria-expanded={reporting} aria-controls={report} onClick={() => setReporting(!reporting)}>
          {reporting ? texts.hideReport : texts.report}
        </button>
        {state === 'sending' && (
          <button type="button" className="danger-quiet" onClick={() => setCancelling(true)} data-testid="notification-cancel">
            {texts.cancel}
          </button>
        )}
      </div>
      <div id={report}>{reporting && <NotificationReport notification={notification} />}</div>
      <ConfirmDialog
        open={cancelling}
        title={texts.cancelTitle}
        confirm={texts.cancel}
        cancel={texts.keepSending}
        danger
        onClose={() => setCancelling(false)}
        action={cancel}
      >
        <p>{texts.cancelText}</p>
      </ConfirmDialog>
    </li>
  )
}
