/** What is waited for while stores are opened, in words for an operator. */
import { SECOND, type Clock } from '../time.js';
import { every } from '../waiting.js';

/** A store that is being opened. */
export interface Opening {
  /** Its name: a technology, and the variable that has its address. */
  readonly store: string;
  /** How long its server is waited for; null for a file. */
  readonly patienceMs: number | null;
}

export interface Openings {
  /** To be called as the opening of each store begins. */
  readonly begin: (opening: Opening) => void;
  /** As "waiting for EventStoreDB, 12 of 30 s"; null before the first. */
  text(): string | null;
}

export function createOpenings(clock: Pick<Clock, 'monotonic'>): Openings {
  let current: (Opening & { readonly since: number }) | null = null;
  return {
    begin(opening) {
      current = { ...opening, since: clock.monotonic() };
    },
    text() {
      if (current === null) return null;
      const { store, patienceMs, since } = current;
      const waited = Math.floor((clock.monotonic() - since) / SECOND);
      const bound = patienceMs === null ? '' : ` of ${patienceMs / SECOND}`;
      return `waiting for ${store}, ${waited}${bound} s`;
    },
  };
}

/** How often an operator is told what is waited for. */
export const TELL_MS = 3 * SECOND;

/** Runs `open`, which opens stores, and says every three seconds which one it waits for. */
export async function sayingWaits<T>(
  clock: Clock,
  say: (text: string) => void,
  open: (begin: Openings['begin']) => Promise<T>,
): Promise<T> {
  const openings = createOpenings(clock);
  const opened = new AbortController();
  void every(clock, TELL_MS, async () => say(openings.text() ?? 'waiting for the stores'), opened.signal);
  try {
    return await open(openings.begin);
  } finally {
    opened.abort();
  }
}
