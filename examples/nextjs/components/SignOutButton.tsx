'use client'
import { useState } from 'react'

import { authClient } from './authClient'
import { ExitIcon } from './icons'
import { useLanguage } from './LanguageProvider'

export function SignOutButton() {
  const { texts } = useLanguage()
  const [busy, setBusy] = useState(false)
  const signOut = async () => {
    if (busy) return
    setBusy(true)
    const { error } = await authClient.signOut().catch(() => ({ error: true }))
    // The whole document is left, so that nothing of the account stays in memory.
    if (!error) location.assign('/sign-in')
    setBusy(false)
  }
  return (
    <button type="button" className="quiet" onClick={() => void signOut()} data-testid="sign-out">
      <ExitIcon />
      {texts.navigation.signOut}
    </button>
  )
}
