'use client'
import { useLanguage } from '@/components/LanguageProvider'

export default function PageError({ retry }: { error: Error; retry: () => void }) {
  const { texts } = useLanguage()
  return (
    <main className="alone" role="alert">
      <h1>{texts.failure.title}</h1>
      <p>{texts.failure.text}</p>
      <button type="button" className="primary" onClick={() => retry()}>
        {texts.common.tryAgain}
      </button>
    </main>
  )
}
