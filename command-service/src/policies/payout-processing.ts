import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { RetryLater } from '@creator-dashboards/shared/feed/consumer';
import { toCents } from '@creator-dashboards/shared/money';
import { creatorWallet, creatorWalletStream, type CreatorWalletCommand } from '../domain/creator-wallet.js';
import { payoutBook, payoutBookStream, type PayoutCommand } from '../domain/payout-book.js';
import { eventsOf, followUp, mustSucceed, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { creatorOf } from './routing-keys.js';

const NAME = 'payout-processing';

/**
 * Debits the wallet; only a debited payout goes to the provider, under its own id, so that asking again pays once. A refused
 * debit ends the payout. The book knows whether all this was done before.
 */
export const payoutProcessing = policy({
  name: NAME,
  on: ['PayoutProcessingStarted'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { payoutId, amount } = event.data;
    const owner = creatorOf(event);
    const book = await service.commands.load(payoutBook, payoutBookStream(owner.creatorId));
    if (book.state.payouts[payoutId]?.status !== 'PROCESSING') return [];
    const debit: CreatorWalletCommand = { type: 'DebitPayout', ...owner, payoutId, amount: toCents(amount) };
    const context = followUp(service, event, NAME, creatorWalletStream(owner.userId));
    const debited = mustSucceed(await service.commands.handle(creatorWallet, debit, context));
    if (debited.state.payouts[payoutId]?.state === 'DEBITED') {
      await pay(service, event.data);
      return debited.events;
    }
    return [...debited.events, ...(await failUndebited(service, event))];
  },
});

type Started = EventNamed<'PayoutProcessingStarted'>;

/** A provider that cannot be reached is asked again later: its answer is not known, so the payout stays PROCESSING. */
async function pay(service: CommandService, { payoutId, amount, method }: Started['data']): Promise<void> {
  try {
    await service.providers.payout.pay({ idempotencyKey: payoutId, amount, method });
  } catch (error) {
    throw new RetryLater(`the payout provider failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function failUndebited(service: CommandService, event: Recorded<Started>) {
  const owner = creatorOf(event);
  const context = followUp(service, event, NAME, payoutBookStream(owner.creatorId));
  const fail: PayoutCommand = { type: 'FailUndebited', ...owner, payoutId: event.data.payoutId, at: context.at };
  return eventsOf(await service.commands.handle(payoutBook, fail, context));
}
