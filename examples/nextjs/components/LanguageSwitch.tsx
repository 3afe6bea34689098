'use client'
import { useRouter } from 'next/navigation'

import { LANGUAGE_COOKIE } from '@/lib/i18n'

import { useLanguage } from './LanguageProvider'

const YEAR_S = 31_536_000

export function LanguageSwitch() {
  const { language, texts } = useLanguage()
  const router = useRouter()
  const other = language === 'es' ? 'en' : 'es'
  const change = () => {
    document.cookie = `${LANGUAGE_COOKIE}=${other}; path=/; max-age=${YEAR_S}; samesite=lax`
    router.refresh()
  }
  return (
    <button type="button" className="quiet" data-testid="language" lang={other} onClick={change}>
      {texts.otherLanguage}
    </button>
  )
}
