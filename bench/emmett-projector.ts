/**
 * The running projector beside Emmett's consumer of SQLite: the same events, folded by the same view into one document for each creator, from
 * the beginning of a full log to its head. Emmett's handler reads and writes the document's row for each event, in the transaction that its
 * consumer gives it for each batch. Documents are written with `synchronous` NORMAL in both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProjector } from '@creator-dashboards/projector/projector';
import { openEventStore } from '@creator-dashboards/shared/adapters/sqlite/event-store';
import { categoryOf } from '@creator-dashboards/shared/events/index';
import { applyTo, concerns, digestOf, foldAll } from '@creator-dashboards/shared/fold';
import type { EventStore, NewEvent, RecordedEvent } from '@creator-dashboards/shared/ports';
import { connect } from '@creator-dashboards/shared/process/connect';
import { readEnvironment } from '@creator-dashboards/shared/process/environment';
import { systemClock } from '@creator-dashboards/shared/time';
import { ALIASES, collectionOf, type Alias } from '@creator-dashboards/shared/views/alias';
import type { CreatorDashboardDocument } from '@creator-dashboards/shared/views/creator-dashboard/document';
import { views } from '@creator-dashboards/shared/views/registry';
import type { Connection, Emmett } from './emmett.js';
import { fillLog } from './made-log.js';
import { compare, measured, type Measured } from './pairs.js';
import { hasPeers, peer } from './peers.js';

const { creatorDashboard: view } = views;
const CREATORS = 250;
const PAIRS = 7;
/** How it pulls; by default batches of 100, with 50 ms between them. */
const BOUNDS = [
  { how: 'as it is by default', pulling: {}, floor: 15, goal: 60 },
  { how: 'tuned', pulling: { batchSize: 1_000, pullingFrequencyInMs: 0 }, floor: 10, goal: 60 },
];

/** What is used of the package besides its appends. */
interface Consuming extends Emmett {
  getSQLiteEventStore(options: { fileName: string }): { consumer(options: { pulling: object }): Consumer };
}

interface Consumer {
  processor(options: {
    readonly processorId: string;
    readonly startFrom: 'BEGINNING';
    /** Ends the consumer after the batch's transaction so far. */
    stopAfter(message: Message): boolean;
    eachMessage(message: Message, context: { connection: Connection }): Promise<void>;
  }): { start(connection: Connection): Promise<unknown> };
  /** Until it was stopped. */
  start(): Promise<void>;
  close(): Promise<void>;
}

interface Message extends Omit<NewEvent, 'id'> {
  readonly metadata: NewEvent['metadata'] & {
    readonly messageId: string;
    readonly streamName: string;
    /** The first is 1. */
    readonly streamPosition: bigint;
    readonly globalPosition: bigint;
  };
}

/** The events of both, and what they make. */
interface Given {
  readonly log: readonly RecordedEvent[];
  readonly takes: number;
  readonly digest: string;
}

/** False where one of the ratios is under its floor. Left out where the package is not installed. */
export async function benchEmmettProjector(events = 5_000): Promise<boolean> {
  if (!hasPeers('Running projector, against Emmett on SQLite')) return true;
  const emmett = peer<Consuming>('@event-driven-io/emmett-sqlite');
  const place = mkdtempSync(join(tmpdir(), 'bench-emmett-'));
  const store = openEventStore(join(place, 'ours.db'));
  const connection = emmett.sqliteConnection({ fileName: join(place, 'emmett.db') });
  try {
    await fillLog(store, events, CREATORS);
    const log = await store.readAll({ after: 0n, limit: 2 * events });
    await copy(emmett, connection, log);
    const takes = log.filter((event) => keyOf(event) !== undefined).length;
    const given = { log, takes, digest: digestOf(foldAll(view, log).values()) };
    const results: boolean[] = [];
    for (const { how, pulling, floor, goal } of BOUNDS)
      results.push(
        await compare({
          name: `Running projector, one view, against Emmett's on SQLite ${how}`,
          ...{ floor, goal, pairs: PAIRS },
          base: () => consumed(emmett, connection, join(place, 'emmett.db'), pulling, given),
          ours: () => projected(store, given),
        }),
      );
    return results.every(Boolean);
  } finally {
    connection.close();
    await store.close();
    rmSync(place, { recursive: true });
  }
}

