/** Reads a log to its end whose file may be damaged: where a page of it cannot be read, one event after the other. */
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { DamagedEvent, StoreFailed } from '@creator-dashboards/shared/store-errors';

/** What stands at a position; `event` is null where nothing does, or where it cannot be read, and then `why` says so. */
export interface Read {
  readonly position: Position;
  readonly event: RecordedEvent | null;
  readonly why: string | null;
}

export interface ReadingOptions {
  readonly events: Pick<EventStore, 'readAll' | 'readAt'>;
  readonly after: Position;
  /** Whether the file is damaged. Where it is not, a store that fails is no fault of the log: that is thrown. */
  readonly isDamaged: boolean;
  /** Positions at which the next events of the log were, as the index has them; none behind the index. */
  readonly following: () => Promise<readonly Position[]>;
}

export const PAGE = { limit: 1_000, maxBytes: 4 * 1024 * 1024 };

const NOTHING_MORE = 'from here on nothing can be read';

/** Pages of at least one. The next one is asked for when what came with the one before was taken. */
export async function* pagesOfLog(options: ReadingOptions): AsyncGenerator<readonly Read[], void> {
  for (let { after } = options; ;) {
    const page = await pageAfter(after, options);
    const last = page.at(-1);
    if (!last) return;
    yield page;
    if (last.why === NOTHING_MORE) return;
    after = last.position;
  }
}

async function pageAfter(after: Position, options: ReadingOptions): Promise<Read[]> {
  const page = await orWhy(options, () => options.events.readAll({ after, ...PAGE, whole: true }));
  if (typeof page !== 'string') return page.map((event) => ({ position: event.position, event, why: null }));
  const indexed = await options.following();
  return indexed.length > 0 ? oneByOne(options, indexed) : behindIndex(options, after);
}

async function oneByOne(options: ReadingOptions, positions: readonly Position[]): Promise<Read[]> {
  const reads: Read[] = [];
  for (const position of positions) {
    const event = await orWhy(options, () => options.events.readAt(position));
    reads.push(typeof event === 'string' ? { position, event: null, why: event } : { position, event, why: null });
  }
  return reads;
}

/** Only the log of one file comes here, whose positions are dense. Where its end is cannot be told: it is where none of a page can be read. */
async function behindIndex(options: ReadingOptions, after: Position): Promise<Read[]> {
  const next = Array.from({ length: PAGE.limit }, (_, n) => after + BigInt(n + 1));
  const reads = await oneByOne(options, next);
  const readable = reads.findLastIndex(({ event }) => event !== null) + 1;
  return readable > 0 ? reads.slice(0, readable) : [{ position: after + 1n, event: null, why: NOTHING_MORE }];
}

/** What is read, or why it cannot be. */
export async function orWhy<T>({ isDamaged }: Pick<ReadingOptions, 'isDamaged'>, read: () => Promise<T>) {
  try {
    return await read();
  } catch (error) {
    if (error instanceof DamagedEvent || (isDamaged && error instanceof StoreFailed)) return error.message;
    throw error;
  }
}
