/**
 * Opens the adapters that the configured URLs name: the only place that chooses a technology. An adapter is loaded only when it is
 * needed: the servers' drivers together take half a second, for which no embedded process should wait.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { withHiddenNames } from './hidden-names.js';
import { AUDIT_FILE, EVENTS_FILE, isEmbedded, KEYS_FILE, VIEWS_FILE } from './embedded.js';
import { EnvironmentError, type Environment } from './environment.js';
import { createChanges, telling, type Changes } from '../changes/changes.js';
import { systemRandom, type Random } from '../ids.js';
import type { AuditIndex } from '../audit-index.js';
import type { Tracer } from '../tracing/tracer.js';
import { systemClock, type Clock } from '../time.js';
import { SERVER_PATIENCE_MS } from '../waiting.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { Opening } from './opening.js';
import { version } from './version.js';
import type { Counters, EventStore, JobQueue, KeyStore, ReadStore } from '../ports.js';

export interface Stores {
  readonly events: EventStore;
  readonly reads: ReadStore;
  /** What is written through `reads`, told at once. */
  readonly changes: Changes;
  readonly queue: JobQueue;
  readonly counters: Counters;
  readonly keys: KeyStore;
  /** Opened at its first use: most processes and commands have none. */
  readonly audit: AuditIndex;
  /** Closes all, the event store last: what was acknowledged is durable already. */
  close(): Promise<void>;
}

export type StoreEnvironment = Pick<
  Environment,
  'dataDir' | 'eventStoreUrl' | 'readStoreUrl' | 'queueUrl' | 'keyStoreUrl' | 'masterKeys'
>;

export interface ConnectOptions {
  /** The clock that all stores use. */
  readonly clock?: Clock;
  /** Source of the subjects' keys. */
  readonly random?: Random;
  /** How long a server may take for an answer; as long as its adapter lets it unless given. */
  readonly answerMs?: number;
  /** Called for problems that a store recovers from by itself. */
  readonly onTrouble?: (error: unknown) => void;
  /** Called as the opening of each store begins that may have to be waited for. */
  readonly onOpening?: (opening: Opening) => void;
}

/** What a store that may be in trouble is opened with. */
interface Troubled {
  readonly clock: Clock;
  readonly answerMs: number | undefined;
  readonly onError: ConnectOptions['onTrouble'];
}

/**
 * Opens every store. Waits a while for servers. Throws StoreUnavailable for one that does not answer, StoreFailed for a store that
 * cannot be opened, EnvironmentError for a DATA_DIR that cannot be created.
 */
