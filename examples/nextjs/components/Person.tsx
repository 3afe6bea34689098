'use client'
import { useLanguage } from './LanguageProvider'

/** A customer in a table: the name, and the number under it. */
export function Person({ name, phoneNumber }: { name: string | null; phoneNumber: string | null }) {
  const {
    texts: { common },
  } = useLanguage()
  return (
    <span className="two-lines">
      <strong dir="auto">{name ?? common.noName}</strong>
      <span className="number muted">{phoneNumber}</span>
    </span>
  )
}
