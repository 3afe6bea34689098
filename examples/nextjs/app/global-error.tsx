'use client'
import { en } from '@/lib/i18n/en'
import { es } from '@/lib/i18n/es'

import './globals.css'

/** The layout itself failed, and with it the language: both are shown. */
export default function GlobalError({ retry }: { error: Error; retry: () => void }) {
  return (
    <html lang="es">
      <body>
        <main className="alone" role="alert">
          <h1>
            {es.failure.title} · <span lang="en">{en.failure.title}</span>
          </h1>
          <button type="button" className="primary" onClick={() => retry()}>
            {es.common.tryAgain} · <span lang="en">{en.common.tryAgain}</span>
          </button>
        </main>
      </body>
    </html>
  )
}
