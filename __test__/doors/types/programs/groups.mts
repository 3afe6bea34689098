// Groups and communities, channels and labels.
import type { GroupMetadata, GroupParticipant, NewsletterMetadata, ParticipantAction, WASocket } from 'baileys'
import { isJidGroup, isLidUser, isPnUser, jidDecode, jidEncode } from 'baileys'

const cache = new Map<string, GroupMetadata>()

export const cachedGroupMetadata = async (jid: string): Promise<GroupMetadata | undefined> => cache.get(jid)
export const admins = ({ participants }: GroupMetadata): string[] =>
  participants.filter((one: GroupParticipant) => one.admin === 'admin' || one.admin === 'superadmin').map(({ id }) => id)

export async function manage(sock: WASocket, subject: string, jids: string[]): Promise<GroupMetadata> {
  const group = await sock.groupCreate(subject, jids)
  const actions: ParticipantAction[] = ['add', 'promote', 'demote', 'remove']
  for (const action of actions) {
    const results = await sock.groupParticipantsUpdate(group.id, jids, action)
    for (const { status, jid, content } of results) if (status !== '200') console.log(jid, content.attrs.error)
  }
  await sock.groupUpdateSubject(group.id, `${subject}!`)
  await sock.groupUpdateDescription(group.id, 'about')
  await sock.groupSettingUpdate(group.id, 'announcement')
  await sock.groupMemberAddMode(group.id, 'all_member_add')
  await sock.groupJoinApprovalMode(group.id, 'on')
  await sock.groupToggleEphemeral(group.id, 86400)
  const code = await sock.groupInviteCode(group.id)
  const info = await sock.groupGetInviteInfo(code!)
  const joined: string | undefined = await sock.groupAcceptInvite(code!)
  for (const request of await sock.groupRequestParticipantsList(group.id)) await sock.groupRequestParticipantsUpdate(group.id, [request.jid!], 'approve')
  const all = await sock.groupFetchAllParticipating()
  for (const [jid, metadata] of Object.entries(all)) if (isJidGroup(jid)) cache.set(jid, metadata)
  await sock.updateProfilePicture(group.id, { url: './g.jpg' })
  await sock.groupRevokeInvite(group.id)
  await sock.groupLeave(group.id)
  console.log(joined, info.subject, info.size, info.ephemeralDuration, info.isCommunity, info.desc, info.owner)
  return sock.groupMetadata(group.id)
}

export async function more(sock: WASocket, jid: string): Promise<void> {
  const community = await sock.communityCreate('c', 'about')
  if (community) await sock.communityLinkGroup(jid, community.id)
  const linked = await sock.communityFetchLinkedGroups(jid)
  console.log(linked.linkedGroups.map(({ subject }) => subject))
  const channel: NewsletterMetadata = await sock.newsletterCreate('n', 'd')
  await sock.newsletterFollow(channel.id)
  await sock.newsletterReactMessage(channel.id, '1', '👍')
  const metadata = await sock.newsletterMetadata('invite', 'code')
  console.log(metadata?.subscribers, metadata?.verification === 'VERIFIED')
  await sock.addLabel(jid, { id: '1', name: 'new', color: 2 })
  await sock.addChatLabel(jid, '1')
  await sock.removeMessageLabel(jid, 'X', '1')
  await sock.updateMemberLabel(jid, 'boss')
  const { data } = await sock.query({ tag: 'iq', attrs: { to: jid, type: 'get', xmlns: 'w:g2' }, content: [{ tag: 'query', attrs: {} }] })
  const decoded = jidDecode(jid)
  if (decoded && (isLidUser(jid) || isPnUser(jid))) console.log(jidEncode(decoded.user, decoded.server, decoded.device), data)
  const pn = await sock.signalRepository.lidMapping.getPNForLID(jid)
  const lids = await sock.signalRepository.lidMapping.getLIDsForPNs([pn ?? ''])
  console.log(lids?.map(({ lid, pn }) => `${lid} ${pn}`))
}
