import type { StaffRole } from '../../events/user.js';
import type { FoldedDocument } from '../../fold.js';
import type { Sealed } from '../../ports.js';
import type { Instant } from '../../time.js';
import type { AccountDocument } from '../account/document.js';

/** GET /users/me; key: userId. */
export interface PersonDocument extends FoldedDocument {
  readonly status: AccountDocument['status'];
  readonly username: Sealed<string> | null;
  /** As given at the registration. A creator's public name stands on her profile. */
  readonly displayName: Sealed<string> | null;
  readonly email: Sealed<string> | null;
  readonly emailVerified: boolean;
  readonly avatarUrl: Sealed<string> | null;
  /** What she may log in as, besides USER. */
  readonly roles: readonly StaffRole[];
  readonly creatorId: string | null;
  /** Null until she is registered. */
  readonly createdAt: Instant | null;
}
