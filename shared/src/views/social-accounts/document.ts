import type { FoldedDocument } from '../../fold.js';
import type { Instant } from '../../time.js';

/** GET /creators/social; key: the creator's userId. */
export interface SocialAccountsDocument extends FoldedDocument {
  /** By platform, of which each has one account at most. */
  readonly accounts: Readonly<Record<string, { readonly followerCount: number; readonly connectedAt: Instant }>>;
}
