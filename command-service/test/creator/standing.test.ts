import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import type { Level } from '@creator-dashboards/shared/events/define';
import { expect } from 'chai';
import { creator } from '../../src/domain/creator/creator.js';
import type { LevelGates } from '@creator-dashboards/shared/views/levels';
import { given } from '../support/decider.js';
import { at, creatorId, later, upgraded } from './samples.js';

const onVacation: CreatorEvent = {
  type: 'VacationEnabled',
  data: { start: at, end: null, statusAfter: 'VACATION' },
};
const suspended: CreatorEvent = { type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } };
const banned: CreatorEvent = { type: 'CreatorBanned', data: { statusAfter: 'BANNED' } };
const deactivated: CreatorEvent = { type: 'CreatorDeactivated', data: { statusAfter: 'DEACTIVATED' } };
const reinstated = (statusAfter: 'ACTIVE' | 'VACATION' | 'DEACTIVATED' | 'BANNED'): CreatorEvent => ({
  type: 'CreatorReinstated',
  data: { statusAfter },
});
const command = <T extends string>(type: T) => ({ type, creatorId });

describe('The creator aggregate: sanctions', () => {
  it('suspend or ban a creator from any other status', () => {
    given(creator, upgraded).when(command('Suspend')).then(suspended);
    given(creator, upgraded, onVacation).when(command('Ban')).then(banned);
    given(creator, upgraded, suspended).when(command('Ban')).then(banned);
    given(creator, upgraded, deactivated).when(command('Suspend')).then(suspended);
  });

  it('are refused when the creator already has that status', () => {
    given(creator, upgraded, suspended).when(command('Suspend')).refused('creator.status.unchanged');
    given(creator, upgraded, banned).when(command('Ban')).refused('creator.status.unchanged');
    given(creator, upgraded).when(command('Reinstate')).refused('creator.status.unchanged');
  });

  it('end in VACATION while the vacation is on, else in ACTIVE (G37)', () => {
    given(creator, upgraded, suspended).when(command('Reinstate')).then(reinstated('ACTIVE'));
    given(creator, upgraded, onVacation, banned).when(command('Reinstate')).then(reinstated('VACATION'));
  });
});

describe('The creator aggregate: status of the account (G37)', () => {
  it('deactivates and reactivates the profile with it, once', () => {
    given(creator, upgraded).when(command('DeactivateWithAccount')).then(deactivated);
    given(creator, upgraded, deactivated).when(command('DeactivateWithAccount')).nothing();
    given(creator, upgraded, deactivated).when(command('ReactivateWithAccount')).then(reinstated('ACTIVE'));
    given(creator, upgraded).when(command('ReactivateWithAccount')).nothing();
  });

  it('reactivates to VACATION while the vacation is on', () => {
    given(creator, upgraded, onVacation, deactivated)
      .when(command('ReactivateWithAccount'))
      .then(reinstated('VACATION'));
  });

  it('keeps a ban through deactivation and reactivation', () => {
    const left: CreatorEvent = { type: 'CreatorDeactivated', data: { statusAfter: 'BANNED' } };
    given(creator, upgraded, banned).when(command('DeactivateWithAccount')).then(left);
    given(creator, upgraded, banned, left).when(command('ReactivateWithAccount')).then(reinstated('BANNED'));
  });

  it('keeps the profile deactivated when a sanction is lifted while the account is closed', () => {
    given(creator, upgraded, deactivated, banned).when(command('Reinstate')).then(reinstated('DEACTIVATED'));
    given(creator, upgraded, deactivated, banned, reinstated('DEACTIVATED'))
      .when(command('ReactivateWithAccount'))
      .then(reinstated('ACTIVE'));
  });

  it('deletes the profile once, after the grace period', () => {
    const deleted: CreatorEvent = { type: 'CreatorDeleted', data: { deletedAt: later } };
    given(creator, upgraded, deactivated).when({ type: 'Delete', creatorId, at: later }).then(deleted);
    given(creator, upgraded, deactivated, deleted)
      .when({ type: 'Delete', creatorId, at: later })
      .refused('error.creator.not_found');
  });
});

describe('The creator aggregate: level', () => {
  /** The default thresholds (G9), in cents. */
  const gates: LevelGates = {
    SILVER: { messages: 100, earnings: 500_000 },
    GOLD: { messages: 500, earnings: 2_500_000 },
    PLATINUM: { messages: 2_000, earnings: 10_000_000 },
  };
  const promote = (messages: number, earnings: number) =>
    ({ type: 'Promote', creatorId, totals: { messages, earnings }, gates }) as const;
  const setLevel = (level: Level, pinned: boolean | undefined, messages = 0, earnings = 0) =>
    ({ type: 'SetLevel', creatorId, level, pinned, totals: { messages, earnings }, gates }) as const;
  const changed = (from: Level, to: Level, cause: 'EARNED' | 'ADMIN', pinned: boolean): CreatorEvent => ({
    type: 'CreatorLevelChanged',
    data: { from, to, cause, pinned },
  });

  it('rises when both thresholds of the next level are met, not by one alone (G8)', () => {
    given(creator, upgraded)
      .when(promote(100, 500_000))
      .then(changed('BRONZE', 'SILVER', 'EARNED', false));
    given(creator, upgraded).when(promote(99, 500_000)).nothing();
    given(creator, upgraded).when(promote(100, 499_999)).nothing();
  });

  it('rises several levels at once (G9)', () => {
    given(creator, upgraded)
      .when(promote(500, 2_500_000))
      .then(changed('BRONZE', 'GOLD', 'EARNED', false));
    given(creator, upgraded)
      .when(promote(2_000, 10_000_000))
      .then(changed('BRONZE', 'PLATINUM', 'EARNED', false));
  });

  it('never falls by itself (G8)', () => {
    given(creator, upgraded, changed('BRONZE', 'GOLD', 'EARNED', false))
      .when(promote(0, 0))
      .nothing();
  });

  it('stays where an admin pinned it (G8)', () => {
    given(creator, upgraded, changed('BRONZE', 'SILVER', 'ADMIN', true))
      .when(promote(500, 2_500_000))
      .nothing();
  });

  it('is pinned by an admin who sets another than the earned one, unless told not to (G8)', () => {
    given(creator, upgraded)
      .when(setLevel('GOLD', undefined))
      .then(changed('BRONZE', 'GOLD', 'ADMIN', true));
    given(creator, upgraded)
      .when(setLevel('GOLD', false))
      .then(changed('BRONZE', 'GOLD', 'ADMIN', false));
    given(creator, upgraded)
      .when(setLevel('SILVER', undefined, 100, 500_000))
      .then(changed('BRONZE', 'SILVER', 'ADMIN', false));
  });

  it('can be unpinned without changing', () => {
    given(creator, upgraded, changed('BRONZE', 'GOLD', 'ADMIN', true))
      .when(setLevel('GOLD', false))
      .then(changed('GOLD', 'GOLD', 'ADMIN', false));
  });

  it('is refused when neither level nor pin would change', () => {
    given(creator, upgraded).when(setLevel('BRONZE', undefined)).refused('creator.level.unchanged');
  });

  it('keeps level and pin in the state', () => {
    expect(given(creator, upgraded, changed('BRONZE', 'GOLD', 'ADMIN', true)).state).to.include({
      level: 'GOLD',
      levelPinned: true,
    });
  });
});
