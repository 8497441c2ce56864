import { decimalOrNull } from '../numbers.js';
import type { WorkBody } from './body.js';
import type { WorkDocument } from './document.js';

export function presentWork(document: WorkDocument): WorkBody {
  const { kind, status, subject, userId, creatorId, amount, details, since } = document;
  return { kind, status, subject, userId, creatorId, amount: decimalOrNull(amount), details: { ...details }, since };
}
