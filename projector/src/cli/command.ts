/** What the projector's commands work on. */
import { recordAccess } from '@creator-dashboards/shared/access/record';
import {
  Misuse,
  withStores as withOpened,
  type Opened,
  type Surroundings,
} from '@creator-dashboards/shared/command-line/frame';
import { createSealer } from '@creator-dashboards/shared/seal';
import { systemClock } from '@creator-dashboards/shared/time';
import type { View, ViewRegistry } from '@creator-dashboards/shared/views/view';
import type { OperatePorts } from '../operate/action.js';

export interface CommandRun extends Opened {
  readonly views: ViewRegistry;
}

/** Where a command runs, with the views of this code. */
export interface Io extends Surroundings {
  readonly views: ViewRegistry;
}

/** See the frame's `withStores`. */
export function withStores(
  io: Io,
  options: { json?: boolean },
  work: (run: CommandRun) => Promise<boolean>,
): Promise<boolean> {
  return withOpened(io, options, (opened) => work({ ...opened, views: io.views }));
}

/** What decisions are made with. */
export function portsOf({ stores, environment }: CommandRun): OperatePorts {
  const clock = systemClock;
  const sealer = createSealer({ ...stores, clock });
  return {
    ...stores,
    clock,
    sealer,
    rebuildWorkers: environment.rebuildWorkers,
    record: (operator, access) => recordAccess({ ...stores, sealer, clock }, operator, access),
  };
}

export function viewNamed({ views }: Io, name: string): View {
  const view = Object.hasOwn(views, name) ? views[name] : undefined;
  if (!view) throw new Misuse(`no view is named "${name}"; there are: ${Object.keys(views).join(', ')}`);
  return view;
}
