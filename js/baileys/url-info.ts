/** What a link leads to, by the package `link-preview-js`, which a program may install. */
import { prepareWAMessageMedia } from './prepare-media.js'
import { getHttpStream } from './streams.js'
import { extractImageThumb } from './thumbnails.js'
import type { WAMediaUploadFunction, WAUrlInfo } from './types.js'

const THUMBNAIL_WIDTH = 192
const TIMEOUT_MS = 3000

export interface URLGenerationOptions {
  thumbnailWidth: number
  fetchOpts: { timeout: number; proxyUrl?: string; headers?: NonNullable<RequestInit['headers']> }
  uploadImage?: WAMediaUploadFunction | undefined
  logger?: { debug(value: unknown, message?: string): void; warn?(value: unknown, message?: string): void }
}
interface LinkPreviewJs {
  getLinkPreview(link: string, options: object): Promise<{ url: string; title?: string; description?: string; images?: string[] }>
}

/**
 * Of the link `text`; nothing where it leads to no page with a title.
 * @throws where `link-preview-js` is not installed, or the page cannot be fetched
 */
export const getUrlInfo = async (
  text: string,
  opts: URLGenerationOptions = { thumbnailWidth: THUMBNAIL_WIDTH, fetchOpts: { timeout: TIMEOUT_MS } },
): Promise<WAUrlInfo | undefined> => {
  const { getLinkPreview } = (await import('link-preview-js' as string)) as LinkPreviewJs
  const link = /^https?:\/\//.test(text) ? text : `https://${text}`
  const { fetchOpts } = opts
  const asked = getLinkPreview(link, { ...fetchOpts, followRedirects: 'follow', headers: fetchOpts?.headers })
  const page = await asked.catch((error: Error) => {
    // It says so of a text that is no link.
    if (error.message?.includes('receive a valid')) return undefined
    throw error
  })
  if (!page?.title) return undefined
  const image = page.images?.[0]
  const info: WAUrlInfo = {
    'canonical-url': page.url,
    'matched-text': text,
    title: page.title,
    description: page.description,
    originalThumbnailUrl: image,
  }
  return image ? { ...info, ...(await pictureOf(image, opts)) } : info
}

async function pictureOf(image: string, opts: URLGenerationOptions): Promise<Pick<WAUrlInfo, 'jpegThumbnail' | 'highQualityThumbnail'>> {
  const { uploadImage, thumbnailWidth, fetchOpts, logger } = opts
  if (uploadImage) {
    const options = { upload: uploadImage, mediaTypeOverride: 'thumbnail-link', options: fetchOpts }
    const message = await prepareWAMessageMedia({ image: { url: image } }, options as never)
    const imageMessage = message.imageMessage ?? undefined
    const thumbnail = imageMessage?.jpegThumbnail
    return { jpegThumbnail: thumbnail ? Buffer.from(thumbnail) : undefined, highQualityThumbnail: imageMessage }
  }
  try {
    const { timeout = TIMEOUT_MS, ...init } = fetchOpts ?? {}
    const stream = await getHttpStream(image, { ...init, signal: AbortSignal.timeout(timeout) })
    return { jpegThumbnail: (await extractImageThumb(stream, thumbnailWidth)).buffer }
  } catch (error) {
    logger?.debug(error, 'no thumbnail of a link')
    return {}
  }
}
