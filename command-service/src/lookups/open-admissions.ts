import type { Parties } from '@creator-dashboards/shared/events/message';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/**
 * Admitted messages, open until they are sent or withdrawn; key: messageId. The clock undoes old ones (sending, domain 9.2).
 */
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
