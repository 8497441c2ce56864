/** Whether somebody's account may be used: decisions about leaving, coming back, suspension and erasure (G37, G57). */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import type { UserEvent } from '@creator-dashboards/shared/events/user';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { DAY, fromInstant, plus, type Instant } from '@creator-dashboards/shared/time';

export type StandingCommand =
  | { type: 'Deactivate'; reason: Sealed<string> | null; graceDays: number; at: Instant }
  | { type: 'Reactivate' }
  | { type: 'Suspend'; reason: Sealed<string> | null }
  /** By an admin: lifts a suspension, or reactivates an account for its owner. */
  | { type: 'Reinstate' }
  | { type: 'RequestErasure' }
  /** By the clock: begins the erasure of an account whose grace period is over. */
  | { type: 'Purge'; at: Instant }
  | { type: 'ConfirmErasure' };

/** DELETED: erasure has begun; ERASED: nothing personal can be read any more. */
type UserStatus = 'NONE' | 'ACTIVE' | 'SUSPENDED' | 'DEACTIVATED' | 'DELETED' | 'ERASED';

/** The part of a user's state that these decisions are about. */
export interface Standing {
  readonly status: UserStatus;
  readonly purgeAt: Instant | null;
}

/** Erased, or about to be. */
export const isGone = ({ status }: Pick<Standing, 'status'>) => status === 'DELETED' || status === 'ERASED';

type Decision = readonly UserEvent[] | Refusal;

export function decideStanding(userId: string, command: StandingCommand, state: Standing): Decision {
  const { status, purgeAt } = state;
  switch (command.type) {
    case 'Deactivate': {
      if (status !== 'ACTIVE') return refuse('error.user.account_not_active');
      const { reason, graceDays, at } = command;
      return [{ type: 'UserDeactivated', data: { userId, reason, purgeAt: plus(at, graceDays * DAY) } }];
    }
    case 'Reactivate':
      return reactivate(userId, state);
    case 'Suspend':
      // Stands above a deactivation, and does not keep the account from being erased when its time has come (G57).
      if (status !== 'ACTIVE' && status !== 'DEACTIVATED') return refuse('error.user.account_not_active');
      return [{ type: 'UserSuspended', data: { userId, reason: command.reason } }];
    case 'Reinstate':
      return reinstate(userId, state);
    case 'Purge':
      if (purgeAt === null || fromInstant(command.at) < fromInstant(purgeAt)) return [];
      return [{ type: 'UserErasureRequested', data: { userId } }];
    case 'RequestErasure':
      return isGone(state) ? [] : [{ type: 'UserErasureRequested', data: { userId } }];
    case 'ConfirmErasure':
      return status === 'DELETED' ? [{ type: 'UserErased', data: { userId } }] : [];
  }
}

/** By its owner: a suspension that came meanwhile is not lifted (G57). */
function reactivate(userId: string, { status, purgeAt }: Standing): Decision {
  if (purgeAt === null) return refuse('error.user.account_not_deactivated');
  const statusAfter = status === 'SUSPENDED' ? 'SUSPENDED' : 'ACTIVE';
  return [{ type: 'UserReactivated', data: { userId, statusAfter } }];
}

/** By an admin: lifts a suspension, and else a deactivation. */
function reinstate(userId: string, state: Standing): Decision {
  if (state.status === 'ACTIVE') return refuse('error.user.account_active');
  if (isGone(state)) return refuse('error.user.erased');
  const statusAfter = state.status === 'SUSPENDED' && state.purgeAt !== null ? 'DEACTIVATED' : 'ACTIVE';
  return [{ type: 'UserReactivated', data: { userId, statusAfter } }];
}
