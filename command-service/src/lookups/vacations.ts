import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/** Vacations with a start (G52) or an end (G32) to come, which the clock carries out; key: creatorId. */
export interface Vacation extends FoldedDocument {
  readonly waiting: boolean;
  /** When the clock acts next: at the start if it is still to come, else at the end. */
  readonly dueAt: Instant;
}

const over = () => ({ waiting: false, dueAt: '' });

export const vacations: Fold<Vacation> = {
  name: 'vacations',
  version: 1,
  categories: ['creator'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  initial: over(),
  handlers: {
    VacationScheduled: (_, { data }) => ({ waiting: true, dueAt: data.start }),
    VacationEnabled: (_, { data }) => ({ waiting: data.end !== null, dueAt: data.end ?? '' }),
    VacationDisabled: over,
    CreatorDeleted: over,
  },
  indexes: ['waiting', 'dueAt'],
};
