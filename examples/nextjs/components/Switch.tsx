'use client'
import { useState } from 'react'

interface Props {
  on: boolean
  label: string
  /** The label is for screen readers only, where it stands in words beside the switch. */
  labelHidden?: boolean
  /** What it throws is the caller's to show; meanwhile the switch does not take another click. */
  change: (on: boolean) => Promise<void>
  testId?: string
}

export function Switch({ on, label, labelHidden = false, change, testId }: Props) {
  const [busy, setBusy] = useState(false)
  const toggle = async () => {
    if (busy) return
    setBusy(true)
    await change(!on).finally(() => setBusy(false))
  }
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-busy={busy}
      className="switch"
      data-testid={testId}
      onClick={() => void toggle()}
    >
      <span className="switch-track" aria-hidden="true">
        <span className="switch-thumb" />
      </span>
      <span className={labelHidden ? 'visually-hidden' : undefined}>{label}</span>
    </button>
  )
}
