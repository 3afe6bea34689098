'use client'
import Link from 'next/link'
import { useState } from 'react'

import type { CustomersAnswer, CustomerView } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { Empty, ErrorNotice, Loading } from './Feedback'
import { useLanguage } from './LanguageProvider'
import { codeOf, request } from './request'
import { SearchBox } from './SearchBox'
import { Switch } from './Switch'
import { Table } from './Table'
import { useEvents } from './useEvents'
import { useResource } from './useResource'

/** Without accents and in lower case, so that 'jose' finds 'José'. */
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

/** Whether the customer is the one that somebody looks for by name or number. */
const matches = ({ name, phoneNumber }: CustomerView, search: string) =>
  folded(name ?? '').includes(folded(search)) || (phoneNumber ?? '').includes(search.replace(/[\s().+-]/g, '') || search)

export function Customers() {
  const {
    texts: { customers: texts, common },
    formats,
  } = useLanguage()
  const { data, error, loading, reload, change } = useResource<CustomersAnswer>('/api/customers')
  const [search, setSearch] = useState('')
  const [changeError, setChangeError] = useState<ShownError | null>(null)
  useEvents({
    // A first message makes a customer; the list says who.
    conversation: ({ id, group }) => {
      if (!group && data && !data.customers.some(({ conversationId }) => conversationId === id)) void reload()
    },
  })

  const setConsent = async (id: string, consent: boolean) => {
    setChangeError(null)
    try {
      const { customer } = await request<{ customer: CustomerView }>(`/api/customers/${encodeURIComponent(id)}`, {
        method: 'PATCH',
        body: { consent },
      })
      change((now) => ({ ...now, customers: now.customers.map((other) => (other.id === id ? customer : other)) }))
    } catch (thrown) {
      setChangeError(codeOf(thrown))
    }
  }

  const wanted = search.trim()
  const shown = data?.customers.filter((customer) => !wanted || matches(customer, wanted))
  const nameOf = ({ name, phoneNumber }: CustomerView) => name ?? phoneNumber ?? common.noName
  return (
    <div className="page">
      <header className="page-header">
        <div>
          <h1>{texts.title}</h1>
          <p>{texts.intro}</p>
        </div>
      </header>
      {error && <ErrorNotice code={error} retry={() => void reload()} />}
      {changeError && <ErrorNotice code={changeError} />}
      {!data && loading && <Loading />}
      {data?.customers.length === 0 && <Empty title={texts.none}>{texts.noneText}</Empty>}
      {data && data.customers.length > 0 && <SearchBox label={texts.search} value={search} change={setSearch} />}
      {shown?.length === 0 && wanted && <Empty title={texts.noneFound} />}
      {shown && shown.length > 0 && (
        <Table
          caption={texts.title}
          rows={shown}
          keyOf={({ id }) => id}
          testId="customer"
          columns={[
            { key: 'name', label: texts.name, cell: (customer) => <strong dir="auto">{customer.name ?? common.noName}</strong> },
            {
              key: 'phone',
              label: texts.phoneNumber,
              cell: ({ phoneNumber }) =>
                phoneNumber ? <span className="number">{phoneNumber}</span> : <span className="muted">{common.hiddenNumber}</span>,
            },
            {
              key: 'consent',
              label: texts.consent,
              cell: (customer) => (
                <span className="consent">
                  <Switch
                    on={customer.consent === 'given'}
                    label={`${texts.consent}: ${nameOf(customer)}`}
                    labelHidden
                    change={(on) => setConsent(customer.id, on)}
                    testId="consent"
                  />
                  <span className="muted" aria-hidden="true">
                    {texts.consents[customer.consent]}
                  </span>
                </span>
              ),
            },
            { key: 'since', label: texts.since, cell: ({ createdAt }) => <time dateTime={createdAt}>{formats.date(createdAt)}</time> },
            {
              key: 'conversation',
              label: texts.conversation,
              cell: (customer) =>
                customer.conversationId && (
                  <Link
                    className="button"
                    href={`/conversations/${customer.conversationId}`}
                    prefetch={false}
                    aria-label={texts.openOf(nameOf(customer))}
                  >
                    {texts.open}
                  </Link>
                ),
            },
          ]}
        />
      )}
    </div>
  )
}
