// Dates, numbers and prices as people of a language write them.
import { fractionDigits } from '../money'
import type { Language } from '.'

const DAY = 86_400_000
const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
/** Full days between, as the calendar counts them; a day that changes to summer time has 23 hours. */
const daysAgo = (date: Date) => Math.round((startOfDay(new Date()) - startOfDay(date)) / DAY)

function make(language: Language) {
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'long' })
  const shortDate = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' })
  const longDate = new Intl.DateTimeFormat(language, { dateStyle: 'long' })
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const number = new Intl.NumberFormat(language)
  return {
    time: (iso: string) => time.format(new Date(iso)),
    date: (iso: string) => date.format(new Date(iso)),
    dateTime: (iso: string) => dateTime.format(new Date(iso)),
    number: (value: number) => number.format(value),
    /** The heading over the messages of a day. */
    day(iso: string) {
      const days = daysAgo(new Date(iso))
      return days >= 0 && days < 2 ? relative.format(-days, 'day') : longDate.format(new Date(iso))
    },
    /** The shortest that tells when: for lists. */
    recent(iso: string) {
      const when = new Date(iso)
      const days = daysAgo(when)
      if (days === 0) return time.format(when)
      if (days === 1) return relative.format(-1, 'day')
      return days > 1 && days < 7 ? weekday.format(when) : shortDate.format(when)
    },
    /** `amount` is in the smallest unit of the currency. */
    price: (amount: number, currency: string) =>
      new Intl.NumberFormat(language, { style: 'currency', currency }).format(amount / 10 ** fractionDigits(currency)),
  }
}
export type Formats = ReturnType<typeof make>

const made: Partial<Record<Language, Formats>> = {}
export const formatsOf = (language: Language): Formats => (made[language] ??= make(language))
