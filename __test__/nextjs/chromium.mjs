// Finds a browser for the tests that need a real one.
import { accessSync, constants } from 'node:fs'
import path from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

const there = (file) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = (name) => (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, name)).find(there)

function find() {
  const { CHROMIUM } = process.env
  if (!CHROMIUM) return NAMES.map(onPath).find(Boolean)
  const file = there(CHROMIUM) ? CHROMIUM : onPath(CHROMIUM)
  if (!file) throw new Error(`CHROMIUM names ${CHROMIUM}, which is no program that can be run`)
  return file
}

/** The program; undefined where there is none. */
export const chromiumPath = find()

/** For `skip` of a test. */
export const withoutChromium = chromiumPath ? false : 'needs Chromium on the PATH or in CHROMIUM (Debian: apt-get install chromium)'
