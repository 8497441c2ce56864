/** Routes that answer what was shown in the past, and why. Personal data is masked unless its revealing is asked for, with a reason. */
import { accessorOf } from '@creator-dashboards/shared/access/record';
import { Refused } from '@creator-dashboards/shared/errors';
import { route, type Route, type RouteRequest, type RouteResponse } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { oneAtATime } from '@creator-dashboards/shared/waiting';
import { asOf, diff, why, type Found, type PastPorts } from './past-answers.js';
import { asOfData, asOfQuery, diffData, diffQuery, explainData, explainQuery, params } from './past-schemas.js';
import { recordSeen, type Seeing } from './seen.js';

export interface PastOptions extends PastPorts {
  readonly access: Parameters<typeof recordSeen>[0];
}

/** An answer may take seconds, in turns with other requests: so many may wait for the one before. */
const MAX_WAITING = 8;

export function pastRoutes(past: PastOptions): Route[] {
  const inTurn = oneAtATime();
  let waiting = 0;
  async function heavy<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= MAX_WAITING) throw new Refused('common.unavailable', { retryAfter: 5 });
    waiting += 1;
    try {
      return await inTurn(work);
    } finally {
      waiting -= 1;
    }
  }
  /** Answers with what is found, when it is recorded who sees it. */
  function answering<Q extends Seeing['query']>(
    find: (past: PastPorts, params: Seeing['params'], query: Q) => Promise<Found>,
  ) {
    return async (request: RouteRequest<Seeing['params'], Q>): Promise<RouteResponse> => {
      const { params, query, method, template } = request;
      const { data, document } = await heavy(() => find(past, params, query));
      const seeing = { accessor: accessorOf(request), means: `${method} ${template}`, params, query };
      await recordSeen(past.access, seeing, document);
      return { data };
    };
  }
  const asked = { method: 'GET', who: 'auditor', limit: { max: 60, perMs: MINUTE }, params } as const;
  const errors = ['admin.past.view_unknown', 'admin.past.position_ahead', 'admin.events.catching_up'] as const;

  return [
    route({
      ...asked,
      path: '/admin/as-of/:view/:key',
      summary: 'What was shown of a document at a position, at a time, or under an ETag, folded anew from the log',
      query: asOfQuery,
      data: asOfData,
      errors: [...errors, 'admin.past.etag_unknown'],
      handle: answering(asOf),
    }),
    route({
      ...asked,
      path: '/admin/diff/:view/:key',
      summary: 'The fields in which what was shown of a document differs between two positions, with both values',
      query: diffQuery,
      data: diffData,
      errors,
      handle: answering(diff),
    }),
    route({
      ...asked,
      path: '/admin/explain/:view/:key',
      summary: 'Why a field of a dashboard is what it is: its formula, the inputs, and the events that moved it',
      query: explainQuery,
      data: explainData,
      errors,
      handle: answering(why),
    }),
  ];
}
