import type { ReservationPurpose } from '@creator-dashboards/shared/events/user';
import type { Content, Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import type { Instant } from '@creator-dashboards/shared/time';

/**
 * Commands that hold a reservation but were not decided yet, as far as this look-up has seen; key: the command's id. The clock
 * closes and undoes those still open after a minute (domain 9.2).
 */
export interface UnfinishedReservation extends FoldedDocument {
  readonly open: boolean;
  readonly since: Instant;
  readonly purpose: ReservationPurpose | null;
  readonly ownerId: string;
  /** Reservation streams it holds without having been decided with them. */
  readonly streams: readonly string[];
}

type Work = Content<UnfinishedReservation>;

export const unfinishedReservations: Fold<UnfinishedReservation> = {
  name: 'unfinishedReservations',
  version: 1,
  categories: ['email', 'name', 'socialAccount', 'user', 'creator', 'referralLink'],
  // A release by an undo names the undone command as its cause.
  keyOf: ({ type, metadata }) => (type === 'Released' ? metadata.$causationId : metadata.commandId),
  initial: { open: false, since: '', purpose: null, ownerId: '', streams: [] },
  handlers: {
    Reserved: (work, { data, stream }) => ({
      open: true,
      since: data.at,
      purpose: data.purpose,
      ownerId: data.ownerId,
      streams: [...work.streams, stream],
    }),
    Released: (work, { stream }) => keeping(work, (held) => held !== stream),
    UserRegistered: (work, { data }) => decidedWith(work, [data.emailDigest, data.usernameDigest]),
    UsernameChanged: (work, { data }) => decidedWith(work, [data.newDigest]),
    CreatorUpgraded: (work, { data }) => decidedWith(work, [data.usernameDigest]),
    SocialAccountConnected: (work, { data }) => decidedWith(work, [data.accountDigest]),
    ReferralLinkCreated: (work, { data }) => decidedWith(work, [data.codeDigest]),
  },
  indexes: ['open', 'since'],
};

/** Reservation streams are named by the digest of their value: those decided upon are in use now, the rest is left over. */
function decidedWith(work: Work, digests: readonly (string | null)[]): Work {
  return keeping(work, (stream) => !digests.some((digest) => digest !== null && stream.endsWith(digest)));
}

function keeping(work: Work, held: (stream: string) => boolean): Work {
  const streams = work.streams.filter(held);
  return { ...work, streams, open: streams.length > 0 };
}
