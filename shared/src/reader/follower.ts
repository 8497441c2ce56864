/** A consumer of the log that need not be woken for what it does not take. Neither method may throw. */
export interface Follower<Event> {
  /**
   * Passes over these events, all that follow `after`, where the consumer is at rest, has seen all before them and takes none of them;
   * also where it has seen them, or stands by. False where it is to be woken instead.
   */
  passes(after: bigint, events: readonly Event[]): boolean;
  /** Stores how far it is, where it has passed over something since. */
  store(): void;
  /** How long that may wait while more comes, in milliseconds: all of one pace store together. */
  readonly storeMs: number;
}
