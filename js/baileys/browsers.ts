/** How a linked device calls itself on the phone. */
import { release } from 'node:os'

import type { BrowsersMap, WABrowserDescription } from './types.js'

const named =
  (os: string, version: string) =>
  (browser: string): WABrowserDescription => [os, browser, version]

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Mac OS', win32: 'Windows', android: 'Android' }

export const Browsers: BrowsersMap = {
  ubuntu: named('Ubuntu', '22.04.4'),
  macOS: named('Mac OS', '14.4.1'),
  baileys: named('Baileys', '6.5.0'),
  windows: named('Windows', '10.0.22631'),
  android: (browser: string): WABrowserDescription => [browser, 'Android', ''],
  appropriate: (browser: string): WABrowserDescription => [SYSTEMS[process.platform] ?? 'Ubuntu', browser, release()],
}
