/**
 * A creator's profile. The files of this folder in reading order: commands.ts; state.ts (State, initial, evolve); this one, the
 * table of decisions; then the decisions by subject: membership.ts (upgrade, social accounts), settings.ts (what she sets
 * herself), verification.ts (identity, tax form, providers), standing.ts (sanctions, her account, her level).
 */
import { refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import type { CreatorId } from '@creator-dashboards/shared/ids';
import { abandonCommand } from '../abandoned-commands.js';
import type { Decider } from '../decider.js';
import type { CreatorCommand, Decision } from './commands.js';
import { connectSocial, digestsInUse, disconnectSocial, upgradeUser } from './membership.js';
import {
  followVacation,
  startVacation,
  stopVacation,
  updateDmConfig,
  updatePayoutSettings,
  verifyBankAccount,
} from './settings.js';
import {
  banCreator,
  deactivateWithAccount,
  promoteCreator,
  reactivateWithAccount,
  reinstateCreator,
  setCreatorLevel,
  suspendCreator,
} from './standing.js';
import { evolve, initial, isLive, isOnVacation, type CreatorState } from './state.js';
import {
  approveTaxForm,
  kycRefusal,
  linkStripeAccount,
  recordKycResult,
  recordStripeStatus,
  startKyc,
  stripeRefusal,
} from './verification.js';

export { digestsInUse, isLive, isOnVacation, kycRefusal, stripeRefusal, type CreatorState };

export function creatorStream(creatorId: CreatorId): string {
  return `creator-${creatorId}`;
}

/** The refusal of a command when there is no profile: each group of routes documents its own error key. */
const missing: Partial<Record<CreatorCommand['type'], ErrorKey>> = {
  UpdateDmConfig: 'creator.dm.not_found',
  StartVacation: 'creator.vacation.not_found',
  StopVacation: 'creator.vacation.not_found',
  UpdatePayoutSettings: 'creator.bank.not_found',
  VerifyBankAccount: 'creator.bank.not_found',
  LinkStripeAccount: 'creator.stripe.not_creator',
};

function decide(command: CreatorCommand, state: CreatorState): Decision {
  if (command.type === 'Upgrade') return upgradeUser(command, state);
  if (command.type === 'Abandon') return abandonCommand(command, state.abandoned, digestsInUse(state));
  if (!isLive(state)) return refuse(missing[command.type] ?? 'error.creator.not_found');
  switch (command.type) {
    case 'UpdateDmConfig':
      return updateDmConfig(command, state);
    case 'StartVacation':
      return startVacation(command, state);
    case 'StopVacation':
      return stopVacation(state);
    case 'FollowVacation':
      return followVacation(command, state);
    case 'Suspend':
      return suspendCreator(state);
    case 'Ban':
      return banCreator(state);
    case 'Reinstate':
      return reinstateCreator(state);
    case 'DeactivateWithAccount':
      return deactivateWithAccount(state);
    case 'ReactivateWithAccount':
      return reactivateWithAccount(state);
    case 'Delete':
      return [{ type: 'CreatorDeleted', data: { deletedAt: command.at } }];
    case 'Promote':
      return promoteCreator(command, state);
    case 'SetLevel':
      return setCreatorLevel(command, state);
    case 'StartKyc':
      return startKyc(command, state);
    case 'RecordKycResult':
      return recordKycResult(command, state);
    case 'ApproveTaxForm':
      return approveTaxForm(command, state);
    case 'LinkStripeAccount':
      return linkStripeAccount(command, state);
    case 'RecordStripeStatus':
      return recordStripeStatus(command, state);
    case 'UpdatePayoutSettings':
      return updatePayoutSettings(command, state);
    case 'VerifyBankAccount':
      return verifyBankAccount(command, state);
    case 'AssignCategories':
      return [{ type: 'CategoriesAssigned', data: { categories: command.categories } }];
    case 'ConnectSocial':
      return connectSocial(command, state);
    case 'DisconnectSocial':
      return disconnectSocial(command, state);
  }
}

export const creator: Decider<CreatorState, CreatorCommand, CreatorEvent> = {
  category: 'creator',
  snapshotVersion: 5,
  streamOf: (command) => creatorStream(command.creatorId),
  initial,
  evolve,
  decide,
  keysOf: ({ userId, creatorId }) => ({ userId, creatorId }),
};
