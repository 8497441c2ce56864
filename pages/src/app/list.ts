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

export function createList<T>(
  app: Pick<App, 'redraw' | 'fail'>,
  get: (from: { readonly cursor?: string }, signal: AbortSignal) => Promise<Page<T>>,
): List<T> {
  let pages = 1;
  // All of them anew, so that no row is missing or there twice after something moved.
  const resource = createResource(app, async (signal): Promise<Rows<T>> => {
    let got = await get({}, signal);
    let { items } = got;
    for (let page = 1; page < pages && got.nextCursor !== null; page += 1) {
      got = await get({ cursor: got.nextCursor }, signal);
      items = [...items, ...got.items];
    }
    return { items, hasMore: got.nextCursor !== null };
  });
  return Object.assign(resource, {
    more() {
      pages += 1;
      return resource.load();
    },
  });
}
