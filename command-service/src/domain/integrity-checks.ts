import type { IntegrityCheckEvent } from '@creator-dashboards/shared/events/integrity';
import type { Decider } from './decider.js';

export const INTEGRITY_CHECKS = 'integrityChecks-all';

export interface AskCheck {
  readonly type: 'AskCheck';
  readonly by: string | null;
}

/** Comparisons of the whole log that administrators asked for. Any number may be asked for: one begins after the other has ended. */
export const integrityChecks: Decider<object, AskCheck, IntegrityCheckEvent> = {
  category: 'integrityChecks',
  snapshotVersion: 1,
  streamOf: () => INTEGRITY_CHECKS,
  initial: {},
  evolve: (state) => state,
  decide: ({ by }) => [{ type: 'IntegrityCheckAsked', data: { by } }],
  keysOf: () => ({}),
};
