/** What a creator sets herself: DMs, vacation, payouts. */
import { refuse, refuseField } from '@creator-dashboards/shared/errors';
import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { toDecimal, type Cents } from '@creator-dashboards/shared/money';
import type { Instant } from '@creator-dashboards/shared/time';
import type { CommandNamed, Decision } from './commands.js';
import type { CreatorState } from './state.js';

/** DM price (G31): FREE has none; a paid type needs one within range while active, and may have none while
 * inactive. What is already so is accepted whatever the range is by now. */
export function updateDmConfig(command: CommandNamed<'UpdateDmConfig'>, state: CreatorState): Decision {
  const { dmType, dmActive, priceRange, packageId } = command;
  const given = command.dmPrice === undefined ? state.dmPrice : command.dmPrice;
  const price = dmType === 'FREE' ? null : given;
  if (dmType === state.dmType && price === state.dmPrice && dmActive === state.dmActive) return [];
  if (dmType === null) return refuseField('dmType', 'must be FREE, SINGLE_PAY or PER_MESSAGE');
  if (dmType !== 'FREE' && dmActive) {
    if (price === null) return refuseField('dmPrice', 'is required', 'creator.dm.price_required');
    if (price < priceRange.min || price > priceRange.max)
      return refuse('creator.dm.price_out_of_range', {
        min: toDecimal(priceRange.min),
        max: toDecimal(priceRange.max),
      });
  }
  const decimal = (cents: Cents | null) => (cents === null ? null : toDecimal(cents));
  return [
    {
      type: 'DmConfigUpdated',
      data: {
        dmType,
        dmPrice: decimal(price),
        dmActive,
        previous: { dmType: state.dmType, dmPrice: decimal(state.dmPrice), dmActive: state.dmActive },
        packageId,
      },
    },
  ];
}

/** Vacation (G32, G52): only ACTIVE becomes VACATION, and only once it has begun. */
export function startVacation(command: CommandNamed<'StartVacation'>, state: CreatorState): Decision {
  const { at } = command;
  const start = (command.start === undefined ? state.vacationStart : command.start) ?? at;
  const end = command.end === undefined ? state.vacationEnd : command.end;
  if (end !== null && end <= start) return refuse('creator.vacation.invalid_range');
  const begins = start <= at;
  if (begins === state.vacationMode && start === state.vacationStart && end === state.vacationEnd) return [];
  if (begins) return [vacationEnabled(state, start, end)];
  const scheduled: CreatorEvent = { type: 'VacationScheduled', data: { start, end } };
  return state.vacationMode ? [vacationDisabled(state, 'CREATOR'), scheduled] : [scheduled];
}

/** Stops a vacation, or cancels one that has not begun. */
export function stopVacation(state: CreatorState): Decision {
  return state.vacationStart === null ? [] : [vacationDisabled(state, 'CREATOR')];
}

/** By the clock. A vacation without an end stays; one that was over before the clock came to it never begins. */
export function followVacation({ at }: CommandNamed<'FollowVacation'>, state: CreatorState): Decision {
  const { vacationStart: start, vacationEnd: end, vacationMode } = state;
  if (start === null) return [];
  if (end !== null && end <= at) return [vacationDisabled(state, 'CLOCK')];
  return !vacationMode && start <= at ? [vacationEnabled(state, start, end)] : [];
}

function vacationEnabled(state: CreatorState, start: Instant, end: Instant | null): CreatorEvent {
  const statusAfter = state.status === 'ACTIVE' ? 'VACATION' : state.status;
  return { type: 'VacationEnabled', data: { start, end, statusAfter } };
}

function vacationDisabled(state: CreatorState, by: 'CREATOR' | 'CLOCK'): CreatorEvent {
  const statusAfter = state.status === 'VACATION' ? 'ACTIVE' : state.status;
  return { type: 'VacationDisabled', data: { statusAfter, by } };
}

export function updatePayoutSettings(command: CommandNamed<'UpdatePayoutSettings'>, state: CreatorState): Decision {
  const { bank, preferredPayoutMethod: method, autoPayoutEnabled: enabled } = command;
  const events: CreatorEvent[] = [];
  if (bank) events.push({ type: 'BankDetailsUpdated', data: { bankDetails: bank.details, hasIban: bank.hasIban } });
  if (method !== undefined && method !== state.preferredPayoutMethod)
    events.push({ type: 'PreferredPayoutMethodSet', data: { method } });
  if (enabled !== undefined && enabled !== state.autoPayoutEnabled)
    events.push({ type: 'AutoPayoutSet', data: { enabled } });
  return events;
}

export function verifyBankAccount({ at }: CommandNamed<'VerifyBankAccount'>, state: CreatorState): Decision {
  if (!state.hasIban) return refuse('creator.bank.incomplete');
  return state.bankAccountVerified ? [] : [{ type: 'BankAccountVerified', data: { verifiedAt: at } }];
}
