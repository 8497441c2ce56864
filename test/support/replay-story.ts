/**
 * The same commands with the same ids at the same times, given to a system one by one; after each, all policies and
 * views are brought to the head. What is left of them in two systems can be compared.
 */
import { isTransient } from '@creator-dashboards/shared/store-errors';
import { kinds, type SealedKind } from '@creator-dashboards/shared/events/sealed';
import { features } from '@creator-dashboards/command-service/features/features';
import { lookupCollection } from '@creator-dashboards/command-service/runtime/lookups';
import type { Sealed } from '@creator-dashboards/shared/ports';
import { seededRandom } from '@creator-dashboards/shared/testing/seeded-random';
import { SECOND } from '@creator-dashboards/shared/time';
import { createSender, type Send } from './commands.js';
import { createRandomUsers } from './random-users.js';
import { documentsIn, servedCollections } from './documents.js';
import { readLog } from './invariants.js';
import { createLedger } from './ledger.js';
import type { StoreMode } from './store-modes.js';
import { seeded } from './random.js';
import { openSystem, type TestSystem } from './system.js';

/**
 * What is left of the commands: as JSON, without what differs by chance (nonces, salts, ids of clicks) or by engine
 * (positions).
 */
export interface Left {
  readonly answers: readonly unknown[];
  readonly events: readonly unknown[];
  readonly views: Readonly<Record<string, readonly unknown[]>>;
}

/** The time between two commands. */
const STEP_MS = 20 * SECOND;

export interface Story {
  readonly seed: number;
  readonly commands: number;
  /** Called with the number of commands done. */
  readonly progress?: (done: number) => unknown;
}

export async function replayStory(mode: StoreMode, story: Story): Promise<Left> {
  const system = await openSystem({ mode, random: seededRandom('replay') }); // the key of the digests is drawn first
  const { send, close } = createSender(system.port, system.clock);
  try {
    const answers: unknown[] = [];
    const oneByOne = inTurn<Parameters<Send>[0], Awaited<ReturnType<Send>>>(async (command) => {
      const answer = await send(command);
      answers.push({ route: command.route, ...answer, data: { ...answer.data, position: null } });
      await drain(system);
      story.progress?.(answers.length);
      return answer;
    });
    const ledger = createLedger(oneByOne);
    const randomUsers = createRandomUsers(ledger, oneByOne, seeded(story.seed));
    await randomUsers.gather();
    while (answers.length < story.commands) await randomUsers.act();
    return { answers, events: await eventsOf(system), views: await viewsOf(system) };
  } finally {
    close();
    await system.close();
  }
}

function inTurn<A, B>(work: (asked: A) => Promise<B>): (asked: A) => Promise<B> {
  let last: Promise<unknown> = Promise.resolve();
  return (asked) => {
    const next = last.then(() => work(asked));
    last = next.catch(() => undefined);
    return next;
  };
}

/** Policies append, so it takes some rounds until nothing is left to do. */
async function drain(system: TestSystem): Promise<void> {
  await system.pass(STEP_MS);
  for (let before = 0n; before !== (await system.head());) {
    before = await system.head();
    await system.catchUp();
  }
}

async function eventsOf(system: TestSystem): Promise<unknown[]> {
  const log = await readLog(system.stores.events);
  const events: unknown[] = [];
  // One after the other: thousands of seals at once ask for more keys than a store answers in its time.
  for (const { stream, revision, id, type, data } of log)
    events.push({
      ...{ stream, type, revision: revision.toString() },
      id: type === 'ReferralClickTracked' ? 'by chance' : id, // A click takes no key.
      data: await opened(system, data),
    });
  return events;
}

async function viewsOf(system: TestSystem): Promise<Record<string, unknown[]>> {
  const { reads } = system.stores;
  const lookups = features.flatMap((feature) => feature.lookups.map(lookupCollection));
  const views: Record<string, unknown[]> = {};
  for (const name of [...(await servedCollections(reads)).values(), ...lookups]) {
    const documents = await documentsIn(reads, name);
    const shown: unknown[] = (views[name] = []);
    for (const { position: _, lastEvent: _event, ...document } of documents) shown.push(await opened(system, document));
  }
  return views;
}

/** The same JSON with every seal opened. */
async function opened(system: TestSystem, value: unknown): Promise<unknown> {
  if (typeof value === 'string') return value.startsWith('$argon2') ? 'a salted hash' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => opened(system, item)));
  if (isSealed(value)) return { of: value.subject, inside: await opened(system, await unsealed(system, value)) };
  const fields = Object.entries(value).map(async ([name, item]) => [name, await opened(system, item)] as const);
  return Object.fromEntries(await Promise.all(fields));
}

/** Tries every kind: a seal does not say which it is. */
async function unsealed(system: TestSystem, seal: Sealed): Promise<unknown> {
  for (const kind of Object.values<SealedKind>(kinds)) {
    try {
      return await system.commands.service.sealer.open(kind, seal);
    } catch (error) {
      if (isTransient(error)) throw error;
    }
  }
  throw new Error('a seal opens as no kind');
}

function isSealed(value: object): value is Sealed {
  return 'subject' in value && 'ciphertext' in value;
}
