import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { expect } from 'chai';
import { creator, isOnVacation } from '../../src/domain/creator/creator.js';
import { given } from '../support/decider.js';
import { at, creatorId, later, upgraded } from './samples.js';

const start = (from?: string | null, end?: string | null) =>
  ({ type: 'StartVacation', creatorId, start: from, end, at }) as const;
const scheduled = (from: string, end: string | null): CreatorEvent => ({
  type: 'VacationScheduled',
  data: { start: from, end },
});
const before = '2026-04-01T00:00:00.000Z';
const evenLater = '2026-06-01T00:00:00.000Z';
const stop = { type: 'StopVacation', creatorId } as const;
const enabled = (from: string, end: string | null): CreatorEvent => ({
  type: 'VacationEnabled',
  data: { start: from, end, statusAfter: 'VACATION' },
});
const suspended: CreatorEvent = { type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } };

describe('The creator aggregate: vacation (G32)', () => {
  it('starts now unless a start is given, and moves ACTIVE to VACATION', () => {
    given(creator, upgraded).when(start()).then(enabled(at, null));
    given(creator, upgraded).when(start(null, null)).then(enabled(at, null));
    given(creator, upgraded).when(start(before, null)).then(enabled(before, null));
  });

  describe('with a start to come (G52)', () => {
    const planned = given(creator, upgraded, scheduled(later, evenLater));
    it('is scheduled, and changes neither flag nor status', () => {
      given(creator, upgraded).when(start(later, evenLater)).then(scheduled(later, evenLater));
      expect(planned.state).to.include({
        ...{ vacationMode: false, status: 'ACTIVE' },
        ...{ vacationStart: later, vacationEnd: evenLater },
      });
    });
    it('keeps the dates that are left out, and clears those that are null: the start is now then', () => {
      planned.when(start()).nothing();
      planned.when(start(undefined, null)).then(scheduled(later, null));
      planned.when(start(null, undefined)).then(enabled(at, evenLater));
    });
    it('can be called off before it begins', () =>
      planned.when(stop).then({ type: 'VacationDisabled', data: { statusAfter: 'ACTIVE', by: 'CREATOR' } }));
    it('ends the vacation that is on', () =>
      given(creator, upgraded, enabled(at, null))
        .when(start(later, undefined))
        .then({ type: 'VacationDisabled', data: { statusAfter: 'ACTIVE', by: 'CREATOR' } }, scheduled(later, null)));
    it('is on from its start to its end, whether or not the clock has said so', () => {
      const on = (now: string) => isOnVacation(planned.state, now);
      expect([on(at), on(later), on('2026-05-31T23:59:59.999Z'), on(evenLater)]).to.deep.equal([
        false,
        true,
        true,
        false,
      ]);
    });
    it('is begun by the clock at its start, and is over for good when its end has passed before', () => {
      const follow = (now: string) => ({ type: 'FollowVacation', creatorId, at: now }) as const;
      planned.when(follow(at)).nothing();
      planned.when(follow(later)).then(enabled(later, evenLater));
      planned.when(follow(evenLater)).then({ type: 'VacationDisabled', data: { statusAfter: 'ACTIVE', by: 'CLOCK' } });
    });
  });

  it('refuses an end that is not after the start', () => {
    given(creator, upgraded).when(start(later, at)).refused('creator.vacation.invalid_range');
    given(creator, upgraded).when(start(later, later)).refused('creator.vacation.invalid_range');
    given(creator, upgraded).when(start(null, at)).refused('creator.vacation.invalid_range');
  });

  it('keeps its start when only the end changes', () => {
    given(creator, upgraded, enabled('2026-04-01T00:00:00.000Z', null))
      .when(start(undefined, later))
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
    const close = (now: string) => ({ type: 'FollowVacation', creatorId, at: now }) as const;

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
