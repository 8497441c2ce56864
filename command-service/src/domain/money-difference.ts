import { refuse } from '@creator-dashboards/shared/errors';
import type { DifferenceKind, MoneyDifferenceEvent } from '@creator-dashboards/shared/events/money';
import { differenceStream } from '@creator-dashboards/shared/ledger/differences';
import type { Decider } from './decider.js';

/** Something about the money that does not fit. `item` is derived from the other three, so that it is found once. */
export interface Difference {
  readonly item: string;
  readonly account: string;
  readonly eventId: string;
  readonly kind: DifferenceKind;
}

export type MoneyDifferenceCommand =
  | ({ readonly type: 'Find' } & Difference)
  | { readonly type: 'Acknowledge'; readonly item: string; readonly by: string | null };

export interface MoneyDifferenceState {
  readonly status: 'NONE' | 'OPEN' | 'ACKNOWLEDGED';
}

/** Open until an administrator acknowledges it; while one is open, no payout is approved or processed. */
export const moneyDifference: Decider<MoneyDifferenceState, MoneyDifferenceCommand, MoneyDifferenceEvent> = {
  category: 'moneyDifference',
  snapshotVersion: 1,
  streamOf: ({ item }) => differenceStream(item),
  initial: { status: 'NONE' },
  evolve: (_, { type }) => ({ status: type === 'MoneyDifferenceFound' ? 'OPEN' : 'ACKNOWLEDGED' }),
  decide(command, { status }) {
    if (command.type === 'Find') {
      const { item, account, eventId, kind } = command;
      return status === 'NONE' ? [{ type: 'MoneyDifferenceFound', data: { item, account, eventId, kind } }] : [];
    }
    if (status === 'NONE') return refuse('admin.money.unknown_difference');
    if (status === 'ACKNOWLEDGED') return refuse('admin.money.already_acknowledged');
    return [{ type: 'MoneyDifferenceAcknowledged', data: { item: command.item, by: command.by } }];
  },
  keysOf: () => ({}),
};
