// Next loads modules more than once: for pages, for routes, and again whenever a file changes during development.

/** What is to exist once in the process: made at the first call, under this name. */
export function once<T>(name: string, make: () => T): T {
  const all = globalThis as unknown as Record<symbol, T>
  return (all[Symbol.for(`chasqui.example.${name}`)] ??= make())
}
