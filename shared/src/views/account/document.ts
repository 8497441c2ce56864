import type { FoldedDocument } from '../../fold.js';

/** Whether a token's owner may read (G46); key: userId. No route shows it. */
export interface AccountDocument extends FoldedDocument {
  readonly status: 'ACTIVE' | 'DEACTIVATED' | 'SUSPENDED' | 'DELETED' | 'ERASED';
}
