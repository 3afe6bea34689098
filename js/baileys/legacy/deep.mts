// Wraps the one CommonJS build, so that `import` and `require` give the same things.
export * from './deep.js'
export { makeWASocket as default } from './deep.js'
