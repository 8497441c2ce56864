/**
 * The whole system in this process, on SQLite files in a temporary folder unless told otherwise, called over HTTP. The
 * clock stands still and the feeds move only when stepped: by `pass`, by `catchUp`, and by a read that waits for its
 * Read-After.
 */
import { decode, type Recorded } from '@creator-dashboards/shared/events/index';
import { signToken, type TokenRole } from '@creator-dashboards/shared/http/auth';
import { signWebhook } from '@creator-dashboards/shared/http/webhook';
import { newId, type Random } from '@creator-dashboards/shared/ids';
import type { Route } from '@creator-dashboards/shared/http/route';
import type { Env } from '@creator-dashboards/shared/process/environment';
import type { Log } from '@creator-dashboards/shared/process/log';
import type { RecordedEvent } from '@creator-dashboards/shared/ports';
import { fromInstant, systemClock, toInstant } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request, { type Response } from 'supertest';
import { createStoryClock } from '../../demo/clock.js';
import { createSystem } from '../../system.js';
import { serve, testFoundation } from './in-process.js';
import { readLog } from './invariants.js';
import { embedded, type StoreMode } from './store-modes.js';

export const API = '/api/v1';
/** What the clock of a system shows until the test moves it. */
export const BEGINNING = '2026-04-29T20:00:00.000Z';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Headers = Readonly<Record<string, string>>;

/** Someone who calls the API; paths are below /api/v1. */
export interface Caller {
  get(path: string, headers?: Headers): Promise<Response>;
  post(path: string, body?: object, headers?: Headers): Promise<Response>;
  put(path: string, body?: object, headers?: Headers): Promise<Response>;
  patch(path: string, body?: object, headers?: Headers): Promise<Response>;
  delete(path: string, headers?: Headers): Promise<Response>;
}

/** What writes answer; a test reads the fields that its route has. */
export type Answer = Readonly<Record<'position' | AnswerField, string>>;
type AnswerField =
  | ('userId' | 'creatorId' | 'messageId' | 'sessionId' | 'payoutId' | 'id')
  | ('code' | 'status' | 'username' | 'accessToken' | 'checkoutUrl' | 'followerCount');

export type TestSystem = Awaited<ReturnType<typeof openSystem>>;

export interface SystemSetup {
  /** 'real' counts as in production; otherwise there are no limits. */
  readonly rateLimits?: 'real' | 'off';
  readonly demo?: boolean;
  /** Further variables of the environment. */
  readonly env?: Env;
  /** Where ids, salts and keys come from; the system's unless given. */
  readonly random?: Random;
  /** Where its stores are; files unless given. */
  readonly mode?: StoreMode;
  /** Nothing is logged unless given. */
  readonly log?: Log;
}

