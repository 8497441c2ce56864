/** Data of a page that is got from the API: not there yet, there, or why not. */
import type { App } from './app.js';
import { Unauthorized } from '../vendor/client.js';

export interface Resource<T> {
  /** The newest that came; stays while it is got again. */
  readonly data: T | undefined;
  /** Why the newest try failed. */
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Gets it (again); of two calls under way the later one counts. Never rejects. */
  load(): Promise<void>;
  /** Sets it to what came another way. */
  set(data: T): void;
  /** What is under way does not matter any more. */
  stop(): void;
}

export function createResource<T>(
  app: Pick<App, 'redraw' | 'fail'>,
  get: (signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const state: { data: T | undefined; error: unknown; isLoading: boolean } = {
    ...{ data: undefined, error: undefined, isLoading: false },
  };
  let current: AbortController | null = null;
  function settle(changes: Partial<typeof state>): void {
    Object.assign(state, { isLoading: false, error: undefined }, changes);
    app.redraw();
  }
  return {
    get data() {
      return state.data;
    },
    get error() {
      return state.error;
    },
    get isLoading() {
      return state.isLoading;
    },
    async load() {
      current?.abort();
      const mine = (current = new AbortController());
      state.isLoading = true;
      app.redraw();
      try {
        const data = await get(mine.signal);
        if (!mine.signal.aborted) settle({ data });
      } catch (error) {
        if (mine.signal.aborted) return;
        settle({ error });
        if (error instanceof Unauthorized) app.fail(error);
      }
    },
    set(data) {
      current?.abort();
      settle({ data });
    },
    stop() {
      current?.abort();
    },
  };
}
