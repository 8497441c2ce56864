/** projector parked list | show | retry | discard: what could not be applied, by cause and by key; another try, or none. */
import { HELD_MAX } from '@creator-dashboards/shared/feed/held';
import { createSealer } from '@creator-dashboards/shared/seal';
import { DAY, fromInstant, HOUR, MINUTE, SECOND, systemClock, type Instant } from '@creator-dashboards/shared/time';
import { causeOf, causesOf } from '../parked/causes.js';
import * as operate from '../operate/parked.js';
import { chosenBy, type Choice, type Chosen } from '../operate/parked.js';
import { consumersIn, parkedKeys, type ConsumerCollection, type ParkedKey } from '../parked/keys.js';
import { Misuse, operatorOf, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import { portsOf, withStores, type CommandRun, type Io } from './command.js';
import { table } from '@creator-dashboards/shared/command-line/output';

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
    const rows = found.map(({ consumer, key, parkedFrom, type, event, since, held, retry, error }) => [
      ...[consumer, key, parkedFrom, type ?? '-', event ?? '-', since ?? '-'],
      ...[held === null ? '-' : `${held}${held >= HELD_MAX ? '+' : ''}`, retry ? 'asked for' : '-', error],
    ]);
    const head = ['CONSUMER', 'KEY', 'FROM', 'EVENT', 'ID', 'SINCE', 'HELD', 'RETRY', 'ERROR'];
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
function choiceOf(consumer: string | undefined, key: string | undefined, options: ChoiceOptions, ways: string): Choice {
  const { cause, all } = options;
  if ([key, cause, all].filter((one) => one !== undefined).length !== 1) throw new Misuse(ways);
  return { consumer, key, cause };
}

async function chosenIn(run: CommandRun, choice: Choice): Promise<Chosen> {
  const ports = { ...portsOf(run), views: run.views };
  if (choice.consumer !== undefined) named(await consumersIn(ports.reads, run.views), choice.consumer);
  return chosenBy(ports, choice);
}

const NOTHING = 'nothing of that is parked';

export async function retry(
  io: Io,
  name: string | undefined,
  key: string | undefined,
  options: ChoiceOptions & WhoOptions,
): Promise<boolean> {
  const choice = choiceOf(name, key, options, 'name a consumer and one of its keys, or a --cause, or say --all');
  const operator = operatorOf(options);
  return withStores(io, options, async (run) => {
    const chosen = await chosenIn(run, choice);
    const ports = { ...portsOf(run), views: run.views };
    const { marked } = chosen.keys.length > 0 ? await operate.retry(ports, chosen, operator) : { marked: [] };
    run.output.result(
      marked,
      marked.length > 0 ? `${marked.length} marked; the runner tries them at its next batch` : NOTHING,
    );
    return options.all === true || marked.length > 0;
  });
}

export async function discard(
  io: Io,
  name: string | undefined,
  key: string | undefined,
  options: Omit<ChoiceOptions, 'all'> & WhoOptions,
): Promise<boolean> {
  const choice = choiceOf(name, key, options, 'name a consumer and one of its keys, or a --cause');
  const operator = operatorOf(options);
  if (operator.reason === null) throw new Misuse('give a --reason of 1 to 500 characters');
  return withStores(io, options, async (run) => {
    const chosen = await chosenIn(run, choice);
    const { events, keys } = run.stores;
    const sealer = createSealer({ keys, events, clock: systemClock });
    const ports = { ...portsOf(run), events, sealer, views: run.views };
    const done =
      chosen.keys.length > 0 ? await operate.discard(ports, chosen, operator) : { discarded: [], refused: [] };
    const { discarded, refused } = done;
    const lines = [
      ...discarded.map((one) => `${one.consumer} ${one.key}: goes on without ${one.event}`),
      ...refused.map((one) => `${one.consumer} ${one.key}: not discarded, ${one.why}`),
    ];
    run.output.result({ discarded, refused }, lines.length > 0 ? lines.join('\n') : NOTHING);
    return discarded.length > 0 && refused.length === 0;
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
