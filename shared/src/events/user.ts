import { z } from 'zod';
import { commandAbandoned, creatorId, digest, event, id, instant, type EventOf } from './define.js';
import { kinds, sealed } from './sealed.js';

/** What a person's account may be logged in as, besides USER. */
export const staffRole = z.enum(['ADMIN', 'AUDITOR']);
export type StaffRole = z.infer<typeof staffRole>;
/** `by`: a name that was given on the host, where nobody has a token. */
const staffRoleOf = { userId: id, role: staffRole, by: sealed(kinds.operator).nullable() };

/** Stream user-<userId>; keys { userId }. */
export const userEvents = {
  UserRegistered: event({
    userId: id,
    email: sealed(kinds.email),
    passwordHash: sealed(kinds.passwordHash),
    displayName: sealed(kinds.displayName).nullable(),
    username: sealed(kinds.name).nullable(),
    referralCodeUsed: sealed(kinds.name).nullable(),
    emailDigest: digest,
    usernameDigest: digest.nullable(),
    emailVerifiedAt: instant.nullable(),
    intent: z.enum(['CREATOR', 'FAN']),
    referredBy: id.nullable(),
  }),
  UserAvatarChanged: event({ userId: id, avatarUrl: sealed(kinds.avatarUrl).nullable() }),
  UsernameChanged: event({
    userId: id,
    old: sealed(kinds.name).nullable(),
    new: sealed(kinds.name),
    oldDigest: digest.nullable(),
    newDigest: digest,
    at: instant,
  }),
  UserDeactivated: event({ userId: id, reason: sealed(kinds.reason).nullable(), purgeAt: instant }),
  /** Of a deactivation or a suspension; what is not lifted stays (G57). */
  UserReactivated: event({ userId: id, statusAfter: z.enum(['ACTIVE', 'SUSPENDED', 'DEACTIVATED']) }),
  UserSuspended: event({ userId: id, reason: sealed(kinds.reason).nullable() }),
  UserErasureRequested: event({ userId: id }),
  UserErased: event({ userId: id }),
  UserPasswordChanged: event({ userId: id, passwordHash: sealed(kinds.passwordHash) }),
  UserEmailVerified: event({ userId: id, at: instant }),
  /** Every session that began before is over, but for `kept`. */
  SessionsRevoked: event({
    userId: id,
    cause: z.enum(['LOGOUT_EVERYWHERE', 'PASSWORD_CHANGED', 'PASSWORD_RESET']),
    kept: id.nullable(),
  }),
  /** A refresh token that had been replaced was presented again, by its owner or by a thief: its session was ended. */
  RefreshTokenReused: event({ userId: id, sessionId: id }),
  StaffRoleGranted: event(staffRoleOf),
  StaffRoleRevoked: event(staffRoleOf),
  CommandAbandoned: commandAbandoned,
};
export type UserEvent = EventOf<typeof userEvents>;

/** Stream block-<lower id>_<higher id> of two people; keys { userId, ownerId }, both the one who blocks. */
export const blockEvents = {
  UserBlocked: event({ ownerId: id, blockedId: id }),
  UserUnblocked: event({ ownerId: id, blockedId: id }),
};
export type BlockEvent = EventOf<typeof blockEvents>;

/** The kind of command that a reservation is a step of, and so which stream decides it (commands over several streams, G43). */
export const reservationPurpose = z.enum(['REGISTRATION', 'RENAME', 'UPGRADE', 'SOCIAL_CONNECT', 'REFERRAL_LINK']);
export type ReservationPurpose = z.infer<typeof reservationPurpose>;

/**
 * Reservation streams: email-<hmac>, name-<hmac> (usernames and referral codes alike, G44), socialAccount-<platform>_<hmac>.
 * Each Reserved is the mark of a command that needs the value, so that an unfinished one can be found and undone (domain 9.2).
 * Released takes one mark back; without marks the value is free. Retired ends a name for good.
 */
export const reservationEvents = {
  Reserved: event({ ownerId: id, commandId: id, purpose: reservationPurpose, at: instant }),
  Released: event({ ownerId: id, commandId: id, reason: z.enum(['UNDONE', 'DISCONNECTED', 'ERASED']) }),
  Retired: event({ ownerId: id }),
};
export type ReservationEvent = EventOf<typeof reservationEvents>;

/** Pointer streams: kycSession-<id>, stripeAccount-<hmac>. They map a provider's id to our creator, once; keys { userId, creatorId }. */
export const pointerEvents = {
  PointerSet: event({ creatorId, userId: id }),
};
export type PointerEvent = EventOf<typeof pointerEvents>;
