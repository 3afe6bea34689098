/** What a player shows of audio: how long it is, and how loud. Without a way to know, nothing. */
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'

import { ffmpeg } from './ffmpeg.js'
import { optional } from './optional.js'
import { toBuffer } from './streams.js'
import { loadClientAddon } from '../native.js'

const BARS = 64
const LOUDEST = 100

type Audio = Buffer | string | Readable
const bytesOf = async (audio: Audio): Promise<Buffer> =>
  typeof audio === 'string' ? readFile(audio) : Buffer.isBuffer(audio) ? audio : toBuffer(audio)

interface MusicMetadata {
  parseBuffer(bytes: Uint8Array, type: undefined, options: object): Promise<{ format: { duration?: number } }>
}

/** Seconds. The engine reads Opus, WAV and MP4; other kinds `music-metadata`, if it is installed. */
export async function getAudioDuration(buffer: Audio): Promise<number | undefined> {
  const bytes = await bytesOf(buffer)
  const millis = await loadClientAddon().playingMillis(bytes).catch(() => null)
  if (millis !== null) return millis / 1000
  const metadata = await optional<MusicMetadata>('music-metadata')
  return (await metadata?.parseBuffer(bytes, undefined, { duration: true }))?.format.duration
}

/** The samples of the first channel, by `audio-decode` or `ffmpeg`, whichever is installed. */
async function samplesOf(bytes: Buffer): Promise<Float32Array> {
  const decoder = await optional<{ default: (bytes: Buffer) => Promise<{ getChannelData(channel: number): Float32Array }> }>('audio-decode')
  if (decoder) return (await decoder.default(bytes)).getChannelData(0)
  const raw = await ffmpeg(['-i', 'pipe:0', '-ac', '1', '-ar', '8000', '-f', 'f32le'], bytes)
  return new Float32Array(new Uint8Array(raw).buffer, 0, Math.floor(raw.length / 4))
}

/** 64 bars of 0 to 100, the loudest being 100. */
export async function getAudioWaveform(
  buffer: Audio,
  logger: { debug(value: unknown, message?: string): void } | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const samples = await samplesOf(await bytesOf(buffer))
    const length = Math.floor(samples.length / BARS)
    const bars = Array.from({ length: BARS }, (_, bar) => {
      const part = samples.subarray(bar * length, (bar + 1) * length)
      return part.reduce((sum, sample) => sum + Math.abs(sample), 0) / length
    })
    const loudest = Math.max(...bars)
    return new Uint8Array(bars.map(bar => Math.floor((LOUDEST * bar) / loudest)))
  } catch (error) {
    logger?.debug(error, 'no waveform of audio')
    return undefined
  }
}
