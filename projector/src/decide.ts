/** What a process does about a view: which generations it feeds, by which of its code, and whether the view is to be built anew. */
import { versionOf } from '@creator-dashboards/shared/views/generation';
import type { View } from '@creator-dashboards/shared/views/view';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import { fromInstant, toInstant } from '@creator-dashboards/shared/time';
import { buildsOf, codeWith, foldOf, servedBuilds, type Build } from './builds.js';
import type { ViewAlias } from './generations.js';

/** What follows from code that changes a view: it is rebuilt, rebuilt and held before the switch, or an operator is waited for. */
export type OnChange = 'auto' | 'hold' | 'manual';

/** A generation, and the fingerprint of the fold that built it; undefined where no code here and no record tells. */
export interface Built {
  readonly generation: string;
  readonly fold: string | undefined;
}

export interface Standing {
  readonly served: Built;
  /** What was served before, while it is still to be fed; else null. */
  readonly previous: Built | null;
  /** What was served still before, the newest first, while it is to be fed: by an older release in a rolling deploy, as its own. */
  readonly earlier: readonly Built[];
  /** Every other generation that was once served. */
  readonly servedBefore: readonly Built[];
}

export interface Decision {
  /** What to feed, and by which code. What is not among these is left alone: other processes may have its code. */
  readonly feed: readonly { readonly generation: string; readonly code: View }[];
  readonly rebuild: 'no' | 'start' | 'hold' | 'wait';
}

/** What the store says of a view, as `decide` needs it. `now` in milliseconds since 1970. */
export async function standingOf(
  reads: ReadStore,
  view: View,
  alias: ViewAlias,
  { now, feedPreviousMs }: { readonly now: number; readonly feedPreviousMs: number },
): Promise<Standing> {
  const { served, previous } = await servedBuilds(reads, view, alias, toInstant(now));
  const isFed = ({ replacedAt }: Build) => replacedAt !== null && now - fromInstant(replacedAt) < feedPreviousMs;
  const isOurs = served?.fold === foldOf(view);
  const others = isOurs ? [] : await buildsOf(reads, view.name);
  return {
    served: { generation: alias.generation, fold: served?.fold },
    previous: previous && isFed(previous) ? previous : null,
    earlier: (alias.earlier ?? []).flatMap(
      (generation) => others.find((one) => one.generation === generation && isFed(one)) ?? [],
    ),
    servedBefore: others.filter(({ generation, wasServed }) => wasServed && generation !== alias.generation),
  };
}

export function decide(
  view: View,
  { served, previous, earlier, servedBefore }: Standing,
  onChange: OnChange,
): Decision {
  const feed = [served, ...(previous ? [previous] : [])].flatMap(({ generation, fold }) => {
    const code = codeWith(view, fold);
    return code ? [{ generation, code }] : [];
  });
  const own = feed.length === 0 && earlier.find(({ fold }) => fold === foldOf(view));
  if (own) feed.push({ generation: own.generation, code: view });
  const isChange = isNewer(view, served, servedBefore);
  const rebuild = { auto: 'start', hold: 'hold', manual: 'wait' } as const;
  return { feed, rebuild: isChange ? rebuild[onChange] : 'no' };
}

/**
 * Whether this code came after the served generation: it has a higher version, or another fold of the same version that was never
 * served. One that was is an older release, still at work in a rolling deploy or started again: to serve it is a rollback, which is an operator's
 * decision.
 */
function isNewer(view: View, served: Built, servedBefore: readonly Built[]): boolean {
  const version = versionOf(served.generation);
  if (view.version !== version) return view.version > version;
  const own = foldOf(view);
  if (own === served.fold) return false;
  return !servedBefore.some(({ generation, fold }) => fold === own && versionOf(generation) === version);
}
