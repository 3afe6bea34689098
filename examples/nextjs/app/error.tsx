'use client'
import { useLanguage } from '@/components/LanguageProvider'

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  const { texts } = useLanguage()
  return (
    <main className="alone" role="alert">
      <h1>{texts.failure.title}</h1>
      <p>{texts.failure.text}</p>
      <button type="button" className="primary" onClick={reset}>{texts.common.tryAgain}</button>
    </main>
  )
}
