/**
 * The whole command service in this process, on SQLite files in a temporary folder, with a clock that stands still and feeds that are
 * stepped by hand. Routes are called as HTTP would call them, after schema validation.
 */
import { openCounters } from '@creator-dashboards/shared/adapters/sqlite/counters';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { openKeyStore } from '@creator-dashboards/shared/adapters/sqlite/key-store';
import { openReadStore } from '@creator-dashboards/shared/adapters/sqlite/read-store';
import { createChanges, telling } from '@creator-dashboards/shared/changes/changes';
import { createSimulators } from '@creator-dashboards/shared/adapters/simulators';
import { Refused, type ErrorKey } from '@creator-dashboards/shared/errors';
import { decode, type EventType, type Recorded } from '@creator-dashboards/shared/events/index';
import { newId } from '@creator-dashboards/shared/ids';
import { silentLog } from '@creator-dashboards/shared/process/log';
import type { EventStore, KeyStore } from '@creator-dashboards/shared/ports';
import type { Providers } from '@creator-dashboards/shared/providers';
import type { RouteResponse } from '@creator-dashboards/shared/http/route';
import { fromInstant, systemClock, toInstant, type Clock, type Instant } from '@creator-dashboards/shared/time';
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callRoute, type Call } from '../../src/http/call-route.js';
import { createCommandService, type CommandServiceOptions } from '../../src/create-service.js';
import type { Feature } from '../../src/features/feature.js';

export type Harness = Awaited<ReturnType<typeof createHarness>>;

export async function createHarness(options: {
  features: readonly Feature[];
  at?: Instant;
  /** Replaces the clock that stands still, for a service that is started. */
  clock?: Clock;
  providers?: (simulators: Providers) => Providers;
  events?: (store: EventStore) => EventStore;
  keys?: (store: KeyStore) => KeyStore;
  log?: CommandServiceOptions['log'];
  onClockRun?: CommandServiceOptions['onClockRun'];
  onLoginFailed?: () => void;
}) {
  const folder = mkdtempSync(join(tmpdir(), 'commands-'));
  let now = fromInstant(options.at ?? '2026-04-29T20:00:00.000Z');
  const clock = options.clock ?? { ...systemClock, now: () => now };
  const stored = openEventStore(join(folder, 'events.db'));
  const events = options.events ? options.events(stored) : stored;
  const changes = createChanges();
  const reads = telling(openReadStore(join(folder, 'views.db')), changes);
  const counters = openCounters(join(folder, 'views.db'), clock);
  const ownKeys = openKeyStore(join(folder, 'keys.db'), ['a master key for tests only']);
  const keys = options.keys ? options.keys(ownKeys) : ownKeys;
  const simulators = createSimulators({ pages: null });
  const running = createCommandService({
    events,
    reads,
    changes,
    counters,
    keys,
    providers: options.providers?.(simulators) ?? simulators,
    clock,
    publicUrl: 'http://localhost:3000',
    signToken: ({ userId, role }) => `token of ${userId} ${role}`,
    features: options.features,
    owner: newId(),
    log: options.log ?? silentLog,
    onClockRun: options.onClockRun,
    onLoginFailed: options.onLoginFailed,
  });
  await running.unlock();
  const { service } = running;

  /** Calls a route of the table by its method and declared path: `call('POST /messages', { as: fan, body })`. */
  const call = (row: string, options?: Call): Promise<RouteResponse> => callRoute(running.routes, row, options);

  return {
    ...running,
    service,
    changes,
    /** Where the SQLite files are. */
    folder,
    call,
    /** The `data` of a successful call. */
    async data(row: string, options?: Call): Promise<Record<string, unknown>> {
      return (await call(row, options)).data as Record<string, unknown>;
    },
    /** Expects the call to be refused with this key. */
    async refused(key: ErrorKey, row: string, options?: Call): Promise<void> {
      const error = await call(row, options).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error, `${row} was not refused`).to.be.instanceOf(Refused);
      expect((error as Refused).key).to.equal(key);
    },
    /** Every event of the log, or of one stream, in order. */
    async log(stream?: string): Promise<Recorded[]> {
      const all = stream ? await events.readStream(stream) : await events.readAll({ after: 0n, limit: 100_000 });
      return all.map(decode);
    },
    async types(stream?: string): Promise<EventType[]> {
      return (await this.log(stream)).map((event) => event.type);
    },
    now: () => toInstant(now),
    /** Moves the clock forward, then lets look-ups and policies see everything. */
    async advance(ms: number): Promise<void> {
      now += ms;
      await running.catchUp();
    },
    async close(): Promise<void> {
      for (const store of [events, reads, counters, keys]) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
