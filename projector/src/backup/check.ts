/** Whether a copy of the three embedded stores can be restored: its files are sound, belong together, and its history is whole. */
import { hashOf } from '@creator-dashboards/shared/events/index';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { foreignOnce, foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import type { Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { openStoreCopy } from '@creator-dashboards/shared/process/store-copy';

type StoreCopy = ReturnType<typeof openStoreCopy>;

export interface CopyFindings {
  /** Position of the last event in the copy of the log. */
  readonly head: Position;
  readonly events: number;
  /** All that is wrong, in words for an operator; the first MAX_NAMED. */
  readonly problems: readonly string[];
}

const PAGE = 1_000;
const MAX_NAMED = 20;
/** The subject of the key that names streams. */
const DIGESTS = 'digests';

/**
 * Looks at the files, at the event of each checkpoint (domain G64), at the chain of hashes of every stream (domain 9.1), and at the key
 * of everybody who ever registered (domain G63). Changes nothing, and needs no MASTER_KEY.
 */
export async function checkCopy(copy: StoreCopy): Promise<CopyFindings> {
  const problems = copy.damage();
  const note = (problem: string | null) => {
    if (problem !== null && problems.length < MAX_NAMED) problems.push(problem);
  };
  const foreign: [name: string, foreign: string | null][] = [];
  for await (const checkpoint of checkpointsIn(copy))
    foreign.push([checkpoint._id, await foreignTo(copy.events, checkpoint)]);
  foreignOnce(foreign).forEach(note);
  let events = 0;
  let last: RecordedEvent | null = null;
  for (const event of copy.eventsByStream()) {
    const before: RecordedEvent | null = last?.stream === event.stream ? last : null;
    note(breakIn(before, event));
    note(missingKey(copy, event));
    events += 1;
    last = event;
  }
  if (events > 0 && !copy.knowsKey(DIGESTS)) note('the key store has no key for the digests that name streams');
  return { head: await copy.events.head(), events, problems };
}

async function* checkpointsIn({ reads }: StoreCopy): AsyncGenerator<Checkpoint> {
  let afterId: string | undefined;
  for (;;) {
    const page = await reads.find<Checkpoint>(CHECKPOINTS, { afterId, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    afterId = page.at(-1)?._id;
  }
}

function breakIn(before: RecordedEvent | null, event: RecordedEvent): string | null {
  const place = `${event.type} at position ${event.position}, revision ${event.revision} of ${event.stream}`;
  try {
    if (event.revision !== (before?.revision ?? -1n) + 1n) return `${place}: the event before it is missing`;
    if (event.metadata.prevHash === (before && hashOf(before))) return null;
    return `${place}: the event before it is not the one that it followed`;
  } catch (error) {
    return `${place}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function missingKey(copy: StoreCopy, event: RecordedEvent): string | null {
  if (event.type !== 'UserRegistered') return null;
  const { userId } = event.metadata.keys;
  if (userId === undefined || copy.knowsKey(userId)) return null;
  return `the key store has no key for the account ${userId}, which is in the log`;
}
