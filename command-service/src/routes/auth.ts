/** Registration and login (domain 2.6). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { staffRole, type StaffRole } from '@creator-dashboards/shared/events/user';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { type ErrorKey, orThrow, Refused } from '@creator-dashboards/shared/errors';
import { TOKEN_LIFETIME_SECONDS } from '@creator-dashboards/shared/http/auth';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { HOUR } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { codeText, usernameText } from '../http/fields.js';
import { withCookie } from '../http/refresh-cookie.js';
import { requestMail } from '../runtime/mail.js';
import { openSession } from '../runtime/sessions.js';
import { loggedIn } from './sessions.js';
import { reservation } from '../domain/reservation.js';
import { reservationStream } from '@creator-dashboards/shared/reservations';
import { user, userStream, type UserState } from '../domain/user.js';
import { admitAttempt, succeeded } from '../runtime/login-attempts.js';
import { isPassword, newPassword, passwordText } from '../runtime/passwords.js';
import { emailDigest, registeredUserId, registerUser } from '../commands/register-user.js';
import type { CommandService } from '../runtime/service.js';

const registration = z.strictObject({
  email: z.string().trim().max(254).pipe(z.email()).describe('an e-mail address'),
  password: newPassword,
  acceptTerms: z.literal(true),
  acceptPrivacy: z.literal(true),
  username: usernameText.optional(),
  displayName: z.string().trim().min(1).max(100).optional(),
  intent: z.enum(['CREATOR', 'FAN']).default('FAN'),
  referralCode: codeText.trim().min(1).optional(),
});

/** Of what a browser says of itself, this much is kept. */
const DEVICE_LENGTH = 200;

export function authRoutes(service: CommandService): Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/register',
      summary: 'Register an account',
      who: 'public',
      limit: { max: 10, perMs: HOUR },
      body: registration,
      status: 201,
      data: writtenData.extend({ userId: z.guid() }),
      errors: [
        'auth.register.closed',
        'auth.register.email_taken',
        'auth.register.username_taken',
        'auth.register.interrupted',
        'error.user.username_length',
        'error.user.username_format',
      ],
      async handle(request) {
        const context = await contextOf(service, request);
        const registered = orThrow(await registerUser(service, request.body, context));
        if (!registered.state.emailVerified)
          await requestMail(service, emailDigest(service, request.body.email), 'EMAIL_PROOF');
        return writeResponse(service, registered, { userId: registeredUserId(context.commandId) });
      },
    }),
    route({
      method: 'POST',
      path: '/auth/login',
      summary: 'Log in: an access token, and a refresh token as a cookie',
      who: 'public',
      limit: { max: 20, perMs: HOUR },
      body: z.strictObject({
        email: z.string().max(254),
        password: passwordText,
        as: staffRole.optional().describe('A role of staff that was granted to the account; else USER'),
      }),
      keyless: true,
      data: loggedIn,
      errors: [
        'auth.login.invalid_credentials',
        'auth.login.account_suspended',
        'auth.login.account_deactivated',
        'auth.login.email_not_verified',
        'auth.login.role_not_granted',
      ],
      async handle({ body: { email, password, as }, header }) {
        const digest = emailDigest(service, email);
        await admitAttempt(service, digest);
        const account = await accountOf(service, digest);
        const stored = account && (await service.sealer.open(kinds.passwordHash, account.passwordHash));
        // Only somebody who knows the password learns what is wrong with the account.
        const known = await isPassword(stored, password);
        const refusal = known && account ? loginRefusal(account, as) : 'auth.login.invalid_credentials';
        if (known) await succeeded(service, digest);
        else service.onLoginFailed();
        if (refusal || !account?.userId) throw new Refused(refusal ?? 'auth.login.invalid_credentials');
        const { userId, sessions } = account;
        const device = header('user-agent')?.slice(0, DEVICE_LENGTH) ?? null;
        const opening = { userId, role: as ?? ('USER' as const), revocations: sessions.count, device };
        const { session, token } = await openSession(service, opening);
        const accessToken = service.signToken({ userId, role: session.role });
        return {
          headers: withCookie(service, token, session.expiresAt),
          data: { accessToken, expiresIn: TOKEN_LIFETIME_SECONDS },
        };
      },
    }),
  ];
}

async function accountOf(service: CommandService, digest: string): Promise<UserState | null> {
  const stream = reservationStream('email', digest);
  const { ownerId } = (await service.commands.load(reservation, stream)).state;
  if (ownerId === null) return null;
  const { state } = await service.commands.load(user, userStream(ownerId));
  return state.status === 'NONE' ? null : state;
}

function loginRefusal({ status, emailVerified, roles }: UserState, as: StaffRole | undefined): ErrorKey | null {
  switch (status) {
    case 'ACTIVE':
      if (!emailVerified) return 'auth.login.email_not_verified';
      return as === undefined || roles.includes(as) ? null : 'auth.login.role_not_granted';
    case 'SUSPENDED':
      return 'auth.login.account_suspended';
    case 'DEACTIVATED':
      return 'auth.login.account_deactivated';
    default:
      return 'auth.login.invalid_credentials';
  }
}
