/**
 * Whether a served view is what a plain fold of the log makes (design rule 14). Works beside live traffic: each document is
 * compared with the fold as of its own position. Memory: one digest per document, and the fold's documents.
 */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { applyTo, concerns, digestOf, type Fold, type FoldedDocument } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, ReadStore, RecordedEvent } from '@creator-dashboards/shared/ports';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { aliasOf } from '../generations.js';

export interface Verdict {
  readonly view: string;
  readonly generation: string;
  /** Everything up to here was compared. */
  readonly position: Position;
  readonly documents: number;
  /** Number of parked documents, which are compared as of the event they stopped at. */
  readonly parked: number;
  /** Digest of all compared documents, as folded. */
  readonly digest: string;
  /** Keys whose document differs from the fold, is behind the checkpoint, or should not exist; the first MAX_NAMED. */
  readonly differing: readonly string[];
  readonly differences: number;
  /** Why the documents do not belong to this log, and what to do; null if they do. If set, the other fields mean nothing. */
  readonly foreign: string | null;
}

/** What is remembered of a served document. */
interface ServedDocument {
  readonly position: Position;
  readonly digest: string;
  readonly parked: boolean;
}

const PAGE = 1_000;
const MAX_NAMED = 20;

/** Null if the view is not served yet. */
export async function verifyView(
  { events, reads }: { events: EventStore; reads: ReadStore },
  view: View,
): Promise<Verdict | null> {
  const alias = await aliasOf(reads, view.name);
  if (!alias) return null;
  const { generation } = alias;
  const checkpoint = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view.name, generation));
  const reached = checkpoint?.position ?? 0n;
  const served = await servedDocuments(reads, collectionOf(view.name, generation));
  const { agreeing, expected, digest } = await foldUpTo(events, view, served, reached);
  const differing = [...new Set([...served.keys(), ...expected])].filter((key) => !agreeing.has(key)).sort();
  return {
    view: view.name,
    generation,
    position: reached,
    documents: served.size,
    parked: [...served.values()].filter(({ parked }) => parked).length,
    digest,
    differing: differing.slice(0, MAX_NAMED),
    differences: differing.length,
    foreign: checkpoint ? await foreignTo(events, checkpoint) : null,
  };
}

async function servedDocuments(reads: ReadStore, collection: string): Promise<Map<string, ServedDocument>> {
  const served = new Map<string, ServedDocument>();
  let afterId: string | undefined;
  for (;;) {
    const page = await reads.find<FoldedDocument>(collection, { afterId, limit: PAGE });
    for (const document of page)
      served.set(document._id, {
        position: document.position,
        digest: digestOf([document]),
        parked: document.parked ?? false,
      });
    if (page.length < PAGE) return served;
    afterId = page.at(-1)?._id;
  }
}

/** Folds the log as far as the documents are. Returns the keys that agree, and the keys that must have a document by `reached`. */
async function foldUpTo(
  events: EventStore,
  fold: Fold,
  served: ReadonlyMap<string, ServedDocument>,
  reached: Position,
) {
  const documents = new Map<string, FoldedDocument>();
  const agreeing = new Set<string>();
  const expected = new Set<string>();
  const until = [...served.values()].reduce((most, { position }) => (position > most ? position : most), reached);
  let after = 0n;
  while (after < until) {
    const page = await events.readAll({ after, limit: PAGE });
    const last = page.at(-1);
    if (!last) break;
    for (const event of page) if (event.position <= until && concerns(fold, event)) take(event);
    after = last.position;
  }
  for (const [key, { position, parked }] of served) if (parked && position === 0n) agreeing.add(key); // nothing applied yet
  return { agreeing, expected, digest: digestOf(documents.values()) };

  function take(event: RecordedEvent): void {
    const key = fold.keyOf(event);
    if (key === undefined) return;
    const document = served.get(key);
    if (event.position <= reached) expected.add(key);
    const isBehind = document && !document.parked && event.position > document.position && event.position <= reached;
    if (isBehind) agreeing.delete(key);
    if (!document || event.position > document.position) return;
    const next = applyTo(fold, key, documents.get(key) ?? null, event);
    documents.set(key, next);
    if (next.position === document.position && digestOf([next]) === document.digest) agreeing.add(key);
  }
}
