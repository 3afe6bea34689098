/** Profiles of businesses, their catalogs and orders. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { jidNormalizedUser } from '../jid.js'
import { getBinaryNodeChild, getBinaryNodeChildren, getBinaryNodeChildString, type BinaryNode } from '../nodes.js'
import type {
  GetCatalogOptions, Product, ProductCreate, ProductUpdate, UpdateBussinesProfileProps, WABusinessHoursConfig,
  WABusinessProfile, WAMediaUpload, WAMediaUploadFunction,
} from '../types.js'
import { attributes, expectChild, iq, node, text } from './ask.js'
import { catalogOf, collectionsOf, orderOf, productNode, productOf, uploadOpen } from './catalog.js'

const SERVER = 's.whatsapp.net'
/** Of pictures, in pixels. */
const SIZE = '100'

function profileOf(profile: BinaryNode): WABusinessProfile {
  const has = (tag: string): string | undefined => getBinaryNodeChildString(profile, tag)
  const website = has('website')
  const hours = getBinaryNodeChild(profile, 'business_hours')
  return {
    wid: profile.attrs['jid'],
    address: has('address'),
    description: has('description') || '',
    website: website ? [website] : [],
    email: has('email'),
    category: getBinaryNodeChildString(getBinaryNodeChild(profile, 'categories'), 'category'),
    business_hours: {
      timezone: hours?.attrs['timezone'],
      business_config: hours && getBinaryNodeChildren(hours, 'business_hours_config').map(({ attrs }) => attrs as unknown as WABusinessHoursConfig),
    },
  }
}

const size = (make: typeof text | typeof word): BinaryNode[] => [make('width', SIZE), make('height', SIZE)]
const word = (tag: string, value: string): BinaryNode => node(tag, {}, value)

/** `upload`: `waUploadToServer` of the socket. */
export const makeBusiness = (context: SocketContext, upload: WAMediaUploadFunction) => {
  const { query, me } = context
  const whose = (jid: string | undefined): string => jidNormalizedUser(jid || me().id)
  const catalog = (type: 'get' | 'set', content: BinaryNode, attrs: BinaryNode['attrs'] = {}): Promise<BinaryNode> => {
    const asked = iq(type, 'w:biz:catalog', [content])
    return query({ ...asked, attrs: { ...asked.attrs, ...attrs } })
  }
  const changeProfile = (content: BinaryNode[]): Promise<BinaryNode> =>
    query(iq('set', 'w:biz', [node('business_profile', { v: '3', mutation_type: 'delta' }, content)]))

  async function putProduct(tag: string, product: BinaryNode): Promise<Product> {
    const answer = await catalog('set', node(tag, { v: '1' }, [product, ...size(word)]))
    return productOf(expectChild(expectChild(answer, tag, 'product'), 'product', 'product'))
  }

  return {
    /** Nothing where it is no business. */
    getBusinessProfile: async (jid: string): Promise<WABusinessProfile | void> => {
      const asked = node('business_profile', { v: '244' }, [node('profile', { jid })])
      const answer = await query(iq('get', 'w:biz', [asked], SERVER))
      const profile = getBinaryNodeChild(getBinaryNodeChild(answer, 'business_profile'), 'profile')
      return profile ? profileOf(profile) : undefined
    },

    updateBussinesProfile: async (args: UpdateBussinesProfileProps): Promise<BinaryNode> => {
      const { address, email, description, websites, hours } = args
      const content: BinaryNode[] = []
      for (const [tag, value] of Object.entries({ address, email, description })) if (value !== undefined) content.push(word(tag, value))
      for (const website of websites ?? []) content.push(word('website', website))
      if (hours) {
        const days = hours.days.map(day => {
          const times = day.mode === 'specific_hours' ? { open_time: day.openTimeInMinutes, close_time: day.closeTimeInMinutes } : {}
          return node('business_hours_config', attributes({ day_of_week: day.day, mode: day.mode, ...times }))
        })
        content.push(node('business_hours', { timezone: hours.timezone }, days))
      }
      return changeProfile(content)
    },

    /** The id of the picture, by which it is removed. */
    updateCoverPhoto: async (photo: WAMediaUpload): Promise<number | string> => {
      const { fbid, meta_hmac, ts } = await uploadOpen(photo, 'biz-cover-photo', upload)
      if (!fbid || !meta_hmac || !ts) throw new Boom('The media host told nothing of the cover photo')
      await changeProfile([node('cover_photo', { id: String(fbid), op: 'update', token: meta_hmac, ts: String(ts) })])
      return fbid
    },

    removeCoverPhoto: async (id: string): Promise<BinaryNode> => changeProfile([node('cover_photo', { op: 'delete', id })]),

    getCatalog: async ({ jid, limit, cursor }: GetCatalogOptions) => {
      const content = [text('limit', String(limit || 10)), ...size(text), ...(cursor ? [word('after', cursor)] : [])]
      return catalogOf(await catalog('get', node('product_catalog', { jid: whose(jid), allow_shop_source: 'true' }, content)))
    },

    getCollections: async (jid?: string, limit = 51) => {
      const content = [text('collection_limit', String(limit)), text('item_limit', String(limit)), ...size(text)]
      return collectionsOf(await catalog('get', node('collections', { biz_jid: whose(jid) }, content), { smax_id: '35' }))
    },

    /** `tokenBase64`: that of the message with the order. */
    getOrderDetails: async (orderId: string, tokenBase64: string) => {
      const content = [node('image_dimensions', {}, size(text)), text('token', tokenBase64)]
      const asked = iq('get', 'fb:thrift_iq', [node('order', { op: 'get', id: orderId }, content)])
      return orderOf(await query({ ...asked, attrs: { ...asked.attrs, smax_id: '5' } }))
    },

    productCreate: async (create: ProductCreate): Promise<Product> => putProduct('product_catalog_add', await productNode({ ...create, originCountryCode: create.originCountryCode }, upload)),

    productUpdate: async (productId: string, update: ProductUpdate): Promise<Product> =>
      putProduct('product_catalog_edit', await productNode(update, upload, productId)),

    productDelete: async (productIds: string[]): Promise<{ deleted: number }> => {
      const products = productIds.map(id => node('product', {}, [text('id', id)]))
      const answer = await catalog('set', node('product_catalog_delete', { v: '1' }, products))
      return { deleted: Number(getBinaryNodeChild(answer, 'product_catalog_delete')?.attrs['deleted_count'] || 0) }
    },
  }
}
