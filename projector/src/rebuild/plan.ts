/**
 * The record of a rebuild: what is built, how far it is, which process works on it, and how it ended. The record is authoritative;
 * the queue only says "look at it", perhaps twice. A token fences the workers: only the one that claimed a plan last may write it.
 */
import { Refused } from '@creator-dashboards/shared/errors';
import type { Document, ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { ALIASES } from '@creator-dashboards/shared/views/alias';
import type { ViewAlias } from '../generations.js';
import type { Act } from './acts.js';
import type { Work } from './work.js';

/**
 * HELD: it has caught up, was refused before the switch, and waits for an operator; `error` says why. No worker works on it, and it
 * counts as unfinished; so does PAUSED, which an operator ends. SUPERSEDED: a newer plan of the view, or newer code, came before its end.
 */
export type RebuildState = 'RUNNING' | 'CAUGHT_UP' | 'PAUSED' | 'HELD' | 'DONE' | 'FAILED' | 'CANCELLED' | 'SUPERSEDED';

/** Key: "<view>.<generation>"; position: that of the candidate's checkpoint when last reported. */
export interface Rebuild extends Document {
  readonly view: string;
  readonly generation: string;
  readonly state: RebuildState;
  /** Head of the log when last reported, as a decimal string. */
  readonly head: string;
  readonly token: number;
  /** The process that works on it, or did last; empty before the first. */
  readonly owner: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  /** Why it failed, or is held or paused, or the error that last interrupted it. */
  readonly error: string | null;
  /** How often it was interrupted at the position of the last interruption; null if never. */
  readonly breaks: { readonly position: string; readonly count: number } | null;
  /** True for a rollback to a generation that was served before: it is fed again, while that of another code version may be served. */
  readonly rollback: boolean;
  /** True while it is to be held before the switch, whatever the comparison says. */
  readonly hold: boolean;
  /** Id of the newest comparison of its candidate with what is served; null before the first. */
  readonly report: string | null;
  /** Paths in which an operator expects the candidate to differ. */
  readonly expect: readonly string[];
  /** Id of the comparison that an operator has read and accepted. */
  readonly accepted: string | null;
  /** Who planned it, and what operators decided since, in order. */
  readonly acts: readonly Act[];
  /** Events a second that the replay may read; null for no bound. */
  readonly rate: number | null;
  /** Position, as a decimal string, up to which its documents are folded from the log by workers; the feed has the rest. */
  readonly upTo: string;
  /** Into how many shares its keys are divided, each for one worker at a time. */
  readonly shares: number;
  readonly work: Work;
}
export const REBUILDS = 'rebuilds';
/** How many plans are read, of one view or in one state. */
export const MAX_PLANS = 1_000;

const UNDER_WAY: readonly RebuildState[] = ['RUNNING', 'CAUGHT_UP'];
export const OPEN: readonly RebuildState[] = [...UNDER_WAY, 'PAUSED', 'HELD'];

/** Whether it is not finished. */
export function isOpen({ state }: Pick<Rebuild, 'state'>): boolean {
  return OPEN.includes(state);
}

/** Whether it is work for a worker: not finished, held or paused. */
export function isUnderWay({ state }: Pick<Rebuild, 'state'>): boolean {
  return UNDER_WAY.includes(state);
}

/** Refused (409): who holds the view. */
export function heldBy({ _id, state, acts, owner }: Rebuild): Refused {
  const [planned] = acts;
  const vars = { rebuild: _id, state, by: planned?.by ?? planned?.actor ?? 'projector', owner };
  return new Refused('admin.projection.rebuilding', { vars });
}

/** Every rebuild that a worker should work on. */
export async function rebuildsUnderWay(reads: ReadStore): Promise<Rebuild[]> {
  const found = await Promise.all(UNDER_WAY.map((state) => rebuildsIn(reads, state)));
  return found.flat();
}

/** Every rebuild whose candidate waits for an operator, and is fed meanwhile. */
export function heldRebuilds(reads: ReadStore): Promise<Rebuild[]> {
  return rebuildsIn(reads, 'HELD');
}

function rebuildsIn(reads: ReadStore, state: RebuildState): Promise<Rebuild[]> {
  return reads.find<Rebuild>(REBUILDS, { where: { state }, limit: MAX_PLANS });
}

/** Every plan of a view, whatever its state. */
export function rebuildsOf(reads: ReadStore, view: string): Promise<Rebuild[]> {
  return reads.find<Rebuild>(REBUILDS, { where: { view }, limit: MAX_PLANS });
}

/** The newest plan of each of these views, by view, if it has one. It shows the view's state whichever process works on it. */
export async function newestRebuilds(
  reads: Pick<ReadStore, 'getMany'>,
  views: readonly string[],
): Promise<Map<string, Rebuild>> {
  const aliases = [...(await reads.getMany<ViewAlias>(ALIASES, views)).values()];
  const plans = await reads.getMany<Rebuild>(
    REBUILDS,
    aliases.flatMap(({ plan }) => plan ?? []),
  );
  return new Map([...plans.values()].map((plan) => [plan.view, plan]));
}

/** Whether to report it: it is not finished, or it has failed and no operator has acted since. */
export function isOfInterest({ state }: Pick<Rebuild, 'state'>): boolean {
  return isOpen({ state }) || state === 'FAILED';
}

/** A plan fails after this many interruptions without progress in between. */
const MAX_BREAKS = 3;

/**
 * Records that the work was interrupted by an error that is not transient. A plan that is repeatedly interrupted at the same position
 * has failed, and is not tried for ever.
 */
export async function noteBreak(reads: ReadStore, id: string, error: string, now: Instant): Promise<void> {
  for (;;) {
    const plan = await reads.get<Rebuild>(REBUILDS, id);
    if (!plan || !isUnderWay(plan)) return;
    const position = plan.position.toString();
    const count = plan.breaks?.position === position ? plan.breaks.count + 1 : 1;
    const change = { error, breaks: { position, count } };
    const failed = count >= MAX_BREAKS ? ({ state: 'FAILED', finishedAt: now } as const) : {};
    if (await updateRebuild(reads, plan, { ...change, ...failed })) return;
  }
}

/** Claims a rebuild for one worker. Null if it is finished, held or paused, or another worker claimed it at the same time. */
export async function claimRebuild(reads: ReadStore, plan: Rebuild, owner: string): Promise<Rebuild | null> {
  return isUnderWay(plan) ? updateRebuild(reads, plan, { token: plan.token + 1, owner }) : null;
}

/** Whether this claim still counts: a newer worker may have claimed the plan, or an operator cancelled it. */
export async function isClaimed(reads: ReadStore, { _id, token }: Rebuild): Promise<boolean> {
  const now = await reads.get<Rebuild>(REBUILDS, _id);
  return now !== null && isUnderWay(now) && now.token === token;
}

/** Lets a held plan go on, with these changes: a worker will ask for the switch again. Null if it is not held any more. */
export async function resumeHeld(
  reads: ReadStore,
  plan: Rebuild,
  change: Partial<Omit<Rebuild, '_id' | 'state' | 'token'>> = {},
): Promise<Rebuild | null> {
  if (plan.state !== 'HELD') return null;
  return updateRebuild(reads, plan, { ...change, hold: false, state: 'CAUGHT_UP', token: plan.token + 1, error: null });
}

/**
 * Ends a plan that is in one of these states, whichever process works on it: that one notices at its next step. Null if it is no
 * longer in any of them.
 */
export async function endRebuild(
  reads: ReadStore,
  id: string,
  from: readonly RebuildState[],
  end: (plan: Rebuild) => Pick<Rebuild, 'state' | 'error' | 'finishedAt'>,
): Promise<Rebuild | null> {
  for (;;) {
    const plan = await reads.get<Rebuild>(REBUILDS, id);
    if (!plan || !from.includes(plan.state)) return null;
    const ended = await updateRebuild(reads, plan, end(plan));
    if (ended) return ended;
  }
}

/** Writes these changes; returns the new plan, or null if it was claimed, paused, cancelled or finished by somebody else. */
export async function updateRebuild(
  reads: ReadStore,
  plan: Rebuild,
  change: Partial<Omit<Rebuild, '_id'>>,
): Promise<Rebuild | null> {
  const document = { ...plan, ...change };
  const expected = { token: plan.token, state: plan.state };
  return (await reads.write(REBUILDS, [{ document, expected }])).has(plan._id) ? document : null;
}
