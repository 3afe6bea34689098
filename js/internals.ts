/** What the doors need of a client beyond its public class. */

export interface Internals {
  /** `creds.json` of a program that keeps an auth state of Baileys: a new device is made from its keys. */
  creds?: string
  /** What has changed of them, as JSON with bytes as `BufferJSON` has them: its fields replace those of the program. */
  onCreds?(fields: string): void
}
