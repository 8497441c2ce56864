/** How much waits for the staff, looked at from time to time. */
import { after } from '../surroundings.js';
import type { Client } from '../vendor/client.js';
import { waitingIn } from './models/work.js';

const LOOKED_EVERY_MS = 30_000;

export interface Counting {
  /** Looks now, and from then on. */
  readonly look: () => Promise<void>;
  readonly stop: () => void;
}

/** Tells null where it cannot be known. Of two looks the later one counts. */
export function createCounting(client: Client, tell: (waiting: number | null) => void): Counting {
  let turn = 0;
  let cancel: () => void = () => undefined;

  async function look(): Promise<void> {
    const mine = ++turn;
    cancel();
    const counted = await client.get('/admin/work', { query: { limit: '1' } }).catch(() => null);
    if (mine !== turn) return;
    tell(counted && waitingIn(counted.counts));
    cancel = after(LOOKED_EVERY_MS, () => void look());
  }

  return {
    look,
    stop() {
      turn++;
      cancel();
    },
  };
}
