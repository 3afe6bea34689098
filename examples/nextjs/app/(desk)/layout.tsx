import type { ReactNode } from 'react'

import { Navigation } from '@/components/Navigation'
import { StreamNotice } from '@/components/StreamNotice'
import { currentUser } from '@/lib/auth'

/** Around every page for people who are signed in; each page itself sends the others away, as it knows where they shall come back to. */
export default async function DeskLayout({ children }: { children: ReactNode }) {
  const user = await currentUser()
  if (!user) return children
  return (
    <div className="desk">
      <Navigation userName={user.name} />
      <main id="content" tabIndex={-1}>
        <StreamNotice />
        {children}
      </main>
    </div>
  )
}
