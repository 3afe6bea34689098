'use client'
import { useState } from 'react'

import type { ProductsAnswer, ProductView } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'

import { ConfirmDialog } from '../ConfirmDialog'
import { Dialog } from '../Dialog'
import { Empty, ErrorNotice, Loading } from '../Feedback'
import { useLanguage } from '../LanguageProvider'
import { codeOf, request } from '../request'
import { SearchBox } from '../SearchBox'
import { Switch } from '../Switch'
import { Table } from '../Table'
import { useDebounced } from '../useDebounced'
import { useResource } from '../useResource'
import { ProductForm } from './ProductForm'

const byCode = (a: ProductView, b: ProductView) => a.code.localeCompare(b.code)
const DEFAULT_CURRENCY = 'EUR'

export function Products() {
  const {
    texts: { products: texts, common },
    formats,
  } = useLanguage()
  const [search, setSearch] = useState('')
  const wanted = useDebounced(search.trim())
  const { data, error, loading, reload, change } = useResource<ProductsAnswer>(
    `/api/products${wanted && `?search=${encodeURIComponent(wanted)}`}`,
  )
  const [changeError, setChangeError] = useState<ShownError | null>(null)
  /** What the form is open for. */
  const [editing, setEditing] = useState<ProductView | 'new' | null>(null)
  const [deleting, setDeleting] = useState<ProductView | null>(null)

  const keep = (product: ProductView) =>
    change((now) => ({ ...now, products: [...now.products.filter(({ id }) => id !== product.id), product].sort(byCode) }))
  const setAvailable = async (id: string, available: boolean) => {
    setChangeError(null)
    try {
      keep(
        (await request<{ product: ProductView }>(`/api/products/${encodeURIComponent(id)}`, { method: 'PATCH', body: { available } }))
          .product,
      )
    } catch (thrown) {
      setChangeError(codeOf(thrown))
    }
  }
  const remove = async () => {
    const { id } = deleting!
    await request(`/api/products/${encodeURIComponent(id)}`, { method: 'DELETE' })
    change((now) => ({ ...now, products: now.products.filter((other) => other.id !== id) }))
  }

  return (
    <div className="page">
      <header className="page-header">
        <div>
          <h1>{texts.title}</h1>
          <p>{texts.intro}</p>
        </div>
        <button type="button" className="primary" onClick={() => setEditing('new')} data-testid="product-add">
          {texts.add}
        </button>
      </header>
      {error && <ErrorNotice code={error} retry={() => void reload()} />}
      {changeError && <ErrorNotice code={changeError} />}
      {!data && loading && <Loading />}
      {data && (data.products.length > 0 || search) && <SearchBox label={texts.search} value={search} change={setSearch} />}
      {data?.products.length === 0 && (wanted ? <Empty title={texts.noneFound} /> : <Empty title={texts.none}>{texts.noneText}</Empty>)}
      {data && data.products.length > 0 && (
        <Table
          caption={texts.title}
          rows={data.products}
          keyOf={({ id }) => id}
          testId="product"
          columns={[
            { key: 'code', label: texts.code, cell: ({ code }) => <code>{code}</code> },
            {
              key: 'name',
              label: texts.name,
              cell: ({ name, description }) => (
                <span className="two-lines">
                  <strong dir="auto">{name}</strong>
                  <span className="muted" dir="auto">
                    {description}
                  </span>
                </span>
              ),
            },
            { key: 'price', label: texts.price, end: true, cell: ({ price, currency }) => formats.price(price, currency) },
            {
              key: 'available',
              label: texts.available,
              cell: ({ id, name, available }) => (
                <Switch
                  on={available}
                  label={`${texts.available}: ${name}`}
                  labelHidden
                  change={(on) => setAvailable(id, on)}
                  testId="product-available"
                />
              ),
            },
            {
              key: 'actions',
              label: common.actions,
              labelHidden: true,
              end: true,
              cell: (product) => (
                <span className="row-actions">
                  <button type="button" onClick={() => setEditing(product)} aria-label={`${common.edit}: ${product.name}`}>
                    {common.edit}
                  </button>
                  <button
                    type="button"
                    className="danger-quiet"
                    onClick={() => setDeleting(product)}
                    aria-label={`${common.delete}: ${product.name}`}
                  >
                    {common.delete}
                  </button>
                </span>
              ),
            },
          ]}
        />
      )}
      <Dialog open={editing !== null} title={editing === 'new' ? texts.add : texts.editTitle} onClose={() => setEditing(null)}>
        <ProductForm
          product={editing === 'new' ? null : editing}
          currency={data?.products.at(-1)?.currency ?? DEFAULT_CURRENCY}
          saved={(product) => {
            keep(product)
            setEditing(null)
          }}
          cancel={() => setEditing(null)}
        />
      </Dialog>
      <ConfirmDialog
        open={deleting !== null}
        title={texts.deleteTitle}
        confirm={common.delete}
        danger
        onClose={() => setDeleting(null)}
        action={remove}
      >
        <p>{deleting && texts.deleteText(deleting.name)}</p>
      </ConfirmDialog>
    </div>
  )
}
