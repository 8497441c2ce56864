/**
 * The record of a rebuild: what is built, how far it is, which process works on it, and how it ended. The record is authoritative;
 * the queue only says "look at it", perhaps twice. A token fences the workers: only the one that claimed a plan last may write it.
 */
import type { Document, JsonObject, ReadStore } from '@creator-dashboards/shared/ports';
import type { Instant } from '@creator-dashboards/shared/time';
import { ALIASES } from '@creator-dashboards/shared/views/alias';
import type { ViewAlias } from '../generations.js';

/** SUPERSEDED: a newer plan of the view, or newer code, came before its end. */
export type RebuildState = 'RUNNING' | 'CAUGHT_UP' | 'DONE' | 'FAILED' | 'CANCELLED' | 'SUPERSEDED';

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
  /** Why it failed, or the error that last interrupted it. */
  readonly error: string | null;
  /** How often it was interrupted at the position of the last interruption; null if never. */
  readonly breaks: { readonly position: string; readonly count: number } | null;
  /** True for a rollback to a generation that was served before: it is fed again, while that of another code version may be served. */
  readonly rollback: boolean;
}
export const REBUILDS = 'rebuilds';
/** How many plans are read, of one view or in one state. */
export const MAX_PLANS = 1_000;

export const OPEN: readonly RebuildState[] = ['RUNNING', 'CAUGHT_UP'];

export function isOpen({ state }: Pick<Rebuild, 'state'>): boolean {
  return OPEN.includes(state);
}

/** Every rebuild that is not finished. */
export async function openRebuilds(reads: ReadStore): Promise<Rebuild[]> {
  const found = await Promise.all(
    OPEN.map((state) => reads.find<Rebuild>(REBUILDS, { where: { state }, limit: MAX_PLANS })),
  );
  return found.flat();
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

/** Whether to report it: it is under way, or it has failed and no operator has acted since. */
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
    if (!plan || !isOpen(plan)) return;
    const position = plan.position.toString();
    const count = plan.breaks?.position === position ? plan.breaks.count + 1 : 1;
    const change = { error, breaks: { position, count } };
    const failed = count >= MAX_BREAKS ? ({ state: 'FAILED', finishedAt: now } as const) : {};
    if (await updateRebuild(reads, plan, { ...change, ...failed })) return;
  }
}

/** Claims an open rebuild for one worker. Null if it is finished, or another worker claimed it at the same time. */
export async function claimRebuild(reads: ReadStore, plan: Rebuild, owner: string): Promise<Rebuild | null> {
  return isOpen(plan) ? updateRebuild(reads, plan, { token: plan.token + 1, owner }) : null;
}

/**
 * Ends a plan that is in one of these states, whichever process works on it: that one notices at its next step. Null if it is no
 * longer in any of them.
 */
export async function endRebuild(
  reads: ReadStore,
  id: string,
  from: readonly RebuildState[],
  end: Pick<Rebuild, 'state' | 'error' | 'finishedAt'>,
): Promise<Rebuild | null> {
  for (;;) {
    const plan = await reads.get<Rebuild>(REBUILDS, id);
    if (!plan || !from.includes(plan.state)) return null;
    const ended = await updateRebuild(reads, plan, end);
    if (ended) return ended;
  }
}

/** Writes these changes; returns the new plan, or null if it was claimed, cancelled or finished by somebody else. */
export async function updateRebuild(
  reads: ReadStore,
  plan: Rebuild,
  change: Partial<Omit<Rebuild, '_id'>>,
): Promise<Rebuild | null> {
  const document = { ...plan, ...change };
  const expected = { token: plan.token, state: plan.state };
  return (await reads.write(REBUILDS, [{ document, expected }])).has(plan._id) ? document : null;
}

/** Progress of a plan, as a job and its thread report it. */
export function progressOf({ position, head, state }: Rebuild): JsonObject {
  return { position: position.toString(), head, state };
}
