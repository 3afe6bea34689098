import { memo } from 'react'

import type { MessageView } from '@/lib/api'
import type { Texts } from '@/lib/i18n'

import { useLanguage } from '../LanguageProvider'
import { MessageMedia } from './MessageMedia'
import { MessageText } from './MessageText'
import { Ticks } from './Ticks'

/** The reason is one of our codes, or WhatsApp's own words. */
const reasonText = (error: string, errors: Texts['errors']): string =>
  Object.hasOwn(errors, error) ? errors[error as keyof typeof errors] : error

export const Message = memo(function Message({ message }: { message: MessageView }) {
  const { texts, formats } = useLanguage()
  const { direction, author, type, text, media, status, error, edited, timestamp, senderName } = message
  const label = direction === 'in' ? senderName : author === 'operator' || author === 'customer' ? null : texts.messages.authors[author]
  return (
    <li className="message" data-testid="message" data-direction={direction} data-status={status} data-author={author} data-type={type}>
      <div className="bubble">
        {label && (
          <p className="author" dir="auto">
            {label}
          </p>
        )}
        {media && <MessageMedia type={type} media={media} text={text} />}
        {!media && type !== 'text' && <p className="kind">{texts.messages.types[type]}</p>}
        {text && <MessageText text={text} />}
        <p className="meta">
          {edited && <span>{texts.messages.edited}</span>}
          <time dateTime={timestamp} title={formats.dateTime(timestamp)}>
            {formats.time(timestamp)}
          </time>
          {direction === 'out' && <Ticks status={status} />}
        </p>
      </div>
      {status === 'failed' && (
        <p className="failure">
          {texts.messages.failed} {error && reasonText(error, texts.errors)}
        </p>
      )}
    </li>
  )
})
