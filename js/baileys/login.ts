/** How a device introduces itself to the service, and how it answers when the phone has linked it. */
import { Boom } from '@hapi/boom'

import { encodeBigEndian } from './bits.js'
import { KEY_BUNDLE_TYPE, WA_ADV_ACCOUNT_SIG_PREFIX, WA_ADV_DEVICE_SIG_PREFIX, WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX } from './constants.js'
import { hmacSign, md5 } from './crypto.js'
import { Curve, type KeyPair, type SignedKeyPair } from './curve.js'
import { jidDecode, S_WHATSAPP_NET } from './jid.js'
import { getBinaryNodeChild, type BinaryNode } from './nodes.js'
import { getPlatformId } from './platforms.js'
import { createSignalIdentity, encodeSignedDeviceIdentity } from './prekeys.js'
import { loadProto } from './proto.js'
import type { AuthenticationCreds, ProtoClass, SignalIdentity, WABrowserDescription, WAVersion } from './types.js'

type Fields = { [field: string]: any }

/** What of the socket's options is told to the service. */
export interface LoginConfig {
  version: WAVersion
  browser: WABrowserDescription
  countryCode: string
  syncFullHistory?: boolean
}
export interface SignalCreds {
  signedIdentityKey: KeyPair
  signedPreKey: SignedKeyPair
  registrationId: number
}

// Numbers of the schema.
const PLATFORM = { ANDROID: 0, WEB: 14 }
const RELEASE = 0
const WIFI_UNKNOWN = 1
const USER_ACTIVATED = 1
const WEB_BROWSER = 0
const DESKTOPS = new Map([['Mac OS', 3], ['Windows', 4]])
const ANDROID_PHONE = 16
const HOSTED = 1

/** What the history is to bring. */
const HISTORY = {
  storageQuotaMb: 10240,
  inlineInitialPayloadInE2EeMsg: true,
  recentSyncDaysLimit: undefined,
  supportCallLogHistory: false,
  supportBotUserAgentChatHistory: true,
  supportCagReactionsAndPolls: true,
  supportBizHostedMsg: true,
  supportRecentSyncChunkMessageCountTuning: true,
  supportHostedGroupMsg: true,
  supportFbidBotChatHistory: true,
  supportAddOnHistorySyncMigration: undefined,
  supportMessageAssociation: true,
  supportGroupHistory: false,
}

const message = (name: string): ProtoClass<Fields> => loadProto()[name] as ProtoClass<Fields>

function payloadOf({ version, browser, countryCode, syncFullHistory }: LoginConfig): Fields {
  const [primary, secondary, tertiary] = version
  const [os, browserName] = browser
  const android = browserName.toLowerCase().includes('android')
  const desktop = syncFullHistory && browserName === 'Desktop' ? DESKTOPS.get(os) : undefined
  return {
    connectType: WIFI_UNKNOWN,
    connectReason: USER_ACTIVATED,
    userAgent: {
      platform: android ? PLATFORM.ANDROID : PLATFORM.WEB,
      appVersion: { primary, secondary, tertiary },
      mcc: '000',
      mnc: '000',
      osVersion: '0.1',
      device: 'Desktop',
      osBuildNumber: '0.1',
      releaseChannel: RELEASE,
      localeLanguageIso6391: 'en',
      localeCountryIso31661Alpha2: countryCode,
    },
    ...(android ? {} : { webInfo: { webSubPlatform: desktop ?? WEB_BROWSER } }),
  }
}

/** Of a device that is linked. */
export const generateLoginNode = (userJid: string, config: LoginConfig): Fields => {
  const parts = jidDecode(userJid)
  if (!parts) throw new TypeError(`Not a JID: ${userJid}`)
  const { user, device } = parts
  return message('ClientPayload').fromObject({
    ...payloadOf(config),
    passive: true,
    pull: true,
    username: Number(user),
    device,
    lidDbMigrated: false,
  })
}

