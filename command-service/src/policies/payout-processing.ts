import type { EventNamed, Recorded } from '@creator-dashboards/shared/events/index';
import { toCents } from '@creator-dashboards/shared/money';
import { askProvider } from '../commands/payout-transfer.js';
import { creatorWallet, creatorWalletStream, type CreatorWalletCommand } from '../domain/creator-wallet.js';
import { payoutBook, payoutBookStream, type PayoutCommand } from '../domain/payout-book.js';
import { eventsOf, followUp, mustSucceed, policy } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';
import { creatorOf } from './routing-keys.js';

const NAME = 'payout-processing';

/**
 * Debits the wallet; only a debited payout goes to the provider. A refused debit ends the payout. The book knows whether all this
 * was done before. A provider that gives no answer delays no other payout: the clock asks again about this one alone (G47).
 */
export const payoutProcessing = policy({
  name: NAME,
  on: ['PayoutProcessingStarted'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  async react(event, service) {
    const { payoutId, amount } = event.data;
    const owner = creatorOf(event);
    const book = await service.commands.load(payoutBook, payoutBookStream(owner.creatorId));
    if (book.state.open[payoutId]?.status !== 'PROCESSING') return [];
    const debit: CreatorWalletCommand = { type: 'DebitPayout', ...owner, payoutId, amount: toCents(amount) };
    // The wallet may have forgotten the payout: what this did to it is searched for, back to its cause.
    const since = event.position;
    const context = { ...followUp(service, event, NAME, creatorWalletStream(owner.userId)), since };
    const debited = mustSucceed(await service.commands.handle(creatorWallet, debit, context));
    if (debited.events.some(({ type }) => type === 'PayoutDebited'))
      return [...debited.events, ...(await transferred(service, event))];
    return [...debited.events, ...(await failUndebited(service, event))];
  },
});

type Started = EventNamed<'PayoutProcessingStarted'>;

async function transferred(service: CommandService, event: Recorded<Started>): Promise<readonly Recorded[]> {
  const owner = creatorOf(event);
  const context = followUp(service, event, NAME, payoutBookStream(owner.creatorId));
  return (await askProvider(service, { ...owner, ...event.data }, context)).events;
}

async function failUndebited(service: CommandService, event: Recorded<Started>) {
  const owner = creatorOf(event);
  const context = followUp(service, event, NAME, payoutBookStream(owner.creatorId));
  const fail: PayoutCommand = { type: 'FailUndebited', ...owner, payoutId: event.data.payoutId, at: context.at };
  return eventsOf(await service.commands.handle(payoutBook, fail, context));
}
