/** What the clock does to payouts: a provider that gave no answer is asked again, with growing pauses (unknown results, G47). */
import { RESULT_ASKED_FOR_MS } from '@creator-dashboards/shared/events/payout-result';
import { fromInstant, MINUTE, type Instant } from '@creator-dashboards/shared/time';
import { LRUCache } from 'lru-cache';
import { payoutMarkOf } from '../commands/payout-judging.js';
import { askProvider } from '../commands/payout-transfer.js';
import { payoutBook, payoutBookStream } from '../domain/payout-book.js';
import { payoutTransfers, type PayoutTransfer } from '../lookups/payout-transfers.js';
import { clockTask } from '../runtime/clock-task.js';
import { clockContext } from '../runtime/policy.js';
import type { CommandService } from '../runtime/service.js';

const FIRST_PAUSE_MS = MINUTE;

const REMEMBERED = 10_000;

interface Asked {
  readonly at: Instant;
  readonly known: boolean;
}

/** When this process last asked. Lost in a restart: the provider is then asked once more, which pays nothing twice. */
const askedBy = new WeakMap<CommandService, LRUCache<string, Asked>>();

export const askAboutPayouts = clockTask({
  name: 'ask-about-payouts',
  lookup: payoutTransfers,
  where: { waiting: true },
  at: 'startedAt',
  afterMs: FIRST_PAUSE_MS,
  async act(service, transfer, now) {
    const asked = askedBy.get(service) ?? new LRUCache<string, Asked>({ max: REMEMBERED });
    askedBy.set(service, asked);
    const { _id: payoutId, userId, creatorId } = transfer;
    if (!isDue(transfer, asked.get(payoutId), now)) return;
    const { state } = await service.commands.load(payoutBook, payoutBookStream(creatorId));
    const payout = state.open[payoutId];
    const isDebited = payout && (await payoutMarkOf(service, userId, payoutId, payout)) === 'DEBITED';
    if (payout?.status !== 'PROCESSING' || !isDebited) return void asked.delete(payoutId);
    const context = clockContext(service, payoutId, 'transfer');
    const { known, events } = await askProvider(service, { ...transfer, payoutId }, context);
    asked.set(payoutId, { at: now, known });
    await service.runFollowUps(events);
  },
});

/** Each pause is half of the time since the start: about 17 times in all. */
function isDue({ startedAt }: PayoutTransfer, asked: Asked | undefined, now: Instant): boolean {
  const age = fromInstant(now) - fromInstant(startedAt);
  if (age > RESULT_ASKED_FOR_MS || asked?.known) return false;
  return !asked || fromInstant(now) - fromInstant(asked.at) >= Math.max(FIRST_PAUSE_MS, age / 2);
}
