/**
 * Turns of the event loop. Over a store in this process nothing ever waits, so work that goes on for long (a feed that catches up, due
 * documents, reactions) would hold up every request; and thirty feeds that each gave way by a turn of their own would still take the
 * same turn, one after the other.
 */
import { systemClock, type Clock } from './time.js';

/** So long others that wait go on in the same turn: what is little work for each of them then shares a transaction, too. */
export const TURN_MS = 1;

/**
 * Returns a function that resolves in a later turn; requests and timers that came meanwhile go before it. All that wait go on in order,
 * one after the other: as many in one turn as begin within TURN_MS, at least one.
 */
export function createTurns({ monotonic }: Pick<Clock, 'monotonic'>): () => Promise<void> {
  let waiting: (() => void)[] = [];
  let isGoingOn = false;

  async function goOn(): Promise<void> {
    const over = monotonic() + TURN_MS;
    const all = waiting;
    waiting = [];
    for (const [index, resolve] of all.entries()) {
      if (index > 0 && monotonic() >= over) {
        waiting = [...all.slice(index), ...waiting];
        break;
      }
      resolve();
      await promisesSettled();
    }
    if (waiting.length > 0) setImmediate(() => void goOn());
    else isGoingOn = false;
  }

  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (isGoingOn) return;
      isGoingOn = true;
      setImmediate(() => void goOn());
    });
}

/** That of this process. */
export const laterTurn = createTurns(systemClock);

/** Resolves after all that follows at once from promises that are settled by now. */
async function promisesSettled(): Promise<void> {
  await Promise.resolve(); // asked for within a promise, the next tick comes after all of them
  await new Promise<void>((resolve) => process.nextTick(resolve));
}
