import type { DmType } from '../../../events/define.js';
import type { FoldedDocument } from '../../../fold.js';
import type { Cents } from '../../../money.js';
import type { Sealed } from '../../../ports.js';
import type { Instant } from '../../../time.js';

export type MessageStatus =
  'QUARANTINED' | 'ESCROWED' | 'DELIVERED' | 'REPLIED' | 'COMPLETED' | 'EXPIRED' | 'REFUNDED' | 'REJECTED';

/** GET /messages/:id; key: messageId. */
export interface MessageDocument extends FoldedDocument {
  readonly fanId: string;
  readonly creatorUserId: string;
  readonly content: Sealed<string>;
  readonly status: MessageStatus;
  readonly dmType: DmType;
  readonly priceSnapshot: Cents | null;
  readonly createdAt: Instant;
  /** When it reached the creator, who sees it only from then on; null in quarantine, and for good if that was upheld. */
  readonly deliveredAt: Instant | null;
  readonly expiresAt: Instant | null;
  readonly repliedAt: Instant | null;
  readonly completedAt: Instant | null;
  readonly timeoutHours: number;
}
