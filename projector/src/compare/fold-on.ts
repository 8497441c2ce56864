/** Folds documents on in memory, up to a later position each: nothing is written. */
import { withoutDiscarded } from '@creator-dashboards/shared/feed/discards';
import { applyTo, concerns, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position } from '@creator-dashboards/shared/ports';

export interface FoldOn {
  /** Null where nothing was applied yet. */
  readonly document: FoldedDocument | null;
  readonly until: Position;
}

const PAGE = 1_000;

/**
 * What each of these becomes, by key; an Error for one that meets an event which cannot be applied. Reads the log once, from the
 * oldest on. `found` is asked about each other key that it meets: up to where to fold it from nothing, or undefined.
 */
export async function foldOn(
  events: Pick<EventStore, 'readAll' | 'readStream'>,
  given: Fold,
  from: ReadonlyMap<string, FoldOn>,
  found: (key: string) => Position | undefined = () => undefined,
): Promise<Map<string, FoldedDocument | null | Error>> {
  const fold = await withoutDiscarded(events, given);
  const made = new Map<string, FoldedDocument | null | Error>();
  let [after, end] = [null as Position | null, 0n];
  for (const [key, { document, until }] of from) {
    made.set(key, document);
    const position = document?.position ?? 0n;
    if (after === null || position < after) after = position;
    if (until > end) end = until;
  }
  while (after !== null && after < end) {
    const page = await events.readAll({ after, limit: PAGE });
    for (const event of page) {
      if (!concerns(fold, event)) continue;
      const key = keyIn(fold, event);
      const until = key === undefined ? undefined : (from.get(key)?.until ?? found(key));
      if (key === undefined || until === undefined || event.position > until) continue;
      const before = made.get(key) ?? null;
      if (before instanceof Error || event.position <= (before?.position ?? 0n)) continue;
      try {
        made.set(key, applyTo(fold, key, before, event));
      } catch (error) {
        made.set(key, error instanceof Error ? error : new Error(String(error)));
      }
    }
    after = page.at(-1)?.position ?? null;
  }
  return made;
}

/** An event without a key that can be told is none of these documents'. */
function keyIn(fold: Fold, event: Parameters<Fold['keyOf']>[0]): string | undefined {
  try {
    return fold.keyOf(event);
  } catch {
    return undefined;
  }
}
