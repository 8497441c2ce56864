/** What the routes of projections answer, as schemas that are held to the types of what is answered. */
import { HELD_MAX } from '@creator-dashboards/shared/feed/held';
import { z } from 'zod';
import type { Report, ReportSummary } from '../compare/reports.js';
import type { KeptGeneration } from '../kept.js';
import type { LaggingFeed } from '../lag-history.js';
import type { Overview } from '../overview.js';
import type { Cause } from '../parked/causes.js';
import type { ParkedKey } from '../parked/keys.js';
import type { ToldPast } from '../rebuild/history.js';
import type { Progress } from '../rebuild/work.js';

/** A value as JSON has it: positions are decimal strings. */
export type Shown<T> = T extends bigint | string
  ? string
  : T extends readonly (infer I)[]
    ? readonly Shown<I>[]
    : T extends object
      ? { readonly [K in keyof T]: Shown<T[K]> }
      : T;

const position = z.string();
const count = z.number();
const time = z.iso.datetime();

export const progress = z
  .object({
    eventsDone: count,
    eventsTotal: count.nullable(),
    part: z.number().describe('0 to 1'),
    documents: count,
    workers: count,
    eventsPerSecond: z.number().nullable(),
    secondsLeft: z.number().nullable(),
    secondsLeftFrom: z.number().nullable(),
    secondsLeftTo: z.number().nullable(),
  })
  .meta({ id: 'RebuildProgress' }) satisfies z.ZodType<Shown<Progress>>;

export const state = z.enum(['RUNNING', 'CAUGHT_UP', 'PAUSED', 'HELD', 'DONE', 'FAILED', 'CANCELLED', 'SUPERSEDED']);

const lag = { position, lagEvents: count, lagSeconds: z.number() };
const owner = z.string().describe('the process that feeds it; empty for none');
const foreign = z.string().nullable().describe('why it does not belong to this log, and what to do');

export const overviewShown = z.object({
  head: position,
  views: z.array(
    z.object({
      view: z.string(),
      version: count,
      generation: z.string().nullable(),
      builtBy: z.enum(['this code', 'kept code', 'other code']).describe('what built the generation that is served'),
      ...lag,
      parkedKeys: count,
      owner,
      frozenSince: time.nullable().describe('since when it lacks what happened, where nobody can feed it'),
      foreign,
      rebuild: z
        .object({
          generation: z.string(),
          state,
          position,
          head: position,
          owner,
          startedAt: time,
          error: z.string().nullable(),
          progress,
        })
        .nullable(),
    }),
  ),
  others: z.array(z.object({ name: z.string(), owner, foreign, ...lag, parkedKeys: count })),
}) satisfies z.ZodType<Shown<Overview>>;

export const lagsShown = z.object({
  everySeconds: count.describe('how long after the look before each was taken'),
  feeds: z.array(
    z.object({
      name: z.string().describe('"<view>.<generation>", "policy.<name>" or "lookup.<name>.v<version>"'),
      lagSeconds: z
        .array(z.number().nullable())
        .readonly()
        .describe(
          'the newest last; of what the process that answers feeds, the most since the look before; null where nobody ran it, and before that process looked',
        ),
    }),
  ),
}) satisfies z.ZodType<{ readonly feeds: readonly Shown<LaggingFeed>[] }>;

export const generationShown = z.object({
  view: z.string(),
  generation: z.string(),
  role: z.enum(['served', 'previous', 'building', 'left over']),
  documents: count,
  position,
  owner,
}) satisfies z.ZodType<Shown<KeptGeneration>>;

export const generationsShown = z.object({ items: z.array(generationShown) });

const who = {
  actor: z.string().describe('cli, projector, or the userId of an admin'),
  by: z.string().nullable(),
  reason: z.string().nullable(),
};

const side = z.object({
  generation: z.string(),
  fingerprints: z
    .object({ fold: z.string(), shape: z.string().nullable() })
    .nullable()
    .describe('of the code that built it'),
  ...{ position, documents: count, parked: count },
});
const summary = z.object({
  id: z.string(),
  at: time,
  view: z.string(),
  a: side,
  b: side,
  sampled: z.boolean(),
  compared: count,
  differing: count,
  notCompared: count,
  newlyParked: count,
  digests: z
    .object({ a: z.string(), b: z.string() })
    .describe('of all documents compared, in canonical JSON; equal where nothing differs'),
  events: z
    .object({ from: position, to: position })
    .nullable()
    .describe('the positions as of which they were compared'),
  refusals: z.array(z.string()).describe('why b may not be served instead of a'),
}) satisfies z.ZodType<Shown<ReportSummary>>;

export const historyShown = z.object({
  items: z.array(
    z.object({
      view: z.string(),
      generation: z.string(),
      rollback: z.boolean(),
      state,
      startedAt: time,
      finishedAt: time.nullable(),
      ...who,
      seconds: z.number(),
      phases: z
        .object({ fold: z.number(), store: z.number(), compare: z.number() })
        .nullable()
        .describe('seconds of each phase; null for a repair'),
      workers: count.describe('how many folded its documents, at most at once'),
      events: count.describe('how many they read: the same one is read by each window'),
      upTo: position.nullable().describe('up to where they folded; null for a rollback or repair'),
      report: z.string().nullable(),
      comparison: summary.nullable().describe('what the report found; null where it is no longer kept'),
      error: z.string().nullable(),
      repair: z
        .object({ kind: z.string(), documents: count, repaired: count, unchanged: count, withoutEvents: count })
        .nullable()
        .describe('of a repair: how its documents were chosen, and what became of them'),
      acts: z.array(z.object({ what: z.string(), ...who, at: time })),
    }) satisfies z.ZodType<Shown<ToldPast>>,
  ),
});

export const reportsShown = z.object({ items: z.array(summary) });

const namedKeys = z.array(z.object({ key: z.string(), reason: z.string() }));

export type ShownReport = Omit<Report, '_id' | 'position' | 'serial'> & { readonly id: string };

const report = z.object({
  ...summary.shape,
  paths: z.array(
    z.object({
      path: z.string(),
      documents: count,
      examples: z.array(
        z.object({ key: z.string(), path: z.string(), a: z.string().nullable(), b: z.string().nullable() }),
      ),
    }),
  ),
  morePaths: count,
  notComparedKeys: namedKeys,
  newlyParkedKeys: namedKeys,
}) satisfies z.ZodType<Shown<ShownReport>>;

/** Null where a view has none yet. */
export const reportShown = z.object({ report: report.nullable() });

export const causesShown = z.object({
  items: z.array(
    z.object({
      cause: z.string(),
      type: z.string().nullable(),
      error: z.string(),
      keys: count,
      consumers: z.record(z.string(), count),
      since: time.nullable(),
      retry: count,
    }) satisfies z.ZodType<Shown<Cause>>,
  ),
});

export const parkedShown = z.object({
  total: count,
  items: z.array(
    z.object({
      consumer: z.string(),
      key: z.string(),
      cause: z.string(),
      parkedFrom: position,
      event: z.string().nullable(),
      type: z.string().nullable(),
      since: time.nullable(),
      error: z.string(),
      held: count
        .nullable()
        .describe(
          `how many later events of the key wait behind it, ${HELD_MAX} for that many or more; null where an earlier release parked it, which did not count`,
        ),
      heldSince: time.nullable().describe('when the oldest of them happened'),
      retry: z.boolean(),
    }) satisfies z.ZodType<Shown<ParkedKey & Pick<Cause, 'cause'>>>,
  ),
});
