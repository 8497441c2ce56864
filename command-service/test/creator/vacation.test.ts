import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { expect } from 'chai';
import { creator } from '../../src/domain/creator/creator.js';
import { given } from '../support/decider.js';
import { at, creatorId, later, upgraded } from './samples.js';

const start = (from: string | null, end: string | null) =>
  ({ type: 'StartVacation', creatorId, start: from, end, at }) as const;
const stop = { type: 'StopVacation', creatorId } as const;
const enabled = (from: string, end: string | null): CreatorEvent => ({
  type: 'VacationEnabled',
  data: { start: from, end, statusAfter: 'VACATION' },
});
const suspended: CreatorEvent = { type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } };

describe('The creator aggregate: vacation (G32)', () => {
  it('starts now unless a start is given, and moves ACTIVE to VACATION', () => {
    given(creator, upgraded).when(start(null, null)).then(enabled(at, null));
    given(creator, upgraded).when(start(later, null)).then(enabled(later, null));
  });

  it('refuses an end that is not after the start', () => {
    given(creator, upgraded).when(start(later, at)).refused('creator.vacation.invalid_range');
    given(creator, upgraded).when(start(later, later)).refused('creator.vacation.invalid_range');
    given(creator, upgraded).when(start(null, at)).refused('creator.vacation.invalid_range');
  });

  it('keeps its start when only the end changes', () => {
    given(creator, upgraded, enabled('2026-04-01T00:00:00.000Z', null))
      .when(start(null, later))
      .then(enabled('2026-04-01T00:00:00.000Z', later));
  });

  it('keeps its end when only the start changes', () => {
    given(creator, upgraded, enabled('2026-04-01T00:00:00.000Z', later))
      .when(start(at, later))
      .then(enabled(at, later));
  });

  it('clears both dates when it ends, and returns to ACTIVE', () => {
    const back = { type: 'VacationDisabled', data: { statusAfter: 'ACTIVE', by: 'CREATOR' } } as const;
    given(creator, upgraded, enabled(at, later)).when(stop).then(back);
    expect(given(creator, upgraded, enabled(at, later), back).state).to.include({
      vacationMode: false,
      vacationStart: null,
      vacationEnd: null,
      status: 'ACTIVE',
    });
  });

  it('records nothing when nothing changes', () => {
    given(creator, upgraded).when(stop).nothing();
    given(creator, upgraded, enabled(at, later)).when(start(at, later)).nothing();
  });

  it('changes only the flag of a creator who is not ACTIVE', () => {
    given(creator, upgraded, suspended)
      .when(start(null, null))
      .then({ type: 'VacationEnabled', data: { start: at, end: null, statusAfter: 'SUSPENDED' } });
    given(creator, upgraded, enabled(at, null), suspended)
      .when(stop)
      .then({ type: 'VacationDisabled', data: { statusAfter: 'SUSPENDED', by: 'CREATOR' } });
  });

  describe('ended by the clock', () => {
    const close = (now: string) => ({ type: 'CloseEndedVacation', creatorId, at: now }) as const;

    it('ends at its end date, not a millisecond before', () => {
      given(creator, upgraded, enabled(at, later)).when(close('2026-05-01T07:59:59.999Z')).nothing();
      given(creator, upgraded, enabled(at, later))
        .when(close(later))
        .then({ type: 'VacationDisabled', data: { statusAfter: 'ACTIVE', by: 'CLOCK' } });
    });

    it('does not end without an end date', () => {
      given(creator, upgraded, enabled(at, null)).when(close(later)).nothing();
      given(creator, upgraded).when(close(later)).nothing();
    });
  });
});
