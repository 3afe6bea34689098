'use client'
import { useState } from 'react'

import type { OrdersAnswer } from '@/lib/api'

import { Empty, ErrorNotice, Loading } from './Feedback'
import { useLanguage } from './LanguageProvider'
import { Person } from './Person'
import { Table } from './Table'
import { useEvents } from './useEvents'
import { useResource } from './useResource'

export function Orders() {
  const {
    texts: { orders: texts },
    formats,
  } = useLanguage()
  const { data, error, loading, reload, change } = useResource<OrdersAnswer>('/api/orders')
  const [announced, setAnnounced] = useState('')
  useEvents({
    order: (order) => {
      change((now) => ({ ...now, orders: [order, ...now.orders.filter(({ id }) => id !== order.id)] }))
      setAnnounced(texts.arrived(order.productName))
    },
  })
  return (
    <div className="page">
      <header className="page-header">
        <div>
          <h1>{texts.title}</h1>
          <p>{texts.intro}</p>
        </div>
      </header>
      <p className="visually-hidden" aria-live="polite">
        {announced}
      </p>
      {error && <ErrorNotice code={error} retry={() => void reload()} />}
      {!data && loading && <Loading />}
      {data?.orders.length === 0 && <Empty title={texts.none}>{texts.noneText}</Empty>}
      {data && data.orders.length > 0 && (
        <Table
          caption={texts.title}
          rows={data.orders}
          keyOf={({ id }) => id}
          testId="order"
          columns={[
            { key: 'date', label: texts.date, cell: ({ createdAt }) => <time dateTime={createdAt}>{formats.dateTime(createdAt)}</time> },
            { key: 'customer', label: texts.customer, cell: ({ customer }) => <Person {...customer} /> },
            {
              key: 'product',
              label: texts.product,
              cell: ({ productName, productCode }) => (
                <span className="two-lines">
                  <span dir="auto">{productName}</span>
                  <code>{productCode}</code>
                </span>
              ),
            },
            { key: 'quantity', label: texts.quantity, end: true, cell: ({ quantity }) => formats.number(quantity) },
            {
              key: 'total',
              label: texts.total,
              end: true,
              cell: ({ total, currency }) => <strong>{formats.price(total, currency)}</strong>,
            },
          ]}
        />
      )}
    </div>
  )
}
