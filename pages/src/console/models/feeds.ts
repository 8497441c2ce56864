/** The rows of "Now": one for each view, policy and look-up, what needs a person first. */
import type { FeedStatus, Overview, ViewStatus } from './answers.js';

export type Health = 'bad' | 'warn' | 'good';

export interface FeedRow {
  readonly name: string;
  /** As its checkpoint is named. */
  readonly feed: string;
  readonly kind: 'view' | 'policy' | 'look-up' | 'index';
  readonly health: Health;
  /** Why it is not good, in words. */
  readonly why: readonly string[];
  readonly lagSeconds: number;
  readonly lagEvents: number;
  readonly parkedKeys: number;
  /** The process that feeds it, as "host:pid"; empty for none. */
  readonly holder: string;
  /** Of a view only. */
  readonly view: ViewStatus | null;
}

/** So many seconds behind is worth a look, and so many is trouble. */
const SLOW_SECONDS = 2;
const LATE_SECONDS = 15;
const RANK: Readonly<Record<Health, number>> = { bad: 0, warn: 1, good: 2 };

export function feedRows({ views, others }: Overview): readonly FeedRow[] {
  const rows = [
    ...views.map((view) => rowOf({ ...view, name: `${view.view}.${view.generation}` }, 'view', view)),
    ...others.map((feed) => rowOf(feed, kindOf(feed.name), null)),
  ];
  // The order that they came in is kept among equals.
  return rows.toSorted((a, b) => RANK[a.health] - RANK[b.health]);
}

function rowOf(feed: FeedStatus, kind: FeedRow['kind'], view: ViewStatus | null): FeedRow {
  const { lagSeconds, lagEvents, parkedKeys, owner, foreign } = feed;
  const bad = [
    ...(foreign === null ? [] : [foreign]),
    ...(parkedKeys > 0 ? [`${parkedKeys} parked`] : []),
    ...(lagSeconds >= LATE_SECONDS ? [`${Math.round(lagSeconds)} s behind`] : []),
    ...(owner === '' && lagEvents > 0 ? ['nobody feeds it'] : []),
    ...(view !== null && view.frozenSince !== null ? ['frozen: nobody can feed it'] : []),
    ...(view !== null && view.generation === null ? ['nothing is served yet'] : []),
    ...(view?.rebuild?.state === 'FAILED' ? [`rebuild failed: ${view.rebuild.error ?? ''}`] : []),
  ];
  const warn = [
    ...(lagSeconds >= SLOW_SECONDS && lagSeconds < LATE_SECONDS ? [`${Math.round(lagSeconds)} s behind`] : []),
    ...(view?.rebuild?.state === 'HELD' ? ['rebuild held: compare'] : []),
    ...(view?.rebuild?.state === 'PAUSED' ? ['rebuild paused'] : []),
    ...(view !== null && view.builtBy !== 'this code' ? [`built by ${view.builtBy}`] : []),
  ];
  const health = bad.length > 0 ? 'bad' : warn.length > 0 ? 'warn' : 'good';
  const why = [...bad, ...warn];
  const name = view?.view ?? nameOf(feed.name);
  return {
    name,
    feed: feed.name,
    kind,
    health,
    why,
    lagSeconds,
    lagEvents,
    parkedKeys,
    holder: shortOwner(owner),
    view,
  };
}

function kindOf(name: string): FeedRow['kind'] {
  if (name.startsWith('policy.')) return 'policy';
  return name.startsWith('lookup.') ? 'look-up' : 'index';
}

const nameOf = (name: string) => name.replace(/^(policy|lookup)\./, '');

/** "vm/4026531836:14347:01a2…" (host, namespace, process, start) as "vm:14347". */
export function shortOwner(owner: string): string {
  const [host = '', pid] = owner.split(':');
  return pid === undefined ? owner : `${host.split('/')[0]}:${pid}`;
}

/** How many rows are of each health. */
export function healthCounts(rows: readonly FeedRow[]): Readonly<Record<Health, number>> {
  const of = (health: Health) => rows.filter((row) => row.health === health).length;
  return { bad: of('bad'), warn: of('warn'), good: of('good') };
}
