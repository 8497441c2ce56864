/** The caller's payouts (domain 2.2). */
import { Refused } from '@creator-dashboards/shared/errors';
import { payoutStatus } from '@creator-dashboards/shared/events/payout';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { toMajor } from '@creator-dashboards/shared/money';
import { wholeList } from '@creator-dashboards/shared/views/list';
import { payoutBody } from '@creator-dashboards/shared/views/payout/body';
import { listOfStatus } from '@creator-dashboards/shared/views/payout/fold';
import { presentPayout } from '@creator-dashboards/shared/views/payout/present';
import { z } from 'zod';
import { listOf } from '../reads/list.js';
import { pageBody, pageQuery } from '../reads/page.js';
import type { ViewReader } from '../reads/read.js';

const MAX_LIMIT = 100;
/** Rows of a report; there are no further pages. */
const REPORT_MAX = 500;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

export function payoutRoutes(reader: ViewReader): Route[] {
  return [
    route({
      method: 'GET',
      path: '/payouts',
      summary: 'Payouts of the caller, newest first: all of them, or those of a status',
      who: 'user',
      killSwitch: 'PAYOUT',
      limit: 'usual',
      reads: true,
      query: z.strictObject({ status: payoutStatus.optional(), ...pageQuery(MAX_LIMIT) }),
      data: pageBody(payoutBody),
      errors: ['common.invalid_cursor'],
      handle: (request) => {
        const { status, ...page } = request.query;
        const userId = callerOf(request);
        const named =
          status === undefined
            ? { field: 'requested', list: userId }
            : { field: 'requestedByStatus', list: listOfStatus(userId, status) };
        const list = () => Promise.resolve(named);
        return reader.rows(
          request,
          listOf({ view: 'payout', page, list, show: (document) => Promise.resolve(presentPayout(document)) }),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/payouts/report',
      summary: 'The newest payouts of the caller on one page, those of a month if it is named, with their sum',
      who: 'user',
      killSwitch: 'PAYOUT',
      limit: 'usual',
      reads: true,
      query: z.strictObject({
        month: z.string().max(100).optional().describe('as 2026-04: what was requested in that month (UTC)'),
      }),
      data: z.strictObject({
        rows: z.array(payoutBody).describe(`newest first, at most ${REPORT_MAX}`),
        total: z.number().describe('of the amounts of these rows, in major units, whatever became of them'),
        count: z.number().int().describe('of these rows'),
      }),
      errors: ['payment.payout.error.invalid_month'],
      handle: (request) => {
        const { month } = request.query;
        if (month !== undefined && !MONTH.test(month)) throw new Refused('payment.payout.error.invalid_month');
        return reader.rows(request, {
          view: 'payout',
          async find(rows) {
            const within = wholeList(callerOf(request), month);
            return { found: await rows.find({ field: 'requested', descending: true, ...within }, REPORT_MAX) };
          },
          show({ found }) {
            const total = toMajor(found.reduce((sum, { amount }) => sum + amount, 0));
            return Promise.resolve({ rows: found.map(presentPayout), total, count: found.length });
          },
        });
      },
    }),
  ];
}
