/**
 * The dashboard without a read model, as a service over relational tables makes it for each request: the profile by its owner, then the
 * wallet, the payouts that wait, the avatar, the social accounts and two counts of messages together. Express and passport before it. The
 * tables are in a file of the read store, indexed for these queries, and hold what the documents of the same creators say.
 */
import express from 'express';
import { createSecretKey } from 'node:crypto';
import type { RequestListener } from 'node:http';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { openDatabase, type SqlDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { bearerToken } from '@creator-dashboards/shared/http/bearer';
import { successBody } from '@creator-dashboards/shared/http/envelope';
import type { Environment } from '@creator-dashboards/shared/process/environment';
import { presentDashboard } from '@creator-dashboards/shared/views/creator-dashboard/present';
import type { CreatorDashboardDocument } from '@creator-dashboards/shared/views/creator-dashboard/document';
import { DASHBOARD } from './dashboards.js';

type Queries = (userId: string) => Promise<CreatorDashboardDocument | null>;

const TABLES = `
  CREATE TABLE profiles (id TEXT PRIMARY KEY, user_id TEXT UNIQUE, level TEXT, total_messages INT, total_earnings INT,
    dm_active INT, dm_type TEXT, dm_price INT);
  CREATE TABLE wallets (user_id TEXT, type TEXT, balance INT, frozen INT, PRIMARY KEY (user_id, type));
  CREATE TABLE payouts (id INTEGER PRIMARY KEY, creator_id TEXT, status TEXT);
  CREATE INDEX payouts_of ON payouts (creator_id, status);
  CREATE TABLE users (id TEXT PRIMARY KEY, avatar_url TEXT);
  CREATE TABLE social_accounts (id INTEGER PRIMARY KEY, user_id TEXT);
  CREATE INDEX social_accounts_of ON social_accounts (user_id);
  CREATE TABLE messages (id INTEGER PRIMARY KEY, creator_id TEXT, status TEXT);
  CREATE INDEX messages_of ON messages (creator_id, status);`;

/** Serves the dashboards of these documents from tables in `file`; `close` it. */
export function sixQueries(
  environment: Environment,
  file: string,
  documents: readonly CreatorDashboardDocument[],
): { readonly listener: RequestListener; close(): void } {
  const database = openDatabase(file, { synchronous: 'NORMAL' });
  database.exec(TABLES);
  database.immediate(() => fill(database, documents));
  return { listener: appOf(environment, queriesOn(database)), close: () => database.close() };
}

function fill(database: SqlDatabase, documents: readonly CreatorDashboardDocument[]): void {
  const profile = database.prepare('INSERT INTO profiles VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const wallet = database.prepare("INSERT INTO wallets VALUES (?, 'CREATOR', ?, ?)");
  const user = database.prepare('INSERT INTO users VALUES (?, NULL)');
  const message = database.prepare('INSERT INTO messages (creator_id, status) VALUES (?, ?)');
  for (const { _id, creatorId, level, totalMessages, totalEarnings, ...one } of documents) {
    profile.run(creatorId, _id, level, totalMessages, totalEarnings, one.dmActive, one.dmType, one.dmPrice);
    user.run(_id);
    if (one.wallet) wallet.run(_id, one.wallet.balance, one.wallet.frozen);
    for (let n = 0; n < one.resolvable; n += 1) message.run(creatorId, n < one.responded ? 'COMPLETED' : 'EXPIRED');
  }
}

interface Profile extends Pick<CreatorDashboardDocument, 'level'> {
  readonly id: string;
  readonly total_messages: number;
  readonly total_earnings: number;
  readonly dm_active: number;
  readonly dm_type: CreatorDashboardDocument['dmType'];
  readonly dm_price: number | null;
}

function queriesOn(database: SqlDatabase): Queries {
  const profileOf = database.prepare<Profile>('SELECT * FROM profiles WHERE user_id = ?');
  const walletOf = database.prepare<{ balance: number; frozen: number }>(
    "SELECT balance, frozen FROM wallets WHERE user_id = ? AND type = 'CREATOR'",
  );
  const count = (sql: string) => {
    const statement = database.prepare<{ n: number }>(`SELECT count(*) n FROM ${sql}`);
    return async (key: string) => statement.get(key)?.n ?? 0;
  };
  const avatarOf = database.prepare<{ avatar_url: null }>('SELECT avatar_url FROM users WHERE id = ?');
  const waiting = count("payouts WHERE creator_id = ? AND status = 'PENDING'");
  const social = count('social_accounts WHERE user_id = ?');
  const responded = count("messages WHERE creator_id = ? AND status IN ('COMPLETED', 'REPLIED')");
  const resolvable = count(
    "messages WHERE creator_id = ? AND status IN ('COMPLETED', 'REPLIED', 'REJECTED', 'EXPIRED')",
  );
  return async (userId) => {
    const profile = profileOf.get(userId);
    if (!profile) return null;
    const found = await Promise.all([
      ...([(async () => walletOf.get(userId))(), waiting(profile.id), (async () => avatarOf.get(userId))()] as const),
      ...([social(userId), responded(profile.id), resolvable(profile.id)] as const),
    ]);
    return assembled(userId, profile, found);
  };
}

function assembled(
  userId: string,
  profile: Profile,
  [wallet, pendingPayouts, user, socialAccounts, responded, resolvable]: readonly [
    ...[{ balance: number; frozen: number } | undefined, number, { avatar_url: null } | undefined],
    ...[number, number, number],
  ],
): CreatorDashboardDocument {
  return {
    ...{ _id: userId, position: 0n, creatorId: profile.id, level: profile.level },
    ...{ totalMessages: profile.total_messages, totalEarnings: profile.total_earnings },
    wallet: wallet ? { balance: wallet.balance, frozen: wallet.frozen === 1 } : null,
    ...{ dmActive: profile.dm_active === 1, dmType: profile.dm_type, dmPrice: profile.dm_price },
    ...{ pendingPayouts, responded, resolvable, socialAccounts },
    ...{ avatarUrl: user?.avatar_url ?? null, deletedAt: null },
  };
}

function appOf({ jwtSecrets, jwtIssuer, jwtAudience }: Environment, query: Queries): RequestListener {
  const app = express().disable('x-powered-by').disable('etag');
  const passports = new passport.Passport();
  const [secret = ''] = jwtSecrets;
  const options = {
    jwtFromRequest: ({ headers }: { headers: { authorization?: string | undefined } }) =>
      bearerToken(headers.authorization),
    // A key object is three times as fast as the same secret as a string. The types do not allow it.
    secretOrKey: createSecretKey(secret, 'utf8') as unknown as Buffer,
    ...{ algorithms: ['HS256' as const], issuer: jwtIssuer, audience: jwtAudience },
  };
  passports.use(new Strategy(options, (claims: { sub: string }, done) => done(null, claims)));
  app.get(
    DASHBOARD,
    passports.authenticate('jwt', { session: false }) as express.RequestHandler,
    async (request, response) => {
      const found = await query((request.user as { sub: string }).sub);
      if (!found) return void response.status(404).end();
      const body = successBody(await presentDashboard(found, null, async () => null));
      response.type('application/json; charset=utf-8').send(body);
    },
  );
  return app;
}
