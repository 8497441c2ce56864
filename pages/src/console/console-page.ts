/** What a page of the console is, and what it may ask of the console around it. */
import type { Place } from '../app/place.js';
import type { FieldOptions } from '../ui/field.js';
import type { Query } from './models/query.js';
import type { Client } from '../vendor/client.js';
import type { TemplateResult } from '../vendor/lit.js';

export interface Page {
  readonly title: string;
  /** Loaded again after so many milliseconds, while it is looked at. */
  readonly everyMs?: number;
  /** Gets what is to be shown, and answers how it is shown. */
  readonly load: (client: Client, query: Query) => Promise<(around: Around) => TemplateResult>;
}

interface Parts<M> extends Omit<Page, 'load'> {
  readonly load: (client: Client, query: Query) => Promise<M>;
  readonly show: (model: M, around: Around) => TemplateResult;
}

export function page<M>({ load, show, ...rest }: Parts<M>): Page {
  return {
    ...rest,
    async load(client, query) {
      const model = await load(client, query);
      return (around) => show(model, around);
    },
  };
}

/** The console around a page. */
export interface Around {
  readonly query: Query;
  /** False for an auditor: actions are not offered. */
  readonly mayAct: boolean;
  readonly client: Client;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Shows another place; what changes only how a page is looked at replaces the address instead of adding one. */
  readonly go: (query: Query, how?: 'replace') => void;
  readonly ask: (action: Action) => void;
  /** Loads the page again. */
  readonly reload: () => Promise<void>;
  /** Has a file saved that the API makes. */
  readonly save: (path: string, query: Query, name: string) => Promise<void>;
}

/** Something that changes the platform: it is told beforehand what it does, and asks why. */
export interface Action {
  readonly title: string;
  /** What it will do, a line each. */
  readonly preview: readonly string[];
  readonly verb: string;
  /** There is no way back. */
  readonly isFinal?: boolean;
  readonly fields?: readonly FieldOptions[];
  /** Answers where to go afterwards; nothing: the page is loaded again. What it throws is said in the dialog. */
  readonly run: (reason: string, values: Query) => Promise<Query | void>;
}

/** The address of a place: its page is a part of the path. */
export function href({ page = '', ...rest }: Query): string {
  const search = String(new URLSearchParams(rest));
  return `/console${page && `/${page}`}${search && `?${search}`}`;
}

/** What an address names. */
export function queryOf({ path, query }: Place): Query {
  const page = path.split('/')[2];
  return { ...Object.fromEntries(query), ...(page && { page }) };
}
