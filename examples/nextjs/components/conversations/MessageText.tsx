import { useState, type ReactNode } from 'react'

import { useLanguage } from '../LanguageProvider'
import { formatted, type Mark } from './formatting'

const ELEMENTS = { bold: 'strong', italic: 'em', strike: 's', code: 'code' } as const satisfies Record<Mark, string>
/** Of a text that is longer, the beginning is shown until somebody wants to read all of it. */
const LONG = 3000

/** What somebody wrote, as text; only addresses of the web become links, and WhatsApp's own marks what they say. */
export function MessageText({ text }: { text: string }) {
  const { texts } = useLanguage()
  const [whole, setWhole] = useState(false)
  const cut = !whole && text.length > LONG
  return (
    <>
      <p className="message-text" dir="auto">
        {formatted(cut ? `${text.slice(0, LONG)}…` : text).map(({ text: piece, href, marks }, index) =>
          href ? (
            <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
              {piece}
            </a>
          ) : (
            <span key={index}>{marks.reduceRight<ReactNode>(inElement, piece)}</span>
          ),
        )}
      </p>
      {cut && (
        <button type="button" className="quiet read-more" onClick={() => setWhole(true)}>
          {texts.messages.readMore}
        </button>
      )}
    </>
  )
}

function inElement(inner: ReactNode, mark: Mark) {
  const Element = ELEMENTS[mark]
  return <Element>{inner}</Element>
}
