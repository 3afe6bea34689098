'use client'
import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'

import type { ConnectAnswer, DisconnectAnswer, StatusAnswer } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { ConfirmDialog } from './ConfirmDialog'
import { ErrorNotice, Loading } from './Feedback'
import { WarningIcon } from './icons'
import { useLanguage } from './LanguageProvider'
import { codeOf, request } from './request'
import { useEvents } from './useEvents'
import { useResource } from './useResource'

/** Links the user's WhatsApp by QR code, shows how it is doing, and ends the link. */
export function WhatsAppConnection() {
  const { texts, formats } = useLanguage()
  const status = useResource<StatusAnswer>('/api/whatsapp/status')
  const [connecting, setConnecting] = useState(false)
  const [confirming, setConfirming] = useState(false)
  const [error, setError] = useState<ShownError | null>(null)
  useEvents({ status: (now) => status.change(() => now) })

  // The button that was pressed is no longer there in the next state: whoever uses the keyboard goes on from here.
  const card = useRef<HTMLElement>(null)
  const state = status.data?.status
  const stateBefore = useRef(state)
  useEffect(() => {
    if (stateBefore.current && document.activeElement === document.body) card.current?.focus({ preventScroll: true })
    stateBefore.current = state
  }, [state])

  const connect = async () => {
    if (connecting) return
    setConnecting(true)
    setError(null)
    try {
      const { qr, status: state } = await request<ConnectAnswer>('/api/whatsapp/connect', { method: 'POST' })
      status.change((now) => ({ ...now, status: state, isConnected: state === 'CONNECTED', qrCode: qr, reason: null }))
    } catch (thrown) {
      setError(codeOf(thrown))
    }
    setConnecting(false)
  }
  const disconnect = async () => {
    await request<DisconnectAnswer>('/api/whatsapp/disconnect', { method: 'POST' })
    await status.reload()
  }

  const { connection: words } = texts
  const now = status.data
  return (
    <div className="page">
      <header className="page-header">
        <div>
          <h1>{words.title}</h1>
          <p>{words.intro}</p>
        </div>
      </header>
      {status.error && <ErrorNotice code={status.error} retry={() => void status.reload()} />}
      {error && <ErrorNotice code={error} />}
      {!now && status.loading && <Loading />}
      {now && (
        <section className="card connection" ref={card} tabIndex={-1}>
          <dl className="facts">
            <div>
              <dt>{words.state}</dt>
              <dd>
                <span role="status" className="state" data-testid="status" data-status={now.status}>
                  <span className="dot" aria-hidden="true" />
                  {words.status[now.status]}
                </span>
              </dd>
            </div>
            <div>
              <dt>{words.phoneNumber}</dt>
              <dd data-testid="phone-number">{now.connection.phoneNumber ?? '–'}</dd>
            </div>
            <div>
              <dt>{words.lastConnected}</dt>
              <dd>{now.connection.lastConnectedAt ? formats.dateTime(now.connection.lastConnectedAt) : words.never}</dd>
            </div>
          </dl>

          {now.reason && (
            <div className="notice warning" role="status" data-reason={now.reason}>
              <WarningIcon />
              <p>{words.reasons[now.reason]}</p>
            </div>
          )}

          {now.status === 'QR' && now.qrCode && (
            <div className="linking">
              <figure>
                {/* A data URL that changes every few seconds: nothing that next/image could make smaller. */}
                <img className="qr" src={now.qrCode} alt={words.qrAlt} width={320} height={320} data-testid="qr" />
                <figcaption>{words.qrRenews}</figcaption>
              </figure>
              <ol className="steps">
                {words.steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </div>
          )}

          {now.isConnected && (
            <div className="linked">
              <p>
                <strong>{words.readyTitle}.</strong> {words.readyText}
              </p>
              <Link className="button primary" href="/conversations">
                {words.openConversations}
              </Link>
            </div>
          )}

          <div className="actions">
            {now.status === 'DISCONNECTED' && (
              <button type="button" className="primary" onClick={() => void connect()} aria-disabled={connecting} data-testid="connect">
                {connecting ? words.connecting : now.reason === 'QR_EXPIRED' ? words.newCode : words.connect}
              </button>
            )}
            {(now.status !== 'DISCONNECTED' || now.connection.phoneNumber !== null) && (
              <button type="button" className="danger-quiet" onClick={() => setConfirming(true)} data-testid="disconnect">
                {words.disconnect}
              </button>
            )}
          </div>
        </section>
      )}
      <ConfirmDialog
        open={confirming}
        title={words.confirmTitle}
        confirm={words.disconnect}
        danger
        testId="disconnect-confirm"
        onClose={() => setConfirming(false)}
        action={disconnect}
      >
        <p>{words.confirmText}</p>
        <p>{words.confirmDeleted}</p>
        <p>{words.confirmKept}</p>
      </ConfirmDialog>
    </div>
  )
}
