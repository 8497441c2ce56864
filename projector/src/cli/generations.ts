/** projector generations [view] | drop <view> <generation>: lists and deletes what is built of views. */
import { dropGeneration, generationsOf } from '../kept.js';
import { Misuse, viewNamed, withStores, type Io } from './command.js';
import { table } from './output.js';

export function generations(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  const views = name === undefined ? Object.keys(io.views) : [viewNamed(io, name).name];
  return withStores(io, options, async ({ stores, output }) => {
    const kept = (await Promise.all(views.map((view) => generationsOf(stores.reads, view)))).flat();
    const rows = kept.map((one) => [one.view, one.generation, one.role, one.documents, one.position, one.owner || '-']);
    output.result(kept, table(['VIEW', 'GENERATION', 'ROLE', 'DOCUMENTS', 'POSITION', 'FED BY'], rows));
    return true;
  });
}

export function drop(io: Io, name: string, generation: string, options: { json?: boolean }): Promise<boolean> {
  const { name: view } = viewNamed(io, name);
  return withStores(io, options, async ({ stores, output }) => {
    const one = (await generationsOf(stores.reads, view)).find((kept) => kept.generation === generation);
    if (!one) throw new Misuse(`${view} has no generation ${generation}: see "projector generations ${view}"`);
    if (one.role === 'served') throw new Error(`${view} is served from ${generation}: rebuild or roll back first`);
    if (one.role === 'building') throw new Error(`${generation} is being built: "projector cancel ${view}" first`);
    await dropGeneration(stores.reads, view, generation);
    output.result(one, `${one.documents} documents of ${view} ${generation} are dropped`);
    return true;
  });
}
