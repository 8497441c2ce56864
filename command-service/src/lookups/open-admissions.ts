import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';
import type { Parties } from '../domain/message.js';

/** Admitted messages that were neither sent nor abandoned yet; key: messageId. The clock undoes old ones (domain 9.2). */
export interface OpenAdmission extends FoldedDocument {
  readonly open: boolean;
  readonly since: Instant;
  readonly parties: Parties | null;
}

export const openAdmissions: Fold<OpenAdmission> = {
  name: 'openAdmissions',
  version: 1,
  categories: ['conversation', 'message'],
  keyOf: ({ metadata }) => metadata.keys.messageId,
  initial: { open: false, since: '', parties: null },
  handlers: {
    MessageAdmitted: (_, { data: { at, messageId, fanId, creatorId, creatorUserId } }) => ({
      open: true,
      since: at,
      parties: { messageId, fanId, creatorId, creatorUserId },
    }),
    MessageSent: (admission) => ({ ...admission, open: false }),
    AdmissionWithdrawn: (admission) => ({ ...admission, open: false }),
  },
  indexes: ['open', 'since'],
};
