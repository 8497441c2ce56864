/** What `npx projector status | plan | generations | history | compare | parked` tells, for admins and auditors over HTTP. */
import { Refused } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { SECOND } from '@creator-dashboards/shared/time';
import { z } from 'zod';
import { newestReport, reportOf, reportsOf, summaryOf, type Report } from '../compare/reports.js';
import { generationsOf } from '../kept.js';
import { LOOKED_EVERY_MS, type LagHistory } from '../lag-history.js';
import { overviewOf } from '../overview.js';
import { causeOf, causesOf } from '../parked/causes.js';
import { consumersIn, parkedKeys } from '../parked/keys.js';
import { toldHistoryOf } from '../rebuild/history.js';
import { planOfView } from '../rebuild/smallest.js';
import type { StatusPorts } from '../status.js';
import { name, ofView, PATH, viewNamed } from './paths.js';
import { progressRoute, type ProgressPorts } from './progress.js';
import { replayShown } from './shown-acts.js';
import * as shown from './shown.js';

/** How many ended rebuilds of a view, and how many parked keys, one answer holds. */
const MAX_ITEMS = 200;

export function projectionRoutes(
  ports: StatusPorts & ProgressPorts & { readonly lags: Pick<LagHistory, 'feeds'> },
): Route[] {
  const { reads, views, sealer } = ports;
  const read = { method: 'GET', who: 'auditor', limit: 'usual' } as const;
  const itemsOf = (
    what: string,
    summary: string,
    data: z.ZodType<{ readonly items: readonly unknown[] }>,
    items: (view: string) => Promise<readonly unknown[]>,
  ) =>
    route({
      ...read,
      ...{ path: `${PATH}/:view/${what}`, summary, params: ofView, data, errors: ['admin.projection.unknown'] },
      handle: async ({ params }) => ({ data: { items: await items(viewNamed(views, params.view).name) } }),
    });

  return [
    route({
      ...read,
      path: PATH,
      summary: 'Every view: what is served, how far, by whom it is fed, its rebuild; then all other feeds',
      data: shown.overviewShown,
      handle: async () => ({ data: await overviewOf(ports) }),
    }),
    route({
      ...read,
      path: `${PATH}/lag`,
      summary: 'How far everything that follows the log was behind in the last 15 minutes',
      data: shown.lagsShown,
      handle: async () => ({ data: { everySeconds: LOOKED_EVERY_MS / SECOND, feeds: ports.lags.feeds() } }),
    }),
    itemsOf('generations', 'What the read store holds of a view', shown.generationsShown, (view) =>
      generationsOf(reads, view),
    ),
    itemsOf(
      'history',
      'The rebuilds and rollbacks of a view that have ended, the newest first',
      shown.historyShown,
      async (view) => (await toldHistoryOf(reads, view, sealer)).slice(0, MAX_ITEMS),
    ),
    route({
      ...read,
      path: `${PATH}/:view/plan`,
      summary: 'What a rebuild of a view would be, or why none is needed: the smallest replay that does what is wanted',
      params: ofView,
      data: replayShown,
      errors: ['admin.projection.unknown'],
      handle: async ({ params }) => ({ data: { plan: await planOfView(ports, viewNamed(views, params.view)) } }),
    }),
    progressRoute(ports),
    itemsOf(
      'reports',
      'The comparisons that the gate made for a view, the newest first',
      shown.reportsShown,
      async (view) => (await reportsOf(reads, view)).map(summaryOf),
    ),
    route({
      ...read,
      path: `${PATH}/:view/report`,
      summary: 'One comparison, by default the newest: the fields that differ, counts and examples',
      params: ofView,
      query: z.strictObject({ id: name.optional() }),
      data: shown.reportShown,
      errors: ['admin.projection.unknown', 'admin.projection.no_report'],
      handle: async ({ params, query: { id } }) => {
        const { name: view } = viewNamed(views, params.view);
        const report = id === undefined ? await newestReport(reads, view) : await reportOf(reads, view, id);
        if (!report && id !== undefined) throw new Refused('admin.projection.no_report');
        return { data: { report: report && toShown(report) } };
      },
    }),
    route({
      ...read,
      path: `${PATH}/parked`,
      summary: 'Why keys are parked, by cause, across views, policies and look-ups',
      query: z.strictObject({ consumer: name.optional() }),
      data: shown.causesShown,
      errors: ['admin.projection.unknown'],
      handle: async ({ query: { consumer } }) => {
        const all = await consumersIn(reads, views);
        const asked = consumer === undefined ? all : all.filter((one) => one.name === consumer);
        if (asked.length === 0 && consumer !== undefined) throw new Refused('admin.projection.unknown');
        return { data: { items: causesOf(await parkedKeys(reads, asked)) } };
      },
    }),
    route({
      ...read,
      path: `${PATH}/parked/:causeOrKey`,
      summary: 'The parked keys of a cause, or everywhere that a key is parked',
      params: z.strictObject({ causeOrKey: name }),
      data: shown.parkedShown,
      handle: async ({ params: { causeOrKey } }) => {
        const all = await parkedKeys(reads, await consumersIn(reads, views));
        const found = all
          .map((parked) => ({ ...parked, cause: causeOf(parked).cause }))
          .filter(({ key, cause }) => key === causeOrKey || cause === causeOrKey);
        return { data: { total: found.length, items: found.slice(0, MAX_ITEMS) } };
      },
    }),
  ];
}

function toShown({ _id: id, position: _position, serial: _serial, ...report }: Report): shown.ShownReport {
  return { id, ...report };
}
