/** projector verify [view] --twice: names the handlers that do not make the same documents of the same events. */
import type { View } from '@creator-dashboards/shared/views/view';
import { foldTwice, type FoldedTwice } from '../compare/twice.js';
import { viewNamed, withStores, type Io } from './command.js';
import { table } from '@creator-dashboards/shared/command-line/output';

/** False when a handler of any view did not do the same twice. */
export async function twice(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  const views: readonly View[] = name === undefined ? Object.values(io.views) : [viewNamed(io, name)];
  return withStores(io, options, async ({ stores, output }) => {
    const results: FoldedTwice[] = [];
    for (const view of views) {
      output.progress(`folding the log twice for ${view.name}`);
      results.push(await foldTwice(stores.events, view));
    }
    const text = table(
      ['VIEW', 'POSITION', 'EVENTS', 'DOCUMENTS', 'PARKED', 'UNREADABLE', ''],
      results.map(({ view, position, events, documents, parked, unreadable, impure }) => [
        view,
        position,
        events,
        documents,
        parked,
        unreadable,
        impure.length === 0 ? 'the same twice' : 'see below',
      ]),
    );
    output.result(results, [text, ...results.flatMap(remarksOn)].join('\n'));
    return results.every(({ impure }) => impure.length === 0);
  });
}

function remarksOn({ view, impure }: FoldedTwice): string[] {
  return impure.flatMap(({ event, key, position, problem, fields }) => [
    `${view}: ${event} ${problem}, first at position ${position}, key ${key}`,
    ...fields.map(({ path, a, b }) => `  ${path}: ${a ?? 'not there'}, then ${b ?? 'not there'}`),
  ]);
}
