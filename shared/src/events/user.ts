import { z } from 'zod';
import { digest, event, id, instant, sealed, type EventOf } from './define.js';

/** Stream user-<userId>; keys { userId }. */
export const userEvents = {
  UserRegistered: event({
    userId: id,
    email: sealed<string>(),
    passwordHash: sealed<string>(),
    displayName: sealed<string>().nullable(),
    username: sealed<string>().nullable(),
    referralCodeUsed: sealed<string>().nullable(),
    emailDigest: digest,
    usernameDigest: digest.nullable(),
    emailVerifiedAt: instant.nullable(),
    intent: z.enum(['CREATOR', 'FAN']),
    referredBy: id.nullable(),
  }),
  UserAvatarChanged: event({ userId: id, avatarUrl: sealed<string>().nullable() }),
  UsernameChanged: event({
    userId: id,
    old: sealed<string>().nullable(),
    new: sealed<string>(),
    oldDigest: digest.nullable(),
    newDigest: digest,
  }),
  UserDeactivated: event({ userId: id, reason: sealed<string>().nullable(), purgeAt: instant }),
  UserReactivated: event({ userId: id }),
  UserSuspended: event({ userId: id, reason: sealed<string>().nullable() }),
  UserBlocked: event({ ownerId: id, blockedId: id }),
  UserUnblocked: event({ ownerId: id, blockedId: id }),
  UserErasureRequested: event({ userId: id }),
  UserErased: event({ userId: id }),
};
export type UserEvent = EventOf<typeof userEvents>;

/**
 * Reservation streams: email-, username-, referralCode-<hmac>, socialAccount-<platform>_<hmac>. Whoever appended the last
 * Reserved owns the value. `purpose` is the id that will use it, so that an unfinished command can be found and undone (G43).
 */
export const reservationEvents = {
  Reserved: event({ ownerId: id, commandId: id, at: instant }),
  Released: event({ ownerId: id, reason: z.enum(['UNDONE', 'RENAMED', 'DISCONNECTED', 'ERASED']) }),
};
export type ReservationEvent = EventOf<typeof reservationEvents>;

/** Pointer streams: kycSession-<id>, stripeAccount-<hmac>. Written once: from a provider's id to our creator. */
export const pointerEvents = {
  PointerSet: event({ creatorId: id, userId: id }),
};
export type PointerEvent = EventOf<typeof pointerEvents>;
