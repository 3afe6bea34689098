// The languages of the pages.
import { en } from './en'
import { es, type Texts } from './es'

export type { ShownError, SignInError, Texts } from './es'

export const LANGUAGES = ['es', 'en'] as const
export type Language = (typeof LANGUAGES)[number]
export const TEXTS: Record<Language, Texts> = { es, en }
export const LANGUAGE_COOKIE = 'lang'

const isLanguage = (text: string): text is Language => LANGUAGES.includes(text as Language)

/** What the person chose, else the first language of the browser that there is, else Spanish. */
export function chooseLanguage(cookie: string | undefined, acceptLanguage: string | null): Language {
  if (cookie && isLanguage(cookie)) return cookie
  const accepted = (acceptLanguage ?? '')
    .slice(0, 1000)
    .split(',')
    .flatMap((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const language = tag.split('-')[0]!
      const weight = Number(
        parameters
          .find((parameter) => parameter.trim().startsWith('q='))
          ?.trim()
          .slice(2) ?? 1,
      )
      return isLanguage(language) && weight > 0 ? [{ language, weight }] : []
    })
  return accepted.sort((a, b) => b.weight - a.weight)[0]?.language ?? 'es'
}
