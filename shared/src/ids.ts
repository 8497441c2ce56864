import { randomBytes } from 'node:crypto';
import { v5, v7 } from 'uuid';
import type { $brand } from 'zod';
import type { WallClock } from './time.js';

/**
 * Ids that are used side by side have types of their own, so that swapping them does not compile; at run time each is its string.
 * A user id is typed by role: the fan who sends, the user behind a creator. Event schemas and `…Of` functions create them; for a
 * string from elsewhere, the function of the same name declares what it is.
 */
export type FanId = string & $brand<'FanId'>;
export type CreatorUserId = string & $brand<'CreatorUserId'>;
export type CreatorId = string & $brand<'CreatorId'>;
export type MessageId = string & $brand<'MessageId'>;
export const FanId = (userId: string) => userId as FanId;
export const CreatorUserId = (userId: string) => userId as CreatorUserId;
export const CreatorId = (id: string) => id as CreatorId;
export const MessageId = (id: string) => id as MessageId;

/** Randomness is injected, like time: new ids, nonces, keys and salts come from it. */
export interface Random {
  /** This many bytes: unpredictable from the system's source, the same in every run from a seeded one. */
  bytes(count: number): Uint8Array;
}

export const systemRandom: Random = { bytes: (count) => randomBytes(count) };

const BLOCK_BYTES = 4_096;

/** Asks `random` for blocks and gives pieces of them, each once: for many short ids, never for keys. */
export function inBlocks(random: Random): Random {
  let block = new Uint8Array(0);
  let taken = 0;
  return {
    bytes(count) {
      if (block.length < taken + count) {
        block = new Uint8Array(random.bytes(Math.max(BLOCK_BYTES, count)));
        taken = 0;
      }
      taken += count;
      return block.subarray(taken - count, taken);
    },
  };
}

/**
 * Namespace of every derived id of this system. Changing it would change every creatorId, event id and
 * remembered command: never change it.
 */
const NAMESPACE = '6f1d0c5e-6b0a-5c37-9a55-3d1f8f2f7c11';

/** A new, time-ordered id; by default from the system's time and randomness. For the edges only: deciders and projections get ids as data. */
export function newId(source?: { readonly clock: WallClock; readonly random: Random }): string {
  return source ? v7({ msecs: source.clock.now(), random: source.random.bytes(16) }) : v7();
}

/** The id derived from `parts`: equal parts give equal ids. */
export function derivedId(...parts: readonly string[]): string {
  return v5(JSON.stringify(parts), NAMESPACE);
}

/**
 * `id` ending in the last two hex digits of its owner's userId (ids, domain 9.1), so that a log can be split 256 ways by stream
 * name. Every id whose stream feeds a person's documents is made by this: creatorId, messageId, bioPageId, payoutId for the
 * creator; linkId for the owner of the page or the referral link; rewardId for the referrer.
 */
export function inPartitionOf(ownerId: string, id: string): string {
  return id.slice(0, -2) + ownerId.slice(-2).toLowerCase();
}

/** A user has one creator profile at most, so its id follows from the user's (domain 9.2). */
export function creatorIdOf(userId: string): CreatorId {
  return CreatorId(inPartitionOf(userId, derivedId(userId, 'creator')));
}

export function bioPageIdOf(userId: string): string {
  return inPartitionOf(userId, derivedId(userId, 'bioPage'));
}

export function messageIdOf(commandId: string, creatorUserId: string): MessageId {
  return MessageId(inPartitionOf(creatorUserId, derivedId(commandId, 'message')));
}

/** The session of a fan with a creator: all that they ever wrote to each other (messages, domain 2.1). */
export function sessionIdOf(fanId: string, creatorUserId: string): string {
  return inPartitionOf(creatorUserId, derivedId(fanId, creatorUserId, 'session'));
}

export function payoutIdOf(commandId: string, creatorUserId: string): string {
  return inPartitionOf(creatorUserId, derivedId(commandId, 'payout'));
}

/** The link that a command adds to its creator's bio page. */
export function bioLinkIdOf(commandId: string, creatorUserId: string): string {
  return inPartitionOf(creatorUserId, derivedId(commandId, 'link'));
}

export function referralLinkIdOf(userId: string): string {
  return inPartitionOf(userId, derivedId(userId, 'link'));
}

/** The reward of a payment: one per message, so that a payment is rewarded once. */
export function rewardIdOf(messageId: string, referrerId: string): string {
  return inPartitionOf(referrerId, derivedId(messageId, 'reward'));
}

/** The zero reward that represents a signup: one per referred user. */
export function signupRewardIdOf(referredUserId: string, referrerId: string): string {
  return inPartitionOf(referrerId, derivedId(referredUserId, 'signup'));
}

/**
 * The command id of a request (idempotency, domain 9.7): scoped to actor and route, so that a key means nothing for anybody else. It
 * stands in the log for ever, so what callers may have put personal data into is part of it as an HMAC only.
 */
export function commandIdOf(actor: string | null, method: string, routeTemplate: string, keyDigest: string): string {
  return derivedId(actor ?? 'public', method, routeTemplate, keyDigest);
}

/** The event id (idempotency, domain 9.7): a repeated append of the same command has the same ids. */
export function eventIdOf(commandId: string, stream: string, index: number): string {
  return derivedId(commandId, `${stream}#${index}`);
}

/** The command id of a policy's follow-up (domain 9.3): the same however often its cause is delivered. */
export function followUpIdOf(causeEventId: string, policy: string, targetStream: string): string {
  return derivedId(causeEventId, policy, targetStream);
}

/** The event that keeps a signed head in the log: one for each root. */
export function headIdOf(root: string): string {
  return derivedId(root, 'head');
}