export async function openSystem({
  rateLimits = 'off',
  demo = false,
  env = {},
  random,
  mode = embedded,
  log,
}: SystemSetup = {}) {
  const place = await mode.open();
  const folder = mkdtempSync(join(tmpdir(), 'system-'));
  let now = fromInstant(BEGINNING);
  const clock = createStoryClock({ ...systemClock, now: () => now });
  const opened = await testFoundation(
    {
      ...place.env,
      ...env,
      DATA_DIR: folder,
      DEMO: demo ? '1' : '0',
      RATE_LIMIT_FACTOR: rateLimits === 'real' ? '1' : '100000',
    },
    { clock, random, log },
  );
  const stores = { ...opened.stores, events: await place.isolated(opened.stores.events) };
  stores.events.onAppend(() => undefined); // As running feeds do: a log on a server keeps its end in memory then.
  const foundation = { ...opened, stores };
  const { environment } = foundation;
  const system = createSystem({ ...foundation, pause: () => system.projector.catchUp(), looksAlways: true });
  await system.commands.unlock();
  await system.catchUp();
  const served = await serve(system, foundation);
  const { server, port } = served;

  function call(method: Method, path: string, headers: Headers, body?: string): Promise<Response> {
    const verb = method.toLowerCase() as Lowercase<Method>;
    const calling = request(server);
    const pending = calling[verb](`${API}${path}`).set(headers);
    return body === undefined ? pending : pending.type('application/json').send(body);
  }

  function caller(headersOf: (path: string, body?: string) => Headers): Caller {
    const send = (method: Method, path: string, body?: object, headers: Headers = {}) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      return call(method, path, { ...headersOf(path, text), ...headers }, text);
    };
    return {
      get: (path, headers) => send('GET', path, undefined, headers),
      post: (path, body, headers) => send('POST', path, body, headers),
      put: (path, body, headers) => send('PUT', path, body, headers),
      patch: (path, body, headers) => send('PATCH', path, body, headers),
      delete: (path, headers) => send('DELETE', path, undefined, headers),
    };
  }

  /**
   * A caller with a token of this user and role, signed for each call, since tokens live 15 minutes and journeys last
   * weeks.
   */
  const bearer = (userId: string, role: TokenRole = 'USER') => ({
    Authorization: `Bearer ${signToken(environment, { userId, role }, clock)}`,
  });
  const as = (userId: string, role?: TokenRole): Caller => caller(() => bearer(userId, role));

  let seen = 0n;
  /** Events of the log that were not returned yet, readable or not. */
  async function appended(): Promise<RecordedEvent[]> {
    const events = await readLog(stores.events, seen);
    seen = events.at(-1)?.position ?? seen;
    return events;
  }
  const newEvents = async (): Promise<Recorded[]> => (await appended()).map(decode);

  const adminId = newId();
  return {
    ...system,
    environment,
    stores,
    access: foundation.access,
    clock,
    server,
    port,
    anybody: caller(() => ({})),
    /** Asks for a page by its path from the root on; does not follow a redirect. */
    browse(path: string, headers: Headers = {}, method: 'get' | 'head' = 'get'): Promise<Response> {
      const asking = request(server);
      return asking[method](path)
        .redirects(0)
        .set(headers)
        .ok(() => true);
    },
    /** One of our providers: signs its webhooks. */
    provider: caller((path, body = '') => ({
      'X-Signature': signWebhook(environment.webhookSecrets, path, body, clock),
    })),
    adminId,
    admin: as(adminId, 'ADMIN'),
    auditor: as(newId(), 'AUDITOR'),
    as,
    bearer,
    newEvents,
    now: () => toInstant(clock.now()),
    head: () => stores.events.head(),

    /**
     * The call succeeds with this status and documented data, and appends these events and no others. Answers its data.
     */
    async done(answer: Promise<Response>, status: number, events: readonly string[]): Promise<Answer> {
      await newEvents();
      const response = await answer;
      const { body } = response;
      expect(response.status, JSON.stringify(body)).to.equal(status);
      expect(body).to.have.all.keys('success', 'data');
      expect(body.success).to.equal(true);
      expect(undocumented(system.routes, response), 'is not as documented').to.deep.equal([]);
      const left = await newEvents();
      expect(left.map(({ type }) => type)).to.deep.equal(events);
      if (left.length > 0)
        expect(body.data.position, 'position is not the last event').to.equal(String(left.at(-1)?.position));
      return body.data as Answer;
    },
    /** The call is refused with this status and key, in the whole envelope, and appends nothing, but for a record that it was denied. */
    async refused(answer: Promise<Response>, status: number, i18nKey: string): Promise<Response> {
      await newEvents();
      const response = await answer;
      expect(response.status, JSON.stringify(response.body)).to.equal(status);
      expect(response.body).to.have.all.keys('success', 'error');
      expect(response.body.error).to.have.all.keys(
        ...['code', 'message', 'i18nKey', 'i18nVars', 'details', 'correlationId'],
      );
      expect(response.body.error.i18nKey).to.equal(i18nKey);
      const left = (await newEvents()).map(({ type }) => type);
      expect(left.filter((type) => type !== 'AccessDenied' || status !== 403)).to.deep.equal([]);
      return response;
    },
    /** Lets time pass, then lets feeds and clock do what is due. Answers what was appended in the meantime. */
    async pass(ms: number): Promise<string[]> {
      await appended();
      now += ms;
      await place.pass(ms);
      await system.commands.catchUp();
      await system.commands.tick();
      await system.catchUp();
      return (await appended()).map(({ type }) => type);
    },
    async close(): Promise<void> {
      await served.close();
      await system.stop();
      await stores.close();
      await foundation.tracer?.close();
      await place.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What of an answer's data differs from the route's schema. */
function undocumented(routes: readonly Route[], { request: { method, url }, body }: Response): unknown[] {
  const path = new URL(url).pathname.slice(API.length);
  const fitting = routes
    .filter((route) => route.method === method && new RegExp(`^${route.path.replace(/:\w+/g, '[^/]+')}$`).test(path))
    .sort((a, b) => a.path.split(':').length - b.path.split(':').length);
  const checked = fitting[0]?.data?.safeParse(body.data);
  return checked?.success ? [] : (checked?.error?.issues ?? ['has no schema']);
}
