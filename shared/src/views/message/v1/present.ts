import { kinds } from '../../../events/sealed.js';
import { decimalOrNull } from './numbers.js';
import type { Open } from './open.js';
import type { MessageBody } from './body.js';
import type { MessageDocument } from './document.js';

/** A quarantined message reads as PENDING; only its sender can see it (domain 2.1). */
export async function presentMessage(document: MessageDocument, open: Open): Promise<MessageBody> {
  return {
    id: document._id,
    content: await open(kinds.messageContent, document.content),
    status: document.status === 'QUARANTINED' ? 'PENDING' : document.status,
    dmType: document.dmType,
    priceSnapshot: decimalOrNull(document.priceSnapshot),
    senderId: document.fanId,
    receiverId: document.creatorUserId,
    createdAt: document.createdAt,
    expiresAt: document.expiresAt,
    repliedAt: document.repliedAt,
    completedAt: document.completedAt,
    timeoutHours: document.timeoutHours,
  };
}
