/**
 * The plain fold of the log for a range of keys, compared with what is served of it. A folded document is kept only until the
 * event that its served one stopped at; of the served ones only digests are kept.
 */
import { applyTo, concerns, digestOfOne, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';

/** What is remembered of a served document. */
export interface ServedDocument {
  readonly position: Position;
  readonly digest: string;
  readonly parked: boolean;
}

/** Keys after `after` up to and including `until`, by code unit; undefined is no bound. `served`: the documents of these keys. */
export interface KeyRange {
  readonly after: string | undefined;
  readonly until: string | undefined;
  readonly served: ReadonlyMap<string, ServedDocument>;
}

interface Difference {
  readonly key: string;
  /** In words, for people. */
  readonly problem: string;
  /** What the fold makes of it, where both sides have a document and this is one of the first MAX_KEPT. */
  readonly expected: FoldedDocument | undefined;
}

export interface FoldedRange {
  /** Digests of what the fold makes of the served keys, in order of keys. */
  readonly digests: readonly string[];
  /** In order of keys. */
  readonly differing: readonly Difference[];
  /** Events whose key cannot be determined. */
  readonly unreadable: ReadonlySet<string>;
}

interface RangeOptions {
  readonly events: Pick<EventStore, 'readAll'>;
  readonly fold: Fold;
  readonly keys: KeyRange;
  /** Every document must have what is up to here. */
  readonly reached: Position;
}

const PAGE = 1_000;
const MAX_KEPT = 1_000;

/** Goes on past what it cannot read: that is a difference of its key, and says nothing about the others. */
export async function foldRange({ events, ...options }: RangeOptions): Promise<FoldedRange> {
  const { fold, keys, reached } = options;
  const range = comparison(options);
  let until = reached;
  for (const { position } of keys.served.values()) if (position > until) until = position;
  let after = 0n;
  while (after < until) {
    const page = await events.readAll({ after, limit: PAGE });
    const last = page.at(-1);
    if (!last) break;
    for (const event of page) if (event.position <= until && concerns(fold, event)) range.take(event);
    after = last.position;
  }
  return range.result();
}

/** Takes the events of the log in order; `result` compares what they make with what is served. */
function comparison({ fold, keys, reached }: Omit<RangeOptions, 'events'>) {
  const { served } = keys;
  /** Folded documents whose served one is further. */
  const open = new Map<string, FoldedDocument>();
  /** Digests of the folded documents that have come as far as the served ones. */
  const made = new Map<string, string>();
  const wrong = new Map<string, FoldedDocument>();
  const problems = new Map<string, string>();
  const unreadable = new Set<string>();

  function apply(key: string, event: RecordedEvent, document: ServedDocument): void {
    if (problems.has(key)) return;
    try {
      const next = applyTo(fold, key, open.get(key) ?? null, event);
      if (next.position === document.position) finish(next, document);
      else open.set(key, next);
    } catch (error) {
      problems.set(key, `cannot be folded: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function finish(folded: FoldedDocument, document: ServedDocument): void {
    const key = folded._id;
    open.delete(key);
    const digest = digestOfOne(folded);
    made.set(key, digest);
    if (digest === document.digest) return;
    problems.set(key, 'differs');
    if (wrong.size < MAX_KEPT) wrong.set(key, folded);
  }

  return {
    take(event: RecordedEvent): void {
      const key = keyIn(fold, event);
      if (key instanceof Error) unreadable.add(`${event.type} at position ${event.position} of ${event.stream}`);
      if (typeof key !== 'string' || !isIn(keys, key)) return;
      const document = served.get(key);
      if (!document) {
        if (event.position <= reached) problems.set(key, 'is missing');
      } else if (event.position <= document.position) {
        apply(key, event, document);
      } else if (event.position <= reached && !document.parked) {
        problems.set(key, 'is behind the checkpoint');
      }
    },
    result(): FoldedRange {
      for (const [key, document] of served) {
        const folded = open.get(key);
        if (folded) finish(folded, document);
        const wasParkedFirst = document.parked && document.position === 0n;
        if (!made.has(key) && !problems.has(key) && !wasParkedFirst) problems.set(key, 'should not exist');
      }
      return {
        digests: [...made].sort(inOrder).map(([, digest]) => digest),
        differing: [...problems].sort(inOrder).map(([key, problem]) => ({ key, problem, expected: wrong.get(key) })),
        unreadable,
      };
    },
  };
}

function inOrder([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

export function keyIn(fold: Fold, event: RecordedEvent): string | undefined | Error {
  try {
    return fold.keyOf(event);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isIn({ after, until }: KeyRange, key: string): boolean {
  return (after === undefined || key > after) && (until === undefined || key <= until);
}
