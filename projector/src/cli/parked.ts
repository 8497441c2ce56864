/** projector parked list | retry: lists keys that an event could not be applied to, and retries them. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { aliasOf } from '../generations.js';
import type { ViewRegistry } from '@creator-dashboards/shared/views/view';
import { Misuse, withStores, type Io } from './command.js';
import { table } from './output.js';

const PAGE = 500;

interface ConsumerCollection {
  /** A view, "policy.<name>" or "lookup.<name>.v<version>". */
  readonly name: string;
  readonly collection: string;
}

export interface ParkedKey {
  readonly consumer: string;
  readonly key: string;
  /** Position of the first event that could not be applied. */
  readonly parkedFrom: string;
  readonly error: string;
  readonly retry: boolean;
}

/** Everything that can have parked keys: the served views, and the policies and look-ups of the command service. */
export async function consumersIn(reads: ReadStore, views: ViewRegistry): Promise<ConsumerCollection[]> {
  const served = await Promise.all(
    Object.keys(views).map(async (view) => {
      const alias = await aliasOf(reads, view);
      return alias ? [{ name: view, collection: collectionOf(view, alias.generation) }] : [];
    }),
  );
  const others = (await reads.collections()).flatMap((collection) => {
    if (collection.startsWith('lookup.')) return [{ name: collection, collection }];
    return collection.startsWith('parked.') ? [{ name: collection.slice('parked.'.length), collection }] : [];
  });
  return [...served.flat(), ...others];
}

async function* parkedIn(reads: ReadStore, collection: string): AsyncGenerator<FoldedDocument> {
  let afterId: string | undefined;
  for (;;) {
    const page = await reads.find<FoldedDocument>(collection, { where: { parked: true }, afterId, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    afterId = page.at(-1)?._id;
  }
}

export async function parkedKeys(reads: ReadStore, consumers: readonly ConsumerCollection[]): Promise<ParkedKey[]> {
  const keys: ParkedKey[] = [];
  for (const { name, collection } of consumers)
    for await (const document of parkedIn(reads, collection))
      keys.push({
        consumer: name,
        key: document._id,
        parkedFrom: document.parkedFrom ?? '',
        error: document.parkedError ?? '',
        retry: document.parkedRetry ?? false,
      });
  return keys;
}

/** Marks a consumer's parked keys, or one of them, for a retry by its runner. Returns the marked keys. */
export async function markForRetry(
  reads: ReadStore,
  { collection }: ConsumerCollection,
  only?: string,
): Promise<string[]> {
  const marked: string[] = [];
  for await (const document of parkedIn(reads, collection)) {
    if (only !== undefined && document._id !== only) continue;
    // The guard includes the parking mark: the runner may be repairing the document at this moment.
    const expected = { position: document.position, parked: true, parkedFrom: document.parkedFrom ?? null };
    const held = await reads.write(collection, [{ document: { ...document, parkedRetry: true }, expected }]);
    if (held.has(document._id)) marked.push(document._id);
  }
  return marked;
}

function named(consumers: readonly ConsumerCollection[], name: string): ConsumerCollection {
  const found = consumers.find((consumer) => consumer.name === name);
  if (!found) throw new Misuse(`nothing is named "${name}"; there are: ${consumers.map((one) => one.name).join(', ')}`);
  return found;
}

export function list(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  return withStores(io, options, async ({ views, stores: { reads }, output }) => {
    const consumers = await consumersIn(reads, views);
    const keys = await parkedKeys(reads, name === undefined ? consumers : [named(consumers, name)]);
    const rows = keys.map(({ consumer, key, parkedFrom, error, retry }) => [
      consumer,
      key,
      parkedFrom,
      retry ? 'asked for' : '-',
      error,
    ]);
    output.result(
      keys,
      rows.length > 0 ? table(['CONSUMER', 'KEY', 'FROM', 'RETRY', 'ERROR'], rows) : 'nothing is parked',
    );
    return true;
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
    const marked = await markForRetry(reads, named(await consumersIn(reads, views), name), key);
    const text =
      marked.length > 0
        ? `${marked.length} marked; the runner tries them at its next batch`
        : 'nothing of that is parked';
    output.result({ consumer: name, marked }, text);
    return options.all === true || marked.length > 0;
  });
}
