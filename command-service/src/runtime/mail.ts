/**
 * What people are sent by mail: links with a token that works once (G68). Who asks is answered before anybody looks whether there is
 * such an account: the request is only put down here, and the clock sends it.
 */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { newId } from '@creator-dashboards/shared/ids';
import type { Document } from '@creator-dashboards/shared/ports';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { HOUR, MINUTE, plus, toInstant, type Instant } from '@creator-dashboards/shared/time';
import { reservation } from '../domain/reservation.js';
import { user, userStream, type UserState } from '../domain/user.js';
import { isGone } from '../domain/user-standing.js';
import { forgetting, REST_MS, type ClockRun, type TickerTask } from './clock-task.js';
import { counted } from './login-attempts.js';
import type { CommandService } from './service.js';

type Purpose = 'PASSWORD_RESET' | 'EMAIL_PROOF';

/** That somebody asked for a mail to this address. */
interface MailRequest extends Document {
  readonly emailDigest: string;
  readonly purpose: Purpose;
  /** When it is to be sent, or tried again; null once it was. */
  readonly dueAt: Instant | null;
  readonly expiresAt: Instant;
}

/** What a mail's link is good for; _id: digest of its token. */
interface MailToken extends Document {
  readonly userId: string;
  readonly purpose: Purpose;
  /** How often her sessions had been revoked: a new password does that, and so ends all other links to one. */
  readonly revocations: number;
  readonly expiresAt: Instant;
}

const REQUESTS = 'mailRequests';
const TOKENS = 'mailTokens';

/** Mails to one address within an hour; more are not sent, and nobody is told. */
const PER_HOUR = 3;
/** What cannot be sent is tried again once a minute for this long. */
const TRIED_MS = 15 * MINUTE;
const AGAIN_MS = MINUTE;
const TOKEN_BYTES = 32;
const PER_RUN = 100;

const mails = {
  PASSWORD_RESET: { path: '/auth/reset-password', lifetimeMs: 30 * MINUTE, subject: 'Choose a new password' },
  EMAIL_PROOF: { path: '/auth/verify-email', lifetimeMs: 24 * HOUR, subject: 'Confirm your e-mail address' },
} as const;

/** Creates the collections. */
export async function declareMail({ reads }: Pick<CommandService, 'reads'>): Promise<void> {
  await reads.declare(REQUESTS, ['dueAt', 'expiresAt']);
  await reads.declare(TOKENS, ['expiresAt']);
}

/** Has a mail sent to whoever has this address. Throws 503 without counters: what is sent must be bounded. */
export async function requestMail(service: CommandService, emailDigest: string, purpose: Purpose): Promise<void> {
  const { count } = await counted(service.counters.hit(`mail:${purpose}:${emailDigest}`, HOUR));
  const now = toInstant(service.clock.now());
  const dueAt = count > PER_HOUR ? null : now;
  const document: MailRequest = {
    ...{ _id: newId(service), position: 0n, emailDigest, purpose, dueAt },
    expiresAt: dueAt === null ? now : plus(now, TRIED_MS),
  };
  await service.reads.write(REQUESTS, [{ document, expected: null }]);
}

/** Deletes what is over. */
export const forgetMail = [
  forgetting('forget-mail-requests', REQUESTS, 'expiresAt'),
  forgetting('forget-mail-tokens', TOKENS, 'expiresAt'),
];

/** Sends what was asked for; a bounded number at each tick of the clock. */
export const sendMail: TickerTask = {
  name: 'send-mail',
  wokenBy: [REQUESTS],
  async run(service, now) {
    const due = await service.reads.find<MailRequest>(REQUESTS, {
      range: { field: 'dueAt', atMost: now },
      limit: PER_RUN,
    });
    let run: ClockRun = { done: 0, failed: 0, ...(due.length === 0 && { restMs: REST_MS }) };
    for (const request of due) {
      const taken = await amended(service, request, { dueAt: plus(now, AGAIN_MS) });
      if (!taken) continue; // by another process
      try {
        await send(service, taken, now);
        await amended(service, taken, { dueAt: null, expiresAt: now });
        run = { ...run, done: run.done + 1 };
      } catch (fault) {
        run = { ...run, failed: run.failed + 1, fault };
      }
    }
    return run;
  },
};

async function send(service: CommandService, { emailDigest, purpose }: MailRequest, now: Instant): Promise<void> {
  const account = await accountOf(service, emailDigest);
  if (!account?.userId || (purpose === 'EMAIL_PROOF' && account.emailVerified)) return;
  const to = await service.sealer.open(kinds.email, account.email);
  if (to === null) return;
  const { path, lifetimeMs, subject } = mails[purpose];
  const token = Buffer.from(service.random.bytes(TOKEN_BYTES)).toString('base64url');
  const document: MailToken = {
    ...{ _id: service.digest('mailToken', token), position: 0n, userId: account.userId, purpose },
    ...{ revocations: account.sessions.count, expiresAt: plus(now, lifetimeMs) },
  };
  await service.reads.write(TOKENS, [{ document, expected: null }]);
  // Behind the hash, so that no server's log has it.
  const text = `${subject}: ${service.publicUrl}${path}#token=${token}\nThe link works once, for ${lifetimeMs / MINUTE} minutes. If you did not ask for it, do nothing.`;
  await service.providers.mail.send({ to, subject, text });
}

/** Null for an address that nobody has, or had before she was erased. */
async function accountOf(service: CommandService, emailDigest: string): Promise<UserState | null> {
  const { ownerId } = (await service.commands.load(reservation, reservationStream('email', emailDigest))).state;
  if (ownerId === null) return null;
  const { state } = await service.commands.load(user, userStream(ownerId));
  return state.status === 'NONE' || isGone(state) ? null : state;
}

/** What a token that came by mail is good for; null where it is over, or good for something else. */
export async function mailToken(service: CommandService, purpose: Purpose, token: string): Promise<MailToken | null> {
  const found = await service.reads.get<MailToken>(TOKENS, service.digest('mailToken', token));
  return found?.purpose === purpose && found.expiresAt > toInstant(service.clock.now()) ? found : null;
}

/** Its link does nothing any more; the clock deletes it. */
export async function endMailToken({ reads, clock }: CommandService, token: MailToken): Promise<void> {
  const document = { ...token, expiresAt: toInstant(clock.now()) };
  await reads.write(TOKENS, [{ document, expected: { expiresAt: token.expiresAt } }]);
}

async function amended(
  { reads }: CommandService,
  request: MailRequest,
  change: Partial<MailRequest>,
): Promise<MailRequest | null> {
  const document = { ...request, ...change };
  const written = await reads.write(REQUESTS, [{ document, expected: { dueAt: request.dueAt } }]);
  return written.size > 0 ? document : null;
}
