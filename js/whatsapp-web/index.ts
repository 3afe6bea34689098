/**
 * `chasqui/whatsapp-web.js`: the API of npm `whatsapp-web.js` 1.34 on Chasqui's engine, without a browser.
 *
 * What is exported from elsewhere than absent.ts works. The other names exist too; using one throws a `ChasquiError` with code
 * `NOT_IMPLEMENTED` that says which.
 */

import * as WAWebJS from './door.js'

export * from './door.js'
export default WAWebJS
