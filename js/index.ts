/** What `chasqui` exports; its types are the ones of the top-level `index.d.ts`. */

import type * as contract from '../index.js'
import { WhatsAppClient } from './client.js'
import { readContact } from './contact-card.js'
import { ChasquiError } from './error.js'
import { version } from './native.js'
import { fetchLatestVersion } from './version.js'

// The hand-written contract and the code may not drift apart. (Errors are made by us alone: their constructor is not in it.)
({ WhatsAppClient, fetchLatestVersion, readContact, version }) satisfies Omit<typeof contract, 'ChasquiError'>

export { WhatsAppClient, ChasquiError, fetchLatestVersion, readContact, version }
