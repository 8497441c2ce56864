/** Whether the snapshots in a log are what their streams give. */
import { canonical } from '@creator-dashboards/shared/canonical';
import { categoryOf, UnreadableEvent } from '@creator-dashboards/shared/events/index';
import type { EventStore, RecordedEvent, Revision } from '@creator-dashboards/shared/ports';
import { DamagedEvent } from '@creator-dashboards/shared/store-errors';
import { deciders } from '../domain/deciders.js';
import { emptyStream, foldOn, restore, snapshotOf, SNAPSHOT_EVERY } from './stream-states.js';

/**
 * Folds the stream of a snapshot anew, from the snapshot before it, which is to be checked as well. Returns what is wrong, or null: also
 * for a snapshot of another version of its aggregate, which no command reads any more.
 */
export async function snapshotFault(
  events: Pick<EventStore, 'readStream'>,
  event: RecordedEvent,
): Promise<string | null> {
  try {
    return await faultOf(events, event);
  } catch (error) {
    if (error instanceof UnreadableEvent || error instanceof DamagedEvent)
      return `its stream cannot be folded up to its snapshot: ${error.message}`;
    throw error;
  }
}

async function faultOf(events: Pick<EventStore, 'readStream'>, event: RecordedEvent): Promise<string | null> {
  const decider = deciders.get(categoryOf(event.stream));
  const { snapshot } = event.metadata;
  if (!decider) return `${event.stream} is no stream that has snapshots`;
  if (snapshot?.version !== decider.snapshotVersion) return null;
  const read = await readUpTo(events, event);
  const first = read[0];
  const before =
    first && first.revision > 0n && first.metadata.snapshot ? restore(decider.snapshotVersion, first) : null;
  const isWhole = before !== null || first?.revision === 0n;
  const from = isWhole ? read : await readUpTo(events, event, 0n);
  const state = foldOn(decider, before ?? emptyStream(decider.initial), before ? from.slice(1) : from);
  const expected = snapshotOf(decider, state.state, state.commands);
  return canonical(expected) === canonical(snapshot) ? null : 'its snapshot is not what its stream gives';
}

const PAGE = 500;

/** The events of a stream up to this one, by default from the one on that has the snapshot before. */
async function readUpTo(
  events: Pick<EventStore, 'readStream'>,
  { stream, revision }: RecordedEvent,
  from: Revision = revision > SNAPSHOT_EVERY ? revision - SNAPSHOT_EVERY : 0n,
): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for (;;) {
    const limit = Math.min(PAGE, Number(revision - from) + 1 - all.length);
    if (limit === 0) return all;
    const page = await events.readStream(stream, { from: from + BigInt(all.length), limit });
    all.push(...page);
    if (page.length < limit) return all;
  }
}
