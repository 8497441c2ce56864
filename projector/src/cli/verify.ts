/** projector verify [view]: compares served views with a plain fold of the log. */
import type { View } from '@creator-dashboards/shared/views/view';
import { cutStreams } from '../compare/cut-streams.js';
import { isEqual, verifyView, type Verdict } from '../compare/verify.js';
import { viewNamed, withStores, type Io } from './command.js';
import { table } from '@creator-dashboards/shared/command-line/output';

/** A view that is not served, or could not be compared to the end; `log` for what is wrong with the log itself. */
interface NoVerdict {
  readonly view: string;
  readonly error: string;
}

export type ViewResult = Verdict | NoVerdict;

/** Each view has a result of its own, whatever becomes of the others. */
export async function verify(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  const views: readonly View[] = name === undefined ? Object.values(io.views) : [viewNamed(io, name)];
  return withStores(io, options, async ({ stores, output }) => {
    const cut = await cutResults(stores, name === undefined ? undefined : views[0]?.categories, output.progress);
    const results = [...(await resultsOf(stores, views, output.progress)), ...cut];
    output.result(results, textOf(results));
    return results.every(isWell);
  });
}

/** Compares each view, one after the other. `progress` is told which. */
export async function resultsOf(
  stores: Parameters<typeof verifyView>[0],
  views: readonly View[],
  progress: (text: string) => void,
): Promise<ViewResult[]> {
  const results: ViewResult[] = [];
  for (const view of views) {
    progress(`folding the log for ${view.name}`);
    results.push(
      await verifyView(stores, view).then(
        (verdict) => verdict ?? { view: view.name, error: 'not served yet' },
        (error: unknown) => ({ view: view.name, error: error instanceof Error ? error.message : String(error) }),
      ),
    );
  }
  return results;
}

async function cutResults(
  { events }: { readonly events: Parameters<typeof cutStreams>[0] },
  categories: readonly string[] | undefined,
  progress: (text: string) => void,
): Promise<NoVerdict[]> {
  progress('looking for streams whose beginning is hidden');
  const { count, named } = await cutStreams(events, categories);
  const more = count > named.length ? [{ view: 'log', error: `${count} streams in all are cut` }] : [];
  return [...named.map((stream) => ({ view: 'log', error: `the beginning of stream ${stream} ${REMEDY}` })), ...more];
}

const REMEDY =
  'is hidden or gone ($maxCount, $maxAge, a truncation or a deletion): take that setting back, or restore a backup';

/** Whether the view was compared and is as the log says. */
export function isWell(result: ViewResult): boolean {
  return 'digest' in result && isEqual(result);
}

/** A table of what was compared, and all that is wrong. */
export function textOf(results: readonly ViewResult[]): string {
  const verdicts = results.filter((result) => 'digest' in result);
  const text = table(
    ['VIEW', 'SERVED', 'POSITION', 'DOCUMENTS', 'PARKED', 'DIFFERING', 'DIGEST', ''],
    verdicts.map((verdict) => [
      verdict.view,
      verdict.generation,
      verdict.position,
      verdict.documents,
      verdict.parked,
      verdict.differences,
      verdict.digest.slice(0, 16),
      isEqual(verdict) ? 'equal' : 'see below',
    ]),
  );
  return [text, ...results.flatMap(remarksOn)].join('\n');
}

function remarksOn(result: ViewResult): string[] {
  if (!('digest' in result)) return [`${result.view}: ${result.error}`];
  const { view, foreign, differing, unreadable, paths } = result;
  return [
    ...(foreign === null ? [] : [`${view}: ${foreign}`]),
    ...unreadable.map((event) => `${view}: ${event} has no key that can be told`),
    ...paths.map(({ path, documents }) => `${view}: ${path} differs in ${documents} documents`),
    ...differing.map(({ key, problem, fields }) =>
      [`${view} ${key}: ${problem}`, ...(fields.length > 0 ? [`in ${fields.join(', ')}`] : [])].join(' '),
    ),
  ];
}
