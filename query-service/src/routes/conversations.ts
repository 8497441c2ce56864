/** Whom the caller writes with (domain 2.1). */
import { kinds } from '@creator-dashboards/shared/events/sealed';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { sessionIdOf } from '@creator-dashboards/shared/ids';
import { MINUTE } from '@creator-dashboards/shared/time';
import { conversationBody, type ConversationBody } from '@creator-dashboards/shared/views/conversation/body';
import type { ConversationDocument } from '@creator-dashboards/shared/views/conversation/document';
import { rowAt } from '@creator-dashboards/shared/views/list';
import type { Open } from '@creator-dashboards/shared/views/open';
import { z } from 'zod';
import { listOf } from '../reads/list.js';
import { pageBody, pageQuery } from '../reads/page.js';
import type { ViewReader } from '../reads/read.js';
import { sideText, type Side } from './message-sides.js';

const MAX_LIMIT = 50;

export function conversationsRoute(reader: ViewReader): Route {
  return route({
    method: 'GET',
    path: '/messages/conversations',
    summary: 'Conversations of the caller, the one with the newest message first: as a fan, or as a creator',
    who: 'user',
    killSwitch: 'MESSAGING',
    limit: { max: 60, perMs: MINUTE },
    reads: true,
    query: z.strictObject({
      role: sideText.describe('creator: with her fans; anything else: with creators'),
      ...pageQuery(MAX_LIMIT),
    }),
    data: pageBody(conversationBody),
    errors: ['common.invalid_cursor'],
    handle: (request) => {
      const { role, ...page } = request.query;
      const list = { field: role === 'creator' ? 'withFans' : 'withCreators', list: callerOf(request) };
      return reader.rows(
        request,
        listOf({
          ...{ view: 'conversation', page, list: () => Promise.resolve(list) },
          show: (document, open) => shownTo(role, reader, document, open),
        }),
      );
    },
  });
}

async function shownTo(
  side: Side,
  reader: Pick<ViewReader, 'account' | 'document'>,
  { _id, fanId, creatorUserId, creatorId, open: unanswered, withFans, withCreators }: ConversationDocument,
  open: Open,
): Promise<ConversationBody> {
  const isCreator = side === 'creator';
  const [caller, userId] = isCreator ? [creatorUserId, fanId] : [fanId, creatorUserId];
  const blocks = async (owner: string, other: string) =>
    ((await reader.document('block', `${owner}_${other}`))?.blocked ?? null) !== null;
  const account = await reader.account(userId);
  return {
    sessionId: sessionIdOf(fanId, creatorUserId),
    otherParty: {
      ...{ userId, creatorId: isCreator ? null : creatorId },
      username: account?.status === 'ACTIVE' ? await open(kinds.name, account.username) : null,
    },
    lastMessage: '[encrypted]',
    lastMessageAt: rowAt((isCreator ? withFans : withCreators) ?? '', _id).at,
    unreadCount: isCreator ? unanswered : 0,
    isBlocked: await blocks(caller, userId),
    isBlockedBy: await blocks(userId, caller),
  };
}
