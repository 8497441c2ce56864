/** projector parked list | show | retry | discard: what could not be applied, by cause and by key; another try, or none. */
import { createSealer } from '@creator-dashboards/shared/seal';
import { DAY, fromInstant, HOUR, MINUTE, SECOND, systemClock, type Instant } from '@creator-dashboards/shared/time';
import { causeOf, causesOf } from '../parked/causes.js';
import { discardParked } from '../parked/discard.js';
import { consumersIn, markForRetry, parkedKeys, type ConsumerCollection, type ParkedKey } from '../parked/keys.js';
import { Misuse, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import { withStores, type CommandRun, type Io } from './command.js';
import { table } from '@creator-dashboards/shared/command-line/output';

const MAX_REASON = 500;

function named(consumers: readonly ConsumerCollection[], name: string): ConsumerCollection {
  const found = consumers.find((consumer) => consumer.name === name);
  if (!found) throw new Misuse(`nothing is named "${name}"; there are: ${consumers.map((one) => one.name).join(', ')}`);
  return found;
}

/** Of one consumer, or of all where none is named. */
async function parkedIn(
  { views, stores: { reads } }: CommandRun,
  name: string | undefined,
): Promise<{ readonly consumers: readonly ConsumerCollection[]; readonly keys: readonly ParkedKey[] }> {
  const consumers = await consumersIn(reads, views);
  return { consumers, keys: await parkedKeys(reads, name === undefined ? consumers : [named(consumers, name)]) };
}

export function list(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  return withStores(io, options, async (run) => {
    const causes = causesOf((await parkedIn(run, name)).keys);
    const rows = causes.map(({ cause, type, keys, since, retry, consumers: held, error }) => [
      cause,
      type ?? '-',
      keys,
      ageOf(since),
      retry,
      Object.entries(held)
        .map(([consumer, count]) => `${consumer} ${count}`)
        .join(', '),
      error,
    ]);
    const head = ['CAUSE', 'EVENT', 'KEYS', 'OLDEST', 'TO RETRY', 'IN', 'ERROR'];
    run.output.result(causes, rows.length > 0 ? table(head, rows) : 'nothing is parked');
    return true;
  });
}

/** Shows the parked keys of one cause, or every place where one key is parked. */
export function show(io: Io, what: string, options: { json?: boolean }): Promise<boolean> {
  return withStores(io, options, async (run) => {
    const found = (await parkedIn(run, undefined)).keys
      .map((parked) => ({ ...parked, cause: causeOf(parked).cause }))
      .filter(({ key, cause }) => key === what || cause === what);
    const rows = found.map(({ consumer, key, parkedFrom, type, event, since, retry, error }) => [
      ...[consumer, key, parkedFrom, type ?? '-', event ?? '-', since ?? '-'],
      ...[retry ? 'asked for' : '-', error],
    ]);
    const head = ['CONSUMER', 'KEY', 'FROM', 'EVENT', 'ID', 'SINCE', 'RETRY', 'ERROR'];
    run.output.result(found, rows.length > 0 ? table(head, rows) : `no cause and no parked key is ${what}`);
    return found.length > 0;
  });
}

/** What a command acts on: the parked keys of one cause, one key, or all; of one consumer where it is named. */
export interface ChoiceOptions {
  readonly json?: boolean;
  readonly cause?: string;
  readonly all?: boolean;
}

/** Throws Misuse, with the ways of choosing, unless exactly one is used. */
function chosenBy(
  key: string | undefined,
  { cause, all }: ChoiceOptions,
  ways: string,
): (parked: ParkedKey) => boolean {
  if ([key, cause, all].filter((one) => one !== undefined).length !== 1) throw new Misuse(ways);
  return (parked) => all === true || parked.key === key || causeOf(parked).cause === cause;
}

export async function retry(
  io: Io,
  name: string | undefined,
  key: string | undefined,
  options: ChoiceOptions,
): Promise<boolean> {
  const isChosen = chosenBy(key, options, 'name a consumer and one of its keys, or a --cause, or say --all');
  return withStores(io, options, async (run) => {
    const { consumers, keys } = await parkedIn(run, name);
    const chosen = keys.filter(isChosen);
    const marked: { consumer: string; key: string }[] = [];
    for (const consumer of consumers) {
      const only = new Set(chosen.flatMap((one) => (one.consumer === consumer.name ? [one.key] : [])));
      const now = only.size > 0 ? await markForRetry(run.stores.reads, consumer, only) : [];
      marked.push(...now.map((one) => ({ consumer: consumer.name, key: one })));
    }
    const text =
      marked.length > 0
        ? `${marked.length} marked; the runner tries them at its next batch`
        : 'nothing of that is parked';
    run.output.result(marked, text);
    return options.all === true || marked.length > 0;
  });
}

export async function discard(
  io: Io,
  name: string | undefined,
  key: string | undefined,
  options: Omit<ChoiceOptions, 'all'> & WhoOptions,
): Promise<boolean> {
  const isChosen = chosenBy(key, options, 'name a consumer and one of its keys, or a --cause');
  const { reason = '', by = null } = options;
  if (reason.trim() === '' || reason.length > MAX_REASON) throw new Misuse('give a --reason of 1 to 500 characters');
  return withStores(io, options, async (run) => {
    const { consumers, keys } = await parkedIn(run, name);
    const { events, reads, keys: keyStore } = run.stores;
    const sealer = createSealer({ keys: keyStore, events, clock: systemClock });
    const ports = { events, reads, sealer, clock: systemClock };
    const result = await discardParked(ports, keys.filter(isChosen), consumers, { reason, by });
    const lines = [
      ...result.discarded.map((one) => `${one.consumer} ${one.key}: goes on without ${one.event}`),
      ...result.refused.map((one) => `${one.consumer} ${one.key}: not discarded, ${one.why}`),
    ];
    run.output.result(result, lines.length > 0 ? lines.join('\n') : 'nothing of that is parked');
    return result.discarded.length > 0 && result.refused.length === 0;
  });
}

const UNITS = [
  { ms: DAY, name: 'd' },
  { ms: HOUR, name: 'h' },
  { ms: MINUTE, name: 'min' },
] as const;

/** In its largest unit, rounded down: "3 h". */
function ageOf(since: Instant | null): string {
  if (since === null) return '-';
  const age = Math.max(0, systemClock.now() - fromInstant(since));
  const { ms, name } = UNITS.find((unit) => age >= unit.ms) ?? { ms: SECOND, name: 's' };
  return `${Math.floor(age / ms)} ${name}`;
}
