/** projector generations [view] | drop <view> <generation>: lists and deletes what is built of views. */
import { generationsOf } from '../kept.js';
import * as operate from '../operate/documents.js';
import { operatorOf, type WhoOptions } from '@creator-dashboards/shared/command-line/frame';
import { portsOf, viewNamed, withStores, type Io } from './command.js';
import { table } from '@creator-dashboards/shared/command-line/output';

export function generations(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  const views = name === undefined ? Object.keys(io.views) : [viewNamed(io, name).name];
  return withStores(io, options, async ({ stores, output }) => {
    const kept = (await Promise.all(views.map((view) => generationsOf(stores.reads, view)))).flat();
    const rows = kept.map((one) => [one.view, one.generation, one.role, one.documents, one.position, one.owner || '-']);
    output.result(kept, table(['VIEW', 'GENERATION', 'ROLE', 'DOCUMENTS', 'POSITION', 'FED BY'], rows));
    return true;
  });
}

export async function drop(
  io: Io,
  name: string,
  generation: string,
  options: WhoOptions & { json?: boolean },
): Promise<boolean> {
  const [view, operator] = [viewNamed(io, name), operatorOf(options)];
  return withStores(io, options, async (run) => {
    const { dropped } = await operate.drop(portsOf(run), view, generation, operator);
    run.output.result(dropped, `${dropped.documents} documents of ${name} ${generation} are dropped`);
    return true;
  });
}
