/** The fields of a vCard (RFC 2426) that people look for. What cannot be read is left out. */

import type * as contract from '../index.js'

/** Longest card that is read, and most lines of it. */
const MAX_CARD = 64 * 1024
const MAX_LINES = 500

const FIELDS: Record<string, 'emails' | 'urls' | 'addresses'> = { EMAIL: 'emails', URL: 'urls', ADR: 'addresses' }

export function readContact(card: string | { name?: string; vcard: string }): contract.ContactFields {
  const text = typeof card === 'string' ? card : card.vcard
  const found: contract.ContactFields = { name: (typeof card === 'string' ? '' : card.name) ?? '', numbers: [] }
  // A line that begins with a space goes on with the one before.
  const lines = text.slice(0, MAX_CARD).replace(/\r?\n[ \t]/g, '').split(/\r?\n/, MAX_LINES)
  const labels = new Map<string, string>()
  for (const line of lines) {
    const { key, group, value } = fieldOf(line)
    if (key === 'X-ABLABEL' && group) labels.set(group, plain(value).replace(/^_\$!<(.*)>!\$_$/, '$1'))
  }
  for (const line of lines) {
    const { key, group, parameters, value } = fieldOf(line)
    if (value === '') continue
    if (key === 'FN') found.name = plain(value)
    else if (key === 'ORG') found.organization = parts(value).join(', ')
    else if (key === 'TITLE') found.title = plain(value)
    else if (key === 'TEL') {
      const waid = parameters.find(([name]) => name === 'WAID')?.[1]?.replace(/\D/g, '')
      const types = parameters.filter(([name]) => name === 'TYPE').flatMap(([, type]) => type.split(','))
      const type = (group && labels.get(group)) ?? types.find((type) => !/^(voice|pref)$/i.test(type))
      found.numbers.push({ number: plain(value), ...(waid && { jid: `${waid}@s.whatsapp.net` }), ...(type && { type }) })
    } else if (FIELDS[key]) {
      const read = key === 'ADR' ? parts(value).join(', ') : plain(value)
      if (read) (found[FIELDS[key]] ??= []).push(read)
    }
  }
  return found
}

function fieldOf(line: string): { key: string; group: string | undefined; parameters: [string, string][]; value: string } {
  const colon = line.indexOf(':')
  const [head = '', ...rest] = line.slice(0, Math.max(colon, 0)).split(';')
  const dot = head.lastIndexOf('.')
  const parameters = rest.map((one): [string, string] => {
    const equals = one.indexOf('=')
    return equals < 0 ? ['TYPE', one] : [one.slice(0, equals).toUpperCase(), one.slice(equals + 1).replace(/^"(.*)"$/, '$1')]
  })
  return { key: head.slice(dot + 1).toUpperCase(), group: dot < 0 ? undefined : head.slice(0, dot).toUpperCase(), parameters, value: colon < 0 ? '' : line.slice(colon + 1).trim() }
}

/** Its parts, which semicolons divide. */
function parts(value: string): string[] {
  return (value.match(/(?:\\.|[^;\\])+/g) ?? []).map(plain).filter((part) => part !== '')
}

function plain(value: string): string {
  return value.replace(/\\([nN,;\\])/g, (_, character: string) => (/n/i.test(character) ? '\n' : character)).trim()
}
