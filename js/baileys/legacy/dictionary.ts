/** A list in the order of arrival, of which each item is also found by its id. */

export interface OrderedDictionary<T> {
  array: T[]
  get: (id: string) => T | undefined
  /** An item that is there already keeps its place. */
  upsert: (item: T, mode: 'append' | 'prepend') => void
  update: (item: T) => boolean
  remove: (item: T) => boolean
  updateAssign: (id: string, update: Partial<T>) => boolean
  clear: () => void
  filter: (contain: (item: T) => boolean) => void
  toJSON: () => T[]
  fromJSON: (newItems: T[]) => void
}

/** @param most how many items stay: of more, the oldest go */
export function makeOrderedDictionary<T extends object>(idOf: (item: T) => string, most = Infinity): OrderedDictionary<T> {
  // Programs hold on to the array: it is changed, never replaced.
  const array: T[] = []
  const byId = new Map<string, T>()
  const placeOf = (id: string): number => array.findIndex(item => idOf(item) === id)

  function update(item: T): boolean {
    const id = idOf(item)
    const place = byId.has(id) ? placeOf(id) : -1
    if (place < 0) return false
    array[place] = item
    byId.set(id, item)
    return true
  }
  return {
    array,
    get: id => byId.get(id),
    update,
    upsert(item, mode) {
      if (update(item)) return
      if (mode === 'prepend') {
        // The oldest would be the first to go.
        if (array.length >= most) return
        array.unshift(item)
      } else array.push(item)
      byId.set(idOf(item), item)
      while (array.length > most) byId.delete(idOf(array.shift() as T))
    },
    remove(item) {
      const id = idOf(item)
      const place = byId.has(id) ? placeOf(id) : -1
      if (place < 0) return false
      array.splice(place, 1)
      byId.delete(id)
      return true
    },
    updateAssign(id, change) {
      const item = byId.get(id)
      if (!item) return false
      Object.assign(item, change)
      byId.delete(id)
      byId.set(idOf(item), item)
      return true
    },
    clear() {
      array.length = 0
      byId.clear()
    },
    filter(contain) {
      const kept = array.filter(contain)
      array.length = 0
      byId.clear()
      for (const item of kept) {
        array.push(item)
        byId.set(idOf(item), item)
      }
    },
    toJSON: () => array,
    fromJSON(items) {
      array.length = 0
      byId.clear()
      for (const item of items) {
        array.push(item)
        byId.set(idOf(item), item)
      }
    },
  }
}

/** Things by their id. */
export class ObjectRepository<T extends object> {
  readonly entityMap: Map<string, T>

  constructor(entities: Record<string, T> = {}) {
    this.entityMap = new Map(Object.entries(entities))
  }
  findById(id: string): T | undefined {
    return this.entityMap.get(id)
  }
  findAll(): T[] {
    return [...this.entityMap.values()]
  }
  upsertById(id: string, entity: T): Map<string, T> {
    return this.entityMap.set(id, { ...entity })
  }
  deleteById(id: string): boolean {
    return this.entityMap.delete(id)
  }
  count(): number {
    return this.entityMap.size
  }
  toJSON(): T[] {
    return this.findAll()
  }
}
