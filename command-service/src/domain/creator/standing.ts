/** What others decide about a creator: sanctions, the account's state, level, identity check. */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { CreatorStatus } from '@creator-dashboards/shared/events/define';
import { climb } from '@creator-dashboards/shared/views/levels';
import type { CommandNamed, Decision } from './commands.js';
import type { CreatorState } from './state.js';

/** A sanction outlives a deactivation of the account: nobody lifts it by leaving and coming back. */
export function sanctioned({ status }: CreatorState): boolean {
  return status === 'SUSPENDED' || status === 'BANNED';
}

export function unsanctioned(state: CreatorState, deactivated: boolean): CreatorStatus {
  if (deactivated) return 'DEACTIVATED';
  return state.vacationMode ? 'VACATION' : 'ACTIVE';
}

/** G8: up while both gates of the next level are met, never down; a pinned level stays. */
export function promote(
  { totals, gates }: CommandNamed<'Promote'>,
  { level: from, levelPinned }: CreatorState,
): Decision {
  const to = climb(from, totals, gates);
  if (levelPinned || to === from) return [];
  return [{ type: 'CreatorLevelChanged', data: { from, to, cause: 'EARNED', pinned: false } }];
}

export function setLevel(command: CommandNamed<'SetLevel'>, state: CreatorState): Decision {
  const { level: to } = command;
  const pinned = command.pinned ?? to !== climb('BRONZE', command.totals, command.gates);
  if (to === state.level && pinned === state.levelPinned) return refuse('creator.level.unchanged');
  return [{ type: 'CreatorLevelChanged', data: { from: state.level, to, cause: 'ADMIN', pinned } }];
}

/** Asked before the provider is, and again when it is decided. */
export function kycRefusal({ kycStatus }: CreatorState): Refusal | null {
  if (kycStatus === 'APPROVED') return refuse('creator.kyc.already_approved');
  return kycStatus === 'PENDING' ? refuse('creator.kyc.in_progress') : null;
}

/** Likewise. */
export function stripeRefusal({ kycStatus, stripe }: CreatorState): Refusal | null {
  if (kycStatus !== 'APPROVED') return refuse('creator.stripe.kyc_required');
  return stripe ? refuse('creator.stripe.connect_in_progress') : null;
}

/** Only the session in progress is decided, and once; "in review" is still pending (domain 3.5). */
export function recordKycResult(
  { sessionId, result, at }: CommandNamed<'RecordKycResult'>,
  state: CreatorState,
): Decision {
  if (state.kycStatus !== 'PENDING' || state.kycSessionId !== sessionId || result === 'IN_REVIEW') return [];
  const type = ({ APPROVED: 'KycApproved', REJECTED: 'KycRejected', EXPIRED: 'KycExpired' } as const)[result];
  return [{ type, data: { sessionId, completedAt: at } }];
}
