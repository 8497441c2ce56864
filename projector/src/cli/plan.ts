/** projector plan <view>, and what every rebuild begins with: the smallest replay that does what is wanted. */
import { systemClock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { planOfRebuild, planOfRepair, planOfView, type RepairPlan, type ReplayPlan } from '../rebuild/smallest.js';
import type { Selection } from '../rebuild/selection.js';
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { viewNamed, withStores, type CommandRun, type Io } from './command.js';

/** Which documents are meant; all of the view where none is named. */
export interface SelectionOptions {
  readonly id?: readonly string[];
  readonly creator?: string;
  readonly event?: string;
}

export interface PlanOptions extends SelectionOptions {
  readonly json?: boolean;
}

/** What would be the smallest replay, perhaps none. */
export function plan(io: Io, name: string, options: PlanOptions): Promise<boolean> {
  return shown(io, name, options, ({ stores }, view) => planOfView({ ...stores, clock: systemClock }, view));
}

/** What "rebuild" with these options would do. */
export function dryRun(io: Io, name: string, options: PlanOptions): Promise<boolean> {
  return shown(io, name, options, rebuildPlan);
}

export function rebuildPlan({ stores }: CommandRun, view: View): Promise<ReplayPlan> {
  return planOfRebuild({ ...stores, clock: systemClock }, view);
}

async function shown(io: Io, name: string, options: PlanOptions, ofView: typeof rebuildPlan): Promise<boolean> {
  const view = viewNamed(io, name);
  const selection = selectionOf(options);
  return withStores(io, options, async (run) => {
    const found = selection ? (await repairPlan(run, view, selection)).plan : await ofView(run, view);
    run.output.result(found, inWords(found));
    return true;
  });
}

/** Null for the whole view. Throws Misuse where more is named than one thing. */
export function selectionOf({ id, creator, event }: SelectionOptions): Selection | null {
  if ([id, creator, event].filter((one) => one !== undefined).length > 1)
    throw new Misuse('name documents by one of --id, --creator and --event');
  if (id) return { kind: 'document', keys: id };
  if (creator !== undefined) return { kind: 'creator', id: creator };
  return event === undefined ? null : { kind: 'event', event };
}

export function repairPlan({ stores, output }: CommandRun, view: View, selection: Selection): Promise<RepairPlan> {
  const onProgress = (position: bigint) => output.progress(`looking for documents up to position ${position}`);
  return planOfRepair({ ...stores, clock: systemClock, onProgress }, view, selection);
}

const KINDS = {
  none: 'nothing to do',
  full: 'full',
  document: 'by key',
  creator: 'one creator',
  event: 'touched by an event',
} as const satisfies Record<ReplayPlan['kind'], string>;

/** "by key: asked for: the documents of the key 42; 1 document, 900 events to read, about 0.1 s" */
export function inWords({ kind, why, documents, events, seconds }: ReplayPlan): string {
  const reason = `${KINDS[kind]}: ${why}`;
  if (kind === 'none') return reason;
  const time = seconds === null ? 'for how long is not known' : `about ${seconds} s`;
  return `${reason}; ${documents} ${documents === 1 ? 'document' : 'documents'}, ${events} events to read, ${time}`;
}