export async function connect(environment: StoreEnvironment, options: ConnectOptions = {}): Promise<Stores> {
  const { clock = systemClock, random = systemRandom, answerMs, onTrouble: onError, onOpening } = options;
  const { eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl } = environment;
  keepToOwner();
  if ([eventStoreUrl, readStoreUrl, queueUrl, keyStoreUrl].some(isEmbedded)) makeDirectory(environment.dataDir);
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.unshift(store);
    return store;
  };
  const close = async () => {
    const closed = await inTurn(opened.map((store) => () => store.close()));
    if (closed.length > 0) throw new AggregateError(closed, 'not every store could be closed');
  };
  try {
    const events = keep(await openEvents(environment, { clock, answerMs, onOpening }));
    const keys = keep(await openKeys(environment, { clock, random, answerMs, onOpening }));
    const changes = createChanges();
    return {
      events,
      keys,
      changes,
      reads: telling(keep(await openReads(environment, { clock, answerMs, onOpening })), changes),
      queue: keep(await openQueue(environment, { clock, answerMs, onError })),
      counters: withHiddenNames(keep(await openCounters(environment, { clock, answerMs, onError })), keys),
      audit: keep(openedLater(() => openAudit(environment, { clock, answerMs }))),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The log alone. */
export async function openEvents(
  { eventStoreUrl, dataDir }: Pick<StoreEnvironment, 'eventStoreUrl' | 'dataDir'>,
  { onOpening, ...options }: Pick<ConnectOptions, 'clock' | 'answerMs' | 'onOpening'> = {},
): Promise<EventStore> {
  keepToOwner();
  if (isEmbedded(eventStoreUrl)) {
    onOpening?.({ store: EVENTS_FILE, patienceMs: null });
    const { openEventStore } = await import('../adapters/sqlite/event-store.js');
    return openEventStore(join(dataDir, EVENTS_FILE), { clock: options.clock });
  }
  onOpening?.({ store: 'EventStoreDB', patienceMs: SERVER_PATIENCE_MS });
  const { openEventStoreDb } = await import('../adapters/eventstoredb/event-store.js');
  return openEventStoreDb(eventStoreUrl, options);
}

/** The key store alone. */
export async function openKeys(
  { keyStoreUrl, masterKeys, dataDir }: StoreEnvironment,
  { onOpening, ...options }: Pick<ConnectOptions, 'clock' | 'random' | 'answerMs' | 'onOpening'> = {},
): Promise<KeyStore> {
  keepToOwner();
  if (isEmbedded(keyStoreUrl)) {
    onOpening?.({ store: KEYS_FILE, patienceMs: null });
    const { openKeyStore } = await import('../adapters/sqlite/key-store.js');
    return openKeyStore(join(dataDir, KEYS_FILE), masterKeys, options);
  }
  onOpening?.({ store: 'MongoDB (KEY_STORE_URL)', patienceMs: SERVER_PATIENCE_MS });
  const { openMongoKeyStore } = await import('../adapters/mongodb/key-store.js');
  return openMongoKeyStore(keyStoreUrl, masterKeys, options);
}

interface TracerToOpen {
  readonly service: string;
  readonly log: Pick<Log, 'warn'>;
  readonly metrics?: Pick<Metrics, 'registry'>;
}

/**
 * Traces, where the environment asks for them. Nothing that makes them is loaded otherwise. `service` names the process; `log` is told
 * when the collector does not take them, once a minute at most.
 */
export async function openTracer(
  { traces }: Pick<Environment, 'traces'>,
  { service, log, metrics }: TracerToOpen,
): Promise<Tracer | undefined> {
  if (traces === null) return undefined;
  const [{ createTracer }, { countSpans }, { openSpans }] = await Promise.all([
    import('../tracing/tracer.js'),
    import('../tracing/metrics.js'),
    import('../adapters/opentelemetry/spans.js'),
  ]);
  const clock = systemClock;
  const onTrouble = (error: unknown) => log.warn({ err: error }, 'traces could not be sent');
  const onEnd = metrics && countSpans(metrics);
  const sink = openSpans({ ...traces, service, version, clock, onTrouble, onEnd });
  return createTracer({ sink, clock, random: systemRandom });
}

/** The read store alone. */
export async function openReads(
  { readStoreUrl, dataDir }: Pick<StoreEnvironment, 'readStoreUrl' | 'dataDir'>,
  { onOpening, ...options }: Pick<ConnectOptions, 'clock' | 'answerMs' | 'onOpening'> = {},
): Promise<ReadStore> {
  keepToOwner();
  if (isEmbedded(readStoreUrl)) {
    onOpening?.({ store: VIEWS_FILE, patienceMs: null });
    const { openReadStore } = await import('../adapters/sqlite/read-store.js');
    return openReadStore(join(dataDir, VIEWS_FILE), options.clock);
  }
  onOpening?.({ store: 'MongoDB (READ_STORE_URL)', patienceMs: SERVER_PATIENCE_MS });
  const { openMongoReadStore } = await import('../adapters/mongodb/read-store.js');
  return openMongoReadStore(readStoreUrl, options);
}

type OpenAudit = AuditIndex & { close(): Promise<void> };

/** Beside the documents: both can be made anew from the log. */
async function openAudit(
  { readStoreUrl, dataDir }: StoreEnvironment,
  options: { readonly clock: Clock; readonly answerMs?: number },
): Promise<OpenAudit> {
  if (isEmbedded(readStoreUrl)) {
    const { openAuditIndex } = await import('../adapters/sqlite/audit-index.js');
    return openAuditIndex(join(dataDir, AUDIT_FILE), options.clock);
  }
  const { openMongoAuditIndex } = await import('../adapters/mongodb/audit-index.js');
  return openMongoAuditIndex(readStoreUrl, options);
}

function openedLater(open: () => Promise<OpenAudit>): OpenAudit {
  let opening: Promise<OpenAudit> | null = null;
  const opened = () =>
    (opening ??= open().catch((error: unknown) => {
      opening = null;
      throw error;
    }));
  return {
    state: async () => (await opened()).state(),
    add: async (events, next) => (await opened()).add(events, next),
    having: async (term, options) => (await opened()).having(term, options),
    get: async (ordinals) => (await opened()).get(ordinals),
    positionsOf: async (ordinals) => (await opened()).positionsOf(ordinals),
    keepHead: async (head) => (await opened()).keepHead(head),
    signHead: async (head) => (await opened()).signHead(head),
    signedHeads: async (options) => (await opened()).signedHeads(options),
    async close() {
      if (opening) await (await opening).close();
    },
  };
}

async function openQueue({ queueUrl, dataDir }: StoreEnvironment, { clock, ...troubled }: Troubled): Promise<JobQueue> {
  if (isEmbedded(queueUrl)) {
    const { openJobQueue } = await import('../adapters/sqlite/job-queue.js');
    return openJobQueue(join(dataDir, VIEWS_FILE), { clock });
  }
  const { openRedisJobQueue } = await import('../adapters/redis/job-queue.js');
  return openRedisJobQueue(queueUrl, { clock, ...troubled });
}

async function openCounters(
  { queueUrl, dataDir }: StoreEnvironment,
  { clock, ...troubled }: Troubled,
): Promise<Counters> {
  if (isEmbedded(queueUrl)) {
    const sqlite = await import('../adapters/sqlite/counters.js');
    return sqlite.openCounters(join(dataDir, VIEWS_FILE), clock);
  }
  const { openRedisCounters } = await import('../adapters/redis/counters.js');
  return openRedisCounters(queueUrl, { clock, ...troubled });
}

/** Runs all of them even if some fail; returns the errors. */
async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<unknown[]> {
  const faults: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => faults.push(error));
  return faults;
}

/** Files that this process creates from now on are readable by their owner only: keys, personal data, the database's logs. */
function keepToOwner(): void {
  if (isMainThread) process.umask(0o077); // for its threads, too, which may not set it
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 }); // keys and personal data: readable by the owner only
  } catch (error) {
    throw new EnvironmentError([
      `DATA_DIR: cannot create ${directory} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    ]);
  }
}
