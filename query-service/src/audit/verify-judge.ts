/** Judges the log by the heads that were signed, one after the other. */
import type { SignedHead } from '@creator-dashboards/shared/audit-index';
import type { Hash } from '@creator-dashboards/shared/merkle';
import type { Position } from '@creator-dashboards/shared/ports';
import { createTrees } from './verify-trees.js';
import { NOTHING_VERIFIED, type Fault, type Verification, type Verified, type VerifyOptions } from './verification.js';

export interface Judge {
  /** One event more: see Trees. */
  add(isNow: Hash | null, was: Uint8Array, suspicion: () => Fault): void;
  /** The head of the size that is reached, whose last event stands at this position. */
  judge(signed: SignedHead, at: Position): void;
  /** Up to the head before, if the log leads to that. */
  verified(): Verified | null;
  /** Tells what no head can decide. */
  end(): Omit<Verification, 'checked'>;
}

export function createJudge({ keys, from = NOTHING_VERIFIED, onFault }: VerifyOptions): Judge {
  const trees = createTrees(from.tree);
  let head: SignedHead | null = null;
  let verified: Verified | null = null;
  let unknownKeys = 0;
  /** Since a head that the log does not lead to: no later one can be led to, and one fault says so. */
  let isLost = false;

  const headFault = (position: Position, message: string) =>
    onFault({ kind: 'head', position, eventId: null, stream: null, message });

  return {
    add: trees.add,
    judge(signed, at) {
      const genuine = keys.isGenuine(signed);
      if (genuine === false) return headFault(at, `the head of ${signed.size} events is not as it was signed`);
      if (genuine === null) unknownKeys += 1;
      const faults = trees.judge(signed.root);
      for (const fault of faults ?? trees.giveUp()) onFault(fault);
      const tree = trees.agreed();
      if (faults !== null && tree !== null) {
        [head, isLost, verified] = [signed, false, { tree, position: at }];
        return;
      }
      const since = head ? `after the first ${head.size}` : 'from the first on';
      if (!isLost)
        headFault(at, `the ${signed.size} events, ${since}, are not those that were signed at ${signed.signedAt}`);
      [isLost, verified] = [true, null];
    },
    verified: () => verified,
    end() {
      for (const suspicion of trees.giveUp()) onFault(suspicion);
      return { head, root: trees.root().toString('hex'), unknownKeys };
    },
  };
}
