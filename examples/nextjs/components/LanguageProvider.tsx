'use client'
import { createContext, useContext, type ReactNode } from 'react'

import { TEXTS, type Language, type Texts } from '@/lib/i18n'
import { formatsOf, type Formats } from '@/lib/i18n/formats'

const Current = createContext<Language>('es')

export function LanguageProvider({ language, children }: { language: Language; children: ReactNode }) {
  return <Current value={language}>{children}</Current>
}

/** The language of the page with its texts and formats. */
export function useLanguage(): { language: Language; texts: Texts; formats: Formats } {
  const language = useContext(Current)
  return { language, texts: TEXTS[language], formats: formatsOf(language) }
}