/** In one transaction, at the same positions. */
async function copy(emmett: Emmett, connection: Connection, log: readonly RecordedEvent[]): Promise<void> {
  await emmett.createEventStoreSchema(connection);
  await connection.command('CREATE TABLE dashboards (id TEXT PRIMARY KEY, body TEXT)');
  await connection.withTransaction(async () => {
    for (const { stream, revision, id, type, data, metadata } of log) {
      const event = { type, data, metadata: { ...metadata, messageId: id } };
      const at = { expectedStreamVersion: revision };
      await emmett.appendToStream(connection, stream, categoryOf(stream), [event], at);
    }
  });
}

function keyOf(event: RecordedEvent): string | undefined {
  return concerns(view, event) ? view.keyOf(event) : undefined;
}

async function consumed(
  emmett: Consuming,
  connection: Connection,
  fileName: string,
  pulling: object,
  { log, digest }: Given,
): Promise<Measured> {
  await connection.command('DELETE FROM dashboards');
  await connection.command('DELETE FROM emt_subscriptions');
  const consumer = emmett.getSQLiteEventStore({ fileName }).consumer({ pulling });
  const head = log.at(-1)?.position;
  const processor = consumer.processor({
    ...{ processorId: view.name, startFrom: 'BEGINNING', eachMessage: project },
    stopAfter: ({ metadata }) => metadata.globalPosition === head,
  });
  const { start } = processor;
  processor.start = async (own) => {
    await own.command('PRAGMA synchronous = NORMAL');
    return start(own);
  };
  const figures = await measured(async () => {
    await consumer.start();
    return { count: log.length, digest: '' };
  });
  await consumer.close();
  const rows = await connection.query<{ body: string }>('SELECT body FROM dashboards');
  return checked(figures, rows.map(documentIn), digest);
}

async function project({ type, data, metadata }: Message, { connection }: { connection: Connection }): Promise<void> {
  const { messageId: id, streamName: stream, streamPosition, globalPosition: position } = metadata;
  const event = { id, stream, revision: streamPosition - 1n, position, type, data, metadata };
  const key = keyOf(event);
  if (key === undefined) return;
  const row = await connection.querySingle<{ body: string }>('SELECT body FROM dashboards WHERE id = ?', [key]);
  const document = applyTo(view, key, row ? documentIn(row) : null, event);
  const body = JSON.stringify({ ...document, position: String(position) });
  await connection.command('REPLACE INTO dashboards (id, body) VALUES (?, ?)', [key, body]);
}

function documentIn({ body }: { readonly body: string }): CreatorDashboardDocument {
  const document = JSON.parse(body) as CreatorDashboardDocument & { readonly position: string };
  return { ...document, position: BigInt(document.position) };
}

async function projected(events: EventStore, { log, takes, digest }: Given): Promise<Measured> {
  const place = mkdtempSync(join(tmpdir(), 'bench-views-'));
  const stores = await connect(readEnvironment({ DATA_DIR: place }));
  let applied = 0;
  let reached = () => {};
  const head = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const projector = createProjector({
    ...{ ...stores, events, clock: systemClock, views: { [view.name]: view }, owner: 'bench' },
    onBatch(_feed, counts) {
      applied += counts.applied;
      if (applied === takes) reached();
    },
  });
  try {
    const figures = await measured(async () => {
      await Promise.all([projector.start(), head]);
      return { count: log.length, digest: '' };
    });
    const { generation = '' } = (await stores.reads.get<Alias>(ALIASES, view.name)) ?? {};
    const keys = [...new Set(log.flatMap((event) => keyOf(event) ?? []))];
    const documents = await stores.reads.getMany<CreatorDashboardDocument>(collectionOf(view.name, generation), keys);
    return checked(figures, documents.values(), digest);
  } finally {
    await projector.stop();
    await stores.close();
    rmSync(place, { recursive: true });
  }
}

/** Both must have made what the fold makes of the log, or they are not compared. */
function checked(figures: Measured, documents: Iterable<CreatorDashboardDocument>, digest: string): Measured {
  const made = digestOf(documents);
  if (made !== digest) throw new Error('the documents are not what the log says');
  return { ...figures, digest: made };
}
