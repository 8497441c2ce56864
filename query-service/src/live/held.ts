/**
 * What a client holds already, by its Last-Event-ID: the ETag of each view, `creatorDashboard=W/"…", referralDashboard=W/"…"`. The id of
 * a frame is the ETag of its view alone, which says enough where only one view is asked for; ETags of two views may be equal.
 */
const MAX_HEADER = 4_096;
const NAMED = /(\w+)=((?:W\/)?"[^"]*")/g;

export function heldOf<V extends string>(lastEventId: string | undefined, views: readonly V[]): Map<V, string> {
  if (lastEventId === undefined || lastEventId.length > MAX_HEADER) return new Map();
  const [only, ...others] = views;
  if (only !== undefined && others.length === 0 && !lastEventId.includes('=')) return new Map([[only, lastEventId]]);
  const named = new Map([...lastEventId.matchAll(NAMED)].map(([, view = '', etag = '']) => [view, etag]));
  return new Map(views.flatMap((view) => (named.has(view) ? [[view, named.get(view) ?? ''] as const] : [])));
}
