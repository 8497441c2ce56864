/**
 * Answers that go on: frames of server-sent events, for as long as the caller listens and may. Each caller is sent the next frame
 * when it has taken the one before, so nothing queues up for a slow one.
 */
import { once, setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Refused } from '../errors.js';
import type { Metrics } from '../process/metrics.js';
import { SECOND, type Clock } from '../time.js';
import { every } from '../waiting.js';
import { createBound, createShares } from './bound.js';
import { contextOf } from './context.js';
import { toJson, toRefused } from './envelope.js';
import type { Frame, Frames } from './route.js';

export function endFrame(reason: string): Frame {
  return { event: 'end', data: { reason } };
}

/** Whether a caller wants frames where it could have one answer. A HEAD never does. */
export function wantsFrames(request: {
  readonly header: (name: string) => string | undefined;
  readonly isHead: boolean;
}): boolean {
  return !request.isHead && /\btext\/event-stream\b/i.test(request.header('accept') ?? '');
}

interface PushOptions {
  readonly clock: Pick<Clock, 'after'>;
  readonly metrics: Pick<Metrics, 'edgeHolds' | 'edgeRefused'>;
  /** Aborted when the process stops. */
  readonly stopping?: AbortSignal | undefined;
  readonly max?: number;
  readonly perCaller?: number;
}

export interface Pushes {
  /**
   * Sends frames until there are no more; resolves when the connection is done with them. `admit` is asked every second whether the
   * caller still may listen, and throws if not: the end frame says so, by the error's key. Throws Refused before anything is sent: 429
   * where the caller has too many open, 503 where the process has.
   */
  push(
    response: ServerResponse,
    frames: Frames,
    listener: { readonly caller: string; readonly admit: () => void | Promise<void> },
  ): Promise<void>;
}

const MAX_OPEN = 5_000;
const MAX_PER_CALLER = 5;
const ADMIT_MS = SECOND;
/** Proxies cut connections on which nothing comes for long. */
const COMMENT_MS = 15 * SECOND;
/** How long a connection may take to be done with the last frame. */
const END_MS = SECOND;
const RETRY_AFTER = 10;

export function createPushes({
  clock,
  metrics,
  stopping,
  max = MAX_OPEN,
  perCaller = MAX_PER_CALLER,
}: PushOptions): Pushes {
  const places = createBound('pushes', max, metrics);
  const shares = createShares(perCaller);
  if (stopping) setMaxListeners(0, stopping); // each open one listens; `max` bounds them
  return {
    async push(response, frames, { caller, admit }) {
      if (response.closed) return; // the caller left meanwhile: there will be no 'close' any more
      if (stopping?.aborted) throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
      if (!shares.take(caller)) throw new Refused('common.rate_limited', { retryAfter: RETRY_AFTER });
      try {
        if (!places.take()) throw new Refused('common.unavailable', { retryAfter: RETRY_AFTER });
        try {
          await pushAll(response, frames, { clock, admit, stopping });
        } finally {
          places.give();
        }
      } finally {
        shares.give(caller);
      }
    },
  };
}

async function pushAll(
  response: ServerResponse,
  frames: Frames,
  { clock, admit, stopping }: Pick<PushOptions, 'clock' | 'stopping'> & { readonly admit: () => void | Promise<void> },
): Promise<void> {
  const over = new AbortController();
  /** Why it ends from outside: the key of an error. */
  let cut: string | null = null;
  const end = (error?: unknown) => {
    if (error !== undefined) cut ??= toRefused(error).key;
    over.abort();
  };
  const stop = () => end(new Refused('common.unavailable'));
  // Not `once(response, 'close')`, which rejects for an error of the response; after an error it closes, too.
  const closed = new Promise<void>((resolve) => {
    response.once('close', () => (end(), resolve()));
  });
  response.once('error', end);
  stopping?.addEventListener('abort', stop, { once: true });
  const watches = [
    every(clock, ADMIT_MS, async () => admit(), over.signal).catch(end),
    every(clock, COMMENT_MS, async () => response.writableNeedDrain || response.write(':\n\n'), over.signal),
  ];
  sendHead(response);
  try {
    for await (const frame of frames(over.signal)) {
      if (over.signal.aborted) break;
      if (!response.write(textOf(frame))) await once(response, 'drain', { signal: over.signal }).catch(() => undefined);
    }
  } catch (error) {
    end(error);
    throw error;
  } finally {
    end();
    stopping?.removeEventListener('abort', stop);
    await Promise.all(watches);
    if (!response.destroyed) finish(response, cut === null ? '' : textOf(endFrame(cut)));
    const cancel = clock.after(END_MS, () => response.destroy());
    await closed;
    cancel();
  }
}

function sendHead(response: ServerResponse): void {
  contextOf(response).isPushed = true;
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  // Neither compressed here nor collected by a proxy: each frame is due when it is sent.
  response.setHeader('Cache-Control', 'no-store, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
  response.flushHeaders();
}

/** Who does not read is cut off: a frame that nobody takes must not keep a process from stopping. */
function finish(response: ServerResponse, last: string): void {
  if (response.writableNeedDrain) response.destroy();
  else response.end(last);
}

function textOf({ event, id, data, json = toJson(data) }: Frame): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${json}\n\n`;
}
