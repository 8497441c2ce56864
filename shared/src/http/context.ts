/** What is known about a request while it is served, besides Express's own objects. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { newId } from '../ids.js';
import type { Actor } from '../ports.js';

export interface Context {
  readonly correlationId: string;
  /** The declared path, once a route is found: the only form of a path that logs and metrics may contain. */
  template: string | null;
  actor: Actor;
  /** The body as raw bytes; undefined if there was none. */
  rawBody: Buffer | undefined;
  /** Its answer goes on for as long as the caller listens: how long it takes says nothing. */
  isPushed: boolean;
  /** Methods of the routes whose path matches; empty if none does. */
  allowed: readonly string[];
  /** Gives back its place among the requests under way; null while it has none. Called at the latest when the response closes. */
  leave: (() => void) | null;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const NOBODY: Actor = { userId: null, role: 'PUBLIC' };

/** On the response itself: a WeakMap of all of them costs each read more, and the garbage collector too. */
const CONTEXT = Symbol('context');
type Opened = ServerResponse & { [CONTEXT]?: Context };

/** Starts a request: takes its correlation id or creates one. */
export function openContext(request: IncomingMessage, response: Opened, makeId: () => string = newId): Context {
  const asked = request.headers['x-correlation-id'];
  const correlationId = typeof asked === 'string' && uuid.test(asked) ? asked : makeId();
  const context: Context = {
    correlationId,
    template: null,
    actor: NOBODY,
    rawBody: undefined,
    isPushed: false,
    allowed: [],
    leave: null,
  };
  response[CONTEXT] = context;
  return context;
}

export function contextOf(response: Opened): Context {
  const context = response[CONTEXT];
  if (!context) throw new Error('This response was not opened by createApp');
  return context;
}
