// Two others whom Rosa knows, by chat and by group, and how it goes on with them.

import assert from 'node:assert/strict'

/** Rosa has talked with both, also in a group; they and the group. */
export async function acquainted(here, rosa) {
  const [ben, eva] = [await here.baileys('Ben'), await here.chasqui('Eva')]
  for (const other of [ben, eva]) {
    for (const round of [1, 2]) {
      await rosa.send(other.jid, `${round} to ${other.name}`)
      await other.got(`${round} to ${other.name}`)
      await other.send(rosa.jid, `${round} from ${other.name}`)
      await rosa.got(`${round} from ${other.name}`)
    }
  }
  const { group } = await eva.client.groups.create('All', [ben.jid, rosa.jid])
  for (const side of [eva, ben, rosa]) {
    await side.send(group.jid, `group by ${side.name}`)
    for (const other of [eva, ben, rosa]) if (other !== side) await other.got(`group by ${side.name}`)
  }
  return { ben, eva, group: group.jid }
}

/** Everybody goes on with Rosa, and asks for nothing again. */
export async function goesOn(rosa, { ben, eva, group }, mark) {
  for (const other of [ben, eva]) {
    await rosa.send(other.jid, `${mark} to ${other.name}`)
    const { id } = await other.got(`${mark} to ${other.name}`)
    assert.equal((await other.encryptions()).get(id), 'msg', `the session with ${other.name} goes on`)
    await other.send(rosa.jid, `${mark} from ${other.name}`)
    await rosa.got(`${mark} from ${other.name}`)
  }
  for (const side of [rosa, eva, ben]) {
    await side.send(group, `${mark}, group by ${side.name}`)
    for (const other of [rosa, eva, ben]) if (other !== side) await other.got(`${mark}, group by ${side.name}`)
  }
  for (const side of [rosa, ben, eva]) {
    const retries = await side.stanzas({ direction: 'out', tag: 'receipt', type: 'retry' })
    assert.deepEqual(retries.map(({ attrs }) => attrs.id), [], `${side.name} asked for nothing again`)
  }
  await rosa.acknowledged()
}
