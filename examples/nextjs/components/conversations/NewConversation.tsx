'use client'
import { useRouter } from 'next/navigation'
import { useState, type SubmitEvent } from 'react'

import type { SendAnswer } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { Dialog } from '../Dialog'
import { ErrorNotice } from '../Feedback'
import { NewIcon } from '../icons'
import { useLanguage } from '../LanguageProvider'
import { codeOf, request } from '../request'

/** A long first message is rather a mistake; the conversation takes more. */
const LONGEST = 4096

/** A button that opens a form to write to a number for the first time. */
export function NewConversation() {
  const { texts: { conversations: texts, messages, common } } = useLanguage()
  const router = useRouter()
  const [open, setOpen] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ShownError | null>(null)
  const close = () => {
    setOpen(false)
    setError(null)
  }
  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError(null)
    try {
      const { message } = await request<SendAnswer>('/api/whatsapp/send', { method: 'POST', body: { to: form.get('to'), content: form.get('content') } })
      close()
      router.push(`/conversations/${message.conversationId}`)
    } catch (thrown) {
      setError(codeOf(thrown))
    }
    setBusy(false)
  }
  return (
    <>
      <button type="button" className="quiet round" aria-label={texts.begin} title={texts.begin} onClick={() => setOpen(true)} data-testid="new-conversation"><NewIcon /></button>
      <Dialog open={open} title={texts.begin} onClose={close}>
        <form className="form" onSubmit={(event) => void submit(event)}>
          <label>
            <span>{texts.number}</span>
            <input name="to" type="tel" autoComplete="off" required maxLength={32} data-testid="new-number" />
            <small>{texts.numberHint}</small>
          </label>
          <label>
            <span>{texts.firstMessage}</span>
            <textarea name="content" rows={3} required maxLength={LONGEST} dir="auto" data-testid="new-text" />
          </label>
          {error && <ErrorNotice code={error} text={error === 'INVALID_INPUT' ? texts.numberWrong : undefined} />}
          <div className="dialog-actions">
            <button type="button" onClick={close}>{common.cancel}</button>
            <button type="submit" className="primary" aria-disabled={busy} data-testid="new-send">{busy ? messages.sending : messages.send}</button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
