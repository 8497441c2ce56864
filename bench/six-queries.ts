/**
 * The dashboard without a read model, as a service over relational tables makes it for each request: the profile by its owner, then the
 * wallet, the payouts that wait, the avatar, the social accounts and two counts of messages together. Express and passport before it. The
 * tables are indexed for these queries and hold what the documents of the same creators say; where they are, the caller chooses.
 */
import express from 'express';
import { createSecretKey } from 'node:crypto';
import type { RequestListener } from 'node:http';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { openDatabase } from '@creator-dashboards/shared/adapters/sqlite/database';
import { bearerToken } from '@creator-dashboards/shared/http/bearer';
import { successBody } from '@creator-dashboards/shared/http/envelope';
import type { Environment } from '@creator-dashboards/shared/process/environment';
import { presentDashboard } from '@creator-dashboards/shared/views/creator-dashboard/present';
import type { CreatorDashboardDocument } from '@creator-dashboards/shared/views/creator-dashboard/document';
import { DASHBOARD } from './dashboards.js';

type Queries = (userId: string) => Promise<CreatorDashboardDocument | null>;
type Row = Readonly<Record<string, string | number | null>>;

/** A database of its own for the tables. Its SQL is what SQLite and PostgreSQL have in common, with `?` where the key stands. */
export interface Tables {
  exec(sql: string): Promise<void>;
  /** Adds rows, which all have the same columns. */
  insert(table: string, rows: readonly Row[]): Promise<void>;
  /** Prepares a query by one key. The result finds its first row, which is trusted to be an `R`. */
  ask<R>(sql: string): (key: string) => Promise<R | undefined>;
  close(): Promise<void>;
}

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

/** Serves the dashboards of these documents from tables that it makes and fills. The caller closes them. */
export async function sixQueries(
  environment: Environment,
  tables: Tables,
  documents: readonly CreatorDashboardDocument[],
): Promise<RequestListener> {
  await tables.exec(TABLES);
  for (const [table, rows] of Object.entries(rowsOf(documents))) await tables.insert(table, rows);
  return appOf(environment, queriesOn(tables));
}

/** In a file of SQLite. */
export function tablesIn(file: string): Tables {
  const database = openDatabase(file, { synchronous: 'NORMAL' });
  return {
    exec: async (sql) => database.exec(sql),
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {});
      const insert = `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`;
      const statement = database.prepare(insert);
      database.immediate(() => rows.forEach((row) => statement.run(...Object.values(row))));
    },
    ask<R>(sql: string) {
      const statement = database.prepare<R>(sql);
      return async (key) => statement.get(key);
    },
    close: async () => database.close(),
  };
}

function rowsOf(documents: readonly CreatorDashboardDocument[]): Record<string, Row[]> {
  const messages = documents.flatMap(({ creatorId, responded, resolvable }) =>
    Array.from({ length: resolvable }, (_, n) => ({
      creator_id: creatorId,
      status: n < responded ? 'COMPLETED' : 'EXPIRED',
    })),
  );
  return {
    profiles: documents.map(({ _id, creatorId, level, totalMessages, totalEarnings, ...one }) => ({
      ...{ id: creatorId, user_id: _id, level, total_messages: totalMessages, total_earnings: totalEarnings },
      ...{ dm_active: Number(one.dmActive), dm_type: one.dmType, dm_price: one.dmPrice },
    })),
    wallets: documents.flatMap(({ _id, wallet }) =>
      wallet ? [{ user_id: _id, type: 'CREATOR', balance: wallet.balance, frozen: Number(wallet.frozen) }] : [],
    ),
    users: documents.map(({ _id }) => ({ id: _id, avatar_url: null })),
    messages: messages.map((message, n) => ({ id: n + 1, ...message })),
  };
}

interface Profile extends Pick<CreatorDashboardDocument, 'level'> {
  readonly id: string;
  readonly total_messages: number;
  readonly total_earnings: number;
  readonly dm_active: number;
  readonly dm_type: CreatorDashboardDocument['dmType'];
  readonly dm_price: number | null;
}

function queriesOn(tables: Tables): Queries {
  const count = (sql: string) => {
    const ask = tables.ask<{ n: number }>(`SELECT CAST(count(*) AS INT) AS n FROM ${sql}`);
    return async (key: string) => (await ask(key))?.n ?? 0;
  };
  const profileOf = tables.ask<Profile>('SELECT * FROM profiles WHERE user_id = ?');
  const walletOf = tables.ask<{ balance: number; frozen: number }>(
    "SELECT balance, frozen FROM wallets WHERE user_id = ? AND type = 'CREATOR'",
  );
  const avatarOf = tables.ask<{ avatar_url: null }>('SELECT avatar_url FROM users WHERE id = ?');
  const waiting = count("payouts WHERE creator_id = ? AND status = 'PENDING'");
  const social = count('social_accounts WHERE user_id = ?');
  const responded = count("messages WHERE creator_id = ? AND status IN ('COMPLETED', 'REPLIED')");
  const resolvable = count(
    "messages WHERE creator_id = ? AND status IN ('COMPLETED', 'REPLIED', 'REJECTED', 'EXPIRED')",
  );
  return async (userId) => {
    const profile = await profileOf(userId);
    if (!profile) return null;
    const found = await Promise.all([
      ...([walletOf(userId), waiting(profile.id), avatarOf(userId)] as const),
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
