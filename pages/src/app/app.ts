/** What every page is handed, and what it has to be. */
import type { Client } from '../vendor/client.js';
import type { TemplateResult } from '../vendor/lit.js';
import type { Place } from './place.js';
import type { Session } from './session.js';

export interface Notice {
  readonly tone: 'good' | 'bad' | 'plain';
  /** What happened; of a failure also what to do. */
  readonly text: string;
}

export interface App {
  /** With the token of the session. */
  readonly client: Client;
  readonly session: Session;
  /** Draws the page again, once for all calls of a turn. */
  redraw(): void;
  /** Goes to a page of ours; `replace` leaves no step to go back to. */
  go(href: string, options?: { readonly replace?: boolean }): void;
  /** Says something at the edge of the page; a failure stays until it is closed. */
  tell(notice: Notice): void;
  /** Tells of an error. Where the session has ended, leads to the login and back. */
  fail(error: unknown): void;
}

/** An open page. */
export interface Screen {
  readonly title: string;
  view(): TemplateResult;
  /** The address changed within the page. Without it the page is opened anew. */
  moved?(place: Place): void;
  leave?(): void;
}

export type OpenScreen = (app: App, place: Place) => Screen;
