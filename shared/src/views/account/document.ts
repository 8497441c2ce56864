import type { FoldedDocument } from '../../fold.js';

/** Whether the reads of a token's owner are answered (G46); key: userId. No route shows it. */
export interface AccountDocument extends FoldedDocument {
  readonly status: 'ACTIVE' | 'DEACTIVATED' | 'SUSPENDED' | 'DELETED' | 'ERASED';
}
