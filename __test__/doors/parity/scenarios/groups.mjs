// Groups: what the account does in them, and what it hears when others do it.

/** A group of the account, made by the emulator; the account may be its owner. */
async function groupOf(scene, { owner = false, others = ['María', 'Pedro'], ...more } = {}) {
  const { paired, newGroup, contact } = scene
  const me = await paired('Tienda', { receipts: 'drop' })
  const people = []
  for (const name of others) people.push(await contact(name))
  const group = await newGroup({ subject: 'Paseo', members: owner ? [me.name, ...others] : [...others, me.name], ...more })
  return { me, group, people }
}

/** What the owner of the group changes, one after another; by name the change, and the event that tells it. */
const told = (changes, options) => async (scene) => {
  const { group } = await groupOf(scene, options)
  await scene.contact('Inés')
  for (const [name, [change, event]] of Object.entries(changes)) {
    await scene.step(name)
    await group.change(change)
    if (event) await scene.until(event)
  }
}

export default {
  'made by the account': async ({ paired, contact, step, call, nudge, record }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const [maria] = [await contact('María')]
    await step('made')
    const group = await call('groupCreate', () => me.sock.groupCreate('Paseo', [maria.jid]))
    await nudge()
    await step('asked')
    await call('groupMetadata', () => me.sock.groupMetadata(group?.id))
    await call('groupFetchAllParticipating', () => me.sock.groupFetchAllParticipating())
    await nudge()
    record('is a group', group?.id.endsWith('@g.us'))
  },

  'made by somebody else': async (scene) => {
    const { paired, contact, newGroup, until, step } = scene
    const me = await paired('Tienda', { receipts: 'drop' })
    await contact('María')
    await step('made')
    await newGroup({ subject: 'Paseo', members: ['María', me.name], description: 'on Sunday', announcement: true, ephemeral: 86_400 })
    await until('groups.upsert')
  },

  'changed by the account': async (scene) => {
    const { me, group } = await groupOf(scene, { owner: true })
    const { call, step, nudge } = scene
    const { sock } = me
    const jid = group.jid
    const changes = {
      groupUpdateSubject: () => sock.groupUpdateSubject(jid, 'Cine'),
      groupUpdateDescription: () => sock.groupUpdateDescription(jid, 'at eight'),
      'no description': () => sock.groupUpdateDescription(jid),
      announcement: () => sock.groupSettingUpdate(jid, 'announcement'),
      not_announcement: () => sock.groupSettingUpdate(jid, 'not_announcement'),
      locked: () => sock.groupSettingUpdate(jid, 'locked'),
      unlocked: () => sock.groupSettingUpdate(jid, 'unlocked'),
      'a timer': () => sock.groupToggleEphemeral(jid, 86_400),
      'no timer': () => sock.groupToggleEphemeral(jid, 0),
      'a timer by a message': () => sock.sendMessage(jid, { disappearingMessagesInChat: true }),
      admin_add: () => sock.groupMemberAddMode(jid, 'admin_add'),
      all_member_add: () => sock.groupMemberAddMode(jid, 'all_member_add'),
      'approval on': () => sock.groupJoinApprovalMode(jid, 'on'),
      'approval off': () => sock.groupJoinApprovalMode(jid, 'off'),
    }
    for (const [name, change] of Object.entries(changes)) {
      await step(name)
      await call(name, change)
      await nudge()
    }
    await step('after all')
    await call('groupMetadata', () => sock.groupMetadata(jid))
  },

  'people added, removed, promoted and demoted by the account': async (scene) => {
    const { me, group, people: [maria, pedro] } = await groupOf(scene, { owner: true })
    const { call, step, contact } = scene
    const ines = await contact('Inés')
    for (const [action, who] of [['add', [ines.jid]], ['promote', [maria.lid]], ['demote', [maria.lid]], ['remove', [pedro.jid]], ['remove', ['15559990000@s.whatsapp.net']], ['add', [maria.jid]]]) {
      await step(`${action} ${who[0] === ines.jid ? 'Inés' : ''}`)
      await call(action, () => me.sock.groupParticipantsUpdate(group.jid, who, action))
    }
    await step('left')
    await call('groupLeave', () => me.sock.groupLeave(group.jid))
    await call('groupMetadata', () => me.sock.groupMetadata(group.jid))
  },

  'echoed changes': {
    options: { echoGroupChanges: true },
    run: async (scene) => {
      const { me, group, people: [maria] } = await groupOf(scene, { owner: true })
      const { call, step, until } = scene
      await step('subject')
      await call('groupUpdateSubject', () => me.sock.groupUpdateSubject(group.jid, 'Cine'))
      await until('groups.update')
      await step('promote')
      await call('promote', () => me.sock.groupParticipantsUpdate(group.jid, [maria.lid], 'promote'))
      await until('group-participants.update')
    },
  },

  'told: people': told({
    added: [{ add: ['Inés'] }, 'group-participants.update'],
    promoted: [{ promote: ['Pedro'] }, 'group-participants.update'],
    demoted: [{ demote: ['Pedro'] }, 'group-participants.update'],
    removed: [{ remove: ['Pedro'] }, 'group-participants.update'],
    'somebody leaves': [{ leave: 'Inés' }, 'group-participants.update'],
    'promoted oneself': [{ promote: ['Tienda'] }, 'group-participants.update'],
    'removed oneself': [{ remove: ['Tienda'] }, 'group-participants.update'],
  }),
  'told: settings': told({
    'the subject': [{ subject: 'Cine' }, 'groups.update'],
    'the description': [{ description: 'at eight' }, 'groups.update'],
    'no description': [{ description: '' }],
    'only admins write': [{ announcement: true }, 'groups.update'],
    'everybody writes': [{ announcement: false }, 'groups.update'],
    locked: [{ locked: true }, 'groups.update'],
    unlocked: [{ locked: false }, 'groups.update'],
    'a timer': [{ ephemeral: 86_400 }, 'messages.upsert'],
    'no timer': [{ ephemeral: 0 }, 'messages.upsert'],
    'who gives the link': [{ allMembersLink: true }],
    'limited sharing': [{ limitSharing: true }],
  }),
  'a group by phone numbers': told({ promoted: [{ promote: ['Pedro'] }, 'group-participants.update'], subject: [{ subject: 'Cine' }, 'groups.update'] }, { addressing: 'pn' }),
  'groups are out of date': async (scene) => {
    const { group } = await groupOf(scene)
    await scene.step('untold')
    await group.change({ subject: 'Cine' }, { untold: true })
    await scene.until('groups.update')
  },

  'invitations': async (scene) => {
    const { me, group } = await groupOf(scene, { owner: true })
    const { call, step, newGroup, contact, until } = scene
    await step('own')
    const code = await call('groupInviteCode', () => me.sock.groupInviteCode(group.jid))
    await call('groupGetInviteInfo', () => me.sock.groupGetInviteInfo(code))
    await call('groupRevokeInvite', () => me.sock.groupRevokeInvite(group.jid))
    await call('groupGetInviteInfo of the old code', () => me.sock.groupGetInviteInfo(code))
    await contact('Inés')
    const other = await newGroup({ subject: 'Cine', members: ['María', 'Inés'] })
    await step('another one')
    await call('groupGetInviteInfo', () => me.sock.groupGetInviteInfo(other.invite))
    await call('groupAcceptInvite', () => me.sock.groupAcceptInvite(other.invite))
    await until('groups.upsert')
    await step('none')
    await call('groupAcceptInvite', () => me.sock.groupAcceptInvite('NOSUCHCODE'))
  },

  'requests to join': async (scene) => {
    const { me, group } = await groupOf(scene, { owner: true })
    const { call, step, peer, until, maybe } = scene
    const ana = await peer('Ana')
    await step('closed')
    await call('groupJoinApprovalMode', () => me.sock.groupJoinApprovalMode(group.jid, 'on'))
    const code = await me.sock.groupInviteCode(group.jid).catch(() => group.invite)
    await step('asked')
    await ana.socket.groupAcceptInvite(code)
    await maybe('group.join-request')
    await call('groupRequestParticipantsList', () => me.sock.groupRequestParticipantsList(group.jid))
    await step('let in')
    await call('groupRequestParticipantsUpdate', () => me.sock.groupRequestParticipantsUpdate(group.jid, [ana.lid], 'approve'))
    await call('groupRequestParticipantsUpdate of nobody', () => me.sock.groupRequestParticipantsUpdate(group.jid, ['100000000000055@lid'], 'reject'))
    await call('groupRequestParticipantsList', () => me.sock.groupRequestParticipantsList(group.jid))
  },

  'a member tag': async (scene) => {
    const { me, group } = await groupOf(scene)
    const { call, step, nudge } = scene
    await step('own')
    await call('updateMemberLabel', async () => typeof (await me.sock.updateMemberLabel(group.jid, 'boss')))
    await nudge()
  },

  'what a stranger may not': async ({ paired, contact, newGroup, step, call }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    await contact('María')
    await contact('Pedro')
    const group = await newGroup({ subject: 'Closed', members: ['María', 'Pedro'] })
    const mine = await newGroup({ subject: 'Mine', members: ['María', me.name] })
    await step('foreign')
    const { sock } = me
    await call('groupMetadata', () => sock.groupMetadata(group.jid))
    await call('groupMetadata of none', () => sock.groupMetadata('120363999999999999@g.us'))
    await call('sendMessage', () => sock.sendMessage(group.jid, { text: 'x' }))
    await call('groupInviteCode', () => sock.groupInviteCode(group.jid))
    await call('groupLeave', () => sock.groupLeave(group.jid))
    await step('not an admin')
    await call('groupUpdateSubject', () => sock.groupUpdateSubject(mine.jid, 'x'))
    await call('groupParticipantsUpdate', () => sock.groupParticipantsUpdate(mine.jid, [me.lid], 'promote'))
    await call('groupSettingUpdate', () => sock.groupSettingUpdate(mine.jid, 'announcement'))
    await call('groupRevokeInvite', () => sock.groupRevokeInvite(mine.jid))
  },

  'the program keeps the groups itself': async ({ paired, contact, newGroup, step, send, record, sent, got }) => {
    const asked = []
    let kept
    const me = await paired('Tienda', { receipts: 'drop', config: { cachedGroupMetadata: async (jid) => (asked.push(jid), kept) } })
    const maria = await contact('María')
    const group = await newGroup({ subject: 'Paseo', members: ['María', me.name] })
    await step('not known')
    await send(me, group.jid, { text: 'one' })
    await got(maria)
    record('asked', asked.splice(0))
    await step('known')
    kept = await me.sock.groupMetadata(group.jid).catch(() => undefined)
    await send(me, group.jid, { text: 'two' })
    await got(maria)
    record('asked', asked.splice(0))
    await step('not to be used')
    await send(me, group.jid, { text: 'three' }, { useCachedGroupMetadata: false })
    record('asked', asked.splice(0))
  },

  'communities': async ({ paired, contact, step, call, nudge }) => {
    const me = await paired('Tienda', { receipts: 'drop' })
    const maria = await contact('María')
    const { sock } = me
    await step('made')
    const community = await call('communityCreate', () => sock.communityCreate('Barrio', 'all'))
    await nudge()
    await step('groups')
    const sub = await call('communityCreateGroup', () => sock.communityCreateGroup('Calle', [maria.jid], community?.id))
    await call('communityFetchLinkedGroups', () => sock.communityFetchLinkedGroups(community?.id))
    const group = await call('groupCreate', () => sock.groupCreate('Plaza', [maria.jid]))
    await call('communityLinkGroup', () => sock.communityLinkGroup(group?.id, community?.id))
    await call('communityUnlinkGroup', () => sock.communityUnlinkGroup(group?.id, community?.id))
    await step('asked')
    await call('communityMetadata', () => sock.communityMetadata(community?.id))
    await call('communityFetchAllParticipating', () => sock.communityFetchAllParticipating())
    await call('communityInviteCode', () => sock.communityInviteCode(community?.id))
    await step('changed')
    await call('communityUpdateSubject', () => sock.communityUpdateSubject(community?.id, 'Vecinos'))
    await call('communityUpdateDescription', () => sock.communityUpdateDescription(community?.id, 'all of us'))
    await call('communitySettingUpdate', () => sock.communitySettingUpdate(community?.id, 'locked'))
    await call('communityMemberAddMode', () => sock.communityMemberAddMode(community?.id, 'admin_add'))
    await call('communityJoinApprovalMode', () => sock.communityJoinApprovalMode(community?.id, 'on'))
    await call('communityToggleEphemeral', () => sock.communityToggleEphemeral(community?.id, 86_400))
    await call('communityRequestParticipantsList', () => sock.communityRequestParticipantsList(community?.id))
    await call('communityParticipantsUpdate', () => sock.communityParticipantsUpdate(community?.id, [maria.lid], 'remove'))
    await call('communityRevokeInvite', () => sock.communityRevokeInvite(community?.id))
    await call('communityLeave', () => sock.communityLeave(community?.id))
    return sub
  },
}
