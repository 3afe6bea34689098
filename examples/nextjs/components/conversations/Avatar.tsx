const HUES = 6

/** The first letters of a name in a colour that stays with it. */
export function Avatar({ name, jid }: { name: string; jid: string }) {
  const letters =
    [...name.matchAll(/(?:^|\s)(\p{L})/gu)]
      .slice(0, 2)
      .map(([, letter]) => letter!.toUpperCase())
      .join('') || '#'
  const hue = [...jid].reduce((sum, character) => sum + character.charCodeAt(0), 0) % HUES
  return (
    <span className="avatar" data-hue={hue} aria-hidden="true">
      {letters}
    </span>
  )
}
