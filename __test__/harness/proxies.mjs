// The smallest proxies there are, with credentials, for tests.

import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'

/** A CONNECT proxy: its `port`, and the `targets` it was asked for. */
export async function httpProxy(t, { user, password }) {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const targets = []
  const server = http.createServer((request, response) => response.writeHead(405).end())
  server.on('connect', (request, socket) => {
    if (request.headers['proxy-authorization'] !== expected) {
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n')
    }
    targets.push(request.url)
    const { hostname, port } = new URL(`http://${request.url}`)
    join(socket, net.connect(Number(port || 80), hostname), 'HTTP/1.1 200 Connection established\r\n\r\n')
  })
  return { port: await listen(t, server), targets }
}

/** A SOCKS5 proxy that wants a user name and a password (RFC 1928 and 1929). */
export async function socksProxy(t, { user, password }) {
  const targets = []
  const server = net.createServer(async (socket) => {
    socket.on('error', () => {})
    try {
      const read = reader(socket)
      const [, methods] = await read(2)
      if (!(await read(methods)).includes(2)) return socket.end(Buffer.from([5, 0xff]))
      socket.write(Buffer.from([5, 2]))
      await read(1)
      const name = await read((await read(1))[0])
      const secret = await read((await read(1))[0])
      const known = name.toString() === user && secret.toString() === password
      socket.write(Buffer.from([1, known ? 0 : 1]))
      if (!known) return socket.end()
      const [, , , kind] = await read(4)
      const host = kind === 3 ? (await read((await read(1))[0])).toString() : (await read(kind === 1 ? 4 : 16)).join('.')
      const port = (await read(2)).readUInt16BE()
      targets.push(`${host}:${port}`)
      join(socket, net.connect(port, host), Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
    } catch {
      socket.destroy()
    }
  })
  return { port: await listen(t, server), targets }
}

function join(client, server, welcome) {
  const end = () => (client.destroy(), server.destroy())
  for (const socket of [client, server]) socket.on('error', end).on('close', end)
  server.once('connect', () => {
    client.write(welcome)
    client.pipe(server).pipe(client)
  })
}

function reader(socket) {
  return async (count) => {
    for (;;) {
      const chunk = count === 0 ? Buffer.alloc(0) : socket.read(count)
      if (chunk) return chunk
      if (socket.readableEnded) throw new Error('the client hung up')
      await Promise.race([once(socket, 'readable'), once(socket, 'end')])
    }
  }
}

async function listen(t, server) {
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return server.address().port
}
