export default {
  // Chasqui has a native part: the server loads it from node_modules instead of bundling it.
  serverExternalPackages: ['chasqui'],
}
