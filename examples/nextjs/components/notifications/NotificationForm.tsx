'use client'
import { useId, useState } from 'react'

import type { NotificationView } from '@/lib/api'

import { ConfirmDialog } from '../ConfirmDialog'
import { useLanguage } from '../LanguageProvider'
import { request } from '../request'

/** As long as a notice that people read; the route takes more. */
const LONGEST = 4096

interface Props {
  /** How many customers take notifications; null while that is not known. */
  consented: number | null
  sent: (notification: NotificationView) => void
}

export function NotificationForm({ consented, sent }: Props) {
  const {
    texts: { notifications: texts },
  } = useLanguage()
  const [content, setContent] = useState('')
  const [confirming, setConfirming] = useState(false)
  const audience = useId()
  const ready = content.trim() !== '' && consented !== null && consented > 0

  const send = async () => {
    const { notification } = await request<{ notification: NotificationView }>('/api/notifications', { method: 'POST', body: { content } })
    setContent('')
    sent(notification)
  }
  return (
    <form
      className="card form"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) setConfirming(true)
      }}
    >
      <label>
        <span>{texts.content}</span>
        <textarea
          rows={4}
          maxLength={LONGEST}
          required
          dir="auto"
          value={content}
          aria-describedby={audience}
          onChange={(event) => setContent(event.target.value)}
          data-testid="notification-content"
        />
      </label>
      <p id={audience} className="muted">
        {consented !== null && (
          <strong data-testid="consented" data-count={consented}>
            {consented === 0 ? texts.nobody : texts.consented(consented)}
          </strong>
        )}{' '}
        {texts.optOut}
      </p>
      <div className="actions">
        <button type="submit" className="primary" aria-disabled={!ready} data-testid="notification-send">
          {texts.send}
        </button>
      </div>
      <ConfirmDialog
        open={confirming}
        title={texts.confirmTitle}
        confirm={texts.send}
        testId="notification-confirm"
        onClose={() => setConfirming(false)}
        action={send}
      >
        <p>{texts.confirmText(consented ?? 0)}</p>
        <blockquote dir="auto">{content.trim()}</blockquote>
      </ConfirmDialog>
    </form>
  )
}
