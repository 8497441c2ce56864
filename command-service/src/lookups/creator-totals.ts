import type { Level } from '@creator-dashboards/shared/events/define';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Cents } from '@creator-dashboards/shared/money';
import { withCompleted, withDelivered, withReversed } from '@creator-dashboards/shared/views/counting';

/** The totals that earn a creator's level (promotion, G8); key: creatorId. */
export interface CreatorTotals extends FoldedDocument {
  /** Messages that reached the creator (totalMessages, G4). */
  readonly messages: number;
  /** Credited earnings (G5), net of commission, less those reversed by chargebacks (domain 9.5). */
  readonly earnings: Cents;
  readonly level: Level;
  readonly pinned: boolean;
}

export const creatorTotals: Fold<CreatorTotals> = {
  name: 'creatorTotals',
  version: 1,
  categories: ['creator', 'message', 'creatorWallet'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  initial: { messages: 0, earnings: 0, level: 'BRONZE', pinned: false },
  handlers: {
    CreatorLevelChanged: (totals, { data }) => ({ ...totals, level: data.to, pinned: data.pinned }),
    MessageDelivered: (totals) => ({ ...totals, messages: withDelivered(totals.messages) }),
    MessageCompleted: (totals, { data }) => ({ ...totals, earnings: withCompleted(totals.earnings, data) }),
    EarningsReversed: (totals, { data }) => ({ ...totals, earnings: withReversed(totals.earnings, data) }),
  },
};
