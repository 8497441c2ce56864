import { reasonText } from '@creator-dashboards/shared/http/fields';
import { contextOf, writeResponse, writtenData } from '../http/request.js';
import { orThrow, Refused } from '@creator-dashboards/shared/errors';
import { route, type Route } from '@creator-dashboards/shared/http/route';
import { z } from 'zod';
import { message, messageStream } from '../domain/message.js';
import { messageIdText } from '../http/fields.js';
import type { CommandService } from '../runtime/service.js';

const verdicts = [
  {
    path: 'release',
    type: 'ReleaseQuarantine',
    summary: 'Deliver a message that moderation held back',
    errors: ['message.quarantine.error.invalid_status'],
  },
  {
    path: 'refuse',
    type: 'UpholdQuarantine',
    summary: 'Keep a message from its creator and refund the fan',
    errors: ['message.quarantine.error.invalid_status'],
  },
  {
    path: 'acknowledge',
    type: 'AcknowledgeMismatch',
    summary: 'Acknowledge the chargebacks of a message that did not fit, once it is known what became of the money',
    errors: ['admin.work.nothing_to_acknowledge', 'admin.four_eyes.own_money'],
  },
] as const;

/** An admin judges messages in quarantine, and looks into chargebacks that did not fit (domain 7). */
export function adminMessageRoutes(service: CommandService): Route[] {
  return verdicts.map(({ path, type, summary, errors }) =>
    route({
      method: 'POST',
      path: `/admin/messages/:messageId/${path}`,
      summary,
      who: 'admin',
      limit: 'usual',
      params: z.strictObject({ messageId: messageIdText }),
      body: z.strictObject({ reason: reasonText }),
      data: writtenData,
      errors: ['message.error.not_found', ...errors],
      async handle(request) {
        const { messageId } = request.params;
        const { state } = await service.commands.load(message, messageStream(messageId));
        if (state.status === 'NONE') throw new Refused('message.error.not_found');
        const context = await contextOf(service, request, { subject: state.parties.fanId });
        const command = { type, messageId, at: context.at, by: request.actor.userId };
        const judged = orThrow(await service.commands.handle(message, command, context));
        return writeResponse(service, judged);
      },
    }),
  );
}
