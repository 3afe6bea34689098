/** The program `ffmpeg`, where it is installed: it knows the formats that the engine does not. */
import { spawn } from 'node:child_process'

const TIMEOUT_MS = 30_000
const MAX_OUTPUT = 1 << 26

/** What it writes to its standard output. `input` is what it reads from its standard input. @throws where it is missing or fails */
export function ffmpeg(args: string[], input?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', [...(input ? [] : ['-nostdin']), '-hide_banner', '-loglevel', 'error', ...args, 'pipe:1'], {
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'ignore'],
    })
    // The timeout of `spawn` would hold the program for its whole time where there is no ffmpeg.
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
    const pieces: Buffer[] = []
    let size = 0
    child.stdout?.on('data', (piece: Buffer) => {
      size += piece.length
      if (size > MAX_OUTPUT) child.kill('SIGKILL')
      else pieces.push(piece)
    })
    child.on('error', error => {
      clearTimeout(timer)
      reject(error)
    })
    child.on('close', code => {
      clearTimeout(timer)
      if (code === 0 && size > 0) resolve(Buffer.concat(pieces))
      else reject(new Error(`ffmpeg gave nothing (exit code ${code})`))
    })
    // It may have read enough before the end.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
