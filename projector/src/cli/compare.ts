/** projector compare <view> [a] [b]: where the documents of two generations differ, or a report of before. */
import type { Comparison } from '../compare/generations.js';
import { compareGenerations, PAUSE_MS } from '../compare/generations.js';
import { newestReport, reportOf } from '../compare/reports.js';
import { generationsOf } from '../kept.js';
import { systemClock } from '@creator-dashboards/shared/time';
import { wait } from '@creator-dashboards/shared/waiting';
import type { View } from '@creator-dashboards/shared/views/view';
import { Misuse } from '@creator-dashboards/shared/command-line/frame';
import { viewNamed, withStores, type CommandRun, type Io } from './command.js';
import { textOf } from './comparison.js';

export interface CompareOptions {
  readonly json?: boolean;
  readonly report?: string;
}

/** True if nothing differs and everything could be compared. */
export function compare(
  io: Io,
  name: string,
  a: string | undefined,
  b: string | undefined,
  options: CompareOptions,
): Promise<boolean> {
  const view = viewNamed(io, name);
  if ((a === undefined) !== (b === undefined) || (a !== undefined && options.report !== undefined))
    throw new Misuse('name two generations, or a report, or neither for the newest report');
  return withStores(io, options, async (run) => {
    const found =
      a !== undefined && b !== undefined ? await compareNow(run, view, a, b) : await stored(run, name, options.report);
    run.output.result(found, textOf(found));
    return found.differing === 0 && found.notCompared === 0;
  });
}

async function compareNow({ stores, output }: CommandRun, view: View, a: string, b: string): Promise<Comparison> {
  const kept = (await generationsOf(stores.reads, view.name)).map(({ generation }) => generation);
  for (const generation of [a, b])
    if (!kept.includes(generation))
      throw new Misuse(`${view.name} has no generation ${generation}; there are: ${kept.join(', ') || 'none'}`);
  output.progress(`comparing ${a} with ${b}`);
  const found = await compareGenerations(stores, view, a, b, { pause: () => wait(systemClock, PAUSE_MS) });
  if (!found) throw new Error('the comparison was given up');
  return found;
}

async function stored({ stores: { reads } }: CommandRun, view: string, id: string | undefined): Promise<Comparison> {
  const found = id === undefined ? await newestReport(reads, view) : await reportOf(reads, view, id);
  if (!found) throw new Misuse(id === undefined ? `${view} has no report yet` : `${view} has no report ${id}`);
  return found;
}
