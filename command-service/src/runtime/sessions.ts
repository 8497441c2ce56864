/**
 * Sessions (G66): a collection of the command service's own, one document for each login, changed by compare-and-set. A lost read
 * store logs everybody out. What ends many sessions at once is an event of their owner, so a restored store revives none of them.
 */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import type { StaffRole } from '@creator-dashboards/shared/events/user';
import { newId } from '@creator-dashboards/shared/ids';
import type { Document, Sealed } from '@creator-dashboards/shared/ports';
import { DAY, fromInstant, HOUR, plus, SECOND, toInstant, type Instant } from '@creator-dashboards/shared/time';
import { outlasts, type Revocations } from '../domain/user-access.js';
import { forgetting } from './clock-task.js';
import { isSame, SECRET_BYTES, secretDigest, type RefreshToken } from './refresh-tokens.js';
import type { CommandService } from './service.js';

/** `position` means nothing: a session is no view. */
export interface Session extends Document {
  readonly userId: string;
  readonly role: 'USER' | StaffRole;
  /** Of the secret that all of its refresh tokens have. */
  readonly digest: string;
  /** Number of the newest refresh token. */
  readonly number: number;
  /** When the newest token took the place of the one before. */
  readonly refreshedAt: Instant;
  /** Digest of the Idempotency-Key that it was asked for with. */
  readonly refreshedBy: string | null;
  /** How often her sessions had been revoked when it began, or was last refreshed. */
  readonly revocations: number;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
  readonly device: Sealed<string> | null;
}

const SESSIONS = 'sessions';

/** A session that is not refreshed for this long is over. */
const LIFETIME_MS = 30 * DAY;
/** A session of staff is over this long after its login, however often it was refreshed. */
const STAFF_LIFETIME_MS = 12 * HOUR;
/** Of one person; with the next login the oldest one is over. */
const MOST = 50;
/** Two pages that refresh at once, or one that asks again, get the same token; afterwards it counts as reused. */
const GRACE_MS = 30 * SECOND;

/** Creates the collection. */
export async function declareSessions({ reads }: Pick<CommandService, 'reads'>): Promise<void> {
  await reads.declare(SESSIONS, ['userId', 'expiresAt']);
}

/** Deletes what is over. */
export const forgetSessions = forgetting('forget-sessions', SESSIONS, 'expiresAt');

type Opening = Pick<Session, 'userId' | 'role' | 'revocations'> & { readonly device: string | null };

/** A new session, and its first refresh token. */
export async function openSession(service: CommandService, opening: Opening) {
  const { reads, sealer, clock, random } = service;
  const { userId, role, revocations } = opening;
  const device = opening.device === null ? null : await sealer.seal(kinds.device, userId, opening.device);
  const now = toInstant(clock.now());
  const token = { sessionId: newId(service), secret: base64url(random.bytes(SECRET_BYTES)), number: 0 };
  const digest = secretDigest(service.digest, token.secret);
  const expiresAt = expiryOf({ role, startedAt: now }, now);
  const born = { startedAt: now, refreshedAt: now, refreshedBy: null, expiresAt };
  const session: Session = {
    ...{ _id: token.sessionId, position: 0n, userId, role, digest, number: 0, revocations, device },
    ...born,
  };
  await reads.write(SESSIONS, [{ document: session, expected: null }]);
  const others = await liveSessions(service, userId);
  for (const old of others.slice(0, Math.max(0, others.length - MOST))) await endSession(service, old);
  return { session, token };
}

/** The session that a refresh token is of, over or not; null if there is none, or its secret is another. */
export async function sessionOf(service: CommandService, token: RefreshToken): Promise<Session | null> {
  const session = await service.reads.get<Session>(SESSIONS, token.sessionId);
  return session && isSame(session.digest, secretDigest(service.digest, token.secret)) ? session : null;
}

/** A session of a person by its id; null if she has no such session. */
export async function ownSession({ reads }: CommandService, userId: string, id: string): Promise<Session | null> {
  const session = await reads.get<Session>(SESSIONS, id);
  return session?.userId === userId ? session : null;
}

/** What becomes of a refresh token with this number that is presented now, perhaps with an Idempotency-Key, of which `key` is the digest. */
export function judge(
  session: Session,
  { number, key, now }: { readonly number: number; readonly key: string | null; readonly now: Instant },
): 'next' | 'again' | 'reused' | 'over' {
  if (isOver(session, now)) return 'over';
  if (number === session.number) return 'next';
  if (number > session.number) return 'over'; // the store is older than the token
  const isSoon = fromInstant(now) - fromInstant(session.refreshedAt) <= GRACE_MS;
  const isRetry = isSoon || (key !== null && key === session.refreshedBy);
  return number === session.number - 1 && isRetry ? 'again' : 'reused';
}

/** The session with its next token; null if somebody else was faster. */
export async function refreshed(
  service: CommandService,
  session: Session,
  { revocations, key }: { readonly revocations: number; readonly key: string | null },
): Promise<Session | null> {
  const now = toInstant(service.clock.now());
  const next = { number: session.number + 1, refreshedAt: now, refreshedBy: key, expiresAt: expiryOf(session, now) };
  return replaced(service, session, { ...next, revocations });
}

/** Over from now on, whatever changes it meanwhile; the clock deletes it. */
export async function endSession(service: CommandService, session: Session): Promise<void> {
  const now = toInstant(service.clock.now());
  for (let found: Session | null = session; found && !isOver(found, now);) {
    if (await replaced(service, found, { expiresAt: now, device: null })) return;
    found = await service.reads.get<Session>(SESSIONS, session._id);
  }
}

/** Ends all there are of one person, but for those that `spares` lets be. */
export async function endSessions(
  service: CommandService,
  userId: string,
  spares: (session: Session) => boolean = () => false,
): Promise<void> {
  for (const session of await liveSessions(service, userId)) if (!spares(session)) await endSession(service, session);
}

/** A person's sessions that can be refreshed, oldest first. */
export async function lastingSessions(service: CommandService, userId: string, revocations: Revocations) {
  return (await liveSessions(service, userId)).filter((session) => outlasts(revocations, session));
}

async function liveSessions({ reads, clock }: CommandService, userId: string): Promise<Session[]> {
  // In the order of their ids, which is that of time. More than these there are only where ended ones wait for the clock.
  const found = await reads.find<Session>(SESSIONS, { where: { userId }, limit: 4 * MOST });
  const now = toInstant(clock.now());
  return found.filter((session) => !isOver(session, now));
}

function expiryOf({ role, startedAt }: Pick<Session, 'role' | 'startedAt'>, now: Instant): Instant {
  return role === 'USER' ? plus(now, LIFETIME_MS) : plus(startedAt, STAFF_LIFETIME_MS);
}

const isOver = ({ expiresAt }: Session, now: Instant) => fromInstant(expiresAt) <= fromInstant(now);

async function replaced(
  { reads }: CommandService,
  session: Session,
  change: Partial<Session>,
): Promise<Session | null> {
  const { number, expiresAt } = session;
  const document = { ...session, ...change };
  const written = await reads.write(SESSIONS, [{ document, expected: { number, expiresAt } }]);
  return written.size > 0 ? document : null;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
