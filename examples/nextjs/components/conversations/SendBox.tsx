'use client'
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'

import type { MessageView, SendAnswer } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { SendIcon, WarningIcon } from '../icons'
import { useLanguage } from '../LanguageProvider'
import { codeOf, request } from '../request'

/** Here whoever opens a conversation can write at once; on a phone the keyboard would cover what there is to read. */
const ROOMY = '(min-width: 61rem) and (pointer: fine)'

interface Props {
  conversationId: string
  /** In characters. */
  longest: number
  sent: (message: MessageView) => void
}

/** Where an answer is written. What could not be handed over stays in it. */
export function SendBox({ conversationId, longest, sent }: Props) {
  const { texts: { messages: texts, errors }, formats } = useLanguage()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ShownError | null>(null)
  const box = useRef<HTMLTextAreaElement>(null)
  const hint = useId()
  useEffect(() => {
    if (matchMedia(ROOMY).matches) box.current?.focus({ preventScroll: true })
  }, [])
  const tooLong = text.trim().length > longest
  const ready = text.trim() !== '' && !tooLong && !busy

  const send = async () => {
    if (!ready) return
    setBusy(true)
    setError(null)
    try {
      const { message } = await request<SendAnswer>(`/api/conversations/${encodeURIComponent(conversationId)}/messages`, { method: 'POST', body: { content: text } })
      setText('')
      sent(message)
    } catch (thrown) {
      setError(codeOf(thrown))
    }
    setBusy(false)
    box.current?.focus()
  }
  const keyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter is its own.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void send()
  }

  return (
    <form className="send-box" onSubmit={(event) => { event.preventDefault(); void send() }}>
      <p className="send-error" role="alert" data-testid="send-error" data-code={error ?? undefined}>
        {error && <><WarningIcon />{errors[error]}</>}
        {!error && tooLong && <><WarningIcon />{texts.tooLong(formats.number(longest))}</>}
      </p>
      <textarea
        ref={box}
        rows={1}
        dir="auto"
        value={text}
        readOnly={busy}
        placeholder={texts.write}
        aria-label={texts.write}
        aria-describedby={hint}
        aria-invalid={tooLong || undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={keyDown}
        data-testid="send-box"
      />
      <button type="submit" className="primary" aria-label={busy ? texts.sending : texts.send} aria-disabled={!ready} data-testid="send"><SendIcon /></button>
      <p className="hint" id={hint}>{texts.hint}</p>
    </form>
  )
}
