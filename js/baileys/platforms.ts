/** What a linked device says that it is, and what the text of its QR code is. */
import { CompanionWebClientType } from './enums.js'
import { loadProto } from './proto.js'
import type { WABrowserDescription } from './types.js'

const CHROME_PLATFORM = '1'

/** The number of `DeviceProps.PlatformType` for a browser's name. */
export const getPlatformId = (browser: string): string => {
  const PlatformType: { [name: string]: string | number } = loadProto().DeviceProps.PlatformType
  const name = browser.toUpperCase()
  const platform = Object.hasOwn(PlatformType, name) ? PlatformType[name] : undefined
  return platform ? String(platform) : CHROME_PLATFORM
}

const CLIENT_TYPES = new Map([
  ['Chrome', CompanionWebClientType.CHROME],
  ['Edge', CompanionWebClientType.EDGE],
  ['Firefox', CompanionWebClientType.FIREFOX],
  ['IE', CompanionWebClientType.IE],
  ['Opera', CompanionWebClientType.OPERA],
  ['Safari', CompanionWebClientType.SAFARI],
])

export const getCompanionWebClientType = ([os, browserName]: WABrowserDescription): CompanionWebClientType => {
  if (browserName === 'Desktop') return os === 'Windows' ? CompanionWebClientType.UWP : CompanionWebClientType.ELECTRON
  return CLIENT_TYPES.get(browserName) ?? CompanionWebClientType.OTHER_WEB_CLIENT
}

export const getCompanionPlatformId = (browser: WABrowserDescription): string => String(getCompanionWebClientType(browser))

export const buildPairingQRData = (
  ref: string,
  noiseKeyB64: string,
  identityKeyB64: string,
  advB64: string,
  browser: WABrowserDescription,
): string => {
  const fields = [ref, noiseKeyB64, identityKeyB64, advB64, getCompanionPlatformId(browser)]
  return `https://wa.me/settings/linked_devices#${fields.join(',')}`
}
