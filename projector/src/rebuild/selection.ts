/** Which documents of a view an operator means: by key, by creator, or by an event that touched them. */
import { Refused } from '@creator-dashboards/shared/errors';
import { concerns } from '@creator-dashboards/shared/fold';
import type { EventStore, Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { View } from '@creator-dashboards/shared/views/view';

export type Selection =
  | { readonly kind: 'document'; readonly keys: readonly string[] }
  /** By the creator's creatorId or userId. */
  | { readonly kind: 'creator'; readonly id: string }
  /** By an event's id or position, or by a type of events. */
  | { readonly kind: 'event'; readonly event: string };

export interface Selected {
  readonly keys: readonly string[];
  /** How many events of the log were read to find them, and in how many milliseconds. */
  readonly events: number;
  readonly milliseconds: number;
}

interface SelectOptions {
  readonly events: Pick<EventStore, 'readAll' | 'readAt'>;
  readonly clock: { monotonic(): number };
  readonly view: View;
  /** Events after this one are not looked at. */
  readonly until: Position;
  readonly onProgress?: (position: Position) => void;
}

/** More are not repaired: a rebuild of the whole view reads the log once. */
export const MAX_SELECTED = 50_000;
const PAGE = 5_000;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const POSITION = /^\d{1,19}$/;

/** Reads the log, unless keys are given. Throws Refused where the view has nothing of that. */
export async function selected(selection: Selection, options: SelectOptions): Promise<Selected> {
  if (selection.kind === 'document') return { keys: [...new Set(selection.keys)], events: 0, milliseconds: 0 };
  if (selection.kind === 'event' && POSITION.test(selection.event)) return atPosition(selection.event, options);
  const { events, clock, view, until, onProgress } = options;
  const matches = matcherOf(selection, view);
  const keys = new Set<string>();
  const began = clock.monotonic();
  const milliseconds = () => clock.monotonic() - began;
  let [after, count] = [0n, 0];
  while (after < until) {
    const page = await events.readAll({ after, limit: PAGE });
    const last = page.at(-1);
    if (!last) break;
    for (const event of page) {
      const key = event.position <= until && matches(event) && concerns(view, event) ? view.keyOf(event) : undefined;
      if (key !== undefined) keys.add(key);
    }
    if (keys.size > MAX_SELECTED)
      throw new Refused('admin.projection.too_many_documents', { vars: { max: MAX_SELECTED } });
    count += page.length;
    after = last.position;
    onProgress?.(after);
  }
  if (keys.size === 0)
    throw new Refused('admin.projection.no_documents', { vars: { view: view.name, which: inWords(selection) } });
  return { keys: [...keys], events: count, milliseconds: milliseconds() };
}

/** "of the creator 42" */
export function inWords(selection: Selection): string {
  if (selection.kind === 'creator') return `of the creator ${selection.id}`;
  if (selection.kind === 'event') return `that ${selection.event} touched`;
  return selection.keys.length === 1 ? `of the key ${selection.keys[0] ?? ''}` : `of ${selection.keys.length} keys`;
}

async function atPosition(position: string, { events, view }: SelectOptions): Promise<Selected> {
  const event = await events.readAt(BigInt(position));
  const key = event && concerns(view, event) ? view.keyOf(event) : undefined;
  if (event && key !== undefined) return { keys: [key], events: 1, milliseconds: 0 };
  if (!event) throw new Refused('admin.projection.no_event', { vars: { position } });
  throw notTaken(view, event.type);
}

function notTaken({ name, handlers }: View, type: string): Refused {
  return new Refused('admin.projection.event_not_taken', {
    vars: { view: name, type, types: Object.keys(handlers).join(', ') },
  });
}

function matcherOf(selection: Exclude<Selection, { kind: 'document' }>, view: View): (event: RecordedEvent) => boolean {
  if (selection.kind === 'creator') return ({ metadata: { keys } }) => isOf(keys, selection.id);
  const { event } = selection;
  if (ID.test(event)) return ({ id }) => id === event.toLowerCase();
  if (Object.hasOwn(view.handlers, event)) return ({ type }) => type === event;
  throw notTaken(view, event);
}

/** Events of a creator's account name her by userId alone. */
function isOf({ creatorId, creatorUserId, userId }: RecordedEvent['metadata']['keys'], id: string): boolean {
  return creatorId === id || creatorUserId === id || userId === id;
}
