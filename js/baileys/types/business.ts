/** Business accounts, catalogues and orders. */
import type { WAMediaUpload } from './media.js'
import type { proto } from './proto.js'

export interface WABusinessHoursConfig {
  day_of_week: string
  mode: string
  /** Minutes. */
  open_time?: number | undefined
  close_time?: number | undefined
}
export interface WABusinessProfile {
  description: string
  email: string | undefined
  business_hours: {
    timezone?: string | undefined
    config?: WABusinessHoursConfig[] | undefined
    business_config?: WABusinessHoursConfig[] | undefined
  }
  website: string[]
  category?: string | undefined
  wid?: string | undefined
  address?: string | undefined
}

export type DayOfWeekBussines = 'sun' | 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat'
export type HoursDay =
  | { day: DayOfWeekBussines; mode: 'specific_hours'; openTimeInMinutes: string; closeTimeInMinutes: string }
  | { day: DayOfWeekBussines; mode: 'open_24h' | 'appointment_only' }
/** Spelled as Baileys spells it. */
export interface UpdateBussinesProfileProps {
  address?: string | undefined
  websites?: string[] | undefined
  email?: string | undefined
  description?: string | undefined
  hours?: { timezone: string; days: HoursDay[] } | undefined
}
export type QuickReplyAction = proto.SyncActionValue.IQuickReplyAction & { timestamp?: string | undefined }

export type ProductAvailability = 'in stock'
export interface ProductBase {
  name: string
  retailerId?: string | undefined
  url?: string | undefined
  description: string
  price: number
  currency: string
  isHidden?: boolean | undefined
}
export type ProductCreate = ProductBase & {
  /** `undefined`: the product has none. */
  originCountryCode: string | undefined
  images: WAMediaUpload[]
}
export type ProductUpdate = Omit<ProductCreate, 'originCountryCode'>
export type Product = ProductBase & {
  id: string
  imageUrls: { [kind: string]: string }
  reviewStatus: { [kind: string]: string }
  availability: ProductAvailability
}
export interface ProductCreateResult {
  data: { product: {} }
}

export type CatalogCursor = string
export interface GetCatalogOptions {
  cursor?: CatalogCursor | undefined
  limit?: number | undefined
  jid?: string | undefined
}
export interface CatalogResult {
  data: { paging: { cursors: { before: string; after: string } }; data: any[] }
}
export interface CatalogStatus {
  status: string
  canAppeal: boolean
}
export interface CatalogCollection {
  id: string
  name: string
  products: Product[]
  status: CatalogStatus
}

export interface OrderPrice {
  currency: string
  total: number
}
export interface OrderProduct {
  id: string
  imageUrl: string
  name: string
  quantity: number
  currency: string
  price: number
}
export interface OrderDetails {
  price: OrderPrice
  products: OrderProduct[]
}
