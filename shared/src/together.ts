/** What is asked of a store in one turn of the event loop, asked together. */
import type { Document, ReadStore } from './ports.js';

/**
 * Calls of one turn are done as one for each collection, and all get its answer. `key` names what a call concerns: of two calls for the
 * same key with different items the later one waits for the earlier, since their answers could not be told apart.
 */
export function together<Item, Answer>(
  work: (collection: string, items: readonly Item[]) => Promise<Answer>,
): (collection: string, key: string, item: Item) => Promise<Answer> {
  const groups = new Map<string, { readonly items: Map<string, Item>; readonly done: Promise<Answer> }>();

  async function run(collection: string, items: ReadonlyMap<string, Item>): Promise<Answer> {
    // After all promises that are settled by now have gone on: each may lead to a call.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    groups.delete(collection);
    return work(collection, [...items.values()]);
  }

  function begin(collection: string) {
    const items = new Map<string, Item>();
    const group = { items, done: run(collection, items) };
    groups.set(collection, group);
    return group;
  }

  return function ask(collection, key, item): Promise<Answer> {
    const { items, done } = groups.get(collection) ?? begin(collection);
    if (items.has(key) && items.get(key) !== item) {
      const again = () => ask(collection, key, item);
      return done.then(again, again);
    }
    items.set(key, item);
    return done;
  };
}

/** The same store, of which documents that are asked for in one turn are read together. */
export function readTogether<Reads extends Pick<ReadStore, 'get' | 'getMany'>>(reads: Reads): Reads {
  const ask = together((collection: string, ids: readonly string[]) => reads.getMany(collection, ids));
  return {
    ...reads,
    async get<D extends Document>(collection: string, id: string, known?: D | null) {
      if (known !== undefined) return reads.get<D>(collection, id, known);
      return ((await ask(collection, id, id)).get(id) ?? null) as D | null;
    },
    async getMany<D extends Document>(collection: string, ids: readonly string[]) {
      const [found] = await Promise.all(ids.map((id) => ask(collection, id, id)));
      return new Map(ids.flatMap((id) => (found?.has(id) ? [[id, found.get(id) as D]] : [])));
    },
  };
}
