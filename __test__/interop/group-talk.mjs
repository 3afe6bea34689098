// Rosa and those whom she writes with, each by himself and in one group.

/** Ben and Eva, and a group by number with Rosa. */
export async function company(here) {
  const others = [await here.baileys('Ben'), await here.chasqui('Eva')]
  const group = await here.emulator.group({ subject: 'All', members: ['Rosa', 'Ben', 'Eva'], addressing: 'pn' })
  return { others, group: group.jid }
}

/** Rosa and the others write to each other and to the group. */
export async function talk(rosa, { others, group }, mark) {
  for (const other of others) {
    await rosa.send(other.jid, `${mark} to ${other.name}`)
    await other.got(`${mark} to ${other.name}`)
    await other.send(rosa.jid, `${mark} from ${other.name}`)
    await rosa.got(`${mark} from ${other.name}`)
  }
  for (const side of [rosa, ...others]) {
    await side.send(group, `${mark}, group by ${side.name}`)
    for (const other of [rosa, ...others]) if (other !== side) await other.got(`${mark}, group by ${side.name}`)
  }
  // Baileys 6 in a process of its own does not tell.
  await rosa.acknowledged?.()
}

/** Ids of what was asked for again since the last call. */
export function retries(emulator) {
  const known = new Set()
  return async () => {
    const found = await emulator.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
    return found.map(({ account, stanza }) => `${account} ${stanza.attrs.id} ${stanza.attrs.t}`).filter((id) => !known.has(id) && known.add(id))
  }
}

/** What the others write while Rosa is not there. */
export async function away({ others, group }, jid, mark) {
  for (const other of others) {
    await other.send(jid, `${mark}, away, by ${other.name}`)
    await other.send(group, `${mark}, away, group by ${other.name}`)
  }
}

export async function gotAway(rosa, { others }, mark) {
  for (const other of others) {
    await rosa.got(`${mark}, away, by ${other.name}`)
    await rosa.got(`${mark}, away, group by ${other.name}`)
  }
}
