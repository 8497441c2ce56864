/**
 * The query service over HTTP on real embedded stores in a folder of its own. Views are written by hand, as the
 * projector would.
 */
import { createChanges, telling } from '@creator-dashboards/shared/changes/changes';
import { unrecorded } from '@creator-dashboards/shared/testing/unrecorded';
import { systemClock } from '@creator-dashboards/shared/time';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestListener } from 'node:http';
import request, { type Response } from 'supertest';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { createApp, type AppOptions } from '@creator-dashboards/shared/http';
import { signToken, type TokenRole } from '@creator-dashboards/shared/http/auth';
import { createLog } from '@creator-dashboards/shared/process/log';
import { createMetrics } from '@creator-dashboards/shared/process/metrics';
import type { Document, EventStore, NewEvent, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { StoreUnavailable } from '@creator-dashboards/shared/store-errors';
import { createSealer, KEY_CACHE_MS } from '@creator-dashboards/shared/seal';
import { ALIASES, collectionOf, feedNameOf, type Alias } from '@creator-dashboards/shared/views/alias';
import { generationOf } from '@creator-dashboards/shared/views/generation';
import { views, type ViewName, type Views } from '@creator-dashboards/shared/views/registry';
import { createQueryService, type QueryServiceOptions } from '../src/create-service.js';
import { createBus } from '../src/changes/bus.js';
import { createHeads } from '../src/audit/heads.js';
import { headKeys } from '../src/audit/signing.js';
import type { KillSwitchName } from '@creator-dashboards/shared/platform-config';
import { comparable } from '@creator-dashboards/shared/testing/same-answers';
import { expect } from 'chai';
import { createViewReader } from '../src/reads/read.js';
import { userId } from '@creator-dashboards/shared/testing/fixtures/documents';
import { memoryAuditIndex } from '@creator-dashboards/shared/testing/memory-audit-index';
import { memoryCounters } from '@creator-dashboards/shared/testing/memory-counters';

/** After how long a pause is over, as if views had moved. */
const WOKEN_MS = 50;
const NOON = Date.parse('2026-05-01T12:00:00.000Z');
export { KEY_CACHE_MS };

export interface Call {
  readonly as?: string;
  readonly role?: TokenRole;
  readonly headers?: Record<string, string>;
  /** Asks once alone: what it sets off in the background changes the next answer. */
  readonly once?: true;
}

/** The generation that this code builds first. */
const currentOf = (view: ViewName) => generationOf(views[view].version);

export async function openHarness() {
  const folder = mkdtempSync(join(tmpdir(), 'query-service-'));
  const environment = readEnvironment({ LOG_LEVEL: 'silent' });
  const changes = createChanges();
  const reads = telling(openReadStore(join(folder, 'views.db')), changes);
  const stored = openEventStore(join(folder, 'events.db'));
  /** Checkpoints are written by hand, so the events that they name are told by hand, too. */
  const told = new Map<Position, string>();
  let away = false;
  const events: EventStore = {
    ...stored,
    async readAt(position) {
      if (away) throw new StoreUnavailable('the log', 'is away');
      const id = told.get(position);
      return id === undefined ? stored.readAt(position) : ({ id } as RecordedEvent);
    },
  };
  const keys = openKeyStore(join(folder, 'keys.db'), environment.masterKeys);
  let now = NOON;
  const clock = { ...systemClock, now: () => now, monotonic: () => now };
  const sealer = createSealer({ keys, events, clock });
  /** What happens elsewhere while a read pauses; time passes in any case. */
  let meanwhile: () => Promise<void> = async () => {};
  const pauses: number[] = [];
  const audit = memoryAuditIndex();
  const options: QueryServiceOptions = {
    looksAlways: true,
    changes,
    events,
    reads,
    keys,
    sealer,
    clock,
    views,
    audit,
    access: unrecorded,
    heads: createHeads({ events: stored, index: audit, keys: headKeys(environment.auditSigningKeys), clock }),
    async pause(ms) {
      pauses.push(ms);
      await meanwhile();
      now += Math.min(ms, WOKEN_MS);
    },
  };
  const service = createQueryService(options);
  const appOptions = {
    environment: { ...environment, corsOrigins: ['https://app.example'] },
    routes: service.routes,
    pages: service.pages,
    accounts: service.accounts,
    killSwitches: (name: KillSwitchName) => service.killSwitches(name),
    clock,
    ready: () => service.ready(),
  };
  /** Each with what it counts, logs and measures. */
  const appOf = (how: Pick<AppOptions, 'noLane'>) => {
    const lines: string[] = [];
    const log = createLog({ logLevel: 'info' }, 'test', { write: (line: string) => void lines.push(line) });
    const metrics = createMetrics({ processMetrics: false });
    return { lines, metrics, app: createApp({ ...appOptions, ...how, log, metrics, counters: memoryCounters(clock) }) };
  };
  const withLane = appOf({});
  const withoutLane = appOf({ noLane: true });

  function eventAt(position: Position): string {
    const id = `event at ${position}`;
    told.set(position, id);
    return id;
  }

  /** Makes a generation of these views the served one, built up to a position. */
  async function serve(position: Position, names = Object.keys(views), only?: string): Promise<void> {
    for (const view of names) {
      const generation = only ?? currentOf(view as ViewName);
      const name = feedNameOf(view, generation);
      const checkpoint: Checkpoint = {
        _id: name,
        position,
        eventId: eventAt(position),
        token: 1,
        owner: '',
        beat: 1,
      };
      await put(CHECKPOINTS, checkpoint);
      await put<Alias>(ALIASES, { _id: view, position, generation });
    }
  }

  async function put<D extends Document>(collection: string, document: D): Promise<void> {
    const before = await reads.get(collection, document._id);
    const expected = before ? { position: before.position } : null;
    await reads.write(collection, [{ document, expected }]);
  }

  await serve(1n, ['account']); // every caller is asked after
  const bearer = (as: string, role: TokenRole = 'USER') =>
    `Bearer ${signToken(environment, { userId: as, role }, clock)}`;

  return {
    service,
    bearer,
    /** The service with the hot lane, and without it. */
    withLane,
    withoutLane,
    /** The read store that the service uses, as another instance. */
    reader: createViewReader({ ...options, bus: createBus(options) }),
    events,
    reads,
    keys,
    pauses,
    /** Another process's sealer on the same keys. */
    sealer: createSealer({ keys, events, clock }),
    advance: (ms: number) => void (now += ms),
    /** Makes another event stand at a position of the log, as after an older backup was restored. */
    replaceEvent: (position: Position) => void told.set(position, 'another event'),
    removeEvent: (position: Position) => void told.delete(position),
    breakLog: (broken: boolean) => void (away = broken),
    whilePausing: (work: () => Promise<void>) => void (meanwhile = work),

    serve,
    write: <V extends ViewName>(view: V, document: Views[V] | FoldedDocument, generation = currentOf(view)) =>
      put(collectionOf(view, generation), document),
    /** Makes the log reach at least this position. */
    async grow(stream: string, batch: readonly NewEvent[]): Promise<Position> {
      const result = await events.append(stream, 'no_stream', batch);
      if (!result.ok) throw new Error(`${stream} exists already`);
      return result.position;
    },

    /** By the hot lane where it answers this; Express has to give the same answer. */
    async get(path: string, { as = userId, role = 'USER', headers = {}, once }: Call = {}): Promise<Response> {
      const ask = (listener: RequestListener) =>
        request(listener)
          .get(path.startsWith('/readyz') ? path : `/api/v1${path}`)
          .set({ Authorization: bearer(as, role), ...headers });
      const response = await ask(withLane.app);
      if (once || path.startsWith('/readyz')) return response;
      const paused = pauses.length;
      const other = await ask(withoutLane.app);
      pauses.length = paused;
      expect(answerOf(response), path).to.deep.equal(answerOf(other));
      return response;
    },
    async close(): Promise<void> {
      await reads.close();
      await events.close();
      await keys.close();
      rmSync(folder, { recursive: true });
    },
  };
}
function answerOf({ status, headers, text }: Response) {
  const lines = Object.entries(headers as Record<string, string>).map(([name, value]) => `${name}: ${value}`);
  return comparable({ status, headers: lines.sort(), body: text });
}

export type Harness = Awaited<ReturnType<typeof openHarness>>;
