/**
 * Who did and saw what, in the log (streams access-<actorId>_<day>). Whoever answers an admin or auditor says so here first: what
 * leaves the system, or opens a seal, is recorded before the answer; what happens often is counted, and recorded within a minute.
 *
 *     await access.exported(accessorOf(request), 'GET /admin/events/export', request.query);  // throws: then nothing is answered
 *     return { data: … };
 *
 * Asking for a status is not recorded.
 */
import { canonical } from '../canonical.js';
import type { EventStore, KeyStore, Position } from '../ports.js';
import { digestFrom, type Sealer } from '../seal.js';
import { SECOND, toInstant, type Clock } from '../time.js';
import { every, oneAtATime } from '../waiting.js';
import { recordAccess, type Access, type Accessor } from './record.js';
import { createTallies, type Query, type Tally } from './tallies.js';

/** What was asked with. Only its names, and one HMAC over all values, are kept. Undefined values are left out. */
export type Filters = Readonly<Record<string, unknown>>;

/** `means`: the route as declared ("GET /admin/events"), or the command ("audit export"). */
export interface AccessLog {
  /**
   * To be awaited before the answer: durable when it resolves, with its place in the log. Throws where it cannot be recorded, which a
   * caller sees as 503: then answer nothing.
   */
  record(accessor: Accessor, access: Access): Promise<Position>;
  /** `record` for data that leaves the system as a file or stream. */
  exported(accessor: Accessor, means: string, filters: Filters): Promise<Position>;
  /** `record` for opened seals. Demand a reason first. `person`: whose they are, by userId; null for several people's. */
  revealed(accessor: Accessor, means: string, person: string | null, filters: Filters): Promise<Position>;
  /** One as-of or explain of a person: an event for each actor, person and minute, with counts. Throws Refused (503) while too many wait. */
  historyRead(accessor: Accessor, means: string, person: string): void;
  /** One search: an event for each actor and minute, with counts. Throws as `historyRead`, and KeyMissing. */
  searched(accessor: Accessor, means: string, filters: Filters): Promise<void>;
  /** One denied attempt, once it has passed its limit: the first of an actor and hour at once, the others with counts. Never throws. */
  denied(accessor: Accessor, means: string): Promise<void>;
  /** Records what was counted: in minutes and hours that are over, or all. What fails is tried again by the next call. */
  flush(which?: 'complete' | 'all'): Promise<void>;
  /** Flushes every few seconds until `stop`, which flushes all. */
  start(): void;
  stop(): Promise<void>;
}

export interface AccessLogOptions {
  readonly events: Pick<EventStore, 'append' | 'readStream'>;
  readonly keys: Pick<KeyStore, 'get'>;
  readonly sealer: Pick<Sealer, 'seal'>;
  readonly clock: Clock;
  /** Called for what could not be recorded yet. */
  readonly onTrouble: (error: unknown) => void;
}

const FLUSH_MS = 5 * SECOND;

export function createAccessLog({ events, keys, sealer, clock, onTrouble }: AccessLogOptions): AccessLog {
  const tallies = createTallies(() => clock.now());
  const inTurn = oneAtATime(); // appends to one stream at once only cost conflicts
  const knownDigest = digestFrom(keys);
  let flushing: { readonly ended: AbortController; readonly loop: Promise<void> } | null = null;

  const record: AccessLog['record'] = (accessor, access) =>
    inTurn(() => recordAccess({ events, sealer, clock }, accessor, access));

  async function queryOf(filters: Filters): Promise<Query> {
    const given = Object.entries(filters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value] as const);
    const digest = await knownDigest();
    return {
      filters: given.map(([name]) => name).sort(),
      digest: digest('query', canonical(Object.fromEntries(given))),
    };
  }

  function recordOrKeep(tally: Tally): Promise<unknown> {
    return record(tally.accessor, tally.access).catch((error: unknown) => {
      tallies.giveBack(tally);
      onTrouble(error);
    });
  }

  async function flush(which: 'complete' | 'all' = 'complete'): Promise<void> {
    for (const tally of tallies.take(which)) await recordOrKeep(tally);
  }

  return {
    record,
    exported: async (accessor, means, filters) =>
      record(accessor, { type: 'DataExported', data: { means, query: await queryOf(filters) } }),
    revealed: async (accessor, means, person, filters) =>
      record(accessor, { type: 'PersonalDataRevealed', data: { means, person, query: await queryOf(filters) } }),
    historyRead: (accessor, means, person) => void tallies.count(accessor, { kind: 'history', means, person }),
    async searched(accessor, means, filters) {
      tallies.count(accessor, { kind: 'search', means, query: await queryOf(filters) });
    },
    async denied(accessor, means) {
      try {
        if (tallies.count(accessor, { kind: 'denied', means })) return;
        const first = { since: toInstant(clock.now()), counts: { [means]: 1 } };
        await recordOrKeep({ accessor, access: { type: 'AccessDenied', data: first } });
      } catch (error) {
        onTrouble(error);
      }
    },
    flush,
    start() {
      const ended = new AbortController();
      flushing = { ended, loop: every(clock, FLUSH_MS, () => flush(), ended.signal) };
    },
    async stop() {
      flushing?.ended.abort();
      await flushing?.loop;
      await flush('all');
    },
  };
}
