/** projector rebuild | rollback <view>: plans it, follows it, and carries it out if no projector is running. */
import type { Accessor } from '@creator-dashboards/shared/access/record';
import { isDeadProcess, processName } from '@creator-dashboards/shared/process/process-name';
import { SECOND, systemClock } from '@creator-dashboards/shared/time';
import type { ReadStore } from '@creator-dashboards/shared/ports';
import type { View } from '@creator-dashboards/shared/views/view';
import { wait } from '@creator-dashboards/shared/waiting';
import { frozenSince } from '@creator-dashboards/shared/views/alias';
import { reportOf } from '../compare/reports.js';
import { aliasOf } from '../generations.js';
import * as operate from '../operate/rebuilds.js';
import type { OperatePorts } from '../operate/action.js';
import { told, type Told } from '../rebuild/acts.js';
import { isUnderWay, REBUILDS, type Rebuild } from '../rebuild/plan.js';
import { aheadOf, enqueueRebuild, rebuildJobId, workOnRebuilds } from '../rebuild/queue.js';
import { Misuse, operatorOf, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import { portsOf, viewNamed, withStores, type CommandRun, type Io } from './command.js';
import { textOf } from './comparison.js';
import type { Output } from '@creator-dashboards/shared/command-line/output';
import { inWords, rebuildPlan } from './plan.js';
import { barOf, lineOf } from './progress.js';

const LOOK_MS = 200;

export interface RebuildOptions extends WhoOptions {
  readonly json?: boolean;
  readonly wait: string;
}

/** Options of a replay. */
export interface ReplayOptions extends RebuildOptions {
  readonly rate?: string;
}

export async function rebuild(io: Io, name: string, options: ReplayOptions): Promise<boolean> {
  const rate = rateOf(options);
  return decidedAndDone(io, name, options, async (ports, view, operator, run) => {
    run.output.progress(inWords(await rebuildPlan(run, view)));
    return operate.rebuild(ports, view, operator, { rate, join: true });
  });
}

export async function rollback(io: Io, name: string, options: RebuildOptions & { frozen?: true }): Promise<boolean> {
  return decidedAndDone(io, name, options, (ports, view, operator) => operate.rollback(ports, view, operator, options));
}

export async function cancel(io: Io, name: string, options: WhoOptions & { json?: boolean }): Promise<boolean> {
  const [view, operator] = [viewNamed(io, name), operatorOf(options)];
  return withStores(io, options, async (run) => {
    const { plan } = await operate.cancel(portsOf(run), view, operator);
    run.output.result(await told(portsOf(run).sealer, plan), `${plan._id} is cancelled`);
    return true;
  });
}

/** Decides, and follows the plan to its end. */
export async function decidedAndDone(
  io: Io,
  name: string,
  options: RebuildOptions,
  decide: (ports: OperatePorts, view: View, operator: Accessor, run: CommandRun) => Promise<operate.Decided>,
): Promise<boolean> {
  const [view, operator] = [viewNamed(io, name), operatorOf(options)];
  const waitMs = waitOf(options);
  return withStores(io, options, async (run) =>
    followToItsEnd(run, (await decide(portsOf(run), view, operator, run)).plan, waitMs),
  );
}

export function waitOf(options: Pick<RebuildOptions, 'wait'>): number {
  const waitMs = Number(options.wait) * SECOND;
  if (!(waitMs >= 0 && Number.isFinite(waitMs))) throw new Misuse('--wait takes a number of seconds');
  return waitMs;
}

/** Events a second: null for no bound, undefined where nothing is said. */
export function rateOf({ rate }: ReplayOptions): number | null | undefined {
  if (rate === undefined) return undefined;
  if (!/^\d{1,9}$/.test(rate)) throw new Misuse('--rate takes a whole number of events a second, 0 for no bound');
  return Number(rate) || null;
}

/** Puts a plan on the queue, and follows it until it is finished, held or paused; prints what has become of it. True if it is done. */
export async function followToItsEnd(run: CommandRun, plan: Rebuild, waitMs: number): Promise<boolean> {
  const { stores, output } = run;
  if (isUnderWay(plan)) await enqueueRebuild(stores.queue, plan);
  const end = await told(portsOf(run).sealer, await follow(run, plan, waitMs));
  output.result(end, await outcomeOf(stores.reads, end));
  return end.state === 'DONE';
}

async function outcomeOf(reads: ReadStore, plan: Told<Rebuild>): Promise<string> {
  const { state, view, generation, error, report } = plan;
  if (state === 'DONE') {
    const alias = await aliasOf(reads, view);
    const since = alias?.generation === generation ? frozenSince(alias, plan.position) : null;
    return `${view} is served from ${generation} now${since === null ? '' : `, as it was at ${since}: nobody feeds it`}`;
  }
  const reason = `${state}: ${error ?? 'no reason given'}`;
  if (state === 'PAUSED') return `${reason}\nLet it go on with "projector resume ${view}".`;
  if (state !== 'HELD') return reason;
  const found = report === null ? null : await reportOf(reads, view, report);
  return [
    reason,
    ...(found ? ['', textOf(found), ''] : []),
    `Serve it with "projector switch ${view} --accept ${report ?? '<report>'}", or give it up with "projector cancel ${view}".`,
  ].join('\n');
}

/** Follows the plan until it is finished, held or paused. This process does it when no projector takes it, nor gets on with another one. */
async function follow(
  { views, environment, stores, output }: CommandRun,
  plan: Rebuild,
  waitMs: number,
): Promise<Rebuild> {
  const { queue, reads } = stores;
  let lastMove = systemClock.monotonic();
  let seen = '';
  let stopWork: (() => Promise<void>) | null = null;
  let current = plan;
  const tell = toldNowAndThen(output);
  try {
    while (isUnderWay(current)) {
      const isWaiting = current.token === plan.token && !stopWork;
      const ahead = isWaiting ? await aheadOf(stores, plan) : null;
      const move = ahead ? `${ahead._id} ${ahead.position} ${ahead.state}` : seen;
      if (move !== seen) [seen, lastMove] = [move, systemClock.monotonic()];
      if (isWaiting && systemClock.monotonic() - lastMove >= waitMs) {
        const reason = ahead ? `${ahead._id}, which is ahead of it, does not move` : 'no projector has taken it';
        output.progress(`${reason}: this process does it`);
        const ports = { ...stores, clock: systemClock, views, owner: processName(), isDead: isDeadProcess };
        const { keepGenerations, rebuildWorkers } = environment;
        stopWork = workOnRebuilds({ ...ports, stores: environment, keepGenerations, rebuildWorkers });
      }
      await wait(systemClock, LOOK_MS);
      const job = await queue.get(rebuildJobId(plan));
      if (job?.state === 'failed') throw new Error(`the rebuild broke off and will be tried again: ${job.error}`);
      current = (await reads.get<Rebuild>(REBUILDS, plan._id)) ?? current;
      if (ahead && !stopWork) output.progress(`queued behind ${ahead._id}`);
      else tell(current);
    }
    return current;
  } finally {
    await stopWork?.();
  }
}

/** Tells the progress once a second, and each new state at once. */
function toldNowAndThen({ progress }: Output): (plan: Rebuild) => void {
  let told: { readonly at: number; readonly state: string } | null = null;
  return (plan) => {
    const at = systemClock.monotonic();
    if (told?.state === plan.state && at - told.at < SECOND) return;
    told = { at, state: plan.state };
    progress(barOf(plan), lineOf(plan));
  };
}
