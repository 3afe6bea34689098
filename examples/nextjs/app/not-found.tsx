import Link from 'next/link'

import { currentTexts } from '@/lib/i18n/server'

export default async function NotFound() {
  const { failure } = await currentTexts()
  return (
    <main className="alone">
      <h1>{failure.notFoundTitle}</h1>
      <p>{failure.notFoundText}</p>
      <Link className="button primary" href="/">
        {failure.home}
      </Link>
    </main>
  )
}
