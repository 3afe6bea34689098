// What crosses in the interop tests, by kind: written down where CHASQUI_COVERAGE names a directory, so that
// scripts/coverage.mjs can say what was seen.

import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'

import { proto } from 'baileys'

const directory = process.env.CHASQUI_COVERAGE

const kinds = new Map()

/** The kinds of a stanza, as texts. `requests`: the kinds of those that have no answer yet, by id. */
export function kindsOf({ tag, attrs = {}, content }, requests = new Map()) {
  const children = Array.isArray(content) ? content.filter((child) => typeof child?.tag === 'string') : []
  const tags = [...new Set(children.map((child) => child.tag))]
  const each = (prefix) => (tags.length > 0 ? tags.map((child) => `${prefix} ${child}`) : [prefix])
  switch (tag) {
    case 'iq': {
      if (attrs.type === 'result' || attrs.type === 'error') {
        const request = requests.get(attrs.id)
        requests.delete(attrs.id)
        return request ? request.map((kind) => `${attrs.type} of ${kind}`) : []
      }
      const found = each(`${attrs.type} ${attrs.xmlns ?? ''}`).map((kind) => kind + inside(children[0]))
      requests.set(attrs.id, found)
      return found
    }
    case 'message': {
      const encryptions = new Set(allOf(children, 'enc').map((enc) => `message enc ${enc.attrs.type}`))
      return [`message ${attrs.type ?? 'text'}`, ...encryptions, ...tags.map((child) => `message with ${child}`), ...(attrs.edit ? [`message edit ${attrs.edit}`] : []), ...(attrs.category ? [`message ${attrs.category}`] : [])]
    }
    case 'receipt':
      return [`receipt ${attrs.type ?? 'delivery'}`]
    case 'ack':
      return [`ack ${attrs.class}`, ...(attrs.error ? [`ack ${attrs.class} error ${attrs.error}`] : [])]
    case 'notification':
      return each(`notification ${attrs.type}`)
    case 'presence':
      return [`presence ${attrs.type ?? 'available'}`]
    case 'chatstate':
      return children.map((child) => `chatstate ${child.tag}${child.attrs.media ? ` ${child.attrs.media}` : ''}`)
    case 'call':
    case 'ib':
    case 'stream:error':
      return each(tag)
    default:
      return [tag]
  }
}

/** What tells requests apart that have the same child. */
function inside(child) {
  if (!child) return ''
  if (child.tag === 'usync') {
    const query = Array.isArray(child.content) ? child.content.find(({ tag }) => tag === 'query') : undefined
    return ` ${(Array.isArray(query?.content) ? query.content : []).map(({ tag }) => tag).toSorted().join('+')}`
  }
  if (child.tag === 'query' && child.attrs?.query_id) return ` ${child.attrs.query_id}`
  return ''
}

function allOf(children, tag) {
  return children.flatMap((child) => [...(child.tag === tag ? [child] : []), ...allOf(Array.isArray(child.content) ? child.content : [], tag)])
}

/** Notes something that a side (`Chasqui` or `Baileys`) did (`out`) or was given (`in`). */
export function note(kind, direction, what) {
  if (!directory) return
  kinds.set(`${kind}\t${direction}\t${what}`, true)
}

/** What is in a message, its wrappers included. */
export function contentsOf(message, depth = 8) {
  if (!message || depth === 0) return []
  return Object.entries(message).filter(([, value]) => value !== null && value !== undefined)
    .flatMap(([name, value]) => [name, ...(typeof value.message === 'object' && name !== 'message' ? contentsOf(value.message, depth - 1) : [])])
}

const decoded = (message) => {
  try {
    return proto.Message.decode(message.raw())
  } catch {
    return undefined
  }
}

/** Notes what the sides of a stage sent and got. */
export async function recordStage(emulator, sides) {
  if (!directory) return
  // A side that has logged out has no addresses any more.
  const addresses = (side) => (side.kind === 'Chasqui' && !side.client?.user ? [] : [side.jid, side.lid])
  const of = (jid) => sides.find((side) => jid && addresses(side).some((own) => own?.split(/[:@]/)[0] === String(jid).split(/[:@]/)[0]))
  for (const side of sides) {
    const requests = new Map()
    const stanzas = await emulator.stanzas({ account: side.name, device: side.device }).catch(() => [])
    for (const { stanza, direction } of stanzas) {
      for (const kind of kindsOf(stanza, requests)) note(side.kind, direction, kind)
    }
    const messages = side.kind === 'Chasqui' ? side.received.map(({ original }) => ({ message: decoded(original), author: original.sender.pn ?? original.sender.lid, fromMe: original.fromMe }))
      : side.shown.map((shown) => ({ message: shown.message, author: shown.key.participant ?? shown.key.remoteJid, fromMe: shown.key.fromMe }))
    for (const { message, author, fromMe } of messages) {
      const sender = fromMe ? undefined : of(author)
      for (const content of contentsOf(message)) {
        note(side.kind, 'in', `content ${content}`)
        if (sender && sender !== side) note(sender.kind, 'out', `content ${content}`)
      }
    }
    for (const change of side.changes ?? []) note(side.kind, change.source === 'echo' ? 'out' : 'in', `setting ${change.type === 'other' ? change.action : change.type}`)
  }
  flush()
}

export function flush() {
  if (!directory || kinds.size === 0) return
  mkdirSync(directory, { recursive: true })
  appendFileSync(path.join(directory, `${process.pid}.tsv`), [...kinds.keys()].map((line) => `${line}\n`).join(''))
  kinds.clear()
}
