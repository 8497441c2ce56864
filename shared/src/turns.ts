/**
 * Turns of the event loop. Over a store in this process nothing ever waits, so work that goes on for long (a feed that catches up, due
 * documents, reactions) would hold up every request; and thirty feeds that each gave way by a turn of their own would still take the
 * same turn, one after the other.
 */
let last: Promise<void> = Promise.resolve();

/** Resolves in a turn that is the caller's alone: of all that wait here one goes on at each turn, in order. Requests and timers that came meanwhile go before it. */
export function ownTurn(): Promise<void> {
  last = last.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
  return last;
}
