import { log } from './log'

/** Does what there is to do whenever it is woken: never twice at once, and once more where it was woken meanwhile. */
export class Runner {
  private again = false
  private running?: Promise<void>

  constructor(private readonly work: () => Promise<void>, private readonly mayRun: () => boolean = () => true) {}

  wake() {
    this.again = true
    if (this.mayRun()) this.running ??= this.run()
  }

  /** Resolves once nothing is under way. */
  async ended(): Promise<void> {
    await this.running
  }

  private async run(): Promise<void> {
    while (this.again && this.mayRun()) {
      this.again = false
      await this.work().catch((err: unknown) => log.error({ err }, 'work was given up'))
    }
    // In the same moment as the last look at `again`, so that nobody who wakes it takes it to be running still.
    this.running = undefined
  }
}
