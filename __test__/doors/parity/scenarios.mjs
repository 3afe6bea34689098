// All scenarios by name. A file in `scenarios/` exports them as `{ name: run }`, or `{ name: { run, options } }` with options of the
// emulator.
import { readdirSync } from 'node:fs'

const FOLDER = new URL('./scenarios/', import.meta.url)

export const scenarios = new Map()
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.mjs')).sort()) {
  const { default: found } = await import(new URL(file, FOLDER))
  for (const [name, scenario] of Object.entries(found)) {
    const full = `${file.replace('.mjs', '')}: ${name}`
    scenarios.set(full, typeof scenario === 'function' ? { run: scenario } : scenario)
  }
}
