/** What `/me` hands to each of its tabs, and what a tab is. */
import type { App } from '../app/app.js';
import type { DataOf } from '../vendor/client.js';
import type { TemplateResult } from '../vendor/lit.js';

export type Account = DataOf<'/users/me', 'get'>;

export interface Me {
  readonly app: App;
  readonly account: Account;
  /** What the address asks for besides the tab. */
  readonly query: URLSearchParams;
  /** The account has changed: it is read anew. */
  reload(): Promise<void>;
}

export interface Tab {
  view(): TemplateResult;
  leave(): void;
}

export type OpenTab = (me: Me) => Tab;

/** Does something by a button, and says how it went. */
export async function act(app: App, done: string, run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
    app.tell({ tone: 'good', text: done });
  } catch (error) {
    app.fail(error);
  }
}
