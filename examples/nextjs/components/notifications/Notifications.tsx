'use client'
import type { CustomersAnswer, NotificationsAnswer, NotificationView } from '@/lib/api'

import { Empty, ErrorNotice, Loading } from '../Feedback'
import { useLanguage } from '../LanguageProvider'
import { useEvents } from '../useEvents'
import { useResource } from '../useResource'
import { NotificationCard } from './NotificationCard'
import { NotificationForm } from './NotificationForm'

export function Notifications() {
  const {
    texts: { notifications: texts },
  } = useLanguage()
  const { data, error, loading, reload, change } = useResource<NotificationsAnswer>('/api/notifications')
  const customers = useResource<CustomersAnswer>('/api/customers')
  const keep = (notification: NotificationView) =>
    change((now) => ({
      ...now,
      notifications: now.notifications.some(({ id }) => id === notification.id)
        ? now.notifications.map((other) => (other.id === notification.id ? notification : other))
        : [notification, ...now.notifications],
    }))
  useEvents({ notification: keep })

  return (
    <div className="page">
      <header className="page-header">
        <div>
          <h1>{texts.title}</h1>
          <p>{texts.intro}</p>
        </div>
      </header>
      {customers.error && <ErrorNotice code={customers.error} retry={() => void customers.reload()} />}
      <NotificationForm
        consented={customers.data ? customers.data.customers.filter(({ consent }) => consent === 'given').length : null}
        sent={keep}
      />
      <h2>{texts.past}</h2>
      {error && <ErrorNotice code={error} retry={() => void reload()} />}
      {!data && loading && <Loading />}
      {data?.notifications.length === 0 && <Empty title={texts.none}>{texts.noneText}</Empty>}
      <ul className="cards">
        {data?.notifications.map((notification) => (
          <NotificationCard key={notification.id} notification={notification} changed={keep} />
        ))}
      </ul>
    </div>
  )
}
