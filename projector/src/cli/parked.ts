/** projector parked list | show | retry: what could not be applied, by cause and by key, and another try. */
import { DAY, fromInstant, HOUR, MINUTE, SECOND, systemClock, type Instant } from '@creator-dashboards/shared/time';
import { causeOf, causesOf } from '../parked/causes.js';
import { consumersIn, markForRetry, parkedKeys, type ConsumerCollection } from '../parked/keys.js';
import { Misuse, withStores, type Io } from './command.js';
import { table } from './output.js';

function named(consumers: readonly ConsumerCollection[], name: string): ConsumerCollection {
  const found = consumers.find((consumer) => consumer.name === name);
  if (!found) throw new Misuse(`nothing is named "${name}"; there are: ${consumers.map((one) => one.name).join(', ')}`);
  return found;
}

export function list(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  return withStores(io, options, async ({ views, stores: { reads }, output }) => {
    const consumers = await consumersIn(reads, views);
    const causes = causesOf(await parkedKeys(reads, name === undefined ? consumers : [named(consumers, name)]));
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
    output.result(causes, rows.length > 0 ? table(head, rows) : 'nothing is parked');
    return true;
  });
}

/** Shows the parked keys of one cause, or every place where one key is parked. */
export function show(io: Io, what: string, options: { json?: boolean }): Promise<boolean> {
  return withStores(io, options, async ({ views, stores: { reads }, output }) => {
    const all = await parkedKeys(reads, await consumersIn(reads, views));
    const found = all
      .map((parked) => ({ ...parked, cause: causeOf(parked).cause }))
      .filter(({ key, cause }) => key === what || cause === what);
    const rows = found.map(({ consumer, key, parkedFrom, type, event, since, retry, error }) => [
      ...[consumer, key, parkedFrom, type ?? '-', event ?? '-', since ?? '-'],
      ...[retry ? 'asked for' : '-', error],
    ]);
    const head = ['CONSUMER', 'KEY', 'FROM', 'EVENT', 'ID', 'SINCE', 'RETRY', 'ERROR'];
    output.result(found, rows.length > 0 ? table(head, rows) : `no cause and no parked key is ${what}`);
    return found.length > 0;
  });
}

export async function retry(
  io: Io,
  name: string,
  key: string | undefined,
  options: { json?: boolean; all?: boolean },
): Promise<boolean> {
  if ((key === undefined) === !options.all) throw new Misuse('name one key, or say --all');
  return withStores(io, options, async ({ views, stores: { reads }, output }) => {
    const only = key === undefined ? undefined : new Set([key]);
    const marked = await markForRetry(reads, named(await consumersIn(reads, views), name), only);
    const text =
      marked.length > 0
        ? `${marked.length} marked; the runner tries them at its next batch`
        : 'nothing of that is parked';
    output.result({ consumer: name, marked }, text);
    return options.all === true || marked.length > 0;
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
