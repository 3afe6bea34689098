// Wraps the one CommonJS build, so that `import` and `require` give the same classes.
export { ChasquiError, WhatsAppClient, version } from './index.js'
