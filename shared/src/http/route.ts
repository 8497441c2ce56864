/** A route as data: services list theirs in tables, `http.ts` mounts them, `openapi.ts` documents them, tests compare the three. */
import type { z } from 'zod';
import type { ErrorKey, Refused } from '../errors.js';
import type { ConfigKey, KillSwitchName } from '../platform-config.js';
import type { Actor, Position } from '../ports.js';
import type { Soon } from '../waiting.js';

/** Prefix of all routes' paths. */
export const API_PREFIX = '/api/v1';

/** What a handler gets: everything parsed and validated, nothing of Express. */
export interface RouteRequest<P = unknown, Q = unknown, B = unknown> {
  /** From the token, never from the path. userId is null only on public and provider routes. */
  readonly actor: Actor;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly method: string;
  /** Asks for the headers of a GET alone (HEAD). */
  readonly isHead: boolean;
  /** The path as declared, with its parameter names. */
  readonly template: string;
  readonly correlationId: string;
  /** Header Idempotency-Key, or null. */
  readonly idempotencyKey: string | null;
  /** Set if the request's Idempotency-Key was claimed (G45). */
  readonly run?: CommandRun;
  readonly header: (name: string) => string | undefined;
  readonly ip: string;
}

/** One run of a command that came with an Idempotency-Key. */
export interface CommandRun {
  readonly commandId: string;
  /** Head of the log when the key was claimed: what an earlier run of this command wrote comes after it. Null for the first run. */
  readonly since: Position | null;
}

export interface Frame {
  readonly event: string;
  /** What a client says in Last-Event-ID when it comes again. */
  readonly id?: string;
  readonly data?: unknown;
  /** In place of `data`, where it is JSON already: one line. */
  readonly json?: string;
}

/**
 * Asked for the next frame only when the caller can take it: make it from what is newest then. The last one says why there are no more
 * (`endFrame`). Must end soon after `signal` is aborted: the caller has gone or may not listen any more, or the process stops.
 */
export type Frames = (signal: AbortSignal) => AsyncIterable<Frame>;

export interface RouteResponse {
  /** Becomes `{ success: true, data }`; leave it out for a bare `{ success: true }`. */
  readonly data?: unknown;
  /** The whole answer, envelope and all, as it was made before from `data`. */
  readonly json?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Responds with this error and `headers`: a 404 of a view states its position too. */
  readonly refused?: Refused;
  /** A body that is not JSON (one of our pages), instead of the envelope. */
  readonly html?: string;
  /** Server-sent events instead of one body. */
  readonly frames?: Frames;
  /** A body that is sent while it is made, instead of the envelope. */
  readonly stream?: BodyStream;
}

/**
 * Chunks of text, asked for as fast as the caller takes them. It is ended (`return`) when the caller is gone or takes nothing for a
 * minute, which is noticed between chunks: one that works for long without text gives '' meanwhile. Where it throws, the connection is
 * cut; so let the text itself say where it is whole.
 */
export interface BodyStream {
  /** Media type. */
  readonly type: string;
  readonly chunks: AsyncIterable<string> | Iterable<string>;
}

export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /api/v1, e.g. '/creators/:creatorId/dm-config'; of a page, from the root on. */
  readonly path: string;
  readonly summary: string;
  /**
   * Who may call: 'public' no token; 'user' role USER; 'admin' role ADMIN; 'auditor' role ADMIN or AUDITOR, reads only;
   * 'provider' a signed webhook (X-Signature, domain 8). A route without it refuses to mount.
   */
  readonly who: 'public' | 'user' | 'admin' | 'auditor' | 'provider';
  /** 'any': who has no active account may call it, too; its handler looks at the account. */
  readonly account?: 'any';
  readonly killSwitch?: KillSwitchName;
  /**
   * How often a caller may call (a user; on public routes an address, G26). `max` calls per `perMs`: a documented limit, counted for
   * all processes together. 'usual': 600 reads or 60 writes a minute, counted per process. 'none': the bounds on requests and bodies
   * are enough (G61). A route without a limit refuses to mount.
   */
  readonly limit: 'none' | 'usual' | { readonly max: number; readonly perMs: number };
  readonly params?: P;
  readonly query?: Q;
  /** Strict object schema of the body; without it a body with fields is a 400. */
  readonly body?: B;
  /** Status of success; default 200. */
  readonly status?: number;
  /** Reads a view: takes Read-After and If-None-Match, answers X-Position, ETag and 304. For the documentation. */
  readonly reads?: true;
  /** What frames it sends to who accepts server-sent events (`wantsFrames`), instead of `data`. For the documentation. */
  readonly pushes?: string;
  /** A GET that most requests are for: answered before Express (`lane.ts`). Only of `who: 'user'`; its handler gets no `ip` and no query. */
  readonly hot?: true;
  /** A GET that makes what it reads, if it is not there yet. Its HEAD, which must never write, is a 405. */
  readonly makes?: true;
  /** A POST that only reads: what it asks with stands in the body, so that no log of addresses has it. */
  readonly asks?: true;
  /** A write without Idempotency-Key (login, clicks; idempotency, domain 9.7). 'handled': its handler does with the key what it needs. */
  readonly keyless?: true | 'handled';
  /** Config key of the seconds after which an Idempotency-Key of this route counts as new. */
  readonly keyTtl?: Extract<ConfigKey, 'wallet.idempotency_ttl_seconds'>;
  /** Schema of `data`, or of a line of what is streamed, for the documentation. */
  readonly data?: z.ZodType;
  /** Media types of what is streamed instead of the envelope. For the documentation. */
  readonly streams?: readonly string[];
  /** The route's own errors, for the documentation; those of the guards are added. */
  readonly errors?: readonly ErrorKey[];
  /** Gives its answer at once where it can: a promise for each read would cost more than most of its steps. */
  readonly handle: (request: RouteRequest<z.output<P>, z.output<Q>, z.output<B>>) => Soon<RouteResponse>;
}

/** Whether a route only reads: it is admitted, limited and documented as such. */
export function isRead({ method, asks }: Pick<Route, 'method' | 'asks'>): boolean {
  return method === 'GET' || asks === true;
}

/** Types a row by its own schemas, then erases those types, so that all rows fit one table. */
export function route<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(row: Route<P, Q, B>): Route {
  return row;
}
