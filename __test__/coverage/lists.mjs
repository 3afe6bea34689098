// What there is in the protocol as far as the sources of this repository say it: kinds of messages and settings.

import { readFileSync } from 'node:fs'

const source = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

/** The fields of `Message` in the schema: `{ name, type, number }`. */
export function messageKinds() {
  const lines = source('crates/chasqui-proto/proto/whatsapp.proto').split('\n')
  const start = lines.findIndex((line) => /^message Message \{/.test(line))
  const fields = []
  for (const line of lines.slice(start + 1)) {
    if (/^\}/.test(line)) break
    // Only the message's own fields, and not those of the types within it.
    const field = /^ {2,4}(?:optional|repeated) (\S+) (\w+) = (\d+)/.exec(line)
    if (field && line.search(/\S/) === indentOf(lines, start)) fields.push({ type: field[1], name: field[2], number: Number(field[3]) })
  }
  return fields
}

const indentOf = (lines, start) => lines[start + 1].search(/\S/)

/** The catalogue of settings: `{ name, collection, version, parts, field }`. */
export function settings() {
  const rows = source('crates/chasqui-appstate/src/action.rs').matchAll(/^ {4}[A-Z]\w+ = "([^"]+)", (\w+), (\d+), \[([^\]]*)\](?: => (\d+))?/gm)
  return [...rows].map(([, name, collection, version, parts, field]) => ({
    name,
    collection: collection.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase(),
    version: Number(version) || 1,
    parts: parts.split(', ').filter(Boolean).map((part) => part.split(': ')),
    field: Number(field ?? 0),
  }))
}
