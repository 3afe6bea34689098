// Wraps the one CommonJS build, so that `import` and `require` give the same things.
import * as WAWebJS from './door.js'

export * from './door.js'
export default WAWebJS