/** Of a device that wants to be linked: what the phone's list of devices shows, and its keys. */
export const generateRegistrationNode = (
  { registrationId, signedPreKey, signedIdentityKey }: SignalCreds,
  config: LoginConfig,
): Fields => {
  const payload = payloadOf(config)
  const { browser, version, syncFullHistory } = config
  const [os, browserName] = browser
  const deviceProps = message('DeviceProps').encode({
    os,
    version: { primary: 10, secondary: 15, tertiary: 7 },
    platformType: browserName.toUpperCase() === 'ANDROID' ? ANDROID_PHONE : Number(getPlatformId(browserName)),
    requireFullSync: syncFullHistory,
    historySyncConfig: HISTORY,
  }).finish()
  return message('ClientPayload').fromObject({
    ...payload,
    passive: false,
    pull: false,
    devicePairingData: {
      buildHash: md5(Buffer.from(version.join('.'))),
      deviceProps,
      eRegid: encodeBigEndian(registrationId),
      eKeytype: KEY_BUNDLE_TYPE,
      eIdent: signedIdentityKey.public,
      eSkeyId: encodeBigEndian(signedPreKey.keyId, 3),
      eSkeyVal: signedPreKey.keyPair.public,
      eSkeySig: signedPreKey.signature,
    },
  })
}

/** Checks that the phone with the secret of the QR code has signed this device, and signs that in turn. */
export const configureSuccessfulPairing = (
  stanza: BinaryNode,
  { advSecretKey, signedIdentityKey, signalIdentities }: { advSecretKey: string; signedIdentityKey: KeyPair; signalIdentities?: SignalIdentity[] },
): { creds: Partial<AuthenticationCreds>; reply: BinaryNode } => {
  const { id } = stanza.attrs as { id: string }
  const success = getBinaryNodeChild(stanza, 'pair-success')
  const signed = getBinaryNodeChild(success, 'device-identity')
  const device = getBinaryNodeChild(success, 'device')
  if (!signed || !device) throw new Boom('Missing device-identity or device in pair success node', { data: stanza })
  const { jid, lid } = device.attrs as { jid: string; lid: string }

  const { details, hmac, accountType } = message('ADVSignedDeviceIdentityHMAC').decode(signed.content as Uint8Array)
  const hosted = accountType === HOSTED ? WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX : Buffer.alloc(0)
  const expected = hmacSign(Buffer.concat([hosted, details]), Buffer.from(advSecretKey, 'base64'))
  if (!expected.equals(hmac)) throw new Boom('Invalid account signature')

  const account = message('ADVSignedDeviceIdentity').decode(details)
  const { accountSignatureKey, accountSignature, details: identityBytes } = account
  const { deviceType, keyIndex } = message('ADVDeviceIdentity').decode(identityBytes)
  const prefix = deviceType === HOSTED ? WA_ADV_HOSTED_ACCOUNT_SIG_PREFIX : WA_ADV_ACCOUNT_SIG_PREFIX
  const bySigner = Buffer.concat([prefix, identityBytes, signedIdentityKey.public])
  if (!Curve.verify(accountSignatureKey, bySigner, accountSignature)) throw new Boom('Failed to verify account signature')

  const byDevice = Buffer.concat([WA_ADV_DEVICE_SIG_PREFIX, identityBytes, signedIdentityKey.public, accountSignatureKey])
  account['deviceSignature'] = Curve.sign(signedIdentityKey.private, byDevice)
  const identity: BinaryNode = {
    tag: 'device-identity',
    attrs: { 'key-index': keyIndex.toString() },
    content: encodeSignedDeviceIdentity(account, false),
  }
  return {
    creds: {
      account,
      me: { id: jid, name: getBinaryNodeChild(success, 'biz')?.attrs['name'], lid },
      signalIdentities: [...(signalIdentities || []), createSignalIdentity(lid, accountSignatureKey)],
      platform: getBinaryNodeChild(success, 'platform')?.attrs['name'],
    },
    reply: {
      tag: 'iq',
      attrs: { to: S_WHATSAPP_NET, type: 'result', id },
      content: [{ tag: 'pair-device-sign', attrs: {}, content: [identity] }],
    },
  }
}
