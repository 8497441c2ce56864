/** projector policy-start: sets where policies without a checkpoint begin to act (policies, domain 9.3). */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { occurredAt } from '@creator-dashboards/shared/feed/occurred-at';
import { knownPolicies, policyFeed } from '@creator-dashboards/shared/feed/policies';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { fromInstant, HOUR, plus, toInstant, type Instant } from '@creator-dashboards/shared/time';
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { withStores, type Io } from './command.js';

interface Ports {
  readonly events: Pick<EventStore, 'readAt' | 'readAll' | 'head'>;
  readonly reads: ReadStore;
}

/**
 * Inserts the checkpoint of a policy that has none: events up to `at` are never acted on, later ones are. False if it already has
 * one. Throws Misuse for a position without an event; 0 is before the first event.
 */
export async function startPolicyAt(
  { events, reads }: Pick<Ports, 'reads'> & { readonly events: Pick<EventStore, 'readAt'> },
  policy: string,
  at: Position,
): Promise<boolean> {
  const event = await events.readAt(at);
  if (!event && at !== 0n) throw new Misuse(`no event is at position ${at}`);
  const document: Checkpoint = {
    _id: policyFeed(policy),
    position: at,
    eventId: event?.id ?? null,
    token: 0,
    owner: '',
    beat: 0,
  };
  await reads.declare(CHECKPOINTS, []);
  return (await reads.write(CHECKPOINTS, [{ document, expected: null }])).has(document._id);
}

const PAGE = 1_000;
/** Longer than it takes to notice that the read store was lost. What was already done is not done again. */
const SINCE_MS = 72 * HOUR;

/**
 * Position of the last event before this time, by default 72 hours before the newest event; 0 if there is none. Events whose time
 * cannot be read are passed over; those right before that time are not left out.
 */
export async function positionBefore({ events }: Pick<Ports, 'events'>, since?: Instant): Promise<Position> {
  const newest = await events.readAt(await events.head());
  const from = since ?? (newest && plus(occurredAt(newest) ?? (await newestTime(events)), -SINCE_MS));
  if (!from) return 0n;
  let before: Position = 0n;
  for await (const { position, at } of timesIn(events)) {
    if (fromInstant(at) >= fromInstant(from)) return before;
    before = position;
  }
  return before;
}

async function newestTime(events: Ports['events']): Promise<Instant> {
  let newest: Instant | undefined;
  for await (const { at } of timesIn(events)) newest = at;
  if (newest === undefined) throw new Misuse('no event has a time that can be read: say --since');
  return newest;
}

/** All events whose time can be read, in order. */
async function* timesIn(events: Ports['events']): AsyncGenerator<{ position: Position; at: Instant }> {
  for (let after: Position = 0n; ;) {
    const page = await events.readAll({ after, limit: PAGE });
    for (const event of page) {
      after = event.position;
      const at = occurredAt(event);
      if (at !== undefined) yield { position: event.position, at };
    }
    if (page.length === 0) return;
  }
}

export interface StartedPolicy {
  readonly policy: string;
  readonly position: Position;
  /** False if it already has a checkpoint. */
  readonly started: boolean;
  /** Whether it must not see an event twice. */
  readonly onlyOnce: boolean;
}

/** Starts every policy without a checkpoint: after `before`, or at the head those that must see no event twice. */
export async function startAllPolicies(ports: Ports, before: Position): Promise<StartedPolicy[]> {
  const head = await ports.events.head();
  const all: StartedPolicy[] = [];
  for (const { _id: policy, onlyOnce } of await knownPolicies(ports.reads)) {
    const position = onlyOnce ? head : before;
    all.push({ policy, position, onlyOnce, started: await startPolicyAt(ports, policy, position) });
  }
  return all;
}

export interface PolicyStartOptions {
  readonly json?: boolean;
  readonly at?: string;
  readonly all?: boolean;
  readonly since?: string;
}

export async function policyStart(io: Io, policy: string | undefined, options: PolicyStartOptions): Promise<boolean> {
  const { at, all = false, since } = options;
  const isOne = policy !== undefined && at !== undefined && !all && since === undefined;
  const isAll = all && policy === undefined && at === undefined;
  if (!isOne && !isAll) throw new Misuse('give the name of a policy and --at, or --all and perhaps --since');
  return withStores(io, options, async ({ stores, output }) => {
    const known = await knownPolicies(stores.reads);
    if (known.length === 0)
      throw new Misuse('no policy is known here yet: the command service names them when it starts');
    if (isAll) {
      const results = await startAllPolicies(stores, await positionBefore(stores, instantOf(since)));
      output.result(results, results.map(lineOf).join('\n'));
      return true;
    }
    const found = known.find(({ _id }) => _id === policy);
    if (!found)
      throw new Misuse(`no policy is named "${policy}"; there are: ${known.map(({ _id }) => _id).join(', ')}`);
    const position = await positionOf(stores, at);
    const started = await startPolicyAt(stores, found._id, position);
    const result = { policy: found._id, position, started, onlyOnce: found.onlyOnce };
    output.result(result, lineOf(result));
    return started;
  });
}

function lineOf({ policy, position, started, onlyOnce }: StartedPolicy): string {
  if (!started) return `policy ${policy} has a checkpoint already`;
  return `policy ${policy} acts on what comes after ${position}${onlyOnce ? ' (it must see no event twice)' : ''}`;
}

async function positionOf({ events }: Ports, at = ''): Promise<Position> {
  if (at === 'head') return events.head();
  if (!/^\d{1,19}$/.test(at)) throw new Misuse('--at takes a position, or "head"');
  return BigInt(at);
}

function instantOf(since: string | undefined): Instant | undefined {
  if (since === undefined) return undefined;
  const time = Date.parse(since);
  if (Number.isNaN(time)) throw new Misuse('--since takes a time, such as 2026-05-01T12:00:00Z');
  return toInstant(time);
}
