import { toDecimal } from '../../money.js';
import type { PayoutBody } from './body.js';
import type { PayoutDocument } from './document.js';

export function presentPayout(document: PayoutDocument): PayoutBody {
  const { _id: id, method, status, createdAt, approvedAt, closedAt } = document;
  return { id, amount: toDecimal(document.amount), method, status, createdAt, approvedAt, closedAt };
}
