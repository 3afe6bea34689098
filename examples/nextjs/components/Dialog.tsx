'use client'
import { useEffect, useId, useRef, type ReactNode } from 'react'

interface Props {
  open: boolean
  title: string
  /** It was left with Escape, or with a button that calls it. */
  onClose: () => void
  children: ReactNode
}

/** A modal window: the browser keeps the focus in it, and gives it back to where it was. */
export function Dialog({ open, title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClose={() => {
        if (open) onClose()
      }}
    >
      <h2 id={heading}>{title}</h2>
      {open && children}
    </dialog>
  )
}
