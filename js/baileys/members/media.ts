/** Where media goes: the hosts, and the uploading to them. */
import { Agent } from 'node:https'

import { chooseEndpoint } from '../../doors/endpoint.js'
import { unixTimestampSeconds } from '../bits.js'
import { DEF_MEDIA_HOST } from '../constants.js'
import type { SocketContext } from '../context.js'
import { getWAUploadToServer, type UploadConfig } from '../media-upload.js'
import { getBinaryNodeChildren, type BinaryNode } from '../nodes.js'
import type { MediaConnInfo, MediaType } from '../types.js'
import { expectChild, iq, node } from './ask.js'

const DEFAULT_TTL = 60

/** For an emulator, whose certificate nobody else knows: an agent that trusts it. */
function agentFor(config: SocketContext['config']): Agent | undefined {
  const address = chooseEndpoint((config['waWebSocketUrl'] ?? config['endpoint']) as Parameters<typeof chooseEndpoint>[0])
  return typeof address === 'object' && address.ca ? new Agent({ ca: address.ca }) : undefined
}

export const makeMedia = ({ query, config, logger }: SocketContext) => {
  let current: MediaConnInfo | undefined
  let asking: Promise<MediaConnInfo> | undefined

  async function ask(): Promise<MediaConnInfo> {
    const { attrs, content } = expectChild(await query(iq('set', 'w:m', [node('media_conn')])), 'media_conn', 'media connection')
    const hosts = getBinaryNodeChildren({ tag: 'media_conn', attrs, content: content ?? [] }, 'host')
    return {
      hosts: hosts.map(({ attrs }) => ({ hostname: attrs['hostname'] ?? '', maxContentLengthBytes: Number(attrs['maxContentLengthBytes']) })),
      auth: attrs['auth'] ?? '',
      ttl: Number(attrs['ttl']) || DEFAULT_TTL,
      fetchDate: new Date(),
    }
  }

  /** As it is known; asked for anew when it has run out, or with `forceGet`. Those who want it at once ask once. */
  async function refreshMediaConn(forceGet = false): Promise<MediaConnInfo> {
    const good = current && Date.now() - current.fetchDate.getTime() <= current.ttl * 1000
    if (current && good && !forceGet) return current
    asking ??= ask().finally(() => (asking = undefined))
    return (current = await asking)
  }

  const fetchAgent = (config['fetchAgent'] as Agent | undefined) ?? agentFor(config)
  const uploadConfig = { customUploadHosts: config['customUploadHosts'], options: config['options'], fetchAgent, logger } as UploadConfig
  const upload = getWAUploadToServer(uploadConfig, refreshMediaConn)

  return {
    refreshMediaConn,
    getMediaHost: (): string => current?.hosts[0]?.hostname ?? DEF_MEDIA_HOST,

    /** `fileEncSha256B64`: the hash of the file as it is, encrypted or not. */
    waUploadToServer: async (
      filePath: string,
      { mediaType, fileEncSha256B64, timeoutMs }: { mediaType: MediaType; fileEncSha256B64: string; timeoutMs?: number | undefined },
    ) => upload(filePath, { mediaType, fileEncSha256B64, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),

    /** Statistics, as Baileys' encoder of them writes them. */
    sendWAMBuffer: (wamBuffer: Uint8Array): Promise<BinaryNode> =>
      query(iq('set', 'w:stats', [{ tag: 'add', attrs: { t: String(unixTimestampSeconds()) }, content: wamBuffer }])),
  }
}
