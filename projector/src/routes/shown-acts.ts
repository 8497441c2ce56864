/** What the acts on projections answer, as schemas that are held to the types of what is answered. */
import { z } from 'zod';
import type { Discarded, Refused } from '../parked/discard.js';
import type { KeptGeneration } from '../kept.js';
import type { Marked } from '../operate/parked.js';
import type { Rebuild } from '../rebuild/plan.js';
import type { Progress } from '../rebuild/work.js';
import type { ReplayPlan } from '../rebuild/smallest.js';
import { generationShown, progress, state, type Shown } from './shown.js';

const position = z.string().describe('of the newest event that this wrote');

/** A plan as whoever decided about it is told. What is answered to an act is kept with its claim, so no reason is in it. */
export function planOf({
  _id: id,
  view,
  generation,
  state: is,
  rollback,
  rate,
  startedAt,
  error,
  report,
}: Omit<Rebuild, 'acts'>) {
  return { id, view, generation, state: is, rollback, rate, startedAt, error, report };
}

const plan = z.object({
  id: z.string(),
  view: z.string(),
  generation: z.string(),
  state,
  rollback: z.boolean(),
  rate: z.number().nullable(),
  startedAt: z.iso.datetime(),
  error: z.string().nullable().describe('why it is held or paused, or has failed'),
  report: z.string().nullable().describe('id of the newest comparison with what is served'),
}) satisfies z.ZodType<ReturnType<typeof planOf>>;

export const planShown = z.object({ position, rebuild: plan });

/** A plan with how far it is. */
export interface RebuildShown
  extends ReturnType<typeof planOf>, Pick<Rebuild, 'position' | 'head' | 'owner' | 'finishedAt'> {
  readonly progress: Progress;
}

export const progressShown = z.object({
  rebuild: z
    .object({
      ...plan.shape,
      position: z.string(),
      head: z.string().describe('of the log, when the worker last reported'),
      owner: z.string().describe('the process that works on it, or did last'),
      finishedAt: z.iso.datetime().nullable(),
      progress,
    })
    .nullable()
    .describe('null where the view was never rebuilt') satisfies z.ZodType<Shown<RebuildShown> | null>,
});

const replay = z.object({
  view: z.string(),
  generation: z.string().nullable().describe('what is served; null before the first start'),
  kind: z.enum(['none', 'full', 'document', 'creator', 'event']),
  why: z.string(),
  documents: z.number(),
  events: z.number().describe('how many of the log are read'),
  seconds: z.number().nullable().describe('about how long; null where nothing tells'),
}) satisfies z.ZodType<Shown<ReplayPlan>>;

export const replayShown = z.object({ plan: replay });

export const repairShown = z.object({
  position,
  plan: replay,
  repairs: z.array(z.string()).describe('ids, in parts of 1,000 documents'),
});

export const dropShown = z.object({
  position,
  dropped: generationShown satisfies z.ZodType<Shown<KeptGeneration>>,
});

export const retryShown = z.object({
  position,
  marked: z.array(z.object({ consumer: z.string(), key: z.string() }) satisfies z.ZodType<Shown<Marked>>),
});

export const discardShown = z.object({
  position,
  discarded: z.array(
    z.object({ consumer: z.string(), key: z.string(), event: z.string() }) satisfies z.ZodType<Shown<Discarded>>,
  ),
  refused: z.array(
    z.object({
      consumer: z.string(),
      key: z.string(),
      event: z.string().nullable(),
      why: z.string(),
    }) satisfies z.ZodType<Shown<Refused>>,
  ),
});
