'use client'
import { useState, useSyncExternalStore, type SubmitEvent } from 'react'

import type { SignInError } from '@/lib/i18n'

import { authClient } from './authClient'
import { WarningIcon } from './icons'
import { useLanguage } from './LanguageProvider'

const SHORTEST_PASSWORD = 8
const LONGEST_PASSWORD = 128

/** False until the page's program runs: a form that is sent before would bring the password into the address. */
const useRunning = () => useSyncExternalStore(() => () => {}, () => true, () => false)

interface AuthError {
  status: number
  code?: string | undefined
}

function reasonOf({ status, code = '' }: AuthError): SignInError {
  if (status === 0) return 'OFFLINE'
  if (status === 429) return 'TOO_MANY'
  if (code.startsWith('USER_ALREADY_EXISTS')) return 'TAKEN'
  if (code.startsWith('PASSWORD_TOO')) return 'PASSWORD'
  if (code.endsWith('SIGN_UP_DISABLED')) return 'CLOSED'
  if (code === 'INVALID_EMAIL') return 'EMAIL'
  return status === 401 ? 'WRONG' : 'OTHER'
}

/** Signs in, or makes an account first; then loads `next`. */
export function SignInForm({ next }: { next: string }) {
  const {
    texts: { signIn: texts },
  } = useLanguage()
  const running = useRunning()
  const [creating, setCreating] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<SignInError | null>(null)

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const form = new FormData(event.currentTarget)
    const [name, email, password] = ['name', 'email', 'password'].map((field) => String(form.get(field) ?? ''))
    setBusy(true)
    setError(null)
    try {
      const { error: refused } = creating
        ? await authClient.signUp.email({ name: name!.trim(), email: email!.trim(), password: password! })
        : await authClient.signIn.email({ email: email!.trim(), password: password! })
      if (!refused) return location.assign(next)
      setError(reasonOf(refused))
    } catch {
      setError('OFFLINE')
    }
    setBusy(false)
  }

  const toggle = () => {
    setCreating(!creating)
    setError(null)
  }

  return (
    <div className="card">
      <h1>{creating ? texts.createTitle : texts.title}</h1>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {creating && (
          <label>
            <span>{texts.name}</span>
            <input name="name" autoComplete="name" required maxLength={200} data-testid="sign-up-name" />
          </label>
        )}
        <label>
          <span>{texts.email}</span>
          <input name="email" type="email" autoComplete="username" required maxLength={254} data-testid="sign-in-email" />
        </label>
        <label>
          <span>{texts.password}</span>
          <input
            name="password"
            type="password"
            autoComplete={creating ? 'new-password' : 'current-password'}
            required
            minLength={creating ? SHORTEST_PASSWORD : undefined}
            maxLength={LONGEST_PASSWORD}
            data-testid="sign-in-password"
          />
          {creating && <small>{texts.passwordHint}</small>}
        </label>
        {error && (
          <div className="notice danger" role="alert" data-testid="error" data-code={error}>
            <WarningIcon />
            <p>{texts.errors[error]}</p>
          </div>
        )}
        <button type="submit" className="primary" disabled={!running} aria-disabled={busy} data-testid="sign-in-submit">
          {busy ? texts.working : creating ? texts.submitCreate : texts.submit}
        </button>
      </form>
      <button type="button" className="quiet" disabled={!running} onClick={toggle} data-testid="sign-up-toggle">
        {creating ? texts.toSignIn : texts.toCreate}
      </button>
    </div>
  )
}
