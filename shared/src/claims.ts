/** What is kept of an Idempotency-Key (G45), by the command id of its first run, for 48 hours: for whoever wants to know what became of a request. */
import { derivedId } from './ids.js';
import type { Document } from './ports.js';

export interface ClaimFacts extends Document {
  /** Done: its answer is kept for whoever repeats the request. Open: it is being answered, or was refused and may be tried again. */
  readonly state: 'open' | 'done';
  /** How many runs were closed before this one: each has ids of its own. */
  readonly run: number;
}

export const CLAIMS = 'idempotencyClaims';

/** The command id of a run of a claimed request. */
export const runIdOf = (claimId: string, run: number) => (run === 0 ? claimId : derivedId(claimId, String(run)));
