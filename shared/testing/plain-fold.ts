import { categoryOf, decode, type Recorded } from '../src/events/index.js';
import type { Fold, FoldedDocument } from '../src/fold.js';
import type { RecordedEvent } from '../src/ports.js';

type Handler = (content: object, event: Recorded) => object;

/** Applies each event to its document, one after the other: the meaning of `fold.ts`, without its code. */
export function plainFold(fold: Fold, log: readonly RecordedEvent[]): FoldedDocument[] {
  const documents = new Map<string, FoldedDocument>();
  for (const event of log) {
    const handler = fold.handlers[event.type as keyof typeof fold.handlers] as Handler | undefined;
    const key = handler && fold.categories.includes(categoryOf(event.stream)) ? fold.keyOf(event) : undefined;
    if (!handler || key === undefined) continue;
    const content = handler(documents.get(key) ?? fold.initial, decode(event));
    documents.set(key, { ...content, _id: key, position: event.position, lastEvent: event.id.split('-')[0] });
  }
  return [...documents.values()];
}
