/** One message, for its sender and its receiver (domain 2.1). */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import { id } from '@creator-dashboards/shared/events/define';
import { callerOf } from '@creator-dashboards/shared/http/caller';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { MINUTE } from '@creator-dashboards/shared/time';
import type { MessageDocument } from '@creator-dashboards/shared/views/message/document';
import { z } from 'zod';
import { messageBody } from '@creator-dashboards/shared/views/message/body';
import type { ViewReader } from '../reads/read.js';
import { shown } from '../reads/shown.js';

export function messageRoutes(reader: ViewReader): Route[] {
  return [
    route({
      method: 'GET',
      path: '/messages/:id',
      summary: 'One message, for its sender and its receiver',
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
          sealed: (document) => document.content,
          show: (presentable) => refusalFor(callerOf(request), presentable.document) ?? shown.message.show(presentable),
        }),
    }),
  ];
}

/** 403 for others; 404 for the receiver until the message is delivered. Of a message that is not there, nothing is said here. */
function refusalFor(userId: string, message: MessageDocument | null): Refusal | null {
  if (!message?.fanId || userId === message.fanId) return null;
  if (userId !== message.creatorUserId) return refuse('message.error.not_authorized');
  return message.deliveredAt === null ? refuse('message.error.not_found') : null;
}
