/** The plain fold of the log for a range of keys, held against the documents that are served of it. */
import { applyTo, concerns, differingFields, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';

/** Keys after `after` up to and including `until`, by code unit; undefined is no bound. `served`: the documents of these keys. */
export interface KeyRange {
  readonly after: string | undefined;
  readonly until: string | undefined;
  readonly served: ReadonlyMap<string, FoldedDocument>;
}

export interface Difference {
  readonly key: string;
  /** In words, for people. */
  readonly problem: string;
  /** The fields that differ, in order; empty where there is no document on one side. */
  readonly fields: readonly string[];
}

interface FoldedRange {
  /** What the fold makes of the served keys, in order of keys. */
  readonly folded: readonly FoldedDocument[];
  /** In order of keys. */
  readonly differing: readonly Difference[];
  /** Events without a key that can be told. */
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

/** Goes on past what it cannot read: that is a difference of its key, and says nothing of the others. */
export async function foldRange({ events, ...options }: RangeOptions): Promise<FoldedRange> {
  const { fold, keys, reached } = options;
  const range = comparison(options);
  const until = [...keys.served.values()].reduce((most, { position }) => (position > most ? position : most), reached);
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

/** Takes the events of the log in order; `result` holds what they make against what is served. */
function comparison({ fold, keys, reached }: Omit<RangeOptions, 'events'>) {
  const { served } = keys;
  const folded = new Map<string, FoldedDocument>();
  const problems = new Map<string, string>();
  const unreadable = new Set<string>();

  function keyOf(event: RecordedEvent): string | undefined {
    try {
      return fold.keyOf(event);
    } catch {
      unreadable.add(`${event.type} at position ${event.position} of ${event.stream}`);
      return undefined;
    }
  }

  function apply(key: string, event: RecordedEvent): void {
    if (problems.has(key)) return;
    try {
      folded.set(key, applyTo(fold, key, folded.get(key) ?? null, event));
    } catch (error) {
      problems.set(key, `cannot be folded: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    take(event: RecordedEvent): void {
      const key = keyOf(event);
      if (key === undefined || !isIn(keys, key)) return;
      const document = served.get(key);
      if (!document) {
        if (event.position <= reached) problems.set(key, 'is missing');
      } else if (event.position <= document.position) {
        apply(key, event);
      } else if (event.position <= reached && !document.parked) {
        problems.set(key, 'is behind the checkpoint');
      }
    },
    result(): FoldedRange {
      for (const [key, document] of served) {
        const problem = problemOf(document, folded.get(key));
        if (problem !== null && !problems.has(key)) problems.set(key, problem);
      }
      const differing = [...problems].map(([key, problem]) => {
        const [document, expected] = [served.get(key), folded.get(key)];
        return { key, problem, fields: document && expected ? differingFields(document, expected) : [] };
      });
      return {
        folded: [...folded.values()].sort((a, b) => byKey(a._id, b._id)),
        differing: differing.sort((a, b) => byKey(a.key, b.key)),
        unreadable,
      };
    },
  };
}

function problemOf(document: FoldedDocument, expected: FoldedDocument | undefined): string | null {
  if (expected) return differingFields(document, expected).length > 0 ? 'differs' : null;
  const wasParkedFirst = document.parked && document.position === 0n;
  return wasParkedFirst ? null : 'should not be there';
}

function byKey(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function isIn({ after, until }: KeyRange, key: string): boolean {
  return (after === undefined || key > after) && (until === undefined || key <= until);
}
