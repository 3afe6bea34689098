// Numbers that are set by environment variables.

/** A whole number above 0; a variable that says something else is an error, and not the default. */
export function countFrom(variable: string, byDefault: number): number {
  const text = process.env[variable]?.trim()
  if (!text) return byDefault
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new Error(`${variable} is to be a whole number above 0, and is "${text}".`)
}
