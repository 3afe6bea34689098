import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'

import { LanguageProvider } from '@/components/LanguageProvider'
import { currentLanguage, currentTexts } from '@/lib/i18n/server'

import './globals.css'

export async function generateMetadata(): Promise<Metadata> {
  const { appName } = await currentTexts()
  return { title: { default: appName, template: `%s · ${appName}` }, robots: { index: false } }
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  // The keyboard of a phone makes the page smaller instead of covering the box in which one writes.
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#161e1b' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const language = await currentLanguage()
  return (
    <html lang={language}>
      <body>
        <LanguageProvider language={language}>{children}</LanguageProvider>
      </body>
    </html>
  )
}
