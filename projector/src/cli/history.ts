/** projector history [view]: the rebuilds, rollbacks and repairs that have ended. */
import { toldHistoryOf, type ToldPast } from '../rebuild/history.js';
import { portsOf, viewNamed, withStores, type Io } from './command.js';
import { table } from '@creator-dashboards/shared/command-line/output';

export function history(io: Io, name: string | undefined, options: { json?: boolean }): Promise<boolean> {
  const views = name === undefined ? Object.keys(io.views) : [viewNamed(io, name).name];
  return withStores(io, options, async (run) => {
    const { stores, output } = run;
    const { sealer } = portsOf(run);
    const past = (await Promise.all(views.map((view) => toldHistoryOf(stores.reads, view, sealer)))).flat();
    const cost = ['SECONDS', 'FOLD', 'STORE', 'COMPARE', 'WORKERS', 'EVENTS'];
    const head = ['STARTED', 'ENDED', 'VIEW', 'WHAT', 'STATE', 'BY', ...cost, 'REPORT', 'WHY'];
    output.result(past, past.length === 0 ? 'no rebuild has ended' : table(head, past.map(rowOf)));
    return true;
  });
}

function rowOf(past: ToldPast): (string | number)[] {
  const { view, state, actor, by, reason, error, seconds, phases, workers, events, report } = past;
  const what = whatWas(past);
  const why = [reason, error].filter((text) => text !== null).join('; ');
  const times = [past.startedAt, past.finishedAt ?? '-'];
  const each = [phases?.fold, phases?.store, phases?.compare].map((seconds) => seconds ?? '-');
  return [...times, view, what, state, by ?? actor, seconds, ...each, workers, events, report ?? '-', why || '-'];
}

function whatWas({ generation, rollback, repair }: ToldPast): string {
  if (repair) return `repair of ${repair.documents} in ${generation}: ${repair.repaired} made anew`;
  return rollback ? `rollback to ${generation}` : generation;
}
