/** The client version that the engine announces unless it is told otherwise. */

export const DEFAULT_VERSION: [number, number, number] = [2, 3000, 1_043_857_760]
