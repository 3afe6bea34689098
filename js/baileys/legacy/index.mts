// Wraps the one CommonJS build, so that `import` and `require` give the same things.
export * from './index.js'
export { makeWASocket as default } from './index.js'
