import type { FoldedDocument } from '../../fold.js';
import type { Sealed } from '../../ports.js';

/** Whether a token's owner may read (G46), and her present name; key: userId. */
export interface AccountDocument extends FoldedDocument {
  readonly status: 'ACTIVE' | 'DEACTIVATED' | 'SUSPENDED' | 'DELETED' | 'ERASED';
  readonly username: Sealed<string> | null;
}
