/** Passwords that are changed or forgotten, and proofs of e-mail addresses (domain 2.6, G68). */
import { orThrow, refuse, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { emailDigest } from '../commands/register-user.js';
import { user, userStream, type UserCommand, type UserState } from '../domain/user.js';
import { outlasts } from '../domain/user-access.js';
import { isGone } from '../domain/user-standing.js';
import { requireActiveUser } from '../http/accounts.js';
import { refreshTokenOf } from '../http/refresh-cookie.js';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { admitAttempt, succeeded } from '../runtime/login-attempts.js';
import { endMailToken, mailToken, requestMail } from '../runtime/mail.js';
import { hashPassword, isPassword, newPassword, passwordText } from '../runtime/passwords.js';
import { endSessions, sessionOf } from '../runtime/sessions.js';
import type { CommandService } from '../runtime/service.js';

const token = z.string().max(100).describe('From the link in the mail');

export function passwordRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/password',
      summary: 'Change the password; ends every other session',
      who: 'user',
      limit: { max: 10, perMs: HOUR },
      body: z.strictObject({ currentPassword: passwordText, newPassword }),
      data: writtenData,
      errors: ['auth.account.unknown', 'auth.password.wrong'],
      async handle(request) {
        const account = await requireActiveUser(service, request);
        const { userId } = account;
        const context = await contextOf(service, request);
        const { earlier } = await service.commands.begin(user, userStream(userId), context);
        if (earlier) return writeResponse(service, orThrow(earlier));
        await requirePassword(service, account, request.body.currentPassword);
        const refreshToken = refreshTokenOf(service, request);
        const session = refreshToken && (await sessionOf(service, refreshToken));
        const isKept = session?.userId === userId && outlasts(account.sessions, session);
        const passwordHash = await sealedHash(service, userId, request.body.newPassword);
        const kept = isKept ? session._id : null;
        const command: UserCommand = { type: 'ChangePassword', userId, passwordHash, kept };
        const outcome = orThrow(await service.commands.handle(user, command, context));
        await endRevoked(service, userId, outcome.state);
        return writeResponse(service, outcome);
      },
    }),
    mailRoute(service, '/auth/password/forgot', 'PASSWORD_RESET', 'Have a link to a new password sent'),
    route({
      method: 'POST',
      path: '/auth/password/reset',
      summary: 'Choose a new password, with the token of such a link; ends every session',
      who: 'public',
      limit: { max: 20, perMs: HOUR },
      body: z.strictObject({ token, password: newPassword }),
      data: writtenData,
      errors: ['auth.mail.invalid_token'],
      async handle(request) {
        const found = await mailToken(service, 'PASSWORD_RESET', request.body.token);
        if (!found) throw new Refused('auth.mail.invalid_token');
        const { userId, revocations } = found;
        const context = await contextOf(service, request);
        const reset = async (state: UserState): Promise<UserCommand | Refusal> => {
          // Nothing can be sealed for her any more.
          if (isGone(state)) return refuse('auth.mail.invalid_token');
          const passwordHash = await sealedHash(service, userId, request.body.password);
          return { type: 'ResetPassword', userId, passwordHash, revocations, at: context.at };
        };
        const outcome = orThrow(await service.commands.handleBy(user, userStream(userId), reset, context));
        await endMailToken(service, found);
        await endRevoked(service, userId, outcome.state);
        return writeResponse(service, outcome);
      },
    }),
    mailRoute(service, '/auth/email/resend', 'EMAIL_PROOF', 'Have the link that confirms an address sent again'),
    route({
      method: 'POST',
      path: '/auth/email/verify',
      summary: 'Confirm an e-mail address, with the token of such a link',
      who: 'public',
      limit: { max: 20, perMs: HOUR },
      body: z.strictObject({ token }),
      data: writtenData,
      errors: ['auth.mail.invalid_token'],
      async handle(request) {
        const found = await mailToken(service, 'EMAIL_PROOF', request.body.token);
        if (!found) throw new Refused('auth.mail.invalid_token');
        const context = await contextOf(service, request);
        const command: UserCommand = { type: 'VerifyEmail', userId: found.userId, at: context.at };
        const outcome = orThrow(await service.commands.handle(user, command, context));
        await endMailToken(service, found);
        return writeResponse(service, outcome);
      },
    }),
  ];
}

/** Answers the same, after the same work, whether or not there is such an account. */
function mailRoute(
  service: CommandService,
  path: string,
  purpose: 'PASSWORD_RESET' | 'EMAIL_PROOF',
  summary: string,
): Route {
  return route({
    method: 'POST',
    path,
    summary,
    who: 'public',
    limit: { max: 10, perMs: HOUR },
    keyless: true,
    body: z.strictObject({ email: z.string().max(254) }),
    data: z.object({}),
    errors: ['common.unavailable'],
    async handle({ body }) {
      await requestMail(service, emailDigest(service, body.email), purpose);
      return { data: {} };
    },
  });
}

/** Throws 403 for a wrong password, and 429 as a login does: guessing is as slow here. */
async function requirePassword(service: CommandService, account: UserState, password: string): Promise<void> {
  const digest = account.emailDigest ?? '';
  await admitAttempt(service, digest);
  const stored = await service.sealer.open(kinds.passwordHash, account.passwordHash);
  if (!(await isPassword(stored, password))) {
    service.onLoginFailed();
    throw new Refused('auth.password.wrong');
  }
  await succeeded(service, digest);
}

async function sealedHash({ sealer, random }: CommandService, userId: string, password: string) {
  return sealer.seal(kinds.passwordHash, userId, await hashPassword(password, random));
}

/** They can be refreshed no more; nothing of them is kept either. */
function endRevoked(service: CommandService, userId: string, { sessions }: UserState): Promise<void> {
  return endSessions(service, userId, (session) => outlasts(sessions, session));
}
