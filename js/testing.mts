// Wraps the one CommonJS build, as index.mts does.
export { startEmulator } from './testing.js'
