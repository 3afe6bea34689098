// What the database refuses because it has it already.

/** Whether a unique index refused what was to be written. */
export function isDuplicate(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return code === '23505' || /UNIQUE constraint failed/.test(error.message) || isDuplicate(error.cause)
}
