/** Who the caller is, and whom she has blocked (domain 2.6). */
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { blockBody } from '@creator-dashboards/shared/views/block/body';
import { rowAt } from '@creator-dashboards/shared/views/list';
import { personBody } from '@creator-dashboards/shared/views/person/body';
import { z } from 'zod';
import { listOf } from '../reads/list.js';
import { pageBody, pageQuery } from '../reads/page.js';
import type { ViewReader } from '../reads/read.js';
import { shown } from '../reads/shown.js';

const MAX_LIMIT = 100;

export function peopleRoutes(reader: ViewReader): Route[] {
  return [
    route({
      method: 'GET',
      path: '/users/me',
      summary: 'Who the caller is: names, e-mail address, avatar, state, roles, and her id as a creator',
      who: 'user',
      limit: 'usual',
      reads: true,
      data: personBody,
      errors: ['error.user.not_found', 'common.view_degraded'],
      handle: (request) => reader.answer(request, { view: 'person', key: callerOf(request), ...shown.person }),
    }),
    route({
      method: 'GET',
      path: '/users/blocked',
      summary: 'Whom the caller has blocked, newest first',
      who: 'user',
      limit: 'usual',
      reads: true,
      query: z.strictObject(pageQuery(MAX_LIMIT)),
      data: pageBody(blockBody),
      errors: ['common.invalid_cursor'],
      handle: (request) =>
        reader.rows(
          request,
          listOf({
            view: 'block',
            page: request.query,
            list: () => Promise.resolve({ field: 'blocked', list: callerOf(request) }),
            async show({ _id, blockedId: userId, blocked }, open) {
              const account = await reader.account(userId);
              const username = account?.status === 'ACTIVE' ? await open(kinds.name, account.username) : null;
              return { userId, username, blockedAt: rowAt(blocked ?? '', _id).at };
            },
          }),
        ),
    }),
  ];
}
