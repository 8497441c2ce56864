/** Rows of a list of the API, newest first: as many pages of it as somebody asked for. */
import type { App } from './app.js';
import { createResource, type Resource } from './resource.js';

export interface Rows<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

export interface List<T> extends Resource<Rows<T>> {
  /** One page further back. */
  more(): Promise<void>;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

type GetPage<T> = (from: { readonly cursor?: string }) => Promise<Page<T>>;

/** The rows of so many pages; of all unless told. */
export async function rowsOfPages<T>(get: GetPage<T>, most = Infinity): Promise<Rows<T>> {
  let got = await get({});
  let { items } = got;
  for (let page = 1; page < most && got.nextCursor !== null; page += 1) {
    got = await get({ cursor: got.nextCursor });
    items = [...items, ...got.items];
  }
  return { items, hasMore: got.nextCursor !== null };
}

export function createList<T>(
  app: Pick<App, 'redraw' | 'fail'>,
  get: (from: { readonly cursor?: string }, signal: AbortSignal) => Promise<Page<T>>,
): List<T> {
  let pages = 1;
  // All of them anew, so that no row is missing or there twice after something moved.
  const resource = createResource(app, (signal) => rowsOfPages((from) => get(from, signal), pages));
  return Object.assign(resource, {
    more() {
      pages += 1;
      return resource.load();
    },
  });
}
