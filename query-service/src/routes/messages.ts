/** Messages, for their senders and their receivers (domain 2.1). */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import { id } from '@creator-dashboards/shared/events/define';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { idText } from '@creator-dashboards/shared/http/fields';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import { rowsOf } from '@creator-dashboards/shared/views/list';
import type { MessageDocument } from '@creator-dashboards/shared/views/message/document';
import { z } from 'zod';
import { messageBody } from '@creator-dashboards/shared/views/message/body';
import { presentMessage } from '@creator-dashboards/shared/views/message/present';
import { listOf, type ListNamed } from '../reads/list.js';
import type { Rows } from '../reads/rows.js';
import type { ViewReader } from '../reads/read.js';
import { pageBody, pageQuery } from '../reads/page.js';
import { notBuilt } from '../reads/served-view.js';
import { shown } from '../reads/shown.js';
import { conversationsRoute } from './conversations.js';
import { searchRoute } from './message-search.js';
import { sideText } from './message-sides.js';

const MAX_LIMIT = 100;

export function messageRoutes(reader: ViewReader): Route[] {
  return [
    route({
      method: 'GET',
      path: '/messages',
      summary: 'Messages of the caller, newest first: what a fan sent, or what a creator received',
      who: 'user',
      killSwitch: 'MESSAGING',
      limit: { max: 60, perMs: MINUTE },
      reads: true,
      query: z.strictObject({
        role: sideText.describe(
          'creator: what was received, by time of delivery; anything else: what was sent, by time of sending',
        ),
        sessionId: idText.optional().describe('only messages of this session; on which side, the session says'),
        ...pageQuery(MAX_LIMIT),
      }),
      data: pageBody(messageBody),
      errors: ['message.error.not_authorized', 'common.invalid_cursor'],
      handle: (request) => {
        const { role, sessionId, ...page } = request.query;
        const userId = callerOf(request);
        const own: ListNamed = { field: role === 'creator' ? 'received' : 'sent', list: userId };
        const list = listOf({
          view: 'message',
          page,
          list: (rows) => (sessionId === undefined ? Promise.resolve(own) : inSession(rows, sessionId, userId)),
          show: presentMessage,
        });
        return reader.rows(request, list);
      },
    }),
    searchRoute(reader),
    conversationsRoute(reader),
    route({
      method: 'GET',
      path: '/messages/:id',
      summary: 'One message with its reply, for its sender and its receiver',
      who: 'user',
      killSwitch: 'MESSAGING',
      limit: { max: 60, perMs: MINUTE },
      reads: true,
      params: z.strictObject({ id }),
      data: messageBody,
      errors: ['message.error.not_found', 'message.error.not_authorized', 'common.view_degraded'],
      handle: (request) =>
        reader.answer(request, {
          view: 'message',
          key: request.params.id.toLowerCase(),
          // An erasure moves the person's own documents, not every message that she ever wrote.
          sealed: ({ content, reply }) => (reply ? [content, reply.content] : [content]),
          show: (presentable) => refusalFor(callerOf(request), presentable.document) ?? shown.message.show(presentable),
          showKept: (presentable) =>
            refusalFor(callerOf(request), presentable.document as Addressed | null) ??
            shown.message.showKept?.(presentable) ??
            notBuilt(),
        }),
    }),
  ];
}

/** What every version of the document has. */
type Addressed = Pick<MessageDocument, 'fanId' | 'creatorUserId' | 'deliveredAt'>;

/** 403 for others; 404 for the receiver until the message is delivered. Of a message that is not there, nothing is said here. */
function refusalFor(userId: string, message: Addressed | null): Refusal | null {
  if (!message?.fanId || userId === message.fanId) return null;
  if (userId !== message.creatorUserId) return refuse('message.error.not_authorized');
  return message.deliveredAt === null ? refuse('message.error.not_found') : null;
}

/** The list of a session's messages on the side of its fan or its creator, told by any message in it; 403 for others (domain 2.1). */
async function inSession(
  { find }: Pick<Rows<'message'>, 'find'>,
  sessionId: string,
  userId: string,
): Promise<ListNamed | Refusal> {
  const [sent] = await find(rowsOf('sentInSession', sessionId), 1);
  if (sent?.fanId === userId) return { field: 'sentInSession', list: sessionId };
  const [received] = await find(rowsOf('receivedInSession', sessionId), 1);
  if (received?.creatorUserId === userId) return { field: 'receivedInSession', list: sessionId };
  return refuse('message.error.not_authorized');
}
