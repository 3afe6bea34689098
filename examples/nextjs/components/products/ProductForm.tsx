'use client'
import { useState, type SubmitEvent } from 'react'

import type { ProductView } from '@/lib/api'
import type { ShownError } from '@/lib/i18n'
import { fractionDigits, parsePrice, typedPrice } from '@/lib/money'

import { ErrorNotice } from '../Feedback'
import { useLanguage } from '../LanguageProvider'
import { codeOf, request } from '../request'

const EXAMPLE = 1250
const CURRENCIES = ['ARS', 'BOB', 'BRL', 'CLP', 'COP', 'CRC', 'DOP', 'EUR', 'GTQ', 'MXN', 'PEN', 'PYG', 'USD', 'UYU']

interface Props {
  /** Null for a new one. */
  product: ProductView | null
  /** Of a new one, until another is chosen. */
  currency: string
  saved: (product: ProductView) => void
  cancel: () => void
}

export function ProductForm({ product, currency: firstCurrency, saved, cancel }: Props) {
  const {
    language,
    texts: { products: texts, common },
    formats,
  } = useLanguage()
  const [currency, setCurrency] = useState(product?.currency ?? firstCurrency)
  const [price, setPrice] = useState(product ? typedPrice(product.price, product.currency, language) : '')
  const [error, setError] = useState<ShownError | null>(null)
  const [priceWrong, setPriceWrong] = useState(false)
  const [busy, setBusy] = useState(false)
  const known = /^[A-Z]{3}$/.test(currency)

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (busy) return
    const form = new FormData(event.currentTarget)
    const amount = known ? parsePrice(price, currency) : null
    setPriceWrong(amount === null)
    if (amount === null) return
    const body = {
      code: form.get('code'),
      name: form.get('name'),
      description: form.get('description'),
      price: amount,
      currency,
      available: form.get('available') === 'on',
    }
    setBusy(true)
    setError(null)
    try {
      const answer = product
        ? await request<{ product: ProductView }>(`/api/products/${encodeURIComponent(product.id)}`, { method: 'PATCH', body })
        : await request<{ product: ProductView }>('/api/products', { method: 'POST', body })
      return saved(answer.product)
    } catch (thrown) {
      setError(codeOf(thrown))
    }
    setBusy(false)
  }

  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <label>
        <span>{texts.code}</span>
        <input
          name="code"
          required
          maxLength={32}
          pattern="[\p{L}\p{N}_\-]{1,32}"
          autoComplete="off"
          defaultValue={product?.code}
          data-testid="product-code"
        />
        <small>{texts.codeHint}</small>
      </label>
      <label>
        <span>{texts.name}</span>
        <input name="name" required maxLength={200} autoComplete="off" dir="auto" defaultValue={product?.name} data-testid="product-name" />
      </label>
      <label>
        <span>{texts.description}</span>
        <textarea name="description" rows={3} maxLength={1000} dir="auto" defaultValue={product?.description} />
      </label>
      <div className="fields">
        <label>
          <span>{texts.price}</span>
          <input
            required
            inputMode="decimal"
            autoComplete="off"
            value={price}
            aria-invalid={priceWrong || undefined}
            onChange={(event) => {
              setPrice(event.target.value)
              setPriceWrong(false)
            }}
            data-testid="product-price"
          />
          {priceWrong ? (
            <small className="wrong" role="alert">
              {texts.priceWrong(known ? fractionDigits(currency) : 2)}
            </small>
          ) : (
            <small>{texts.priceHint(typedPrice(EXAMPLE, known ? currency : 'EUR', language))}</small>
          )}
        </label>
        <label>
          <span>{texts.currency}</span>
          <input
            required
            pattern="[A-Z]{3}"
            maxLength={3}
            list="currencies"
            autoComplete="off"
            value={currency}
            onChange={(event) => setCurrency(event.target.value.toUpperCase())}
            data-testid="product-currency"
          />
          <datalist id="currencies">
            {CURRENCIES.map((code) => (
              <option key={code} value={code} />
            ))}
          </datalist>
          <small>
            {known && price && parsePrice(price, currency) !== null
              ? formats.price(parsePrice(price, currency)!, currency)
              : texts.currencyHint}
          </small>
        </label>
      </div>
      <label className="check">
        <input type="checkbox" name="available" defaultChecked={product?.available ?? true} />
        <span>{texts.available}</span>
      </label>
      {error && <ErrorNotice code={error} text={error === 'CONFLICT' ? texts.codeTaken : undefined} />}
      <div className="dialog-actions">
        <button type="button" onClick={cancel}>
          {common.cancel}
        </button>
        <button type="submit" className="primary" aria-disabled={busy} data-testid="product-save">
          {busy ? common.saving : common.save}
        </button>
      </div>
    </form>
  )
}
