import { piecesOf } from './links'

/** What somebody wrote, as text; only addresses of the web become links. */
export function MessageText({ text }: { text: string }) {
  return (
    <p className="message-text" dir="auto">
      {piecesOf(text).map(({ text: piece, href }, index) =>
        href ? <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">{piece}</a> : piece,
      )}
    </p>
  )
}
