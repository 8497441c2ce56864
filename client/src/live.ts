/** Follows the caller's dashboards by server-sent events: read as a stream, since an EventSource cannot send a token. */
import { errorOf } from './errors.js';
import type { DataOf } from './operations.js';
import { wait, type Surroundings } from './surroundings.js';

/** What is pushed, by the name of its view. */
export interface Dashboards {
  readonly creatorDashboard: DataOf<'/creators/dashboard', 'get'>;
  readonly creatorProfile: DataOf<'/creators/profile', 'get'>;
  readonly referralDashboard: DataOf<'/referral/dashboard', 'get'>;
}
export type LiveView = keyof Dashboards;

export interface Following {
  readonly views: readonly LiveView[];
  /** The newest state of a view: at once, and after each change. */
  readonly onData: <V extends LiveView>(view: V, data: Dashboards[V]) => void;
  /** A view has no state: what its GET refuses, as "creator.error.not_found". */
  readonly onMissing?: (view: LiveView, i18nKey: string) => void;
  /** Whether it is connected at present; what is shown may be old otherwise. */
  readonly onState?: (isLive: boolean) => void;
  /** It ended for good, for this reason: log in again. */
  readonly onEnd?: (i18nKey: string) => void;
}

interface Line extends Pick<Surroundings, 'now' | 'after' | 'chance'> {
  readonly send: (url: string, init: RequestInit, headers: Record<string, string>) => Promise<Response>;
  readonly token: () => string | null | Promise<string | null>;
  readonly renewed: () => Promise<boolean>;
}

/** A stream ends with its token: so long before that another begins with a new one. */
const RENEW_BEFORE_MS = 30_000;
const LONGEST_MS = 3_600_000;
const SHORTEST_MS = 1_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A stream that lasted so long was no failure. */
const LASTED_MS = 60_000;

/** Returns what ends it. */
export function follow(following: Following, line: Line): () => void {
  const leaving = new AbortController();
  void run(following, line, leaving.signal).catch(() => undefined);
  return () => leaving.abort();
}

async function run(following: Following, line: Line, leaving: AbortSignal): Promise<void> {
  const { onState = () => undefined, onEnd = () => undefined } = following;
  const held = new Map<string, string>();
  for (let pause = FIRST_PAUSE_MS; !leaving.aborted;) {
    const left = msLeft(await line.token(), line.now());
    if (left <= RENEW_BEFORE_MS) await line.renewed();
    const renewal = new AbortController();
    const cancel = line.after(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, left - RENEW_BEFORE_MS)), () =>
      renewal.abort(),
    );
    const began = line.now();
    const signal = AbortSignal.any([leaving, renewal.signal]);
    const reason = await readStream(following, line, held, signal).catch(() => null);
    cancel();
    if (leaving.aborted) return;
    if (renewal.signal.aborted) continue;
    onState(false);
    if (reason?.startsWith('auth.') && !(await line.renewed())) return onEnd(reason);
    pause = line.now() - began > LASTED_MS ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
    await wait(line, pause * (0.5 + line.chance()));
  }
}

/** Reads one stream to its end. Answers why it ended, null where the connection broke. */
async function readStream(
  { views, onData, onMissing, onState }: Following,
  { send }: Line,
  held: Map<string, string>,
  signal: AbortSignal,
): Promise<string | null> {
  const response = await send(
    `/api/v1/live?views=${views.join(',')}`,
    { signal },
    {
      Accept: 'text/event-stream',
      ...(held.size > 0 && { 'Last-Event-ID': [...held].map(([view, etag]) => `${view}=${etag}`).join(', ') }),
    },
  );
  if (!response.ok || !response.body) return (await errorOf(response)).i18nKey;
  onState?.(true);
  for await (const { event, id, data } of framesOf(response.body)) {
    if (event === 'end') return (data as { readonly reason: string }).reason;
    const view = event as LiveView;
    if (id === undefined) held.delete(view);
    else held.set(view, id);
    const body = data as
      { success: true; data: Dashboards[typeof view] } | { success: false; error: { i18nKey: string } };
    if (body.success) onData(view, body.data);
    else onMissing?.(view, body.error.i18nKey);
  }
  return null;
}

interface Frame {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** By a reader: not every browser can iterate a stream. */
async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const [event, data] = [field('event'), field('data')];
      if (event !== undefined && data !== undefined) yield { event, id: field('id'), data: JSON.parse(data) };
    }
  }
}

/** How long an access token lasts yet; for ever where it does not say. */
function msLeft(token: string | null, now: number): number {
  try {
    const [, claims = ''] = (token ?? '').split('.');
    const { exp } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as { readonly exp?: number };
    return exp === undefined ? Infinity : exp * 1_000 - now;
  } catch {
    return Infinity;
  }
}
