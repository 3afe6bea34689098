'use client'
import { useEffect, useState } from 'react'

import type { MessageView } from '@/lib/api'

import { FileIcon } from '../icons'
import { useLanguage } from '../LanguageProvider'

type Media = NonNullable<MessageView['media']>
const KIB = 1024

function sizeText(size: number, language: string): string {
  const [value, unit] = size < KIB * KIB ? [size / KIB, 'kilobyte'] : [size / KIB / KIB, 'megabyte']
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(Math.max(value, 0.1))
}

/** The file of a message: a picture, a player, or a link to download it. */
export function MessageMedia({ type, media, text }: { type: MessageView['type']; media: Media; text: string | null }) {
  const { language, texts: { messages: texts, common } } = useLanguage()
  const [failed, setFailed] = useState(false)
  const fail = () => setFailed(true)
  // There is news of the message: its file may have come.
  useEffect(() => setFailed(false), [media])
  if (failed) {
    return (
      <p className="media-failed">
        {texts.types[type]}: {texts.mediaFailed} <button type="button" className="quiet" onClick={() => setFailed(false)}>{common.tryAgain}</button>
      </p>
    )
  }
  switch (type) {
    case 'image':
      return (
        <a className="media-image" href={media.url} target="_blank" rel="noopener" title={texts.openImage}>
          <img src={media.url} alt={text || texts.types.image} loading="lazy" onError={fail} />
        </a>
      )
    case 'sticker':
      return <img className="media-sticker" src={media.url} alt={texts.types.sticker} width={128} height={128} loading="lazy" onError={fail} />
    case 'video':
      return <video className="media-video" src={media.url} controls preload="metadata" aria-label={texts.types.video} onError={fail} />
    case 'audio':
      return <audio className="media-audio" src={media.url} controls preload="metadata" aria-label={texts.types.audio} onError={fail} />
    default: {
      const name = media.fileName || texts.types.document
      return (
        <a className="media-document" href={media.url} download={media.fileName ?? true}>
          <FileIcon /><span className="visually-hidden">{texts.download}</span><span dir="auto">{name}</span>{media.size !== null && <small>{sizeText(media.size, language)}</small>}
        </a>
      )
    }
  }
}
