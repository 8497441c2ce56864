/** What others decide about a creator: sanctions, the state of her account, her level. */
import { refuse } from '@creator-dashboards/shared/errors';
import type { CreatorStatus } from '@creator-dashboards/shared/events/define';
import { climb } from '@creator-dashboards/shared/views/levels';
import type { CommandNamed, Decision } from './commands.js';
import type { CreatorState } from './state.js';

export function suspendCreator({ status }: CreatorState): Decision {
  if (status === 'SUSPENDED') return refuse('creator.status.unchanged');
  return [{ type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } }];
}

export function banCreator({ status }: CreatorState): Decision {
  if (status === 'BANNED') return refuse('creator.status.unchanged');
  return [{ type: 'CreatorBanned', data: { statusAfter: 'BANNED' } }];
}

export function reinstateCreator(state: CreatorState): Decision {
  if (!sanctioned(state)) return refuse('creator.status.unchanged');
  return [{ type: 'CreatorReinstated', data: { statusAfter: unsanctioned(state, state.accountDeactivated) } }];
}

export function deactivateWithAccount(state: CreatorState): Decision {
  if (state.accountDeactivated) return [];
  const statusAfter = sanctioned(state) ? state.status : 'DEACTIVATED';
  return [{ type: 'CreatorDeactivated', data: { statusAfter } }];
}

export function reactivateWithAccount(state: CreatorState): Decision {
  if (!state.accountDeactivated) return [];
  const statusAfter = sanctioned(state) ? state.status : unsanctioned(state, false);
  return [{ type: 'CreatorReinstated', data: { statusAfter } }];
}

/** A sanction outlives a deactivation of the account: leaving and coming back does not lift it. */
function sanctioned({ status }: CreatorState): boolean {
  return status === 'SUSPENDED' || status === 'BANNED';
}

function unsanctioned(state: CreatorState, deactivated: boolean): CreatorStatus {
  if (deactivated) return 'DEACTIVATED';
  return state.vacationMode ? 'VACATION' : 'ACTIVE';
}

/** Promotion (G8): climbs while both gates of the next level are met, never falls; a pinned level stays. */
export function promoteCreator(
  { totals, gates }: CommandNamed<'Promote'>,
  { level: from, levelPinned }: CreatorState,
): Decision {
  const to = climb(from, totals, gates);
  if (levelPinned || to === from) return [];
  return [{ type: 'CreatorLevelChanged', data: { from, to, cause: 'EARNED', pinned: false } }];
}

export function setCreatorLevel(command: CommandNamed<'SetLevel'>, state: CreatorState): Decision {
  const { level: to } = command;
  const pinned = command.pinned ?? to !== climb('BRONZE', command.totals, command.gates);
  if (to === state.level && pinned === state.levelPinned) return refuse('creator.level.unchanged');
  return [{ type: 'CreatorLevelChanged', data: { from: state.level, to, cause: 'ADMIN', pinned } }];
}
