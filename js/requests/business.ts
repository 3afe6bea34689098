/** `client.business` and `client.bots`. */

import type * as contract from '../../index.js'
import { type Ask, invalidArgument, jidOf } from '../requests.js'

/** What of the client it needs. */
export interface Uploader {
  upload(source: contract.FileSource, options: contract.UploadOptions): Promise<contract.UploadedFile>
}

type Paged = contract.CallOptions & { limit?: number; cursor?: string }

export class Business implements contract.Business {
  readonly #ask: Ask
  readonly #client: Uploader

  constructor(ask: Ask, client: Uploader) {
    this.#ask = ask
    this.#client = client
  }

  async profile(person?: contract.Whoever, options?: contract.CallOptions): Promise<contract.BusinessProfile | undefined> {
    return this.#ask('business.profile', { person: who(person) }, options)
  }

  async setProfile(what: contract.BusinessProfileUpdate, options?: contract.CallOptions): Promise<void> {
    if (typeof what !== 'object' || what === null) throw invalidArgument('what', 'must be an object')
    await this.#ask('business.setProfile', what, options)
  }

  async setCover(picture: contract.FileSource, options?: contract.CallOptions): Promise<string> {
    const file = await this.#upload(picture, 'cover', options)
    const cover = file['cover'] as { id: string; token: string; ts: string } | undefined
    if (!cover) throw invalidArgument('picture', 'was taken by hosts that do not tell how it is named')
    await this.#ask('business.setProfile', { cover }, options)
    return cover.id
  }

  async removeCover(id: string, options?: contract.CallOptions): Promise<void> {
    await this.#ask('business.setProfile', { cover: { id } }, options)
  }

  async verifiedName(person: contract.Whoever, options?: contract.CallOptions): Promise<{ name: string; level?: string; issuer?: string } | undefined> {
    return this.#ask('business.verifiedName', { person: jidOf(person, 'person') }, options)
  }

  async catalog(person?: contract.Whoever, { limit, cursor, ...options }: Paged = {}): Promise<{ products: contract.Product[]; cursor?: string }> {
    return this.#ask('business.catalog', { person: who(person), limit, cursor }, options)
  }

  async collections(person?: contract.Whoever, { limit, ...options }: contract.CallOptions & { limit?: number } = {}): Promise<contract.ProductCollection[]> {
    return this.#ask('business.collections', { person: who(person), limit }, options)
  }

  async createProduct(product: contract.NewProduct, options?: contract.CallOptions): Promise<contract.Product> {
    return this.#ask('business.createProduct', await this.#written(product, options), options)
  }

  async editProduct(id: string, product: contract.NewProduct, options?: contract.CallOptions): Promise<contract.Product> {
    return this.#ask('business.editProduct', { ...(await this.#written(product, options)), id }, options)
  }

  deleteProducts(ids: string | string[], options?: contract.CallOptions): Promise<number> {
    return this.#ask('business.deleteProducts', { ids: [ids].flat() }, options)
  }

  order(id: string, token: string, options?: contract.CallOptions): Promise<contract.Order> {
    return this.#ask('business.order', { id, token }, options)
  }

  /** A product with its pictures uploaded. */
  async #written(product: contract.NewProduct, options?: contract.CallOptions): Promise<object> {
    if (typeof product !== 'object' || product === null) throw invalidArgument('product', 'must be an object')
    const { images = [], ...rest } = product
    if (!Array.isArray(images)) throw invalidArgument('images', 'must be a list')
    const urls = await Promise.all(images.map(async (image) => {
      const given = typeof image === 'object' && image !== null && 'url' in image ? image.url : undefined
      return typeof given === 'string' ? given : (await this.#upload(image as contract.FileSource, 'product', options))['url']
    }))
    return { ...rest, images: urls }
  }

  /** Pictures of shops are not encrypted. */
  #upload(source: contract.FileSource, area: 'product' | 'cover', { signal }: contract.CallOptions = {}): Promise<contract.UploadedFile> {
    return this.#client.upload(source, { kind: 'image', area, signal } as contract.UploadOptions)
  }
}

export class Bots implements contract.Bots {
  readonly #ask: Ask

  constructor(ask: Ask) {
    this.#ask = ask
  }

  list(options?: contract.CallOptions): Promise<contract.Bot[]> {
    return this.#ask('bots.list', {}, options)
  }
}

function who(person: contract.Whoever | undefined): string | undefined {
  return person === undefined ? undefined : jidOf(person, 'person')
}
