import { refuse, type ErrorKey, type Refusal } from '@creator-dashboards/shared/errors';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';

/** A 404; but 503 if the document is degraded: what is missing may be in the events that could not be applied. */
export function notFound(key: ErrorKey, document: FoldedDocument | null): Refusal {
  return refuse(document?.parked ? 'common.view_degraded' : key);
}
