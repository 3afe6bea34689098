/** Products, collections and orders in stanzas. */
import { rm } from 'node:fs/promises'
import { Boom } from '@hapi/boom'

import { DEF_MEDIA_HOST } from '../constants.js'
import { getUrlFromDirectPath } from '../media-keys.js'
import { getBinaryNodeChild, getBinaryNodeChildren, getBinaryNodeChildString, type BinaryNode } from '../nodes.js'
import type {
  CatalogCollection, OrderDetails, Product, ProductCreate, ProductUpdate, UploadResult, WAMediaUpload, WAMediaUploadFunction,
} from '../types.js'
import { getRawMediaUploadData } from '../upload.js'
import { node, text } from './ask.js'

const HIDDEN = 'is_hidden'

const textIn = (parent: BinaryNode | undefined, tag: string): string => getBinaryNodeChildString(parent, tag) as string
const numberIn = (parent: BinaryNode | undefined, tag: string): number => Number(getBinaryNodeChildString(parent, tag))

export function productOf(product: BinaryNode): Product {
  const image = getBinaryNodeChild(getBinaryNodeChild(product, 'media'), 'image')
  const review = getBinaryNodeChild(product, 'status_info')
  return {
    id: textIn(product, 'id'),
    imageUrls: {
      requested: textIn(image, 'request_image_url'),
      original: textIn(image, 'original_image_url'),
    },
    reviewStatus: { whatsapp: textIn(review, 'status') },
    availability: 'in stock',
    name: textIn(product, 'name'),
    retailerId: getBinaryNodeChildString(product, 'retailer_id'),
    url: getBinaryNodeChildString(product, 'url'),
    description: textIn(product, 'description'),
    price: numberIn(product, 'price'),
    currency: textIn(product, 'currency'),
    isHidden: product.attrs[HIDDEN] === 'true',
  }
}

export function catalogOf(answer: BinaryNode): { products: Product[]; nextPageCursor: string | undefined } {
  const catalog = getBinaryNodeChild(answer, 'product_catalog')
  return {
    products: getBinaryNodeChildren(catalog, 'product').map(productOf),
    nextPageCursor: getBinaryNodeChildString(getBinaryNodeChild(catalog, 'paging'), 'after'),
  }
}

export function collectionsOf(answer: BinaryNode): { collections: CatalogCollection[] } {
  const list = getBinaryNodeChildren(getBinaryNodeChild(answer, 'collections'), 'collection')
  return {
    collections: list.map(collection => {
      const review = getBinaryNodeChild(collection, 'status_info')
      return {
        id: textIn(collection, 'id'),
        name: textIn(collection, 'name'),
        products: getBinaryNodeChildren(collection, 'product').map(productOf),
        status: { status: textIn(review, 'status'), canAppeal: getBinaryNodeChildString(review, 'can_appeal') === 'true' },
      }
    }),
  }
}

export function orderOf(answer: BinaryNode): OrderDetails {
  const order = getBinaryNodeChild(answer, 'order')
  const price = getBinaryNodeChild(order, 'price')
  return {
    price: { total: numberIn(price, 'total'), currency: textIn(price, 'currency') },
    products: getBinaryNodeChildren(order, 'product').map(product => ({
      id: textIn(product, 'id'),
      name: textIn(product, 'name'),
      imageUrl: textIn(getBinaryNodeChild(product, 'image'), 'url'),
      price: numberIn(product, 'price'),
      currency: textIn(product, 'currency'),
      quantity: numberIn(product, 'quantity'),
    })),
  }
}

/** Pictures of products lie in the open. */
export async function uploadOpen(
  media: WAMediaUpload,
  mediaType: 'product-catalog-image' | 'biz-cover-photo',
  upload: WAMediaUploadFunction,
): Promise<UploadResult> {
  const { filePath, fileSha256 } = await getRawMediaUploadData(media, mediaType, undefined)
  try {
    return await upload(filePath, { mediaType, fileEncSha256B64: fileSha256.toString('base64') })
  } finally {
    await rm(filePath, { force: true })
  }
}

const ON_WHATSAPP = /(^|\.)whatsapp\.net$/

/** Where the picture is; those that are no file of WhatsApp's are uploaded. */
async function imageOf(media: WAMediaUpload, upload: WAMediaUploadFunction): Promise<string> {
  if ('url' in media && URL.canParse(media.url.toString())) {
    const url = new URL(media.url.toString())
    if (ON_WHATSAPP.test(url.hostname)) return url.href
  }
  const { directPath } = await uploadOpen(media, 'product-catalog-image', upload)
  return getUrlFromDirectPath(directPath, DEF_MEDIA_HOST)
}

/** A product as it is sent. `id`: of one that exists. */
export async function productNode(
  product: ProductCreate | ProductUpdate,
  upload: WAMediaUploadFunction,
  id?: string,
): Promise<BinaryNode> {
  const { name, description, retailerId, price, currency, isHidden, images } = product
  if (!Array.isArray(images)) throw new Boom('A product needs a list of images', { statusCode: 400 })
  const urls = await Promise.all(images.map(image => imageOf(image, upload)))
  const content: BinaryNode[] = []
  const put = (tag: string, value: string | number | undefined): void => {
    if (value !== undefined) content.push(text(tag, String(value)))
  }
  put('id', id)
  put('name', name)
  put('description', description)
  put('retailer_id', retailerId)
  if (urls.length > 0) content.push(node('media', {}, urls.map(url => node('image', {}, [text('url', url)]))))
  put('price', price)
  put('currency', currency)
  const attrs: BinaryNode['attrs'] = {}
  if ('originCountryCode' in product) {
    if (product.originCountryCode === undefined) attrs['compliance_category'] = 'COUNTRY_ORIGIN_EXEMPT'
    else content.push(node('compliance_info', {}, [text('country_code_origin', product.originCountryCode)]))
  }
  if (isHidden !== undefined || id === undefined) attrs[HIDDEN] = String(Boolean(isHidden))
  return node('product', attrs, content)
}
