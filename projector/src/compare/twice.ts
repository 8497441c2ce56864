/**
 * Whether a fold is deterministic: every event is applied twice to the same document, in two orders, under two clocks, zones,
 * locales and seeds of chance, and must give the same document. Needs the log alone, so it works before a view is served. Memory does
 * not grow with the log: it is read once for every `most` documents.
 */
import { withoutDiscarded } from '@creator-dashboards/shared/feed/discards';
import { applyTo, concerns, digestOfOne, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { differingFields, type FieldDifference } from './paths.js';
import { keyIn } from './range.js';
import { runnerIn } from './surroundings.js';

/** A handler (with the upcasters of its event type, and `keyOf`) that did not do the same twice: the first event where it showed. */
export interface Impure {
  readonly event: string;
  readonly key: string;
  readonly position: Position;
  /** In words, for people. */
  readonly problem: string;
  /** What the two documents have that differs. */
  readonly fields: readonly FieldDifference[];
}

export interface FoldedTwice {
  readonly view: string;
  /** The head of the log when it began: everything up to here was folded. */
  readonly position: Position;
  /** Events that the fold takes. */
  readonly events: number;
  readonly documents: number;
  /** Documents that stopped at an event which could not be applied, either time. */
  readonly parked: number;
  /** Events whose key cannot be told. */
  readonly unreadable: number;
  /** One for each event type. */
  readonly impure: readonly Impure[];
}

export interface TwiceOptions {
  /** Events that are interleaved otherwise at once. */
  readonly page?: number;
  /** Documents that are remembered at once, and twice that for a while. */
  readonly most?: number;
}

interface Outcome {
  /** Null: the event could not be applied. */
  readonly document: FoldedDocument | null;
  /** A digest of the document, or what went wrong. */
  readonly text: string;
  /** It could be applied only to a copy: the handler writes into the document that it is given. */
  readonly writes: boolean;
}

interface Step {
  readonly event: RecordedEvent;
  readonly key: string;
  readonly before: FoldedDocument | null;
  readonly outcome: Outcome;
}

interface SweepOptions {
  readonly after: string | undefined;
  readonly most: number;
  readonly impure: Map<string, Impure>;
}

/**
 * Pago Pago and Eucla are 19 hours and 45 minutes apart: local hours and minutes always differ, dates nearly always. All events
 * happened between the two clocks, so that a comparison with either one gives something else.
 */
const FIRST = {
  now: Date.UTC(1999, 0, 1),
  zone: 'Pacific/Pago_Pago',
  locale: 'en-US',
  seed: 1,
  half: 'lower',
} as const;
const SECOND = { now: Date.UTC(2199, 6, 1), zone: 'Australia/Eucla', locale: 'tr-TR', seed: 2, half: 'upper' } as const;

export async function foldTwice(
  events: Pick<EventStore, 'readAll' | 'readStream' | 'head'>,
  given: Fold,
  { page = 1_000, most = 20_000 }: TwiceOptions = {},
): Promise<FoldedTwice> {
  const position = await events.head();
  const fold = await withoutDiscarded(events, given);
  const impure = new Map<string, Impure>();
  freeze(fold.initial);
  const counts = { events: 0, documents: 0, parked: 0, unreadable: 0 };
  let after: string | undefined;
  do {
    const sweep = sweepOf(fold, { after, most, impure });
    for await (const window of windows(events, position, page)) sweep.take(window);
    const found = sweep.finish();
    counts.documents += found.documents;
    counts.parked += found.parked;
    Object.assign(counts, { events: found.events, unreadable: found.unreadable });
    after = found.until;
  } while (after !== undefined);
  return {
    view: fold.name,
    position,
    ...counts,
    impure: [...impure.values()].sort((one, other) => (one.position < other.position ? -1 : 1)),
  };
}

async function* windows(events: Pick<EventStore, 'readAll'>, until: Position, limit: number) {
  let after = 0n;
  while (after < until) {
    const page = await events.readAll({ after, limit });
    const last = page.at(-1);
    if (!last) return;
    yield page.filter(({ position }) => position <= until);
    after = last.position;
  }
}

/**
 * One reading of the log: folds the documents whose keys are the `most` smallest ones after `after`. Which ones these are shows on the
 * way: where more are remembered, the largest are given up, and `until` says from where on the next reading has to go.
 */
function sweepOf(fold: Fold, { after, most, impure }: SweepOptions) {
  const [first, second] = [runnerIn(FIRST), runnerIn(SECOND)];
  /** Null: parked. */
  const held = new Map<string, FoldedDocument | null>();
  let until: string | undefined;
  let [events, unreadable] = [0, 0];

  const isMine = (key: string) => (after === undefined || key > after) && (until === undefined || key <= until);

  /** In the order of the log. */
  function foldOnce(window: readonly RecordedEvent[]): Step[] {
    return window.flatMap((event) => {
      if (!concerns(fold, event)) return [];
      events += 1;
      const key = keyIn(fold, event);
      if (key instanceof Error) unreadable += 1;
      if (typeof key !== 'string' || !isMine(key)) return [];
      const before = held.get(key);
      if (before === null) return [];
      const outcome = outcomeOf(fold, key, before ?? null, event);
      held.set(key, outcome.document);
      return [{ event, key, before: before ?? null, outcome }];
    });
  }

  function foldAgain(step: Step): void {
    const { event, key, before } = step;
    const known = impure.get(event.type);
    if (known && known.position <= event.position) return;
    const difference = differenceOf(step, keyIn(fold, event), outcomeOf(fold, key, before, event));
    if (difference) impure.set(event.type, { event: event.type, key, position: event.position, ...difference });
  }

  function giveUpLargest(): void {
    const keys = [...held.keys()].sort();
    for (const key of keys.splice(most)) held.delete(key);
    until = keys.at(-1);
  }

  return {
    take(window: readonly RecordedEvent[]): void {
      const steps = first(() => foldOnce(window));
      second(() => interleavedOtherwise(steps).forEach(foldAgain));
      if (held.size > 2 * most) giveUpLargest();
    },
    finish() {
      if (held.size > most) giveUpLargest();
      const parked = [...held.values()].filter((document) => document === null).length;
      return { until, events, unreadable, documents: held.size, parked };
    },
  };
}

/** Key by key, the last one first: only the order within a key means something. */
function interleavedOtherwise(steps: readonly Step[]): Step[] {
  const byKey = new Map<string, Step[]>();
  for (const step of steps) {
    const sameKey = byKey.get(step.key);
    if (sameKey) sameKey.push(step);
    else byKey.set(step.key, [step]);
  }
  return [...byKey.values()].reverse().flat();
}

function outcomeOf(fold: Fold, key: string, before: FoldedDocument | null, event: RecordedEvent): Outcome {
  const applied = (to: FoldedDocument | null, writes: boolean): Outcome => {
    const document = freeze(applyTo(fold, key, to, event));
    return { document, text: digestOfOne(document), writes };
  };
  try {
    return applied(before, false);
  } catch (error) {
    try {
      return applied(structuredClone(before ?? (fold.initial as FoldedDocument)), true);
    } catch {
      return { document: null, text: error instanceof Error ? error.message : String(error), writes: false };
    }
  }
}

/** With all that is in it. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
  return value;
}

/** Null where both times gave the same. */
function differenceOf(
  { key, outcome }: Step,
  otherKey: ReturnType<typeof keyIn>,
  other: Outcome,
): Pick<Impure, 'problem' | 'fields'> | null {
  if (otherKey !== key) return { problem: 'was given to another document', fields: [] };
  if (outcome.writes) return { problem: 'writes into the document that it is given', fields: [] };
  if (outcome.text === other.text) return null;
  if (outcome.document && other.document)
    return { problem: 'gave different documents', fields: differingFields(outcome.document, other.document) };
  const [failure] = [outcome, other].filter(({ document }) => document === null);
  return outcome.document || other.document ? { problem: `failed once: ${failure?.text}`, fields: [] } : null;
}
