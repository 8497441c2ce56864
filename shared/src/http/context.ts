/** What is known of a request while it is served, beside Express's own objects. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { newId } from '../ids.js';
import type { Actor } from '../ports.js';

export interface Context {
  readonly correlationId: string;
  /** The path as declared, once a route was found: what logs and metrics may say of a path. */
  template: string | null;
  actor: Actor;
  /** The body as bytes, before anybody looked at it; undefined when there was none. */
  rawBody: Buffer | undefined;
  /** Methods of the routes whose path fits; empty while none does. */
  readonly allowed: Set<string>;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const contexts = new WeakMap<ServerResponse, Context>();

/** Starts a request: takes its correlation id or makes one, and echoes it (G29). */
export function openContext(request: IncomingMessage, response: ServerResponse, makeId: () => string = newId): Context {
  const asked = request.headers['x-correlation-id'];
  const correlationId = typeof asked === 'string' && uuid.test(asked) ? asked : makeId();
  const context: Context = {
    correlationId,
    template: null,
    actor: { userId: null, role: 'PUBLIC' },
    rawBody: undefined,
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
