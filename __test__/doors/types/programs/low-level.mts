// Stanzas, devices and queries.
import {
  type BinaryNode, type FullJid, type JidServer, type USyncQueryResult, type WASocket, type WAPatchName, Browsers, S_WHATSAPP_NET, USyncQuery, USyncUser,
  binaryNodeToString, encodeBigEndian, generateMessageID, getAllBinaryNodeChildren, getBinaryNodeChild, getBinaryNodeChildren, getBinaryNodeChildString,
  getDevice, hkdf, hmacSign, jidDecode, sha256, unixTimestampSeconds, ALL_WA_PATCH_NAMES,
} from 'baileys'

export async function ask(sock: WASocket, jid: string): Promise<string[]> {
  const node: BinaryNode = { tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p', id: sock.generateMessageTag() } }
  const answer: BinaryNode = await sock.query(node, 5000)
  const child = getBinaryNodeChild(answer, 'list')
  const names = getBinaryNodeChildren(child, 'item').map(({ attrs }) => attrs.name ?? '')
  console.log(binaryNodeToString(answer), getBinaryNodeChildString(answer, 'x'), getAllBinaryNodeChildren(answer).length)
  await sock.sendNode(node)
  const waited = await sock.waitForMessage<BinaryNode>('id', 1000)
  const query = new USyncQuery().withMode('query').withContext('interactive').withContactProtocol().withUser(new USyncUser().withPhone('+1'))
  const result: USyncQueryResult | undefined = await sock.executeUSyncQuery(query)
  const devices = await sock.getUSyncDevices([jid], true, false)
  const fetched: boolean = await sock.assertSessions(devices.map(({ jid }) => jid), false)
  const { nodes, shouldIncludeDeviceIdentity } = await sock.createParticipantNodes([jid], { conversation: 'x' })
  const names7: WAPatchName[] = [...ALL_WA_PATCH_NAMES]
  await sock.resyncAppState(names7, false)
  await sock.appPatch({ syncAction: { archiveChatAction: { archived: true } }, index: ['archive', jid], type: 'regular_low', apiVersion: 3, operation: 0 })
  await sock.waitForConnectionUpdate(async ({ connection }) => connection === 'open', 1000)
  const id: string = await sock.fetchMessageHistory(50, { remoteJid: jid, id: 'A', fromMe: false }, unixTimestampSeconds())
  const placeholder: string | undefined = await sock.requestPlaceholderResend({ remoteJid: jid, id: 'A' })
  const statuses = await sock.fetchStatus(jid)
  console.log(waited?.tag, result?.list[0]?.id, fetched, nodes.length, shouldIncludeDeviceIdentity, id, placeholder, statuses?.[0]?.id)
  return names
}

export function pure(jid: string): unknown[] {
  const decoded: FullJid | undefined = jidDecode(jid)
  const server: JidServer | undefined = decoded?.server
  const device: 'web' | 'unknown' | 'android' | 'ios' | 'desktop' = getDevice(generateMessageID())
  const [os, name, version] = Browsers.macOS('Desktop')
  const key = hkdf(Buffer.alloc(32), 16, { info: 'x' })
  return [server, device, os, name, version, key.length, hmacSign(Buffer.alloc(1), key).length, sha256(Buffer.alloc(1)).length, encodeBigEndian(5, 3).length]
}

export async function business(sock: WASocket, jid: string): Promise<void> {
  const { products, nextPageCursor } = await sock.getCatalog({ jid, limit: 10 })
  const { collections } = await sock.getCollections(jid, 5)
  const order = await sock.getOrderDetails('1', 'token')
  const created = await sock.productCreate({ name: 'n', description: 'd', price: 1, currency: 'PEN', originCountryCode: undefined, images: [{ url: 'a' }] })
  await sock.productUpdate(created.id, { name: 'n', description: 'd', price: 2, currency: 'PEN', images: [] })
  const { deleted } = await sock.productDelete([created.id])
  await sock.updateBussinesProfile({ hours: { timezone: 'America/Lima', days: [{ day: 'mon', mode: 'open_24h' }] } })
  console.log(products[0]?.price, nextPageCursor, collections[0]?.products.length, order.price.total, order.products[0]?.quantity, deleted)
}
