// Wraps the one CommonJS build, so that `import` and `require` give the same classes.
export { ChasquiError, WhatsAppClient, fetchLatestVersion, readContact, version } from './index.js'
