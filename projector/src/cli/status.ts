/** projector status: how far every view is, who feeds it, and what is wrong. */
import { foreignOnce } from '@creator-dashboards/shared/feed/log-identity';
import { isDeadProcess } from '@creator-dashboards/shared/process/process-name';
import { overviewOf, type OtherFeed } from '../overview.js';
import type { ViewStatus } from '../status.js';
import { portsOf, withStores, type Io } from './command.js';
import { table } from '@creator-dashboards/shared/command-line/output';
import { percentOf, spanOf } from './progress.js';

export function status(io: Io, options: { json?: boolean }): Promise<boolean> {
  return withStores(io, options, async (run) => {
    const { output, stores, views } = run;
    const { clock, sealer } = portsOf(run);
    const overview = await overviewOf({ ...stores, clock, sealer, views, isDead: isDeadProcess });
    const { head, views: statuses, others } = overview;
    const text = [
      `head of the log: ${head}`,
      '',
      table(
        ['VIEW', 'SERVED', 'CODE', 'POSITION', 'BEHIND', 'SECONDS', 'PARKED', 'FED BY', 'REBUILD'],
        statuses.map((view) => [
          view.view,
          view.generation ?? '-',
          view.builtBy === 'this code' ? `v${view.version}` : `v${view.version}, other`,
          view.position,
          view.lagEvents,
          Math.round(view.lagSeconds),
          view.parkedKeys,
          view.owner || 'nobody',
          view.rebuild ? rebuildText(view.rebuild) : '-',
        ]),
      ),
      ...(others.length > 0 ? ['', otherTable(others)] : []),
      ...statuses.flatMap(({ view, generation, frozenSince }) =>
        frozenSince === null
          ? []
          : ['', `${view}: ${generation} is served as it was at ${frozenSince}: nobody feeds it`],
      ),
      ...statuses.flatMap(({ view, rebuild }) =>
        rebuild?.error ? ['', `${view}: rebuild of ${rebuild.generation} ${rebuild.state}: ${rebuild.error}`] : [],
      ),
      ...foreignOnce([...statuses, ...others].map((one) => [nameOf(one), one.foreign] as const)).flatMap((text) => [
        '',
        text,
      ]),
    ].join('\n');
    output.result(overview, text);
    return true;
  });
}

/** "v1-2 41 % RUNNING, 2 workers, 3 min left" */
function rebuildText({ generation, state, progress }: NonNullable<ViewStatus['rebuild']>): string {
  const { part, workers, secondsLeft } = progress;
  const together = state === 'RUNNING' && workers > 0 ? `, ${workers} worker${workers > 1 ? 's' : ''}` : '';
  const left = state === 'RUNNING' && secondsLeft ? `, ${spanOf(secondsLeft)} left` : '';
  return `${generation} ${percentOf(part)} ${state}${together}${left}`;
}

type Named = { readonly view: string } | { readonly name: string };

function nameOf(one: Named): string {
  return 'view' in one ? one.view : one.name;
}

function otherTable(others: readonly OtherFeed[]): string {
  return table(
    ['OTHER FEED', 'POSITION', 'BEHIND', 'SECONDS', 'PARKED', 'RUN BY'],
    others.map(({ name, position, lagEvents, lagSeconds, parkedKeys, owner }) => [
      ...[name, position, lagEvents, Math.round(lagSeconds), parkedKeys],
      owner || '-',
    ]),
  );
}
