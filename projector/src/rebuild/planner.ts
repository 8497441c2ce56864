/** Plans what is to be built: the next generation of a view, or the previous one again. */
import type { EventStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import { toInstant, type WallClock } from '@creator-dashboards/shared/time';
import type { View } from '@creator-dashboards/shared/views/view';
import { collectionOf } from '@creator-dashboards/shared/views/alias';
import { buildsOf, codeThatBuilt, foldOf, recordBuild, type Code } from '../builds.js';
import { aliasOf, generationOf, nameNewestPlan, serialOf, versionOf, type ViewAlias } from '../generations.js';
import { BY_ITSELF, textOfAct, withAct, type Who } from './acts.js';
import { fenceOff } from './fence.js';
import { keepEnded } from './history.js';
import { endRebuild, isOpen, OPEN, REBUILDS, rebuildsOf, updateRebuild, type Rebuild } from './plan.js';
import { costsOf, NO_COSTS, NO_WORK, type Costs } from './work.js';

interface PlannerPorts {
  readonly reads: ReadStore;
  readonly events: Pick<EventStore, 'head'>;
  readonly clock: WallClock;
  /** How many processes build a view anew together; 1 unless given. */
  readonly rebuildWorkers?: number | undefined;
}

/**
 * Plans a rebuild of a view by this code, or returns the one that is already under way. All other open plans of the view end: only
 * the newest may move its alias. Null if newer code serves the view, or is about to.
 */
export async function planRebuild(
  ports: PlannerPorts,
  code: Code,
  who: Who = BY_ITSELF,
  options: Partial<Pick<Rebuild, 'rate' | 'hold'>> = {},
): Promise<Rebuild | null> {
  const { name, version } = code;
  const { reads, events, clock, rebuildWorkers: shares = 1 } = ports;
  await declarePlans(reads);
  for (;;) {
    const all = await rebuildsOf(reads, name);
    const alias = await aliasOf(reads, name);
    const isNewer = ({ generation }: { readonly generation: string }) => versionOf(generation) > version;
    if ([...all.filter(isOpen), ...(alias ? [alias] : [])].some(isNewer)) return null;
    const earlier = all.filter(({ generation }) => versionOf(generation) === version);
    const builds = await foldsOf(reads, name);
    const open = earlier.find((plan) => isOpen(plan) && isBy(code, plan.generation, builds));
    if (open) return becomeNewest(ports, open);
    const served = [alias?.generation, alias?.previous].filter((generation) => typeof generation === 'string');
    const used = [...earlier.map(({ generation }) => generation), ...served, ...builds.keys()]
      .filter((generation) => versionOf(generation) === version)
      .map(serialOf);
    const generation = generationOf(version, Math.max(0, ...used) + 1);
    if (!(await recordBuild(reads, code, generation))) continue; // somebody else has just begun it
    const asked = { shares, rate: null, ...options };
    const before = { ...costsBefore(all, asked), documents: await documentsServed(reads, name, alias) };
    const work = { ...NO_WORK, before };
    const plan = { ...newPlan(name, generation, await events.head(), clock, who), work, ...asked };
    if ((await reads.write(REBUILDS, [{ document: plan, expected: null }])).has(plan._id))
      return becomeNewest(ports, plan);
  }
}

/**
 * What newer code plans by itself for a view that older code serves: nothing if an operator has decided otherwise, by a rollback, by
 * cancelling such a plan, or by pausing the view's rebuild.
 */
export async function planByItself(
  ports: PlannerPorts,
  view: Code,
  alias: ViewAlias,
  hold = false,
): Promise<Rebuild | null> {
  const newest = alias.plan === null ? null : await ports.reads.get<Rebuild>(REBUILDS, alias.plan);
  const builds = await foldsOf(ports.reads, view.name);
  const isOurs = (generation: string | null) => generation !== null && isBy(view, generation, builds);
  if (newest?.state === 'CANCELLED' && isOurs(newest.generation)) return null;
  if (newest?.state === 'PAUSED' && !isOurs(newest.generation)) return null;
  if (newest?.state === 'DONE' && newest.rollback && isOurs(alias.previous)) return null;
  const reason = `${alias.generation} is served, by code of before`;
  return planRebuild(ports, view, { ...BY_ITSELF, reason }, { hold });
}

/**
 * Cancels a view's plan that is under way or has failed, so that nothing is left for an operator to do. It is DONE where the switch
 * came first. Null if there is no such plan.
 */
export async function cancelRebuild(
  { reads, clock }: Pick<PlannerPorts, 'reads' | 'clock'>,
  view: Pick<View, 'name'>,
  who: Who = { actor: 'cli', by: null, reason: null },
): Promise<Rebuild | null> {
  const finishedAt = toInstant(clock.now());
  const end = (plan: Rebuild) =>
    ({
      state: 'CANCELLED',
      error: textOfAct({ ...who, what: 'cancelled' }),
      finishedAt,
      acts: withAct(plan.acts, 'cancelled', who, finishedAt),
    }) as const;
  const newest = (await aliasOf(reads, view.name))?.plan;
  const all = (await rebuildsOf(reads, view.name)).filter(({ _id, state }) => isOpen({ state }) || _id === newest);
  const ended = await Promise.all(all.map(({ _id }) => endRebuild(reads, _id, [...OPEN, 'FAILED'], end)));
  const first = ended.find((plan) => plan !== null);
  return first ? fenceOff({ reads, clock }, first) : null;
}

/** The last to come is the newest. */
async function becomeNewest({ reads, clock }: PlannerPorts, plan: Rebuild): Promise<Rebuild> {
  await nameNewestPlan(reads, plan.view, plan._id);
  const end = () =>
    ({ state: 'SUPERSEDED', error: `${plan._id} is newer`, finishedAt: toInstant(clock.now()) }) as const;
  for (const { _id } of await rebuildsOf(reads, plan.view))
    if (_id !== plan._id) await endRebuild(reads, _id, OPEN, end);
  return plan;
}

/**
 * Plans to serve the previous generation again, once it has caught up; `frozen`: as it stands, though this code cannot feed it. Null
 * if there is none.
 */
export async function planRollback(
  ports: PlannerPorts,
  view: View,
  who: Who = BY_ITSELF,
  { frozen = false }: { readonly frozen?: boolean } = {},
): Promise<Rebuild | null> {
  const { name } = view;
  const { reads, events, clock } = ports;
  await declarePlans(reads);
  const previous = (await aliasOf(reads, name))?.previous;
  if (!previous || (!frozen && !(await codeThatBuilt(reads, view, previous)))) return null;
  const plan = { ...newPlan(name, previous, await events.head(), clock, who), rollback: true };
  const before = await reads.get<Rebuild>(REBUILDS, plan._id);
  if (before && isOpen(before)) return becomeNewest(ports, before);
  if (before) await keepEnded(reads, before);
  const planned = before
    ? await updateRebuild(reads, before, { ...plan, token: before.token + 1 })
    : (await reads.write(REBUILDS, [{ document: plan, expected: null }])).has(plan._id) && plan;
  return planned ? becomeNewest(ports, planned) : null;
}

/** By generation. */
async function foldsOf(reads: ReadStore, view: string): Promise<Map<string, string>> {
  return new Map((await buildsOf(reads, view)).map(({ generation, fold }) => [generation, fold]));
}

/** What the newest rebuild that was done like this one tells of the costs. */
function costsBefore(all: readonly Rebuild[], { shares, rate }: Pick<Rebuild, 'shares' | 'rate'>): Costs {
  const alike = all.filter(
    (plan) => plan.state === 'DONE' && !plan.rollback && plan.shares === shares && plan.rate === rate,
  );
  const ended = ({ finishedAt, startedAt }: Rebuild) => finishedAt ?? startedAt;
  const newest = alike.sort((one, other) => (ended(one) < ended(other) ? 1 : -1))[0];
  return newest ? costsOf(newest.work) : NO_COSTS;
}

async function documentsServed(reads: ReadStore, view: string, alias: ViewAlias | null): Promise<number> {
  return typeof alias?.generation === 'string' ? reads.count(collectionOf(view, alias.generation)) : 0;
}

function isBy(code: Code, generation: string, builds: ReadonlyMap<string, string>): boolean {
  return versionOf(generation) === code.version && (builds.get(generation) ?? foldOf(code)) === foldOf(code);
}

function declarePlans(reads: ReadStore): Promise<void> {
  return reads.declare(REBUILDS, ['view', 'state']);
}

function newPlan(view: string, generation: string, head: Position, clock: WallClock, who: Who): Rebuild {
  const startedAt = toInstant(clock.now());
  return {
    _id: `${view}.${generation}`,
    position: 0n,
    view,
    generation,
    state: 'RUNNING',
    head: head.toString(),
    token: 0,
    owner: '',
    startedAt,
    finishedAt: null,
    error: null,
    breaks: null,
    rollback: false,
    hold: false,
    report: null,
    expect: [],
    accepted: null,
    acts: withAct([], 'planned', who, startedAt),
    rate: null,
    upTo: head.toString(),
    shares: 1,
    work: NO_WORK,
  };
}
