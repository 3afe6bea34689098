/** The client version that the engine announces unless it is told otherwise. */
import type { WAVersion } from './types.js'

export const DEFAULT_VERSION: WAVersion = [2, 3000, 1043857760]
