/** GraphQL in a request: newsletters and whatever is new. */
import { Boom } from '@hapi/boom'

import type { SocketContext } from '../context.js'
import { getBinaryNodeChildString } from '../nodes.js'
import { iq, text } from './ask.js'

interface MexError {
  message?: string
  extensions?: { error_code?: number }
}

/** The words of an operation, for people: `xwa2_newsletter_create` is "newsletter create". */
const wordsOf = (operation: string): string => operation.replace(/^xwa2_/, '').replaceAll('_', ' ')

interface MexAnswer {
  data?: { [operation: string]: unknown } | null
  errors?: MexError[]
}

/** Nothing where the answer is no object. */
function read(json: string | undefined): MexAnswer {
  try {
    const value: unknown = JSON.parse(json ?? '')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/**
 * What the service gave for `operation`.
 * @throws Boom with the code of the first error; 400 where the answer has no such thing
 */
export async function mex<T>({ query }: SocketContext, queryId: string, variables: object, operation: string): Promise<T> {
  const answer = await query(iq('get', 'w:mex', [text('query', JSON.stringify({ variables }), { query_id: queryId })]))
  const { data, errors } = read(getBinaryNodeChildString(answer, 'result'))
  const list = Array.isArray(errors) ? errors : []
  const [first] = list
  if (first) {
    const all = list.map(({ message }) => message || 'Unknown error').join(', ')
    throw new Boom(`GraphQL server error: ${all}`, { statusCode: first.extensions?.error_code || 400, data: first })
  }
  const result = data?.[operation]
  if (result === undefined) {
    throw new Boom(`Failed to ${wordsOf(operation)}, unexpected response structure.`, { statusCode: 400, data: answer })
  }
  return result as T
}
