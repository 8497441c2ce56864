import type { ReservationPurpose } from '@creator-dashboards/shared/events/user';
import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/**
 * Commands that reserved something and have not been seen to finish; key: the command's id. The clock closes and undoes what
 * is still open after a minute (domain 9.2).
 */
export interface OpenWork extends FoldedDocument {
  readonly open: boolean;
  readonly since: Instant;
  readonly purpose: ReservationPurpose | null;
  readonly ownerId: string;
  /** Reservation streams the command took. */
  readonly streams: readonly string[];
}

const finished = (work: Omit<OpenWork, keyof FoldedDocument>) => ({ ...work, open: false });

export const openWork: Fold<OpenWork> = {
  name: 'openWork',
  version: 1,
  categories: ['email', 'username', 'referralCode', 'socialAccount', 'user', 'creator', 'referralLink'],
  keyOf: ({ type, metadata }) => (type === 'CommandAbandoned' ? metadata.$causationId : metadata.commandId),
  initial: { open: false, since: '', purpose: null, ownerId: '', streams: [] },
  handlers: {
    Reserved: (work, { data, stream }) => ({
      open: true,
      since: data.at,
      purpose: data.purpose,
      ownerId: data.ownerId,
      streams: [...work.streams, stream],
    }),
    UserRegistered: finished,
    UsernameChanged: finished,
    CreatorUpgraded: finished,
    SocialAccountConnected: finished,
    ReferralLinkCreated: finished,
    ReferralCodeRepointed: finished,
    CommandAbandoned: finished,
  },
  indexes: ['open', 'since'],
};
