/** Going back to a generation that nobody can feed any more: it is served as it stands, and reads of it say so (X-Stale). */
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { occurredAt } from '@creator-dashboards/shared/feed/occurred-at';
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant, type WallClock } from '@creator-dashboards/shared/time';
import { feedNameOf, type Frozen } from '@creator-dashboards/shared/views/alias';
import { generationToShow } from '@creator-dashboards/shared/views/generation';
import type { View } from '@creator-dashboards/shared/views/view';
import { aliasOf, moveAlias } from '../generations.js';
import { BY_ITSELF, type Who } from './acts.js';
import { isUnderWay, REBUILDS, updateRebuild, type Rebuild } from './plan.js';
import { planRollback } from './planner.js';

interface FrozenPorts {
  readonly events: Pick<EventStore, 'head' | 'readAt' | 'readAll'>;
  readonly reads: ReadStore;
  readonly clock: WallClock;
}

/** Their documents say who may read and what is switched off: an old answer would let in whom a newer event has shut out. */
const NEVER_FROZEN: readonly string[] = ['account', 'config'];

/** Why the previous generation may not be served as it stands, in words; null if it may. */
export async function whyNotFrozen({ events, reads }: FrozenPorts, view: View): Promise<string | null> {
  const { name } = view;
  const generation = (await aliasOf(reads, name))?.previous;
  if (!generation) return 'it has no earlier generation';
  if (NEVER_FROZEN.includes(name)) return 'what it says decides who may do what, so it is never served as it once was';
  if (generationToShow({ generation }, view) === null)
    return `this code cannot show the documents of ${generation}: roll the code back first`;
  const checkpoint = await checkpointOf(reads, name, generation);
  if (!checkpoint || checkpoint.position === 0n) return `the documents of ${generation} are gone`;
  return foreignTo(events, checkpoint);
}

/**
 * Serves the previous generation at once, as it stands; the caller has asked `whyNotFrozen`. The plan of it is DONE then; null where
 * somebody else decided meanwhile. May be called again after it was interrupted.
 */
export async function rollBackFrozen(ports: FrozenPorts, view: View, who: Who = BY_ITSELF): Promise<Rebuild | null> {
  const { reads, clock } = ports;
  const { name } = view;
  const plan = await planRollback(ports, view, who, { frozen: true });
  if (!plan) return null;
  const { generation, _id } = plan;
  const alias = await aliasOf(reads, name);
  const served = alias && (await checkpointOf(reads, name, alias.generation));
  const own = await checkpointOf(reads, name, generation);
  const now = await reads.get<Rebuild>(REBUILDS, _id); // Looked at after the alias, whose fence holds from then on.
  if (!alias || alias.plan !== _id || !own || !now || !isUnderWay(now)) return null;
  const frozen = await frozenAt(ports, own.position, served?.position);
  if (!(await moveAlias(reads, name, alias, { generation, position: own.position, plan: _id, frozen }))) return null;
  return updateRebuild(reads, now, { state: 'DONE', position: own.position, finishedAt: toInstant(clock.now()) });
}

/** What is to be said of a generation that stands at `position`; it is fed again once it is beyond `served`, too. */
export async function frozenAt(
  { events, clock }: { readonly events: Pick<EventStore, 'readAll'>; readonly clock: WallClock },
  position: Position,
  served: Position = position,
): Promise<Frozen> {
  const [missing] = await events.readAll({ after: position, limit: 1 });
  const until = (served > position ? served : position).toString();
  return { asOf: (missing && occurredAt(missing)) ?? toInstant(clock.now()), until };
}

function checkpointOf(reads: Pick<ReadStore, 'get'>, view: string, generation: string): Promise<Checkpoint | null> {
  return reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view, generation));
}
