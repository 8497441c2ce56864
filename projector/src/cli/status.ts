/** projector status: how far every view is, who feeds it, and what is wrong. */
import { lagOf } from '@creator-dashboards/shared/feed/lag';
import { foreignTo } from '@creator-dashboards/shared/feed/log-identity';
import { CHECKPOINTS, type Checkpoint } from '@creator-dashboards/shared/feed/lease';
import { isDeadProcess } from '@creator-dashboards/shared/process/process-name';
import { systemClock } from '@creator-dashboards/shared/time';
import { feedNameOf } from '@creator-dashboards/shared/views/alias';
import { statusOfViews, type ViewStatus } from '../status.js';
import { withStores, type CommandRun, type Io } from './command.js';
import { table } from './output.js';
import { percentOf, spanOf } from './progress.js';

const MAX_FEEDS = 1_000;

export function status(io: Io, options: { json?: boolean }): Promise<boolean> {
  return withStores(io, options, async ({ views, stores, output }) => {
    const head = await stores.events.head();
    const statuses = await statusOfViews({ ...stores, clock: systemClock, views, isDead: isDeadProcess });
    const others = await otherFeeds(stores, statuses);
    const text = [
      `head of the log: ${head}`,
      '',
      table(
        ['VIEW', 'SERVED', 'CODE', 'POSITION', 'BEHIND', 'SECONDS', 'PARKED', 'FED BY', 'REBUILD'],
        statuses.map((view) => [
          view.view,
          view.generation ?? '-',
          `v${view.version}`,
          view.position,
          view.lagEvents,
          Math.round(view.lagSeconds),
          view.parkedKeys,
          view.owner || 'nobody',
          view.rebuild ? rebuildText(view.rebuild) : '-',
        ]),
      ),
      ...(others.length > 0 ? ['', otherTable(others)] : []),
      ...statuses.flatMap(({ view, rebuild }) =>
        rebuild?.error ? ['', `${view}: rebuild of ${rebuild.generation} ${rebuild.state}: ${rebuild.error}`] : [],
      ),
      ...[...statuses, ...others].flatMap((one) =>
        one.foreign === null ? [] : ['', `${nameOf(one)}: ${one.foreign}`],
      ),
    ].join('\n');
    output.result({ head, views: statuses, others }, text);
    return true;
  });
}

/** "v1-2 41 % RUNNING, 3 min left" */
function rebuildText({ generation, state, progress }: NonNullable<ViewStatus['rebuild']>): string {
  const { part, secondsLeft } = progress;
  const left = state === 'RUNNING' && secondsLeft ? `, ${spanOf(secondsLeft)} left` : '';
  return `${generation} ${percentOf(part)} ${state}${left}`;
}

type Named = { readonly view: string } | { readonly name: string };

function nameOf(one: Named): string {
  return 'view' in one ? one.view : one.name;
}

function otherTable(others: Awaited<ReturnType<typeof otherFeeds>>): string {
  return table(
    ['OTHER FEED', 'POSITION', 'BEHIND', 'SECONDS', 'RUN BY'],
    others.map((feed) => [feed.name, feed.position, feed.lagEvents, Math.round(feed.lagSeconds), feed.owner || '-']),
  );
}

/** Policies, look-ups, and generations that are not served. */
async function otherFeeds({ events, reads }: CommandRun['stores'], views: readonly ViewStatus[]) {
  const served = new Set(views.map(({ view, generation }) => generation && feedNameOf(view, generation)));
  const checkpoints = await reads.find<Checkpoint>(CHECKPOINTS, { limit: MAX_FEEDS });
  return Promise.all(
    checkpoints
      .filter(({ _id, position, owner }) => !served.has(_id) && (position > 0n || owner !== '')) // else it was dropped, or never began
      .map(async ({ _id: name, position, eventId, owner }) => ({
        name,
        owner,
        foreign: await foreignTo(events, { position, eventId }),
        ...(await lagOf(events, systemClock, position)),
      })),
  );
}
