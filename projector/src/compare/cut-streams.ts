/** Streams whose beginning is hidden or gone, though the log has events of theirs (domain G65): what is left is no shorter history. */
import { categoryOf } from '@creator-dashboards/shared/events/index';
import type { EventStore } from '@creator-dashboards/shared/ports';

export interface CutStreams {
  readonly count: number;
  /** The first MAX_NAMED. */
  readonly named: readonly string[];
}

const PAGE = 1_000;
const MAX_NAMED = 20;
/** Streams that are remembered as looked at; one that comes again much later is looked at again, so that memory does not grow with the log. */
const REMEMBERED = 50_000;

/** Reads the log once, and the first event of each stream; of streams of these categories, or of all. */
export async function cutStreams(
  events: Pick<EventStore, 'readAll' | 'readStream'>,
  categories?: readonly string[],
  remembered = REMEMBERED,
): Promise<CutStreams> {
  const found = new Set<string>();
  let [recent, older] = [new Set<string>(), new Set<string>()];
  for (let after = 0n; ;) {
    const page = await events.readAll({ after, limit: PAGE });
    for (const { stream, position } of page) {
      after = position;
      if (recent.has(stream) || older.has(stream)) continue;
      if (categories && !categories.includes(categoryOf(stream))) continue;
      if (recent.size >= remembered) [recent, older] = [new Set(), recent];
      recent.add(stream);
      const [first] = await events.readStream(stream, { from: 0n, limit: 1 });
      if (first?.revision !== 0n) found.add(stream);
    }
    if (page.length === 0) return { count: found.size, named: [...found].slice(0, MAX_NAMED) };
  }
}
