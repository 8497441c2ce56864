import { refuse, type ErrorKey } from '@creator-dashboards/shared/errors';
import type { CreatorEvent } from '@creator-dashboards/shared/events/creator';
import { abandonCommand } from '../abandoned-commands.js';
import type { Decider } from '../decider.js';
import type { CreatorCommand, Decision } from './commands.js';
import { connectSocial, digestsInUse, upgrade } from './membership.js';
import { startVacation, stopVacation, updateDmConfig, updatePayoutSettings } from './settings.js';
import { evolve, initial, isLive, type CreatorState } from './state.js';
import { promote, recordKycResult, kycRefusal, sanctioned, setLevel, stripeRefusal, unsanctioned } from './standing.js';

export { digestsInUse, isLive, kycRefusal, stripeRefusal, type CreatorState };

export function creatorStream(creatorId: string): string {
  return `creator-${creatorId}`;
}

/** What a command is refused with where there is no profile: each group of routes documents its own key. */
const missing: Partial<Record<CreatorCommand['type'], ErrorKey>> = {
  UpdateDmConfig: 'creator.dm.not_found',
  StartVacation: 'creator.vacation.not_found',
  StopVacation: 'creator.vacation.not_found',
  UpdatePayoutSettings: 'creator.bank.not_found',
  VerifyBankAccount: 'creator.bank.not_found',
  LinkStripeAccount: 'creator.stripe.not_creator',
};

function decide(command: CreatorCommand, state: CreatorState): Decision {
  if (command.type === 'Upgrade') return upgrade(command, state);
  if (command.type === 'Abandon') return abandonCommand(command, state.abandoned, digestsInUse(state));
  if (!isLive(state)) return refuse(missing[command.type] ?? 'error.creator.not_found');
  switch (command.type) {
    case 'UpdateDmConfig':
      return updateDmConfig(command, state);
    case 'StartVacation':
      return startVacation(command, state);
    case 'StopVacation':
      return state.vacationMode ? [stopVacation(state, 'CREATOR')] : [];
    case 'CloseEndedVacation': {
      const ended = state.vacationMode && state.vacationEnd !== null && state.vacationEnd <= command.at;
      return ended ? [stopVacation(state, 'CLOCK')] : [];
    }
    case 'Suspend':
      if (state.status === 'SUSPENDED') return refuse('creator.status.unchanged');
      return [{ type: 'CreatorSuspended', data: { statusAfter: 'SUSPENDED' } }];
    case 'Ban':
      if (state.status === 'BANNED') return refuse('creator.status.unchanged');
      return [{ type: 'CreatorBanned', data: { statusAfter: 'BANNED' } }];
    case 'Reinstate':
      if (!sanctioned(state)) return refuse('creator.status.unchanged');
      return [{ type: 'CreatorReinstated', data: { statusAfter: unsanctioned(state, state.accountDeactivated) } }];
    case 'DeactivateWithAccount': {
      if (state.accountDeactivated) return [];
      const statusAfter = sanctioned(state) ? state.status : 'DEACTIVATED';
      return [{ type: 'CreatorDeactivated', data: { statusAfter } }];
    }
    case 'ReactivateWithAccount': {
      if (!state.accountDeactivated) return [];
      const statusAfter = sanctioned(state) ? state.status : unsanctioned(state, false);
      return [{ type: 'CreatorReinstated', data: { statusAfter } }];
    }
    case 'Delete':
      return [{ type: 'CreatorDeleted', data: { deletedAt: command.at } }];
    case 'Promote':
      return promote(command, state);
    case 'SetLevel':
      return setLevel(command, state);
    case 'StartKyc': {
      const { provider, providerId, sessionId, redirectUrl } = command;
      return kycRefusal(state) ?? [{ type: 'KycStarted', data: { provider, providerId, sessionId, redirectUrl } }];
    }
    case 'RecordKycResult':
      return recordKycResult(command, state);
    case 'ApproveTaxForm':
      if (state.taxFormApproved) return refuse('creator.tax_form.already_approved');
      return [{ type: 'TaxFormApproved', data: { at: command.at } }];
    case 'LinkStripeAccount': {
      const { accountId, onboardingUrl } = command;
      return stripeRefusal(state) ?? [{ type: 'StripeAccountLinked', data: { accountId, onboardingUrl } }];
    }
    case 'RecordStripeStatus': {
      if (!state.stripe) return refuse('creator.stripe.account_not_found');
      const { status, chargesEnabled, payoutsEnabled } = command;
      // Also where nothing changes: an older report that comes again must be known by its id.
      return [{ type: 'StripeAccountStatusChanged', data: { status, chargesEnabled, payoutsEnabled } }];
    }
    case 'UpdatePayoutSettings':
      return updatePayoutSettings(command, state);
    case 'VerifyBankAccount':
      if (!state.hasIban) return refuse('creator.bank.incomplete');
      return state.bankAccountVerified ? [] : [{ type: 'BankAccountVerified', data: { verifiedAt: command.at } }];
    case 'AssignCategories':
      return [{ type: 'CategoriesAssigned', data: { categories: command.categories } }];
    case 'ConnectSocial':
      return connectSocial(command, state);
    case 'DisconnectSocial': {
      const account = state.social[command.platform];
      if (!account) return refuse('creator.social.not_found');
      const { userId } = state;
      const { platform } = command;
      return [{ type: 'SocialAccountDisconnected', data: { userId, platform, accountDigest: account.accountDigest } }];
    }
  }
}

export const creator: Decider<CreatorState, CreatorCommand, CreatorEvent> = {
  category: 'creator',
  snapshotVersion: 2,
  streamOf: (command) => creatorStream(command.creatorId),
  initial,
  evolve,
  decide,
  keysOf: ({ userId, creatorId }) => ({ userId, creatorId }),
};
