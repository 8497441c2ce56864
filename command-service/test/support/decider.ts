import { isRefusal, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { expect } from 'chai';
import type { Decider } from '../../src/domain/decider.js';

/** given(decider, ...past).when(command).then(...events), or .refused(key), or .nothing(). */
export function given<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, ...past: E[]) {
  const state = past.reduce((folded, event) => decider.evolve(folded, event), decider.initial);
  return {
    state,
    when(command: C) {
      const decided = decider.decide(command, state);
      return {
        then(...expected: E[]) {
          expect(decided).to.deep.equal(expected);
        },
        nothing() {
          expect(decided).to.deep.equal([]);
        },
        refused(key: ErrorKey) {
          expect(isRefusal(decided), `expected a refusal, got ${JSON.stringify(decided)}`).to.equal(true);
          expect(decided).to.have.property('refused', key);
        },
        decided,
      };
    },
  };
}
