/** projector verify [view]: compares served views with a plain fold of the log. */
import { verifyView, type Verdict } from '../compare/verify.js';
import { viewNamed, withStores, type Io } from './command.js';
import { table } from './output.js';

export async function verify(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  const views = name === undefined ? Object.values(io.views) : [viewNamed(io, name)];
  return withStores(io, options, async ({ stores, output }) => {
    const verdicts: Verdict[] = [];
    const unserved: string[] = [];
    for (const view of views) {
      output.progress(`folding the log for ${view.name}`);
      const verdict = await verifyView(stores, view);
      if (verdict) verdicts.push(verdict);
      else unserved.push(view.name);
    }
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
        verdict.foreign ?? (verdict.differences > 0 ? verdict.differing.join(' ') : 'equal'),
      ]),
    );
    output.result(verdicts, unserved.length > 0 ? `${text}\nnot served yet: ${unserved.join(', ')}` : text);
    return unserved.length === 0 && verdicts.every(({ differences, foreign }) => differences === 0 && foreign === null);
  });
}
