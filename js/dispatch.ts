/**
 * Gives listeners their time: at most {@link SLICE_MS} per turn of the event loop, over all clients of the thread
 * together, however much arrives. What is left goes on after the loop has been round once.
 */

/** Something with work in small steps. */
export interface Work {
  /** Does one small step; false when that was the last. Must not throw. */
  step(): boolean
}

const SLICE_MS = 2
/** What a listener goes on with after its first await is not in the slice: so many that do may begin in one turn. */
const MOST_BEGUN = 32

// Bound at load, so that a test's fake timers do not stop the delivery of events.
const later = setImmediate
const now = performance.now.bind(performance)

const waiting: Work[] = []
let spent = 0
let begun = 0
let running = false
let turn: unknown

/** Starts `work` at once if this turn has time left, after the work before it. */
export function dispatch(work: Work): void {
  waiting.push(work)
  run()
}

/** A listener has begun what it goes on with later. */
export function begins(): void {
  begun++
}

function run(): void {
  if (running) return
  // Also resets the time for the next turn when nothing is left over.
  turn ??= later(nextTurn)
  running = true
  const start = now()
  const end = start + SLICE_MS - spent
  for (let time = start; time < end && begun < MOST_BEGUN && waiting[0]; time = now()) {
    if (!waiting[0].step()) waiting.shift()
  }
  spent += now() - start
  running = false
}

function nextTurn(): void {
  turn = undefined
  const used = spent
  spent = begun = 0
  if (waiting.length === 0) return
  // Listeners may have had their time in this round of the loop already, before this callback: then in the next.
  if (used > 0) turn = later(nextTurn)
  else run()
}

/** Lets an error of a listener surface as Node's own emitter's would: as an uncaught exception, not through us. */
export function surface(error: unknown): void {
  process.nextTick(() => {
    throw error
  })
}
