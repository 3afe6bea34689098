import type { ReactNode } from 'react'

import { formatted, type Mark } from './formatting'

const ELEMENTS = { bold: 'strong', italic: 'em', strike: 's', code: 'code' } as const satisfies Record<Mark, string>

/** What somebody wrote, as text; only addresses of the web become links, and WhatsApp's own marks what they say. */
export function MessageText({ text }: { text: string }) {
  return (
    <p className="message-text" dir="auto">
      {formatted(text).map(({ text: piece, href, marks }, index) =>
        href
          ? <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">{piece}</a>
          : <span key={index}>{marks.reduceRight<ReactNode>((inner, mark) => {
              const Element = ELEMENTS[mark]
              return <Element>{inner}</Element>
            }, piece)}</span>,
      )}
    </p>
  )
}
