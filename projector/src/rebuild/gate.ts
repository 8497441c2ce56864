/** The gate before a switch: the candidate's documents are compared with the served ones, and only what was announced may differ. */
import type { EventStore, ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant, type Clock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { wait } from '@creator-dashboards/shared/waiting';
import { compareGenerations, PAUSE_MS } from '../compare/generations.js';
import { refusalsOf } from '../compare/judge.js';
import { reportOf, storeReport, type Report } from '../compare/reports.js';
import { buildOf, foldOf } from '../builds.js';
import type { Rebuild } from './plan.js';

interface GatePorts {
  readonly events: Pick<EventStore, 'readAll' | 'readStream'>;
  readonly reads: ReadStore;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Of a view with more documents about so many are compared. */
export const SAMPLE = 200_000;

/**
 * Compares the candidate of a plan with the served generation, and stores what was found. What a view's code says in `changes` is
 * announced where other code built what is served. Null if `between` gave it up.
 */
export async function askGate(
  { events, reads, clock, signal }: GatePorts,
  view: View,
  { generation, expect, accepted }: Pick<Rebuild, 'generation' | 'expect' | 'accepted'>,
  served: string,
  between: (compared: number) => Promise<boolean>,
): Promise<Report | null> {
  const pause = () => wait(clock, PAUSE_MS, signal);
  const options = { sample: SAMPLE, between, pause };
  const comparison = await compareGenerations({ events, reads }, view, served, generation, options);
  if (!comparison) return null;
  const refusals = refusalsOf(comparison, {
    paths: [...(await changesOf(reads, view, served)), ...expect],
    accepted: accepted === null ? null : await reportOf(reads, view.name, accepted),
  });
  return storeReport(reads, comparison, { at: toInstant(clock.now()), refusals });
}

/** What a view's code announces: nothing where this very code built what is served. */
export async function changesOf(reads: Pick<ReadStore, 'get'>, view: View, served: string): Promise<readonly string[]> {
  const build = await buildOf(reads, view, served);
  return build?.fold === foldOf(view) ? [] : (view.changes ?? []);
}
