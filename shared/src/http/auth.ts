/** Who is calling: access tokens (G35), checked by passport-jwt and cached by a digest of their header until they expire. */
import { createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { IncomingMessage } from 'node:http';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { z } from 'zod';
import type { Environment } from '../process/environment.js';
import { Refused } from '../errors.js';
import type { Actor } from '../ports.js';
import { MINUTE, SECOND, type WallClock } from '../time.js';
import { bearerToken, isPlainJwt, MAX_HEADER, saysItTwice } from './bearer.js';

/** Lifetime of an access token (G35), in seconds. */
export const TOKEN_LIFETIME_SECONDS = 900;
/** A token with a longer lifetime is refused, whoever signed it. */
const MAX_LIFETIME_SECONDS = 86_400;
const CACHED_TOKENS = 10_000;

/** The claims that a token must have. Ids are `guid`, not `uuid`: sample ids in documents are not valid by RFC 9562. An unknown role is refused. */
export const claimsSchema = z.object({
  sub: z.guid().toLowerCase(), // as streams and documents are named: both cases are the same id
  role: z.enum(['USER', 'ADMIN', 'AUDITOR']),
  iat: z.int(),
  exp: z.int(),
  nbf: z.int().optional(),
});

type Claims = z.output<typeof claimsSchema>;
export type TokenRole = Claims['role'];

export interface Caller extends Actor {
  readonly userId: string;
  readonly role: TokenRole;
}

type TokenEnvironment = Pick<Environment, 'jwtSecrets' | 'jwtIssuer' | 'jwtAudience'>;

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
    keyOf(environment.jwtSecrets[0] ?? ''),
    {
      algorithm: 'HS256',
      issuer: environment.jwtIssuer,
      audience: environment.jwtAudience,
    },
  );
}

export interface Authenticator {
  /** The caller of a request, by its Authorization header. Throws Refused `auth.token.invalid`. */
  authenticate(request: IncomingMessage): Promise<Caller>;
  /** The caller, if the token is already in the cache and has not expired, else null. Synchronous, for a fast path. */
  remembered(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Caller | null;
}

interface Verified {
  readonly caller: Caller;
  /** When the token expires. */
  readonly until: number;
}

export function createAuthenticator(environment: TokenEnvironment, clock: WallClock): Authenticator {
  const verified = createMemory(clock);
  const passports = new passport.Passport();
  const strategies = environment.jwtSecrets.map((secret, index) => {
    const name = `jwt-${index}`;
    passports.use(name, strategyOf(environment, keyOf(secret)));
    return name;
  });

  /** The claims of a well-signed token, or null. Passport works with callbacks, not promises. */
  function claimsOf(request: IncomingMessage): Promise<Claims | null> {
    return new Promise((resolve, reject) => {
      const answer = (error: Error | null, claims: Claims | false) => {
        if (error) reject(error);
        else resolve(claims || null);
      };
      const check = passports.authenticate(strategies, { session: false }, answer) as RequestHandler;
      // Passport reads headers alone, so that a request without Express will do.
      void check(request as Request, {} as Response, reject);
    });
  }

  function remembered({ headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Caller | null {
    if (headers.authorization === undefined || saysItTwice({ rawHeaders })) return null;
    return verified.get(headers.authorization);
  }

  return {
    remembered,
    async authenticate(request) {
      const known = remembered(request);
      if (known) return known;
      const { authorization } = request.headers;
      const token = saysItTwice(request) ? null : bearerToken(authorization);
      const claims = token !== null && isPlainJwt(token) ? await claimsOf(request) : null;
      if (authorization === undefined || !claims || !isValidAt(clock.now(), claims))
        throw new Refused('auth.token.invalid');
      const caller: Caller = { userId: claims.sub, role: claims.role };
      verified.set(authorization, { caller, until: claims.exp * SECOND });
      return caller;
    },
  };
}

/** How far another host's clock may be ahead of ours. */
const SKEW_MS = 5 * SECOND;

function isValidAt(now: number, { iat, exp, nbf = 0 }: Claims): boolean {
  const lives = exp - iat <= MAX_LIFETIME_SECONDS;
  return lives && iat * SECOND <= now + SKEW_MS && nbf * SECOND <= now && now < exp * SECOND;
}

function strategyOf(environment: TokenEnvironment, key: KeyObject): Strategy {
  return new Strategy(
    {
      jwtFromRequest: (request: Request) => bearerToken(request.headers.authorization),
      // The types do not allow a key object; passport-jwt passes it to jsonwebtoken unchanged.
      secretOrKeyProvider: (_request, _token, done) => done(null, key as unknown as Buffer),
      algorithms: ['HS256'],
      issuer: environment.jwtIssuer,
      audience: environment.jwtAudience,
      // Expiry is checked by the injected clock.
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
    },
    (payload: unknown, done) => {
      const claims = claimsSchema.safeParse(payload);
      done(null, claims.success ? claims.data : false);
    },
  );
}

/** A key object, because jsonwebtoken turns a string into one on every call. */
function keyOf(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

/** Verified headers by their digest, so that no token is kept in memory; each until it expires. */
function createMemory(clock: WallClock): {
  get(header: string): Caller | null;
  set(header: string, entry: Verified): void;
} {
  const entries = new LRUCache<string, Verified>({ max: CACHED_TOKENS });
  let sweepAt = 0;

  function sweep(now: number): void {
    if (now < sweepAt) return;
    sweepAt = now + MINUTE;
    for (const [digest, { until }] of entries.entries()) if (now >= until) entries.delete(digest);
  }

  return {
    get(header) {
      if (header.length > MAX_HEADER) return null;
      const entry = entries.get(digestOf(header));
      return entry && clock.now() < entry.until ? entry.caller : null;
    },
    set(header, entry) {
      sweep(clock.now());
      entries.set(digestOf(header), entry);
    },
  };
}

function digestOf(header: string): string {
  return hash('sha256', header, 'binary');
}
