/**
 * The frames of a live stream: each view as its GET answers it, at once and whenever that differs. A view that changes again before the
 * caller has taken the last frame is read when it has, so that it is sent the newest state and nothing waits in a queue.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import { bodyOf, toRefused } from '@creator-dashboards/shared/http/envelope';
import type { Frame, RouteResponse } from '@creator-dashboards/shared/http/route';
import { SECOND, type Clock } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';

/** One view of one caller. */
export interface LiveView {
  readonly name: string;
  /** What its GET answers now to who holds this ETag. Throws Refused where the caller may not read it now. */
  readonly answer: (held: string | undefined) => Promise<RouteResponse>;
  /** Calls back after changes, until the returned function is called. */
  readonly watch: (wake: () => void) => () => void;
}

/** After how long a view is read again that could not be read: nothing says when it can. */
const RETRY_MS = SECOND;

export async function* liveFrames(
  views: readonly LiveView[],
  held: ReadonlyMap<string, string>,
  {
    correlationId,
    clock,
    signal,
  }: { readonly correlationId: string; readonly clock: Pick<Clock, 'after'>; readonly signal: AbortSignal },
): AsyncGenerator<Frame> {
  const due = new Set(views);
  const told = new Map(held);
  let wake: () => void = () => undefined;
  const rung = (view: LiveView) => {
    due.add(view);
    wake();
  };
  const watches = views.map((view) => view.watch(() => rung(view)));
  const end = () => wake();
  signal.addEventListener('abort', end);
  try {
    while (!signal.aborted) {
      for (const view of [...due]) {
        due.delete(view);
        const answer = await answerOf(view, told.get(view.name));
        if (!answer) void wait(clock, RETRY_MS, signal).then(() => rung(view));
        const frame = answer && frameOf(view.name, answer, correlationId);
        if (!frame || frame.mark === told.get(view.name)) continue;
        told.set(view.name, frame.mark);
        if (signal.aborted) return;
        yield frame.frame;
      }
      if (due.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal.removeEventListener('abort', end);
    for (const stop of watches) stop();
  }
}

/** Null where the view cannot be read at the moment, which says nothing of its state. */
async function answerOf({ answer }: LiveView, held: string | undefined): Promise<RouteResponse | null> {
  try {
    return await answer(held);
  } catch (error) {
    const refused = toRefused(error);
    if (refused.key === 'common.unavailable') return null;
    throw error;
  }
}

/** A frame and what tells it from others: its ETag, or the error's key. Null for what the caller holds. */
function frameOf(
  event: string,
  answer: RouteResponse,
  correlationId: string,
): { readonly frame: Frame; readonly mark: string } | null {
  const { status, refused, headers } = answer;
  if (status === 304) return null;
  const json = bodyOf(answer, correlationId);
  if (refused) return { frame: { event, json }, mark: refused.key };
  const etag = headers?.['ETag'];
  if (etag === undefined) throw new Refused('common.internal_error');
  return { frame: { event, id: etag, json }, mark: etag };
}
