'use client'
import { SearchIcon } from './icons'

export function SearchBox({ label, value, change }: { label: string; value: string; change: (text: string) => void }) {
  return (
    <label className="search">
      <SearchIcon />
      <span className="visually-hidden">{label}</span>
      <input type="search" placeholder={label} maxLength={100} value={value} onChange={(event) => change(event.target.value)} />
    </label>
  )
}
