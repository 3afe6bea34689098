// Lets clients that use Node's `https`, as axios does, reach the emulator's media hosts.
import https from 'node:https'

/**
 * An agent that trusts the emulator's certificate and goes to the emulator for every host of the service, also for those that a client has
 * built in.
 *
 * @param {{ caPem: string, wssUrl: string }} info of the emulator
 */
export function mediaAgent({ caPem, wssUrl }) {
  const { hostname: host, port } = new URL(wssUrl)
  const ofService = (name) => name === 'whatsapp.net' || name.endsWith('.whatsapp.net')
  class MediaAgent extends https.Agent {
    createConnection(options, done) {
      const { host: wanted, hostname } = options
      const rewritten = ofService(String(wanted ?? hostname ?? '')) ? { ...options, host, hostname: host, port, servername: '' } : options
      return super.createConnection({ ...rewritten, ca: caPem }, done)
    }
  }
  return new MediaAgent()
}
