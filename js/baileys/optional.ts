/** Packages that a program may have installed, and that nothing here needs. */

/** The package, or nothing where it is not installed. */
export async function optional<T>(name: 'sharp' | 'music-metadata' | 'audio-decode'): Promise<T | undefined> {
  try {
    return (await import(name as string)) as T
  } catch {
    return undefined
  }
}
