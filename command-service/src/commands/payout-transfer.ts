/** Hands a debited payout to its provider, whose answer is one of three: accepted, refused or unknown (G47). */
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
  /** A decimal string. */
  readonly amount: string;
  readonly destination: Sealed<PayoutDestination> | null;
}

/** How long to wait for the provider. */
export const PAY_MS = 10 * SECOND;

export interface TransferAnswer {
  /** Whether the provider need not be asked about this payout again. */
  readonly known: boolean;
  /** The events that followed: a refused transfer ends its payout. */
  readonly events: readonly Recorded[];
}

/** The payoutId is the idempotency key, so that asking again pays once. Call it for debited payouts only. */
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

/** Null if no answer comes or it is no clear one: then it is unknown whether the provider pays. */
async function pay(
  { clock, providers, sealer }: CommandService,
  idempotencyKey: string,
  amount: string,
  sealed: Sealed<PayoutDestination> | null,
) {
  const destination = await sealer.open(kinds.payoutDestination, sealed);
  if (destination === null) return null; // its key was destroyed: staff must find out
  const asked = providers.payout.pay({ idempotencyKey, amount, destination });
  return within(clock, PAY_MS, asked, () => new Error('no answer')).catch(() => null);
}
