import type { Parties } from '@creator-dashboards/shared/events/message';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/**
 * Admitted messages, open until they are sent or withdrawn; key: messageId. The clock undoes old ones (domain 9.2), and a key
 * that is used again for another creator is known by its command (9.7).
 */
export interface OpenAdmission extends FoldedDocument {
  readonly open: boolean;
  readonly since: Instant;
  readonly parties: Parties | null;
  /** The send. */
  readonly commandId: string;
}

export const openAdmissions: Fold<OpenAdmission> = {
  name: 'openAdmissions',
  version: 1,
  categories: ['conversation', 'message'],
  keyOf: ({ metadata }) => metadata.keys.messageId,
  initial: { open: false, since: '', parties: null, commandId: '' },
  handlers: {
    MessageAdmitted: (_, { data: { at, messageId, fanId, creatorId, creatorUserId }, metadata }) => ({
      open: true,
      since: at,
      parties: { messageId, fanId, creatorId, creatorUserId },
      commandId: metadata.commandId,
    }),
    MessageSent: (admission) => ({ ...admission, open: false }),
    AdmissionWithdrawn: (admission) => ({ ...admission, open: false }),
  },
  indexes: ['open', 'since', 'commandId'],
};
