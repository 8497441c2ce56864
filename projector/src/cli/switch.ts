/** projector switch <view>: lets a held rebuild through the gate. */
import { systemClock, toInstant } from '@creator-dashboards/shared/time';
import { newestReport, reportOf } from '../compare/reports.js';
import { withAct } from '../rebuild/acts.js';
import { newestRebuilds, resumeHeld } from '../rebuild/plan.js';
import { Misuse, viewNamed, whoOf, withStores, type Io } from './command.js';
import { followToItsEnd, waitOf, type RebuildOptions } from './rebuild.js';

export interface SwitchOptions extends RebuildOptions {
  readonly accept?: string;
  readonly expect?: readonly string[];
}

/** The gate is asked once more, and refuses what is in neither. */
export function switchView(io: Io, name: string, options: SwitchOptions): Promise<boolean> {
  const { accept, expect } = options;
  const waitMs = waitOf(options);
  viewNamed(io, name);
  return withStores(io, options, async (run) => {
    const { reads } = run.stores;
    const held = (await newestRebuilds(reads, [name])).get(name);
    if (held?.state !== 'HELD') throw new Error(`${name}: no rebuild is held: see "projector status"`);
    if (accept !== undefined) {
      const report = await reportOf(reads, name, accept);
      if (report?.b.generation !== held.generation)
        throw new Misuse(
          `${accept} is no report of ${held.generation}; the newest is ${(await newestReport(reads, name))?._id ?? 'none'}`,
        );
    }
    const resumed = await resumeHeld(reads, held, {
      acts: withAct(held.acts, 'let through', whoOf(options), toInstant(systemClock.now())),
      ...(expect && { expect: [...held.expect, ...expect] }),
      ...(accept !== undefined && { accepted: accept }),
    });
    if (!resumed) throw new Error(`${name}: somebody else has just decided: see "projector status"`);
    return followToItsEnd(run, resumed, waitMs);
  });
}
