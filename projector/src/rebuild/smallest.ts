/**
 * The smallest replay that does what is wanted, told before it begins: of which kind and why, how many documents and events it takes,
 * and about how long.
 */
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { MAX_REPAIRED } from '@creator-dashboards/shared/feed/repairs';
import { collectionOf, feedNameOf } from '@creator-dashboards/shared/views/alias';
import type { View } from '@creator-dashboards/shared/views/view';
import { aliasOf } from '../generations.js';
import { historyOf } from './history.js';
import { isOpen, rebuildsOf } from './plan.js';
import { changeSince, repairable, type Repairable } from './repair.js';
import { inWords, selected, type Selection } from './selection.js';

export interface ReplayPlan {
  readonly view: string;
  /** What is served; null before the first start. */
  readonly generation: string | null;
  /** `none`: nothing to do; `full`: the view is built anew beside what is served; else documents are repaired in what is served. */
  readonly kind: 'none' | 'full' | Selection['kind'];
  readonly why: string;
  readonly documents: number;
  /** How many events of the log are read. */
  readonly events: number;
  /** About how long; null where nothing tells. */
  readonly seconds: number | null;
}

interface PlanPorts {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly clock: { monotonic(): number };
  readonly onProgress?: (position: Position) => void;
}

/** Events that are read to see how fast that is, where nothing was read yet. */
const MEASURED = 5_000;

/** What a rebuild of the whole view would be, or whether none is needed. */
export async function planOfView(ports: PlanPorts, view: View): Promise<ReplayPlan> {
  const { name } = view;
  const { reads } = ports;
  const generation = (await aliasOf(reads, name))?.generation ?? null;
  const none = { view: name, generation, kind: 'none', documents: 0, events: 0, seconds: 0 } as const;
  if (generation === null) return { ...none, why: 'it is not served yet: a projector builds it at its start' };
  const open = (await rebuildsOf(reads, name)).find(isOpen);
  if (open) return fullPlan(ports, name, generation, `${open._id} is ${open.state} already`);
  const change = await changeSince(reads, view, generation);
  if (change !== null) return fullPlan(ports, name, generation, change);
  return { ...none, why: `nothing that it uses has changed since ${generation} was built` };
}

/** The plan of a whole rebuild that is asked for, whether something has changed or not. */
export async function planOfRebuild(ports: PlanPorts, view: View): Promise<ReplayPlan> {
  const plan = await planOfView(ports, view);
  return plan.kind === 'full' ? plan : fullPlan(ports, view.name, plan.generation, `asked for, though ${plan.why}`);
}

async function fullPlan(
  { events, reads }: PlanPorts,
  view: string,
  generation: string | null,
  why: string,
): Promise<ReplayPlan> {
  const documents = generation === null ? 0 : await reads.count(collectionOf(view, generation));
  const log = await events.countAfter(0n);
  return { view, generation, kind: 'full', why, documents, events: log, seconds: await asBefore(events, reads, view) };
}

export interface RepairPlan {
  readonly plan: ReplayPlan;
  readonly what: Repairable;
  readonly selection: Selection;
  readonly keys: readonly string[];
}

/** The plan of a repair. Throws Refused where it is not possible, or there is nothing of that. */
export async function planOfRepair(ports: PlanPorts, view: View, selection: Selection): Promise<RepairPlan> {
  const { events, reads, clock, onProgress } = ports;
  const what = await repairable(reads, view);
  const checkpoint = await reads.get<Checkpoint>(CHECKPOINTS, feedNameOf(view.name, what.generation));
  const until = checkpoint?.position ?? 0n;
  const options = { events, clock, view: what.code, until, ...(onProgress && { onProgress }) };
  const { keys, ...read } = await selected(selection, options);
  const log = (await events.countAfter(0n)) - (await events.countAfter(until));
  const passes = Math.ceil(keys.length / MAX_REPAIRED);
  const { events: known, milliseconds } = read.milliseconds > 0 ? read : await measured(ports);
  const seconds = known === 0 ? null : toSeconds((log * passes * milliseconds) / known);
  const plan = { kind: selection.kind, why: `asked for: the documents ${inWords(selection)}` };
  return {
    plan: {
      view: view.name,
      generation: what.generation,
      ...plan,
      documents: keys.length,
      events: log * passes,
      seconds,
    },
    what,
    selection,
    keys,
  };
}

/** As long as the newest rebuild that was done, for as much more as the log has by now. */
async function asBefore(events: PlanPorts['events'], reads: ReadStore, view: string): Promise<number | null> {
  const done = (await historyOf(reads, view)).find(
    (past) => past.state === 'DONE' && past.events > 0 && !past.rollback && past.repair === null,
  );
  const [log, since] = await Promise.all([0n, BigInt(done?.upTo ?? 0)].map((after) => events.countAfter(after)));
  return done && log ? toSeconds((log * done.seconds * 1_000) / Math.max(1, log - (since ?? 0))) : null;
}

async function measured({ events, clock }: PlanPorts): Promise<{ events: number; milliseconds: number }> {
  const began = clock.monotonic();
  const page = await events.readAll({ after: 0n, limit: MEASURED });
  return { events: page.length, milliseconds: clock.monotonic() - began };
}

/** With one decimal, which is more than is known. */
function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
