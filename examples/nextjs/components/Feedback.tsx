'use client'
// What stands in the place of data: that it is coming, that there is none, that it failed.
import type { ReactNode } from 'react'

import type { ShownError } from '@/lib/i18n'

import { WarningIcon } from './icons'
import { useLanguage } from './LanguageProvider'

export function Loading() {
  const { texts } = useLanguage()
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {texts.common.loading}
    </p>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  )
}

/** An error in words, with a button when there is something to try again. */
export function ErrorNotice({ code, text, retry }: { code: ShownError; text?: string; retry?: () => void }) {
  const { texts } = useLanguage()
  return (
    <div className="notice danger" role="alert" data-testid="error" data-code={code}>
      <WarningIcon />
      <p>{text ?? texts.errors[code]}</p>
      {retry && (
        <button type="button" onClick={retry}>
          {texts.common.tryAgain}
        </button>
      )}
    </div>
  )
}
