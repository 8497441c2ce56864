/** Who is calling: access tokens (G35), checked by passport-jwt and remembered by their whole header until they expire. */
import { createSecretKey } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import passport from 'passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { z } from 'zod';
import type { Environment } from '../process/environment.js';
import { Refused } from '../errors.js';
import type { Actor } from '../ports.js';
import { SECOND, type WallClock } from '../time.js';

/** Of an access token (G35). */
export const TOKEN_LIFETIME_SECONDS = 900;
const CACHED_TOKENS = 10_000;

/** What a token must say. Ids are `guid`, not `uuid`: sample ids of the documents are no valid RFC 9562 ids. An unknown role is no role. */
export const claimsSchema = z.object({
  sub: z.guid(),
  role: z.enum(['USER', 'ADMIN', 'AUDITOR']),
  iat: z.int(),
  exp: z.int(),
  nbf: z.int().optional(),
});

export type TokenRole = z.output<typeof claimsSchema>['role'];

export interface Caller extends Actor {
  readonly userId: string;
  readonly role: TokenRole;
}

type TokenEnvironment = Pick<Environment, 'jwtSecret' | 'jwtIssuer' | 'jwtAudience'>;

/** An access token for a user, valid for `lifetimeSeconds` from the clock's now. */
export function signToken(
  environment: TokenEnvironment,
  caller: { userId: string; role: TokenRole },
  clock: WallClock,
  lifetimeSeconds: number = TOKEN_LIFETIME_SECONDS,
): string {
  const iat = Math.floor(clock.now() / SECOND);
  return jwt.sign(
    { sub: caller.userId, role: caller.role, iat, exp: iat + lifetimeSeconds },
    createSecretKey(environment.jwtSecret, 'utf8'),
    {
      algorithm: 'HS256',
      issuer: environment.jwtIssuer,
      audience: environment.jwtAudience,
    },
  );
}

export interface Authenticator {
  /** The caller of a request, by its Authorization header. Throws Refused `auth.token.invalid`. */
  authenticate(request: Request): Promise<Caller>;
  /** The caller of a header that was verified before and has not expired, or null. For a fast lane: no cryptography, no promise. */
  remembered(header: string | undefined): Caller | null;
}

export function createAuthenticator(environment: TokenEnvironment, clock: WallClock): Authenticator {
  // A key object, because jsonwebtoken turns a string into one on every call.
  const key = createSecretKey(environment.jwtSecret, 'utf8');
  const verified = new LRUCache<string, { caller: Caller; until: number }>({ max: CACHED_TOKENS });
  const passports = new passport.Passport();
  passports.use(
    new Strategy(
      {
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        // The types know no key object; passport-jwt hands it to jsonwebtoken as it is.
        secretOrKeyProvider: (_request, _token, done) => done(null, key as unknown as Buffer),
        algorithms: ['HS256'],
        issuer: environment.jwtIssuer,
        audience: environment.jwtAudience,
        // Time is judged below, by the injected clock.
        ignoreExpiration: true,
        jsonWebTokenOptions: { ignoreNotBefore: true },
      },
      (payload: unknown, done) => {
        const claims = claimsSchema.safeParse(payload);
        done(null, claims.success ? claims.data : false);
      },
    ),
  );

  function remembered(header: string | undefined): Caller | null {
    const entry = header === undefined ? undefined : verified.get(header);
    if (!entry) return null;
    if (clock.now() < entry.until) return entry.caller;
    verified.delete(header as string);
    return null;
  }

  /** The claims of a well-signed token, or null. Passport answers through callbacks and knows no promise. */
  function claimsOf(request: Request): Promise<z.output<typeof claimsSchema> | null> {
    return new Promise((resolve, reject) => {
      const answer = (error: Error | null, claims: z.output<typeof claimsSchema> | false) => {
        if (error) reject(error);
        else resolve(claims || null);
      };
      const check = passports.authenticate('jwt', { session: false }, answer) as RequestHandler;
      void check(request, request.res as Response, reject);
    });
  }

  return {
    remembered,
    async authenticate(request) {
      const header = request.headers.authorization;
      const known = remembered(header);
      if (known) return known;
      const claims = header === undefined ? null : await claimsOf(request);
      const now = clock.now();
      if (!claims || now >= claims.exp * SECOND || now < (claims.nbf ?? 0) * SECOND)
        throw new Refused('auth.token.invalid');
      const caller: Caller = { userId: claims.sub, role: claims.role };
      verified.set(header as string, { caller, until: claims.exp * SECOND });
      return caller;
    },
  };
}
