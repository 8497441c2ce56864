/** Handing a debited payout to its provider (G47), whose answer is one of three: accepted, refused, unknown. */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { Recorded } from '@creator-dashboards/shared/events/index';
import type { CreatorId, CreatorUserId } from '@creator-dashboards/shared/ids';
import type { PayoutDestination } from '@creator-dashboards/shared/events/sealed';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { SECOND } from '@creator-dashboards/shared/time';
import { within } from '@creator-dashboards/shared/waiting';
import { isRefusal } from '@creator-dashboards/shared/errors';
import { payoutBook } from '../domain/payout-book.js';
import { sealedFor } from '../runtime/sealing.js';
import type { CommandContext } from '../runtime/command-context.js';
import type { CommandService } from '../runtime/service.js';

export interface Transfer {
  readonly userId: CreatorUserId;
  readonly creatorId: CreatorId;
  readonly payoutId: string;
  /** A decimal. */
  readonly amount: string;
  readonly destination: Sealed<PayoutDestination> | null;
}

/** How long the provider is waited for. */
export const PAY_MS = 10 * SECOND;

export interface TransferAnswer {
  /** Whether the provider is not to be asked about this payout again. */
  readonly known: boolean;
  /** What followed: a refused transfer ends its payout. */
  readonly events: readonly Recorded[];
}

/** Asks with the payout's id, so that asking again pays once. Only a debited payout may be asked about. */
export async function askProvider(
  service: CommandService,
  { userId, creatorId, payoutId, amount, destination: sealed }: Transfer,
  context: CommandContext,
): Promise<TransferAnswer> {
  const answer = await pay(service, payoutId, amount, sealed);
  if (answer?.outcome === 'accepted') return { known: true, events: [] };
  if (answer?.outcome !== 'refused') return { known: false, events: [] };
  const command = {
    type: 'RecordResult' as const,
    ...{ userId, creatorId, payoutId, result: 'failed' as const, debited: true, at: context.at },
    error: await sealedFor(service, kinds.payoutError, [userId], answer.reason),
  };
  const failed = await service.commands.handle(payoutBook, command, context);
  return { known: true, events: isRefusal(failed) ? [] : failed.events };
}

/** Null for an answer that does not come, or says nothing: whether the provider pays is not known then. */
async function pay(
  { clock, providers, sealer }: CommandService,
  idempotencyKey: string,
  amount: string,
  sealed: Sealed<PayoutDestination> | null,
) {
  const destination = await sealer.open(kinds.payoutDestination, sealed);
  if (destination === null) return null; // nobody can read it any more: staff must find out
  const asked = providers.payout.pay({ idempotencyKey, amount, destination });
  return within(clock, PAY_MS, asked, () => new Error('no answer')).catch(() => null);
}
