/** projector pause | resume <view>: stops a rebuild at its next batch, and lets it go on. */
import * as operate from '../operate/rebuilds.js';
import { operatorOf, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import { portsOf, viewNamed, withStores, type Io } from './command.js';
import { told } from '../rebuild/acts.js';
import { decidedAndDone, rateOf, type ReplayOptions } from './rebuild.js';

export async function pause(io: Io, name: string, options: WhoOptions & { json?: boolean }): Promise<boolean> {
  const [view, operator] = [viewNamed(io, name), operatorOf(options)];
  return withStores(io, options, async (run) => {
    const { plan } = await operate.pause(portsOf(run), view, operator);
    run.output.result(
      await told(portsOf(run).sealer, plan),
      `${plan._id} is paused: let it go on with "projector resume ${name}"`,
    );
    return true;
  });
}

export async function resume(io: Io, name: string, options: ReplayOptions): Promise<boolean> {
  const rate = rateOf(options);
  return decidedAndDone(io, name, options, (ports, view, operator) => operate.resume(ports, view, operator, rate));
}
