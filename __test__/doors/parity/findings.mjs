// What differs, as Markdown: the same difference in many scenarios once.

const short = (value) => (value === undefined ? '—' : `\`${JSON.stringify(value).slice(0, 260).replaceAll('`', "'").replaceAll('|', '\\|')}\``)

/** @param {{ name: string, unexplained: { path: string, theirs: unknown, ours: unknown }[], failure?: string }[]} compared */
export function findings(compared) {
  const groups = new Map()
  for (const { name, unexplained, failure } of compared) {
    if (failure) continue
    for (const { path, theirs, ours } of unexplained) {
      // Without the step, and without which one of several it is.
      const place = path.replace(/^[^>]* > /, '').replace(/\[\d+\]/g, '[]')
      const key = `${place} ${JSON.stringify([typeof theirs, ours === undefined, theirs === undefined])}`
      const group = groups.get(key) ?? { place, path, theirs, ours, scenarios: new Set(), count: 0 }
      group.scenarios.add(name)
      group.count++
      groups.set(key, group)
    }
  }
  const sorted = [...groups.values()].sort((a, b) => b.scenarios.size - a.scenarios.size || b.count - a.count)
  const bad = compared.filter(({ unexplained }) => unexplained.length > 0)
  const lines = [
    '# What the parity runner finds', '',
    `${compared.length} scenarios, ${bad.length} differ. Written by \`node __test__/doors/parity/run.mjs --findings FINDINGS.md\`; one scenario alone: \`--only NAME --print\`.`, '',
    '## By difference', '',
  ]
  for (const { place, path, theirs, ours, scenarios, count } of sorted) {
    const names = [...scenarios]
    lines.push(`- **${place}** — ${count}× in ${names.length}: ${names.slice(0, 3).join('; ')}${names.length > 3 ? '; …' : ''}`, `  - at ${path}`, `  - Baileys ${short(theirs)}`, `  - ours ${short(ours)}`)
  }
  lines.push('', '## By scenario', '', ...bad.map(({ name, unexplained }) => `- ${name}: ${unexplained.length}`), '')
  return lines.join('\n')
}
