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
  readonly allowed: Set<string>;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const contexts = new WeakMap<ServerResponse, Context>();

/** Starts a request: takes its correlation id or creates one, and returns it in a header (G29). */
export function openContext(request: IncomingMessage, response: ServerResponse, makeId: () => string = newId): Context {
  const asked = request.headers['x-correlation-id'];
  const correlationId = typeof asked === 'string' && uuid.test(asked) ? asked : makeId();
  const context: Context = {
    correlationId,
    template: null,
    actor: { userId: null, role: 'PUBLIC' },
    rawBody: undefined,
    isPushed: false,
    allowed: new Set(),
  };
  contexts.set(response, context);
  response.setHeader('X-Correlation-Id', correlationId);
  return context;
}

export function contextOf(response: ServerResponse): Context {
  const context = contexts.get(response);
  if (!context) throw new Error('This response was not opened by createApp');
  return context;
}
