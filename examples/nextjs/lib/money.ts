// Prices are kept in the smallest unit of their currency: 12.50 EUR as 1250, 900 CLP as 900.

/** How many decimals the currency has. */
export const fractionDigits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/**
 * What somebody typed, with point or comma before the decimals; null when it is no price. Thousands are not separated:
 * 1.250 would have two meanings.
 */
export function parsePrice(text: string, currency: string): number | null {
  const [, whole, decimals = ''] = /^(\d{1,10})(?:[.,](\d+))?$/.exec(text.trim()) ?? []
  const digits = fractionDigits(currency)
  return whole && decimals.length <= digits ? Number(whole + decimals.padEnd(digits, '0')) : null
}

/** The price as `parsePrice` takes it, with the decimal sign of the language. */
export function typedPrice(amount: number, currency: string, language = 'en'): string {
  const digits = fractionDigits(currency)
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })
  return format.format(amount / 10 ** digits)
}
