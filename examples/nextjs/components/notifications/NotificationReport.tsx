'use client'
import { useEffect, useRef } from 'react'

import type { NotificationAnswer, NotificationView } from '@/lib/api'
import type { Texts } from '@/lib/i18n'

import { ErrorNotice, Loading } from '../Feedback'
import { useLanguage } from '../LanguageProvider'
import { Person } from '../Person'
import { Table } from '../Table'
import { useDebounced } from '../useDebounced'
import { useResource } from '../useResource'

/** While it is being sent the numbers change all the time: the list is asked for again once they rest. */
const REST_MS = 500

function reasonText(reason: string, { notifications, errors }: Texts): string {
  if (reason === 'withdrawn' || reason === 'cancelled') return notifications[reason]
  return Object.hasOwn(errors, reason) ? errors[reason as keyof typeof errors] : reason
}

/** What became of a notification, customer by customer. */
export function NotificationReport({ notification }: { notification: NotificationView }) {
  const { texts } = useLanguage()
  const { data, error, loading, reload } = useResource<NotificationAnswer>(`/api/notifications/${encodeURIComponent(notification.id)}`)
  const numbers = useDebounced(JSON.stringify(notification), REST_MS)
  const first = useRef(numbers)
  useEffect(() => {
    if (numbers === first.current) return
    first.current = numbers
    void reload()
  }, [numbers, reload])

  const { notifications: words } = texts
  if (error) return <ErrorNotice code={error} retry={() => void reload()} />
  if (!data) return loading ? <Loading /> : null
  return (
    <Table
      caption={words.report}
      rows={data.people}
      keyOf={({ customer }) => customer.id}
      testId="recipient"
      columns={[
        { key: 'person', label: words.person, cell: ({ customer }) => <Person {...customer} /> },
        {
          key: 'state',
          label: words.personState,
          cell: ({ state, reason }) => (
            <span className="two-lines">
              <span>{words.people[state]}</span>
              {reason && <span className="muted">{reasonText(reason, texts)}</span>}
            </span>
          ),
        },
      ]}
    />
  )
}
