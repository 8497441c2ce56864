import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/** Vacations that end by themselves (G32); key: creatorId. */
export interface Vacation extends FoldedDocument {
  readonly open: boolean;
  /** Empty where the vacation has no end. */
  readonly end: Instant;
}

const over = () => ({ open: false, end: '' });

export const vacations: Fold<Vacation> = {
  name: 'vacations',
  version: 1,
  categories: ['creator'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  initial: over(),
  handlers: {
    VacationEnabled: (_, { data }) => ({ open: data.end !== null, end: data.end ?? '' }),
    VacationDisabled: over,
    CreatorDeleted: over,
  },
  indexes: ['open', 'end'],
};
