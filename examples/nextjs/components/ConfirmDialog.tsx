'use client'
import { useState, type ReactNode } from 'react'

import type { ShownError } from '@/lib/i18n'

import { Dialog } from './Dialog'
import { ErrorNotice } from './Feedback'
import { useLanguage } from './LanguageProvider'
import { codeOf } from './request'

interface Props {
  open: boolean
  title: string
  confirm: string
  /** Of the button that leaves everything as it is; 'Cancel' unless told. */
  cancel?: string
  danger?: boolean
  testId?: string
  onClose: () => void
  /** What is confirmed. While it runs the dialog stays open; what it throws is shown in it. */
  action: () => Promise<void>
  children: ReactNode
}

export function ConfirmDialog({ open, title, confirm, cancel, danger = false, testId, onClose, action, children }: Props) {
  const { texts } = useLanguage()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ShownError | null>(null)
  const leave = () => {
    if (busy) return
    setError(null)
    onClose()
  }
  const run = async () => {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await action()
      onClose()
    } catch (thrown) {
      setError(codeOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} title={title} onClose={leave}>
      {children}
      {error && <ErrorNotice code={error} />}
      <div className="dialog-actions">
        <button type="button" onClick={leave} disabled={busy}>
          {cancel ?? texts.common.cancel}
        </button>
        <button
          type="button"
          className={danger ? 'danger' : 'primary'}
          data-testid={testId}
          onClick={() => void run()}
          aria-disabled={busy}
        >
          {busy ? texts.signIn.working : confirm}
        </button>
      </div>
    </Dialog>
  )
}
